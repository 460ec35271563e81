// Who is called, and how many: the only place that admits.
#include <algorithm>
#include <limits>

#include "waitroom/line/engine_time.h"

namespace onsale::waitroom {

namespace {

constexpr std::int64_t kUnlimited = std::numeric_limits<std::int64_t>::max();

}  // namespace

// Whoever is silent beyond the grace period is skipped at once; whoever is not there just now is
// passed, and called before the others when they come back. A newcomer of whom nothing was heard
// yet is called while slots may be risked; otherwise waited for, for a moment, and then passed.
void Engine::admit(Timestamp now, Records& out) {
  const Mode mode = settings_.mode;
  if (held_) return;
  if (mode != Mode::open && mode != Mode::queue && mode != Mode::drain) return;
  std::int64_t left = allowance(now);
  for (std::size_t steps = 0; left > 0 && steps < kStepsPerTick; ++steps) {
    const bool risk = takes_unsure();
    const std::optional<Sequence> next = next_to_call(now, risk);
    if (!next) return;
    const Place& place = *find(*next);
    if (silent(place, now)) {
      skip_ghost(place, now, out);
      continue;
    }
    const Presence there = presence(place, now);
    if (there == Presence::gone || (there == Presence::doubtful && !risk)) {
      commit({.fact = Fact::passed, .place = *next, .at = now}, out);
      continue;
    }
    commit({.fact = Fact::admitted, .place = *next, .at = now}, out);
    --left;
  }
}

std::optional<Sequence> Engine::next_to_call(Timestamp now, bool unsure_too) const {
  const auto may = [&](const std::optional<Sequence>& place) {
    return place && (unsure_too || presence(*find(*place), now) != Presence::unsure);
  };
  if (const auto restored = first_of(kRestoredLane); may(restored)) return restored;
  const auto& made_up = aside_[kMissedSide];
  if (!made_up.empty()) return made_up.begin()->second;
  std::optional<Sequence> next;
  std::uint64_t served = 0;
  for (LaneId lane = kMainLane; lane <= kSlowLane; ++lane) {
    const std::optional<Sequence> first = first_of(lane);
    if (!may(first) || (next && served_[lane] >= served)) continue;
    next = first;
    served = served_[lane];
  }
  return next;
}

std::optional<Sequence> Engine::first_of(LaneId lane) const {
  if (!aside_[lane].empty()) return aside_[lane].begin()->second;
  return line_.first(lane);
}

Presence Engine::presence(const Place& place, Timestamp now) const {
  if (!options_.guards.presence || settings_.mode == Mode::open) return Presence::here;
  const std::uint32_t silent_s = seconds_of(now) - std::min(place.seen_s, seconds_of(now));
  // Signs of life are kept in whole seconds, so one more is granted. A number that is held for
  // whoever has its token is nobody yet.
  const bool held = place.lane == kRestoredLane && !place.heard;
  if (held || silent_s > kHeardWithinS) return Presence::gone;
  if (place.heard) return Presence::here;
  return silent_s > kFirstWordWithinS ? Presence::doubtful : Presence::unsure;
}

// A room that is not full lets people straight in; a few slots are risked for that.
bool Engine::takes_unsure() const {
  return unsure_inside_ < unsure_slots_max(capacity_of(settings_, options_.nodes));
}

std::int64_t Engine::aside_count() const {
  std::int64_t sum = 0;
  for (const auto& lane : aside_) sum += std::ssize(lane);
  return sum;
}

void Engine::skip_ghost(const Place& place, Timestamp now, Records& out) {
  const bool had_a_turn = place.missed && (place.away || place.aside);
  commit({.fact = had_a_turn ? Fact::forfeited : Fact::ghosted, .place = place.sequence, .at = now},
         out);
}

// How many may be admitted now. An open room has no line and no limits. Admissions are spread over
// the minute: a line gets one second's worth at once, newcomers to an empty one get two or ten.
std::int64_t Engine::allowance(Timestamp now) {
  if (settings_.mode == Mode::open) return kUnlimited;
  std::int64_t allowed = kUnlimited;
  if (options_.guards.capacity) {
    allowed = capacity_of(settings_, options_.nodes) - active();
  }
  if (options_.guards.rate) {
    const std::int64_t rate = settings_.admit_per_minute;
    allowed = std::min(allowed, rate - history_.within(now, kMinute));
    const bool line = line_.size() + aside_count() > 1;
    const std::int64_t second = (rate + 59) / 60;
    const std::int64_t burst =
        (line ? second : std::max(kStraightIn, 2 * second)) * kMinute.count();
    if (line || options_.guards.spread) {
      allowed = std::min(allowed, (burst - poured(now)) / kMinute.count());
    }
  }
  return allowed;
}

// No fuller than a minute's worth, however many an open room or a higher rate let in.
std::int64_t Engine::poured(Timestamp now) const {
  const std::int64_t rate = settings_.admit_per_minute;
  const std::int64_t ms = std::clamp(now - poured_at_, Millis(0), kMinute).count();
  return std::max<std::int64_t>(0, std::min(poured_, rate * kMinute.count()) - rate * ms);
}

void Engine::pour(Timestamp at) {
  poured_ = poured(at) + kMinute.count();
  poured_at_ = std::max(poured_at_, at);
}

}  // namespace onsale::waitroom
