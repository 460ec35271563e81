// The routes under /api/v1/rooms.
#pragma once

#include "platform/http/live/hub.h"
#include "platform/http/router.h"
#include "waitroom/api/live_http.h"
#include "waitroom/join/gatekeeper.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// All must outlive the router. Without a gatekeeper everybody may join.
void routes(http::Router& router, Waitroom& rooms, http::Hub& hub, LiveRooms& live,
            Gatekeeper* keeper = nullptr);

}  // namespace onsale::waitroom
