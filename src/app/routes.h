// Every route and every live destination, in one place.
#pragma once

#include "app/wiring.h"
#include "platform/http/router.h"
#include "platform/metrics/metrics.h"

namespace onsale::app {

// All must outlive the router.
void declare_routes(http::Router& router, Modules& modules, const sql::Outbox& outbox,
                    const metrics::Registry& metrics);

}  // namespace onsale::app
