// What the numbers of the rooms were lately, for the operator's charts. In memory only: an hour of
// samples per room, kSamplesMax of all rooms together, and nothing of before the start.
// Thread: any.
#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "waitroom/log/tally.h"

namespace onsale::waitroom {

// Of ten who were called in the last minute, five and eight had waited no longer, from joining.
struct RealWait {
  std::int64_t p50_seconds = 0, p80_seconds = 0;
};

// The latest calls of a room, a bounded number of them. Thread: none of its own.
class RecentCalls {
 public:
  static constexpr Millis kWindow{60'000};
  static constexpr std::size_t kMax = 1'024;

  void add(Timestamp at, Millis waited);
  // Empty when nobody was called.
  std::optional<RealWait> waits(Timestamp now) const;

 private:
  struct Call {
    Timestamp at;
    Millis waited;
  };
  std::deque<Call> calls_;
};

// A room at one moment.
struct RoomSample {
  Timestamp at{};
  Mode mode{};
  std::int64_t waiting = 0, active = 0, capacity = 0, admit_per_minute = 0;
  std::int64_t admitted_last_minute = 0, oldest_wait_s = 0;
  Counts counts;           // since the start of the server
  std::optional<Eta> eta;  // of somebody who joins now; nobody was told it
  std::optional<RealWait> waited;
  CalibrationReport calibration;
};

class RoomHistory {
 public:
  static constexpr Millis kEvery{5'000};
  static constexpr Millis kKept{3'600'000};
  static constexpr std::size_t kSamplesMax = 100'000;  // about 35 MB; 138 busy rooms' hour
  static_assert(sizeof(RoomSample) <= 384);

  explicit RoomHistory(Timestamp begins, std::size_t samples_max = kSamplesMax)
      : begins_(begins), samples_max_(samples_max) {}

  // Later than those before it. While nothing happens in an empty room, its first and its latest
  // sample are all that is kept. When there are too many of all rooms, the oldest goes.
  void add(const RoomId& room, const RoomSample& sample);
  // Those later than `after`, the oldest first.
  std::vector<RoomSample> samples(const RoomId& room, Timestamp after = {}) const;
  Timestamp begins() const { return begins_; }

 private:
  using Samples = std::deque<RoomSample>;
  void forget(Samples& samples, Timestamp until);
  void drop_oldest();

  const Timestamp begins_;
  const std::size_t samples_max_;
  mutable std::mutex mutex_;
  std::map<RoomId, Samples> rooms_;
  std::size_t count_ = 0;
};

}  // namespace onsale::waitroom
