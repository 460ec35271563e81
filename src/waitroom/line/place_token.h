// What a place token says, before it is signed: enough to find the place with nothing else at hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "waitroom/line/line_index.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

inline constexpr std::int64_t kTokenDays = 7;

struct PlaceToken {
  std::string_view room;  // points into the payload when it was read
  std::uint32_t epoch = 0;
  Sequence place = 0;
  std::int64_t expires_s = 0;  // Unix seconds
};

std::string encode(const PlaceToken& token);  // at most 62 bytes
// The payload of a token that is made now.
std::string fresh_payload(const RoomId& room, std::uint32_t epoch, Sequence place, Timestamp now);
std::optional<PlaceToken> decode_place_token(std::string_view payload);

// The public id of a place: its room's epoch and its number.
PlaceId place_id(std::uint32_t epoch, Sequence place);
// The number, if the id belongs to this epoch.
std::optional<Sequence> sequence_of(const PlaceId& id, std::uint32_t epoch);

}  // namespace onsale::waitroom
