// The addresses that the web app draws, each with the head of its own: what is at no address of
// these is not found. Also what search engines ask for: robots.txt and the site map.
#pragma once

#include "app/wiring.h"
#include "platform/http/router.h"

namespace onsale::app {

// The same addresses as in web/src/app/App.tsx. `modules` must outlive the router.
void declare_pages(http::Router& router, Modules& modules);

}  // namespace onsale::app
