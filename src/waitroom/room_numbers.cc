#include <algorithm>

#include "waitroom/room.h"

namespace onsale::waitroom {

RoomNumbers Room::numbers(Timestamp now) {
  std::lock_guard lock(mutex_);
  RoomNumbers out{.id = identity_.id,
                  .counts = tally_.counts(),
                  .drop_outs = tally_.drop_outs(),
                  .waiting = view_.waiting(),
                  .active = view_.active(),
                  .capacity = capacity_of(engine_.settings(), 1),
                  .oldest_wait_s = 0,
                  .calibration = pace_.calibration()};
  for (LaneId lane = kMainLane; lane < kLanes; ++lane) {
    const auto first = view_.line().first(lane);
    if (!first) continue;
    const Timestamp joined = tally_.joined_at(*first);
    if (joined == Timestamp{}) continue;
    out.oldest_wait_s = std::max(out.oldest_wait_s, (now - joined).count() / 1000);
  }
  return out;
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
