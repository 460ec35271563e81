// The wall clock without its jumps. When somebody steps the system's clock, holds, slots and
// passes must neither all end at once nor stand still until the clock comes back: this one goes
// on, and drifts to the new time by at most a tenth of the time that passes. A machine that slept
// has really been away: that time counts.
#pragma once

#include <functional>

#include "base/time.h"

namespace onsale {

// Thread: any; no locks. Never goes back.
class SteadyWallClock final : public Clock {
 public:
  struct Sources {
    std::function<std::int64_t()> wall_ms;    // Unix time
    std::function<std::int64_t()> uptime_ms;  // since the machine started, asleep or not
  };
  SteadyWallClock();
  explicit SteadyWallClock(Sources sources);

  Timestamp now() const override;
  // How far the system's clock is ahead of what now() says.
  Millis behind() const;
  // Goes to the system's time at once when that is ahead, instead of drifting there: for when
  // nobody's time would run out by it. A server that started before its machine knew the time would
  // sign passes that have expired elsewhere for hours.
  void catch_up();

 private:
  static constexpr std::int64_t kLookEveryMs = 50;
  static constexpr std::int64_t kDriftShare = 10;

  void follow(std::int64_t uptime_ms) const;

  Sources sources_;
  mutable std::atomic<std::int64_t> offset_ms_;  // now() = uptime + offset
  mutable std::atomic<std::int64_t> looked_ms_;  // uptime of the last look at the wall clock
  mutable std::atomic<std::int64_t> latest_ms_;
};

}  // namespace onsale
