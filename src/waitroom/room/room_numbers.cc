#include <algorithm>

#include "waitroom/room/room.h"

namespace onsale::waitroom {

RoomNumbers Room::numbers(Timestamp now) {
  std::lock_guard lock(mutex_);
  return RoomNumbers{.id = identity_.id,
                     .counts = tally_.counts(),
                     .drop_outs = tally_.drop_outs(),
                     .waiting = view_.waiting(),
                     .active = view_.active(),
                     .capacity = capacity_of(engine_.settings(), 1),
                     .oldest_wait_s = oldest_wait_s(now),
                     .calibration = pace_.calibration()};
}

RoomSample Room::sample(Timestamp now) {
  std::lock_guard lock(mutex_);
  const Settings& settings = engine_.settings();
  return RoomSample{.at = now,
                    .mode = settings.mode,
                    .waiting = view_.waiting(),
                    .active = view_.active(),
                    .capacity = capacity_of(settings, 1),
                    .admit_per_minute = settings.admit_per_minute,
                    .admitted_last_minute = engine_.admitted_last_minute(now),
                    .oldest_wait_s = oldest_wait_s(now),
                    .counts = tally_.counts(),
                    .eta = newcomers_eta(now),
                    .waited = recent_calls_.waits(now),
                    .calibration = pace_.calibration()};
}

std::int64_t Room::oldest_wait_s(Timestamp now) const {
  std::int64_t oldest = 0;
  for (LaneId lane = kMainLane; lane < kLanes; ++lane) {
    const auto first = view_.line().first(lane);
    if (!first) continue;
    const Timestamp joined = tally_.joined_at(*first);
    if (joined == Timestamp{}) continue;
    oldest = std::max(oldest, (now - joined).count() / 1000);
  }
  return oldest;
}

// At the end of the main lane. Place 0: what is said here is not held against the forecast later.
std::optional<Eta> Room::newcomers_eta(Timestamp now) {
  const Line::Standing last{.lane = kMainLane, .position = view_.line().size(kMainLane) + 1};
  const PaceAsker asker{.place = 0, .position = ahead_in_all_lanes(last)};
  const std::optional<Forecast> forecast = pace_.forecast(asker, pace_room(), now);
  if (!forecast) return {};
  return forecast->eta();
}

void Room::note_wait(const Record& called) {
  const Timestamp joined = tally_.joined_at(called.place);
  if (joined != Timestamp{}) recent_calls_.add(called.at, called.at - joined);
}

void Room::want_snapshot() {
  std::lock_guard lock(mutex_);
  snapshot_wanted_ = batches_since_snapshot_ > 0;
}

// Those who waited before this start have an age, too.
void Room::know_who_waits() {
  engine_.visit_live([this](const Place& place) { tally_.known(place); });
}

}  // namespace onsale::waitroom
