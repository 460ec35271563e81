// Who may ask how often: buckets by address, by account, and by what a handler has verified.
// Private to http.
#pragma once

#include <string_view>

#include "platform/http/exchange.h"
#include "platform/http/rate_limiter.h"
#include "platform/http/server.h"

namespace onsale::http {

// Many people may sit behind one address: a shared route allows it this many times the normal rate.
inline constexpr int kSharedFactor = 40;
// What a 401 of a shared route costs the address on top: it then gets little more than twice as
// many forged tokens checked as the normal rate allows.
inline constexpr int kStrangerCost = 16;

// Thread: any.
class RateGuard {
 public:
  explicit RateGuard(const Limits& limits);

  // Each takes one request; false, and a 429 is in the reply, when there is none left.
  bool admit_address(Exchange& x);  // by the class of the route
  bool admit_account(Exchange& x);  // signed in
  // The same for Call::charge; throws the 429.
  void charge_owner(Exchange& x, std::string_view owner);
  // When the answer is known.
  void settle(const Exchange& x);

 private:
  RateLimiter normal_;
  RateLimiter shared_;
  RateLimiter strict_;
};

}  // namespace onsale::http
