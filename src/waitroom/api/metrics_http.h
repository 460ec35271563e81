// What /metrics shows of every room and of the join check. Facts are counted from the durable
// records since the start, as `onsale room replay` counts them from the log.
#pragma once

#include "platform/metrics/metrics.h"
#include "waitroom/join/gatekeeper.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {

// Both must outlive the registry's use.
void declare_metrics(metrics::Registry& registry, const Host& rooms, const JoinCounts& joins);

}  // namespace onsale::waitroom
