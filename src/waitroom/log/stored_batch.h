// Records of one room in their stored form, and how a stored batch is chained to the one before it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "waitroom/line/record.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Places with facts in a batch, 64 neighbours at a time: bit i is place block * 64 + i. Place 0
// stands for the room itself: its settings and its orderly ends.
struct TouchedPlaces {
  static constexpr Sequence kBlock = 64;
  std::uint64_t block = 0;
  std::uint64_t places = 0;
  bool operator==(const TouchedPlaces&) const = default;
};

// Numbers of a room rise by one, from 1.
struct StoredBatch {
  RoomId room;
  std::uint64_t number = 0;
  std::string records{};
  Timestamp at{};                        // of its last record
  std::vector<TouchedPlaces> touched{};  // by rising block; drawing an order touches nobody
};

StoredBatch to_stored(const RoomId& room, std::uint64_t number, const Records& records);
std::vector<TouchedPlaces> touched_by(const Records& records);

// What stands before the first batch of a room.
inline const std::string kNoLink = std::string(32, '\0');

// A batch's link is the SHA-256 of this: the link before it, the room, the number, the records
// (docs/receipts.md).
std::string link_text(std::string_view link_before, std::string_view room, std::uint64_t number,
                      std::string_view records);

}  // namespace onsale::waitroom
