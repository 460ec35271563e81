#include "waitroom/room/room_http.h"

namespace onsale::waitroom {

http::Problem room_not_found() { return {404, "room_not_found", "There is no such room."}; }

RoomId room_id_of(const http::Call& call) {
  auto room = RoomId::parse(call.param("room"));
  if (!room) throw room_not_found();
  return std::move(*room);
}

RoomView room_of(const Waitroom& rooms, const http::Call& call) {
  auto room = rooms.room(room_id_of(call));
  if (!room) throw room_not_found();
  return std::move(*room);
}

}  // namespace onsale::waitroom
