#include "gateway/gateway.h"

namespace onsale::gateway {

std::string_view to_string(Refusal refusal) {
  switch (refusal) {
    case Refusal::bad_target:
      return "bad_target";
    case Refusal::not_ready:
      return "not_ready";
    case Refusal::pass_required:
      return "pass_required";
    case Refusal::pass_expired:
      return "pass_expired";
    case Refusal::pass_revoked:
      return "pass_revoked";
    case Refusal::pass_invalid:
      return "pass_invalid";
    case Refusal::pass_used:
      return "pass_used";
    case Refusal::busy:
      return "busy";
  }
  return "pass_invalid";
}

int status_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::bad_target:
      return 400;
    case Refusal::not_ready:
    case Refusal::busy:
      return 503;
    case Refusal::pass_required:
    case Refusal::pass_expired:
    case Refusal::pass_revoked:
      return 401;
    case Refusal::pass_invalid:
    case Refusal::pass_used:
      return 403;
  }
  return 403;
}

}  // namespace onsale::gateway
