#include "base/steady_clock.h"

#include <algorithm>
#include <ctime>

#include "base/log.h"

namespace onsale {
namespace {

constexpr std::int64_t kStepWorthSayingMs = 2'000;

std::int64_t read(clockid_t clock) {
  timespec time{};
  clock_gettime(clock, &time);
  return std::int64_t{time.tv_sec} * 1'000 + time.tv_nsec / 1'000'000;
}

}  // namespace

SteadyWallClock::SteadyWallClock()
    : SteadyWallClock({.wall_ms = [] { return read(CLOCK_REALTIME); },
                       .uptime_ms = [] { return read(CLOCK_BOOTTIME); }}) {}

SteadyWallClock::SteadyWallClock(Sources sources)
    : sources_(std::move(sources)),
      offset_ms_(sources_.wall_ms() - sources_.uptime_ms()),
      looked_ms_(sources_.uptime_ms()),
      latest_ms_(looked_ms_ + offset_ms_) {}

Timestamp SteadyWallClock::now() const {
  const std::int64_t uptime = sources_.uptime_ms();
  if (uptime - looked_ms_.load(std::memory_order_relaxed) >= kLookEveryMs) follow(uptime);
  const std::int64_t told = uptime + offset_ms_.load(std::memory_order_relaxed);
  std::int64_t latest = latest_ms_.load(std::memory_order_relaxed);
  while (told > latest && !latest_ms_.compare_exchange_weak(latest, told)) {
  }
  return from_unix_ms(std::max(told, latest));
}

Millis SteadyWallClock::behind() const {
  return Millis(sources_.wall_ms() - sources_.uptime_ms() - offset_ms_);
}

void SteadyWallClock::catch_up() {
  const std::int64_t ahead = behind().count();
  if (ahead <= 0) return;
  offset_ms_ += ahead;
  log::warn("clock", "the system's clock was set; following it at once", {{"behind_ms", ahead}});
}

// One thread at a time: whoever moved looked_ms_.
void SteadyWallClock::follow(std::int64_t uptime_ms) const {
  std::int64_t looked = looked_ms_.load();
  if (uptime_ms <= looked || !looked_ms_.compare_exchange_strong(looked, uptime_ms)) return;
  const std::int64_t ahead = behind().count();
  const std::int64_t most = std::max<std::int64_t>((uptime_ms - looked) / kDriftShare, 1);
  offset_ms_ += std::clamp(ahead, -most, most);
  if (std::abs(ahead) < kStepWorthSayingMs) return;
  if (std::abs(ahead) % 60'000 >= most) return;  // about once a minute of difference
  log::warn("clock", "the system's clock was set; following it slowly", {{"behind_ms", ahead}});
}

}  // namespace onsale
