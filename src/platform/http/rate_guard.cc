#include "platform/http/rate_guard.h"

#include "platform/http/message/address.h"

namespace onsale::http {
namespace {

Problem too_many(Exchange& x, const RateLimiter::Verdict& verdict) {
  x.call.set_header("RateLimit-Limit", std::to_string(verdict.limit));
  x.call.set_header("RateLimit-Remaining", std::to_string(verdict.remaining));
  x.call.set_header("RateLimit-Reset", std::to_string(verdict.reset_s));
  return {429, "rate_limited", "Too many requests; try again later.", {}, verdict.reset_s};
}

bool take(Exchange& x, RateLimiter& limiter, std::string_view key) {
  const auto verdict = limiter.take(key, to_unix_ms(x.started));
  if (!verdict.allowed) detail::put_problem(x.call, too_many(x, verdict));
  return verdict.allowed;
}

}  // namespace

RateGuard::RateGuard(const Limits& limits)
    : customers_(limits.rate_per_second, limits.rate_burst, limits.rate_clients_max),
      addresses_(limits.address_per_second, limits.address_burst, limits.rate_clients_max),
      strict_(limits.strict_per_second, limits.strict_burst, limits.rate_clients_max) {}

bool RateGuard::admit_address(Exchange& x) {
  switch (x.route->route.rate) {
    case RateClass::none:
      return true;
    case RateClass::normal:
    case RateClass::shared:
      return take(x, addresses_, client_key(x.client_address));
    case RateClass::strict:
      return take(x, strict_, client_key(x.client_address));
  }
  return true;
}

bool RateGuard::admit_account(Exchange& x) {
  return x.route->route.rate == RateClass::none || take(x, customers_, x.principal->account);
}

void RateGuard::charge_owner(Exchange& x, std::string_view owner) {
  const auto verdict = customers_.take(owner, to_unix_ms(x.started));
  if (!verdict.allowed) throw too_many(x, verdict);
}

void RateGuard::forged(const Exchange& x) {
  addresses_.charge(client_key(x.client_address), to_unix_ms(x.started), kForgedCost);
}

void RateGuard::settle(const Exchange& x) {
  if (x.route != nullptr && x.route->route.rate == RateClass::shared && x.reply.status == 401)
    forged(x);
}

}  // namespace onsale::http
