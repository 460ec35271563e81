// The use cases of identity: its rules over its ports. app makes one; others see identity.h.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/control.h"
#include "base/throttle.h"
#include "identity/ended_sessions.h"
#include "identity/identity.h"
#include "identity/ports.h"

namespace onsale::identity {

inline constexpr Millis kAccessLife = std::chrono::minutes(15);
inline constexpr Millis kRefreshLife = std::chrono::days(30);
inline constexpr Millis kSessionLife = std::chrono::days(180);  // then sign in again
inline constexpr Millis kRefreshGrace = std::chrono::seconds(10);
// A late signature may outlive the end of its session by this much.
inline constexpr Millis kEndedSlack = std::chrono::minutes(1);
inline constexpr int kSessionsMax = 20;  // live ones per account
inline constexpr int kGraceChainMax = 8;
static_assert(kRefreshGrace < kAccessLife && kAccessLife < kRefreshLife);
static_assert(kRefreshLife < kSessionLife);

struct Settings {
  bool throttle = true;  // limits.rate_enabled
  // One address trying one account, and everybody trying it: a stranger's wrong tries must not keep
  // its owner out, and many addresses together must not guess freely.
  ThrottleLimits per_pair{.burst = 10, .refill = std::chrono::seconds(30)};
  ThrottleLimits per_account{.burst = 100, .refill = std::chrono::seconds(3)};
  // Behind one address may be thousands; what succeeds costs nothing.
  ThrottleLimits per_address{.burst = 300, .refill = std::chrono::seconds(1)};
  Guard detect_reuse{};  // a replaced token that comes back ends its session
  // Passwords that everybody can read: nobody signs up with one, and unless `published_open` (a
  // demo) an account that has one can't be signed in to, and keeps no session once somebody tries.
  std::vector<std::string> published_passwords{};
  bool published_open = false;
};

// All references must outlive the answer.
struct Parts {
  Store& store;
  Passwords& passwords;
  Tokens& tokens;
  EndedSessions& ended;
  Clock& clock;
  Random& random;
};

std::unique_ptr<Identity> make_identity(Parts parts, Settings settings = {});

}  // namespace onsale::identity
