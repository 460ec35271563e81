// Keeps the logs of all rooms as long as they are to be kept, and no longer.
#pragma once

#include "waitroom/log/room_log.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

// Cuts off, piece by piece, what is older than `kept`, and has snapshots made where it can be cut
// some day. 0 keeps everything. Call it every few minutes; runs must not overlap.
Task<void> keep_logs(Host& host, RoomLog& log, Millis kept, const Clock& clock);

}  // namespace onsale::waitroom
