// What happened in a room, counted record by record. The same counter reads durable records for
// /metrics and the log for `onsale room replay`, so that both say the same.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "waitroom/line/place_table.h"
#include "waitroom/line/record.h"
#include "waitroom/pace/pace_calibration.h"

namespace onsale::waitroom {

struct Counts {
  std::int64_t joins = 0, admissions = 0;
  std::int64_t left = 0, ghosts = 0, forfeited = 0;  // out of the line without a slot
  std::int64_t no_shows = 0, missed = 0, rejoined = 0;
  std::int64_t returned = 0, idle = 0, overtime = 0, completed = 0;  // out of a slot
  std::int64_t restored = 0, settings_changes = 0, draws = 0, unclean_ends = 0;
  bool operator==(const Counts&) const = default;
};

// How long people stood in line who then gave up or fell silent.
struct DropOuts {
  static constexpr std::array<std::int64_t, 10> kBounds{10,  30,   60,   120,  300,
                                                        600, 1200, 1800, 3600, 7200};  // seconds
  std::array<std::int64_t, kBounds.size() + 1> counts{};  // of each; the last beyond all bounds
  std::int64_t count = 0;
  std::int64_t seconds = 0;
  bool operator==(const DropOuts&) const = default;
};

// One room at one moment; the counts are since the start.
struct RoomNumbers {
  RoomId id;
  Counts counts;
  DropOuts drop_outs;
  std::int64_t waiting = 0, active = 0, capacity = 0;
  std::int64_t oldest_wait_s = 0;  // of the first of each lane
  CalibrationReport calibration;
};

class Tally {
 public:
  void count(const Record& record);
  // Somebody who was there already when the counting began; as Engine::visit_live has them.
  void known(const Place& place) {
    if (place.lane == kRestoredLane) return;  // its number says when it was lost
    note_join(place.sequence, from_unix_ms(std::int64_t{place.joined_s} * 1000));
  }

  const Counts& counts() const { return counts_; }
  const DropOuts& drop_outs() const { return drop_outs_; }
  // Within a second, unless millions of seconds of joins came since.
  Timestamp joined_at(Sequence place) const;

 private:
  // Numbers rise with time, so one entry a second tells when anybody joined.
  struct Second {
    Sequence first;  // the lowest number of that second
    std::int64_t at_s;
  };
  static constexpr std::size_t kSecondsMax = 200'000;

  void note_join(Sequence place, Timestamp at);
  void note_drop_out(const Record& record);

  Counts counts_;
  DropOuts drop_outs_;
  std::vector<Second> seconds_;
};

}  // namespace onsale::waitroom
