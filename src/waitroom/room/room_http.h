// The room that an address names, for every route with {room} in it.
#pragma once

#include "platform/http/call.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// 404 room_not_found.
http::Problem room_not_found();
// The id in the path, well-formed; whether there is such a room is not looked at. Throws
// room_not_found.
RoomId room_id_of(const http::Call& call);
// The room as it is now. Throws room_not_found.
RoomView room_of(const Waitroom& rooms, const http::Call& call);

}  // namespace onsale::waitroom
