// What /metrics shows of every room: counted from the durable records since the start, as
// `onsale room replay` counts them from the log.
#pragma once

#include "platform/metrics/metrics.h"
#include "waitroom/host.h"

namespace onsale::waitroom {

// `rooms` must outlive the registry's use.
void declare_room_facts(metrics::Registry& registry, const Host& rooms);

}  // namespace onsale::waitroom
