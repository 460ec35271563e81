// The stand-in's pay pages under the demo's own origin: /sandbox/toss/… and /sandbox/kakaopay/….
// Whoever reaches the demo, from a phone or through a proxy, reaches its pay pages; the stand-in
// itself, with its control, stays on the loopback address.
#pragma once

#include <string>

#include "platform/http/router.h"
#include "platform/net/client.h"

namespace onsale::app {

inline constexpr std::string_view kPayPages = "/sandbox";

// `client` must outlive the router; `stand_in` is "http://127.0.0.1:PORT".
void pay_page_routes(http::Router& router, net::Client& client, std::string stand_in);

}  // namespace onsale::app
