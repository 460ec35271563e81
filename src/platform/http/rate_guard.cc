#include "platform/http/rate_guard.h"

#include <arpa/inet.h>

#include <array>

namespace onsale::http {
namespace {

// Whose bucket an address draws from: an IPv6 client owns at least a /64.
std::string_view address_key(std::string_view address, std::array<char, 16>& bytes) {
  if (address.find(':') == address.npos) return address;
  return ::inet_pton(AF_INET6, std::string(address).c_str(), bytes.data()) == 1
             ? std::string_view(bytes.data(), 8)
             : address;
}

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
    : normal_(limits.rate_per_second, limits.rate_burst, limits.rate_clients_max),
      shared_(limits.rate_per_second * kSharedFactor, limits.rate_burst * kSharedFactor,
              limits.rate_clients_max),
      strict_(limits.strict_per_second, limits.strict_burst, limits.rate_clients_max) {}

bool RateGuard::admit_address(Exchange& x) {
  std::array<char, 16> bytes;
  const auto key = address_key(x.client_address, bytes);
  switch (x.route->route.rate) {
    case RateClass::none:
      return true;
    case RateClass::normal:
      return take(x, normal_, key);
    case RateClass::shared:
      return take(x, shared_, key);
    case RateClass::strict:
      return take(x, strict_, key);
  }
  return true;
}

bool RateGuard::admit_account(Exchange& x) {
  return x.route->route.rate == RateClass::none || take(x, normal_, x.principal->account);
}

void RateGuard::charge_owner(Exchange& x, std::string_view owner) {
  const auto verdict = normal_.take(owner, to_unix_ms(x.started));
  if (!verdict.allowed) throw too_many(x, verdict);
}

void RateGuard::settle(const Exchange& x) {
  if (x.route == nullptr || x.route->route.rate != RateClass::shared || x.reply.status != 401)
    return;
  std::array<char, 16> bytes;
  shared_.charge(address_key(x.client_address, bytes), to_unix_ms(x.started), kStrangerCost);
}

}  // namespace onsale::http
