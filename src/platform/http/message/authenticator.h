// Who is calling: the port through which http asks. identity implements it.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace onsale::http {

struct Principal {
  std::string account;  // "acc_…"; modules parse it with AccountId::parse
  std::string role;     // "buyer", "admin"
};

class Authenticator {
 public:
  virtual ~Authenticator() = default;
  // Empty for a forged, expired or revoked token. On every loop, so: no I/O, no waiting.
  virtual std::optional<Principal> authenticate(std::string_view access_token, Timestamp now) = 0;
};

}  // namespace onsale::http
