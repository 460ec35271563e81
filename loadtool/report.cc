#include "loadtool/report.h"

#include <algorithm>

namespace onsale::load {
namespace {

bool lets_in(const RoomAnswer& room) { return room.mode == "queue" || room.mode == "open"; }

void add(RoomUse& use, BreachKind kind, Micros at, const std::string& what) {
  use.breaches.push_back({kind, "at " + std::to_string(at / 1000) + " ms: " + what});
}

void check_limits(RoomUse& use, const RoomSample& before, const RoomSample& now) {
  const RoomAnswer& room = now.room;
  // Lowering a limit removes nobody; but nobody may be let in above it either.
  const std::int64_t limit = std::max(room.capacity, std::min(before.room.active, room.active));
  if (room.mode == "queue" && before.room.mode == "queue" && room.active > limit) {
    add(use, BreachKind::over_capacity, now.at,
        std::to_string(room.active) + " inside, " + std::to_string(room.capacity) + " allowed");
  }
  const bool rate_stands = before.room.admit_per_minute <= room.admit_per_minute;
  if (room.mode == "queue" && before.room.mode == "queue" && rate_stands &&
      room.admitted_last_minute && before.room.admitted_last_minute &&
      *room.admitted_last_minute > room.admit_per_minute &&
      *room.admitted_last_minute > *before.room.admitted_last_minute) {
    add(use, BreachKind::over_rate, now.at,
        std::to_string(*room.admitted_last_minute) + " in a minute, " +
            std::to_string(room.admit_per_minute) + " allowed");
  }
}

double median_ms(const Second& second, double share) {
  std::uint64_t count = 0;
  for (const std::uint32_t n : second.latency) count += n;
  if (count == 0) return -1;
  const auto wanted = std::max<std::uint64_t>(
      1, static_cast<std::uint64_t>(share * static_cast<double>(count) + 0.999999));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kCoarse; ++i) {
    seen += second.latency[i];
    if (seen >= wanted) return static_cast<double>(coarse_upper(i)) / 1000;
  }
  return -1;
}

std::vector<Row> series_of(const Tally& tally, const std::vector<RoomSample>& samples) {
  std::vector<Row> rows;
  for (const Second& second : tally.seconds) {
    rows.push_back({.second = static_cast<int>(rows.size()),
                    .arrived = second.arrived,
                    .joined = second.joined,
                    .admitted = second.admitted,
                    .ended = second.ended,
                    .errors = second.errors,
                    .p50_ms = median_ms(second, 0.5),
                    .p99_ms = median_ms(second, 0.99)});
  }
  for (const RoomSample& sample : samples) {
    const auto at = static_cast<std::size_t>(std::max<Micros>(sample.at, 0) / 1'000'000);
    if (at >= rows.size()) continue;
    rows[at].waiting = sample.room.waiting;
    rows[at].inside = sample.room.active;
    rows[at].capacity = sample.room.capacity;
  }
  return rows;
}

// Admissions against the rate, over the whole seconds in which somebody waited throughout.
double rate_use(const std::vector<Row>& rows, const std::vector<RoomSample>& samples) {
  if (samples.empty()) return 0;
  const double per_second = static_cast<double>(samples.back().room.admit_per_minute) / 60;
  double seconds = 0, admitted = 0;
  for (std::size_t i = 0; i + 1 < rows.size(); ++i) {
    if (rows[i].waiting <= 0 || rows[i + 1].waiting <= 0) continue;
    ++seconds;
    admitted += rows[i].admitted;
  }
  return seconds < 5 || per_second <= 0 ? 0 : admitted / seconds / per_second;
}

// People in each second, from when each came to when each went.
std::vector<std::int64_t> present(const std::vector<Facts>& facts, std::size_t seconds,
                                  Micros Facts::* from, Micros Facts::* until) {
  std::vector<std::int64_t> change(seconds + 1);
  const auto at = [seconds](Micros t) {
    return std::min(static_cast<std::size_t>(std::max<Micros>(t, 0) / 1'000'000), seconds);
  };
  for (const Facts& f : facts) {
    if (f.kind != Kind::person || f.*from < 0) continue;
    ++change[at(f.*from)];
    // Whoever never came that far stayed until leaving.
    const Micros end = f.*until >= 0 ? f.*until : f.left;
    if (end >= 0) --change[at(end)];
  }
  std::int64_t now = 0;
  for (std::int64_t& count : change) count = now += count;
  return change;
}

// Slots that live people had while others waited: what ghosts hold is not in use.
double live_use(const std::vector<Facts>& facts, const std::vector<Row>& rows) {
  const auto inside = present(facts, rows.size(), &Facts::admitted, &Facts::left);
  const auto waiting = present(facts, rows.size(), &Facts::joined, &Facts::admitted);
  double used = 0, slots = 0;
  for (std::size_t i = 1; i + 1 < rows.size(); ++i) {
    const std::int64_t still = std::min({waiting[i - 1], waiting[i], waiting[i + 1]});
    if (still <= 0 || rows[i].capacity <= 0) continue;
    used += static_cast<double>(std::min(inside[i], rows[i].capacity));
    slots += static_cast<double>(rows[i].capacity);
  }
  return slots > 0 ? used / slots : -1;
}

}  // namespace

RoomUse room_use(const std::vector<RoomSample>& samples) {
  RoomUse use;
  bool full_once = false;
  double used = 0, steady_used = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const RoomAnswer& room = samples[i].room;
    use.capacity = room.capacity;
    use.most_inside = std::max(use.most_inside, room.active);
    use.most_waiting = std::max(use.most_waiting, room.waiting);
    if (i == 0) continue;
    check_limits(use, samples[i - 1], samples[i]);
    const RoomAnswer& before = samples[i - 1].room;
    if (room.waiting <= 0 || before.waiting <= 0 || !lets_in(room) || room.capacity <= 0) continue;
    const double seconds = static_cast<double>(samples[i].at - samples[i - 1].at) / 1e6;
    const double share =
        std::min(1.0, static_cast<double>(room.active) / static_cast<double>(room.capacity));
    use.watched_s += seconds;
    used += share * seconds;
    full_once = full_once || share >= 0.98;
    if (!full_once) continue;
    use.steady_s += seconds;
    steady_used += share * seconds;
  }
  if (use.watched_s > 0) use.slot_use = used / use.watched_s;
  if (use.steady_s > 0) use.steady_use = steady_used / use.steady_s;
  return use;
}

Report make_report(const Scenario& scenario, RunInfo info, Tally tally,
                   const std::vector<RoomSample>& samples) {
  Report out{.scenario = scenario, .info = std::move(info)};
  out.verdict = judge(tally.facts, scenario.order);
  out.waits = coverage(tally.facts, &Facts::first);
  out.halfway = coverage(tally.facts, &Facts::halfway);
  out.room = room_use(samples);
  out.series = series_of(tally, samples);
  out.room.rate_use = rate_use(out.series, samples);
  out.room.live_use = live_use(tally.facts, out.series);
  for (std::size_t i = 0; i < kBreachKinds; ++i)
    out.breaches[i] = tally.breaches[i] + out.verdict.counts[i];
  for (const Breach& breach : out.room.breaches)
    ++out.breaches[static_cast<std::size_t>(breach.kind)];
  std::size_t shown[kBreachKinds]{};
  for (const auto* list : {&tally.examples, &out.verdict.examples, &out.room.breaches}) {
    for (const Breach& breach : *list) {
      if (shown[static_cast<std::size_t>(breach.kind)]++ < kExamplesMax)
        out.examples.push_back(breach);
    }
  }
  for (const Facts& facts : tally.facts)
    if (facts.kind == Kind::person) ++out.outcomes[static_cast<std::size_t>(facts.outcome)];
  out.passed = std::ranges::all_of(out.breaches, [](std::uint64_t n) { return n == 0; });
  out.tally = std::move(tally);
  return out;
}

}  // namespace onsale::load
