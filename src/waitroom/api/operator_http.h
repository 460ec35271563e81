// The routes under /api/v1/admin/rooms: settings, and the second operator's word where it is asked.
#pragma once

#include "platform/http/router.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// `rooms` must outlive the router.
void operator_routes(http::Router& router, Waitroom& rooms);

}  // namespace onsale::waitroom
