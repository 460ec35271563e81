// How fast the line really moves, and what that says about a wait. Counts durable admissions and
// drop-outs in slices of five seconds over five minutes.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "waitroom/waitroom.h"

namespace onsale::waitroom {

class Pace {
 public:
  void admitted(Timestamp at, std::int64_t count = 1) { slice(at).admitted += count; }
  void dropped(Timestamp at, std::int64_t count = 1) { slice(at).dropped += count; }
  // A slot was held this long.
  void slot_freed(Millis held);

  // For the person at `position` of `waiting`. Empty when nothing can be said: nobody is being
  // admitted, by setting or in fact.
  std::optional<Eta> estimate(std::int64_t position, std::int64_t waiting, const Settings& settings,
                              Timestamp now);

 private:
  static constexpr std::int64_t kSliceMs = 5'000;
  static constexpr std::size_t kSlices = 60;
  struct Slice {
    std::int64_t number = -1;  // Unix ms / kSliceMs
    std::int64_t admitted = 0, dropped = 0;
  };
  Slice& slice(Timestamp at);

  std::array<Slice, kSlices> slices_{};
  double slot_seconds_ = 0;  // moving average; 0 = never measured
};

// When to ask again: one to two seconds near the front, up to ten far back, spread by `place`.
Millis poll_after(std::int64_t position, std::uint64_t place, Timestamp now);

}  // namespace onsale::waitroom
