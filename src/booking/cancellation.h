// What giving seats back costs. Pure: time comes in as an argument. Days are Korea's: calendar days
// of UTC+9, which knows no daylight saving.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "catalogue/catalogue.h"

namespace onsale::booking {

// Holds while every one of its conditions does; they only ever stop to hold as time goes on.
struct CancellationStep {
  std::optional<std::int64_t> within_days;  // of the day of buying, which is day 0
  std::int64_t days_before = 0;             // at least, from this day to the performance's
  std::int64_t minutes_before = 0;          // at least, to the start
  std::int64_t fee_percent = 0;             // of what was paid for the seat; 0..100
  bool operator==(const CancellationStep&) const = default;
};
BOOST_DESCRIBE_STRUCT(CancellationStep, (), (within_days, days_before, minutes_before, fee_percent))
// The first step that holds says what it costs; once none does, bought seats can't be given back.
using CancellationPolicy = std::vector<CancellationStep>;

inline constexpr std::size_t kStepsMax = 20;
inline constexpr std::int64_t kDaysMax = 1000;
inline constexpr std::int64_t kMinutesMax = kDaysMax * 24 * 60;

// Films: free until 20 minutes before. Everything on a stage, and matches: as the Korean consumer
// rules have it, free within 7 days of buying or until 10 days before, then 10, 20 and 30 % from 9,
// 6 and 2 days before; none on the day.
const CancellationPolicy& default_policy(catalogue::ShowKind kind);
// Of what was bought before there were policies: everything back until the start.
const CancellationPolicy& full_refund_policy();
// What is wrong with it, for people; empty when nothing is.
std::vector<Obstacle> policy_obstacles(const CancellationPolicy& policy);

struct Occurrence {
  Timestamp bought_at{};
  Timestamp starts_at{};
};
// The step that holds at `now`; empty when none does, and always once the performance has started.
std::optional<CancellationStep> step_at(const CancellationPolicy& policy, const Occurrence& of,
                                        Timestamp now);
// Until when step_at() costs what it costs now (not included). `now` when nothing holds.
Timestamp costs_until(const CancellationPolicy& policy, const Occurrence& of, Timestamp now);

// What it costs from buying to the start: each stretch costs the same all through, and the last
// ends at the start. At most one for each step and one more, of which nothing comes back.
struct PolicyStretch {
  Timestamp from{}, until{};                  // from <= at < until
  std::optional<std::int64_t> fee_percent{};  // empty: it can't be given back
};
std::vector<PolicyStretch> course_of(const CancellationPolicy& policy, const Occurrence& of);

// Rounded down: in the buyer's favour, and parts never add up to more than the whole.
std::int64_t fee_of(std::int64_t paid, std::int64_t percent);

}  // namespace onsale::booking
