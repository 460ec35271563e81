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

std::string_view to_string(Mode mode) { return boost::describe::enum_to_string(mode, "closed"); }

std::string_view to_string(PlaceState state) {
  return boost::describe::enum_to_string(state, "expired");
}

std::string_view to_string(Notice notice) {
  return boost::describe::enum_to_string(notice, "none");
}

}  // namespace onsale::waitroom
