#include "booking/cancellation.h"

#include <algorithm>
#include <chrono>

#include "base/check.h"
#include "base/korea.h"

namespace onsale::booking {

namespace {

using std::chrono::days;
using std::chrono::minutes;

// From when on the step holds no more.
Timestamp end_of(const CancellationStep& step, const Occurrence& of) {
  // `days_before` holds through the whole day, `minutes_before` at the very minute.
  Timestamp end = begin_of_korean_day(korean_day(of.starts_at) - days(step.days_before) + days(1));
  end = std::min(end, of.starts_at - minutes(step.minutes_before) + Millis(1));
  if (step.within_days) {
    end = std::min(
        end, begin_of_korean_day(korean_day(of.bought_at) + days(*step.within_days) + days(1)));
  }
  return std::min(end, of.starts_at);
}

void within(std::vector<Obstacle>& out, std::string field, std::int64_t value, std::int64_t high) {
  if (value >= 0 && value <= high) return;
  out.push_back({std::move(field), "out_of_range", "0 to " + std::to_string(high)});
}

}  // namespace

const CancellationPolicy& default_policy(catalogue::ShowKind kind) {
  static const CancellationPolicy kFilm{{.minutes_before = 20}};
  static const CancellationPolicy kStage{{.within_days = 7, .days_before = 1},
                                         {.days_before = 10},
                                         {.days_before = 7, .fee_percent = 10},
                                         {.days_before = 3, .fee_percent = 20},
                                         {.days_before = 1, .fee_percent = 30}};
  return kind == catalogue::ShowKind::film ? kFilm : kStage;
}

const CancellationPolicy& full_refund_policy() {
  static const CancellationPolicy kFull(1);
  return kFull;
}

std::vector<Obstacle> policy_obstacles(const CancellationPolicy& policy) {
  std::vector<Obstacle> out;
  if (policy.size() > kStepsMax) {
    out.push_back({"steps", "too_many", "at most " + std::to_string(kStepsMax) + " steps"});
  }
  for (std::size_t i = 0; i < policy.size(); ++i) {
    const std::string at = "steps[" + std::to_string(i) + "].";
    const CancellationStep& step = policy[i];
    within(out, at + "within_days", step.within_days.value_or(0), kDaysMax);
    within(out, at + "days_before", step.days_before, kDaysMax);
    within(out, at + "minutes_before", step.minutes_before, kMinutesMax);
    within(out, at + "fee_percent", step.fee_percent, 100);
  }
  return out;
}

std::optional<CancellationStep> step_at(const CancellationPolicy& policy, const Occurrence& of,
                                        Timestamp now) {
  const auto found =
      std::ranges::find_if(policy, [&](const auto& step) { return now < end_of(step, of); });
  if (found == policy.end()) return {};
  return *found;
}

Timestamp costs_until(const CancellationPolicy& policy, const Occurrence& of, Timestamp now) {
  const auto first = step_at(policy, of, now);
  Timestamp until = now;
  for (auto step = first; step && step->fee_percent == first->fee_percent;
       step = step_at(policy, of, until)) {
    until = end_of(*step, of);
  }
  return until;
}

std::vector<PolicyStretch> course_of(const CancellationPolicy& policy, const Occurrence& of) {
  std::vector<PolicyStretch> out;
  Timestamp at = of.bought_at;
  while (at < of.starts_at) {
    const auto step = step_at(policy, of, at);
    const Timestamp until = step ? costs_until(policy, of, at) : of.starts_at;
    PolicyStretch stretch{.from = at, .until = until};
    if (step) stretch.fee_percent = step->fee_percent;
    out.push_back(stretch);
    at = until;
  }
  return out;
}

std::int64_t fee_of(std::int64_t paid, std::int64_t percent) {
  check(paid >= 0 && percent >= 0 && percent <= 100, "a fee is a part of what was paid");
  return paid / 100 * percent + paid % 100 * percent / 100;
}

}  // namespace onsale::booking
