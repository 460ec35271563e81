// GET /api/v1/admin/rooms/{room}/history: the last hour of a room's numbers, as JSON and as CSV.
#pragma once

#include "platform/http/router.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

// The parts must outlive the router.
void history_routes(http::Router& router, const Host& rooms, const RoomHistory& history);

}  // namespace onsale::waitroom
