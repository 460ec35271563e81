// What only the parts of the engine share.
#pragma once

#include <cstring>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {

inline std::uint32_t seconds_of(Timestamp t) {
  return static_cast<std::uint32_t>(to_unix_ms(t) / 1000);
}
inline constexpr Millis kMinute{60'000};
inline Millis seconds(std::int64_t count) { return Millis(count * 1000); }

// The side lane that somebody is in who came back: the passed in that of their own lane, in their
// old order; those with a missed turn in one of their own, in the order of coming back.
inline LaneId side_lane(bool missed, LaneId lane) { return missed ? kMissedSide : lane; }

// Stands for the owner of a lost number until a token comes for it; no digest of a device is like
// this.
inline DeviceKey lost_device(Sequence place) {
  DeviceKey key{'l', 'o', 's', 't', 0, 0, 0, 0};
  std::memcpy(key.data() + 8, &place, sizeof place);
  return key;
}
inline bool names_lost(const DeviceKey& device) {
  return std::memcmp(device.data(), lost_device(0).data(), 8) == 0;
}

}  // namespace onsale::waitroom
