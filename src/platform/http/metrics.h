// What /metrics shows of the server and of its live connections.
#pragma once

#include "platform/http/live/hub.h"
#include "platform/http/server.h"
#include "platform/metrics/metrics.h"

namespace onsale::http {

// Both must outlive the registry's use.
void declare_metrics(metrics::Registry& registry, const Server& server, const Hub& hub);

}  // namespace onsale::http
