#include "waitroom/waitroom.h"

#include <algorithm>

namespace onsale::waitroom {

std::optional<RoomId> RoomId::parse(std::string_view text) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  };
  if (text.empty() || text.size() > 40 || !std::ranges::all_of(text, allowed)) return {};
  return RoomId(text);
}

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::open:
      return "open";
    case Mode::queue:
      return "queue";
    case Mode::paused:
      return "paused";
    case Mode::prequeue:
      return "prequeue";
    case Mode::closed:
      return "closed";
    case Mode::drain:
      return "drain";
  }
  return "closed";
}

std::string_view to_string(PlaceState state) {
  switch (state) {
    case PlaceState::waiting:
      return "waiting";
    case PlaceState::prequeue:
      return "prequeue";
    case PlaceState::admitted:
      return "admitted";
    case PlaceState::expired:
      return "expired";
    case PlaceState::left:
      return "left";
    case PlaceState::completed:
      return "completed";
  }
  return "expired";
}

std::string_view to_string(Notice notice) {
  switch (notice) {
    case Notice::none:
      return "none";
    case Notice::missed_turn:
      return "missed_turn";
    case Notice::passed:
      return "passed";
    case Notice::slow_lane:
      return "slow_lane";
    case Notice::lottery:
      return "lottery";
    case Notice::restored:
      return "restored";
    case Notice::paused:
      return "paused";
    case Notice::slower_rate:
      return "slower_rate";
    case Notice::less_capacity:
      return "less_capacity";
    case Notice::slower_buyers:
      return "slower_buyers";
    case Notice::fewer_gave_up:
      return "fewer_gave_up";
  }
  return "none";
}

}  // namespace onsale::waitroom
