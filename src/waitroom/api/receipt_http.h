// What the log says: to a person about their own place, to an operator about the room.
#pragma once

#include "platform/http/router.h"
#include "waitroom/log/room_log.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Rows of the log in one answer; more come with the address in its Link header.
inline constexpr std::size_t kLogRowsMax = 100'000;

// `rooms` and `log` must outlive the router.
void receipt_routes(http::Router& router, Waitroom& rooms, RoomLog& log,
                    std::size_t rows_max = kLogRowsMax);

}  // namespace onsale::waitroom
