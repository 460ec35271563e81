// Who may ask how often: buckets by address, by account, and by what a handler has verified.
// Private to http.
#pragma once

#include <string_view>

#include "platform/http/exchange.h"
#include "platform/http/rate_limiter.h"
#include "platform/http/server.h"

namespace onsale::http {

// One address is not one customer: it has a bucket for everybody behind it, and each of them one of
// their own. What a forged token costs the address on top: checking it is the dear part.
inline constexpr int kForgedCost = 16;

// Thread: any.
class RateGuard {
 public:
  explicit RateGuard(const Limits& limits);

  // Each takes one request; false, and a 429 is in the reply, when there is none left.
  bool admit_address(Exchange& x);  // by the class of the route
  bool admit_account(Exchange& x);  // signed in
  // Who called showed a token that is none.
  void forged(const Exchange& x);
  // The same for Call::charge; throws the 429.
  void charge_owner(Exchange& x, std::string_view owner);
  // When the answer is known.
  void settle(const Exchange& x);

 private:
  RateLimiter customers_;
  RateLimiter addresses_;
  RateLimiter strict_;
};

}  // namespace onsale::http
