// The stand-in's own time: the wall clock until somebody sets it, stops it or lets it run faster.
// It stays between 1970 and 2200, whatever is asked for: dates have four digits for a year.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace onsale::sandbox {

// Thread: one at a time (the stand-in's loop).
class SandboxClock final : public Clock {
 public:
  // `real` must outlive it.
  explicit SandboxClock(const Clock& real) : real_(real), real_at_(real.now()), at_(real_at_) {}

  Timestamp now() const override {
    const auto passed = static_cast<double>((real_.now() - real_at_).count());
    const double most = static_cast<double>((kLatest - at_).count());
    return at_ + Millis(static_cast<std::int64_t>(std::min(passed * rate_, most)));
  }
  // Goes on from `at` with the same rate.
  void set(Timestamp at) {
    real_at_ = real_.now();
    at_ = std::clamp(at, kEarliest, kLatest);
  }
  // Seconds that pass here in a second: 0 stands still, kRateMax is the fastest.
  static constexpr double kRateMax = 1'000'000;
  void set_rate(double rate) {
    set(now());
    rate_ = rate;
  }
  double rate() const { return rate_; }

  // For keeping it over a restart, during which it goes on.
  struct State {
    Timestamp real_at{}, at{};
    double rate = 1;
  };
  State state() const { return {real_at_, at_, rate_}; }
  static constexpr Timestamp kEarliest{};
  static constexpr Timestamp kLatest{
      std::chrono::sys_days{std::chrono::year{2200} / std::chrono::January / 1}};

  void restore(const State& state) {
    real_at_ = state.real_at;
    at_ = state.at;
    rate_ = state.rate;
  }

 private:
  const Clock& real_;
  Timestamp real_at_;
  Timestamp at_;
  double rate_ = 1;
};

}  // namespace onsale::sandbox
