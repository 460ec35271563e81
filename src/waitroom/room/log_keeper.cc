#include "waitroom/room/log_keeper.h"

namespace onsale::waitroom {

Task<void> keep_logs(Host& host, RoomLog& log, Millis kept, const Clock& clock) {
  if (kept == Millis(0)) co_return;
  for (const RoomView& room : host.rooms()) {
    const Timestamp now = clock.now();
    const auto since = co_await log.unbased_since(room.id);
    if (since && now - *since > base_spacing(kept)) host.want_snapshot(room.id);
    bool more = true;
    while (more) more = co_await log.trim(room.id, now - kept);
  }
}

}  // namespace onsale::waitroom
