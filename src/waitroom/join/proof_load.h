// What the gatekeeper remembers about the crowd: how many came of late, and how many of them from
// one network. All of it fits in a fixed number of bytes however many come (I11): counts per
// network are estimates of a count-min sketch, which may say too much, by a little, and never too
// little. Thread: any; every function locks.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/time.h"
#include "waitroom/join/proof.h"

namespace onsale::waitroom {

// Counts by key over the last minute: the running ten seconds and the six times ten before them,
// so whoever stays below n here has never more than n in any sixty seconds.
class PrefixSketch {
 public:
  // 64 bytes a column. `secret` keeps others from choosing keys that share a counter.
  PrefixSketch(std::size_t columns, std::uint64_t secret);

  // At least the number of adds for this key in the last minute, this one included.
  std::int64_t add(std::string_view key, Timestamp now);
  std::int64_t count(std::string_view key, Timestamp now);
  // Adds unless the last minute has `limit` already; false then. One step, whoever else asks.
  bool take(std::string_view key, std::int64_t limit, Timestamp now);
  std::size_t memory_bytes() const { return cells_.size() * sizeof(Cell); }

 private:
  static constexpr std::size_t kRows = 4;
  static constexpr std::size_t kBuckets = 7;
  static constexpr std::int64_t kBucketMs = 10'000;
  static constexpr std::int64_t kStamps = 9'362 * kBuckets;  // about 7.6 days; then they repeat
  struct Cell {
    std::uint16_t stamp = 0;  // the running ten seconds when it was last touched
    std::array<std::uint16_t, kBuckets> counts{};
  };
  using Cells = std::array<Cell*, kRows>;

  Cells cells_of(std::string_view key, Timestamp now);
  static void raise(const Cells& cells);
  static std::int64_t sum(const Cells& cells);

  const std::size_t mask_;
  const std::uint64_t secret_;
  std::mutex mutex_;
  std::vector<Cell> cells_;  // guarded by mutex_
};

struct PressureRules {
  double joins_per_s = 50;         // pressure from this many attempts a second,
  double times_normal = 5;         // and from this many times what the room is used to
  double cookie_less_share = 0.8;  // so many strangers make it pressure
  double cookie_less_at = 0.4;     // at this part of the rate
  std::int64_t in_flight = 2'000;  // attempts that wait for the disk
  Millis calm{60'000};             // it ends after half of everything for this long
};

// Whether a room is under pressure: more attempts than is normal for it, or hardly any device that
// was seen before, or a disk that falls behind. It begins within a second and ends after a minute
// of calm.
class JoinPressure {
 public:
  explicit JoinPressure(PressureRules rules) : rules_(rules) {}

  // An attempt to join. True while the room is under pressure.
  bool attempt(bool cookie_less, std::int64_t in_flight, Timestamp now);
  bool pressed(std::int64_t in_flight, Timestamp now);
  // A new place in the main lane.
  void placed(Timestamp now);
  std::int64_t placed_last_minute(Timestamp now);

  struct Reading {
    bool pressed = false;
    double per_second = 0;    // attempts, mean of the last five whole seconds
    double normal = 0;        // attempts a second when there is no pressure
    double cookie_less = 0;   // share of those seconds, 0 to 1
    double threshold = 0;     // attempts a second that make it pressure
    std::int64_t placed = 0;  // in the main lane, last minute
  };
  Reading read(std::int64_t in_flight, Timestamp now);

 private:
  static constexpr std::size_t kSeconds = 60;  // the running one and those before it
  static constexpr std::int64_t kMeanS = 5;
  struct Second {
    std::int64_t attempts = 0, cookie_less = 0, placed = 0;
  };

  void roll(Timestamp now);
  bool judge(std::int64_t in_flight, Timestamp now);
  double threshold() const;
  Second sum(std::int64_t seconds) const;  // whole ones, before the running one
  Second& running() { return seconds_[static_cast<std::size_t>(second_) % kSeconds]; }

  const PressureRules rules_;
  std::mutex mutex_;  // of everything below
  std::array<Second, kSeconds> seconds_{};
  std::int64_t placed_ = 0;  // in all of them
  std::int64_t second_ = 0;  // Unix seconds of the running one
  double normal_ = 0;
  bool pressed_ = false;
  Timestamp last_strain_{};
};

// How many more bits a network's next challenge has. `allowance` is its share a minute: up to a
// quarter of it everybody pays the base; each doubling doubles the price, at most 32 times.
std::int64_t extra_bits(std::int64_t places, std::int64_t asked, std::int64_t allowance);

}  // namespace onsale::waitroom
