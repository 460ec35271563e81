#include "waitroom/pace/pace_turnover.h"

#include <algorithm>
#include <cmath>

namespace onsale::waitroom {

namespace {

constexpr std::int64_t kCohortMs = 5'000;
constexpr std::size_t kCohortsMax = 1'024;
constexpr double kMemorySeconds = 900;
// People of the settings' own kind that are mixed in until enough real ones were seen.
constexpr double kPriorPeople = 2;

double seconds_between(Timestamp from, Timestamp to) {
  return static_cast<double>((to - from).count()) / 1000.0;
}

}  // namespace

std::size_t Turnover::bin(double age_seconds) {
  const auto above = std::ranges::upper_bound(kAges, age_seconds);
  return above == kAges.begin() ? 0 : static_cast<std::size_t>(above - kAges.begin()) - 1;
}

double Turnover::width(std::size_t bin) {
  return bin + 1 < kAges.size() ? kAges[bin + 1] - kAges[bin] : 43'200;
}

void Turnover::entered(Timestamp at, std::int64_t count) {
  advance(at);
  std::int64_t start = to_unix_ms(at) / kCohortMs * kCohortMs;
  // Rooms with very long sessions: the newest cohort becomes a wide one.
  if (cohorts_.size() >= kCohortsMax) start = cohorts_.rbegin()->first;
  cohorts_[start] += count;
  inside_ += count;
}

void Turnover::left(Timestamp at, Millis held) {
  advance(at);
  leaves_[bin(static_cast<double>(held.count()) / 1000.0)] += 1;
  forget(at - held);
}

void Turnover::never_came(Timestamp at, Millis held) {
  advance(at);
  no_shows_ += 1;
  const double seconds = static_cast<double>(held.count()) / 1000.0;
  for (std::size_t i = 0; i < kAges.size() && kAges[i] < seconds; ++i) {
    const double span = std::min(width(i), seconds - kAges[i]);
    exposure_[i] = std::max(0.0, exposure_[i] - span);
  }
  forget(at - held);
}

void Turnover::forget(Timestamp admitted_at) {
  if (cohorts_.empty()) return;
  auto cohort = cohorts_.upper_bound(to_unix_ms(admitted_at));
  if (cohort != cohorts_.begin()) --cohort;
  --inside_;
  if (--cohort->second == 0) cohorts_.erase(cohort);
}

void Turnover::advance(Timestamp now) {
  if (advanced_ != Timestamp{} && now < advanced_ + Millis(1'000)) return;
  const double passed = advanced_ == Timestamp{} ? 0 : seconds_between(advanced_, now);
  advanced_ = now;
  const double kept = std::exp(-passed / kMemorySeconds);
  ByAge present{};
  for (const auto& [start, count] : cohorts_) {
    const double age = seconds_between(from_unix_ms(start), now) - kCohortMs / 2000.0;
    present[bin(std::max(age, 0.0))] += static_cast<double>(count);
  }
  for (std::size_t i = 0; i < kAges.size(); ++i) {
    exposure_[i] = exposure_[i] * kept + present[i] * passed;
    leaves_[i] *= kept;
  }
  ages_ = present;
  no_shows_ *= std::exp(-passed / kNoShowMemorySeconds);
}

Turnover::ByAge Turnover::hazards(double usual_seconds) const {
  ByAge out{};
  double leaves = kPriorPeople, exposure = kPriorPeople * usual_seconds;
  for (std::size_t i = 0; i < kAges.size(); ++i) {
    leaves += leaves_[i];
    exposure += exposure_[i];
  }
  // While only young people were seen, their staying says little about the old.
  const double usual = std::max(leaves / exposure, 1 / usual_seconds);
  for (std::size_t i = 0; i < kAges.size(); ++i) {
    const double prior = kPriorPeople * width(i);
    out[i] = (leaves_[i] + prior * usual) / (exposure_[i] + prior);
  }
  return out;
}

double Turnover::assumed(const ByAge& hazards, double session_seconds) const {
  double unseen = 0, all = 0, alive = 1;
  for (std::size_t i = 0; i < kAges.size() && kAges[i] < session_seconds; ++i) {
    const double span = std::min(kAges[i] + width(i), session_seconds) - kAges[i];
    const double left = std::exp(-hazards[i] * span);
    const double share = alive * span * (1 + left) / 2;
    const double prior = kPriorPeople * width(i);
    all += share;
    unseen += share * prior / (exposure_[i] + prior);
    alive *= left;
  }
  return unseen / all;
}

double Turnover::mean_held(const ByAge& hazards, double session_seconds) {
  double mean = 0, alive = 1;
  for (std::size_t i = 0; i < kAges.size() && kAges[i] < session_seconds; ++i) {
    const double span = std::min(kAges[i] + width(i), session_seconds) - kAges[i];
    const double left = std::exp(-hazards[i] * span);
    mean += hazards[i] > 1e-9 ? alive * (1 - left) / hazards[i] : alive * span;
    alive *= left;
  }
  return std::max(mean, 0.1);
}

}  // namespace onsale::waitroom
