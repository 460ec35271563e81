// The sandbox's pay page: GET and POST /sandbox/pay/{payment}?key=…
#pragma once

#include "payments/providers/sandbox_client.h"
#include "platform/http/router.h"

namespace onsale::payments {

// `sandbox` must outlive the router.
void sandbox_routes(http::Router& router, Sandbox& sandbox);

}  // namespace onsale::payments
