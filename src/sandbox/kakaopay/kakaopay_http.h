// KakaoPay's API under /kakaopay/online/v1, and its pay page.
#pragma once

#include "platform/http/router.h"
#include "sandbox/desk_http.h"
#include "sandbox/kakaopay/kakaopay.h"

namespace onsale::sandbox::kakaopay {

// All must outlive the routes.
struct HttpParts {
  KakaoPay& kakaopay;
  Desk& desk;
};

void api_routes(http::Router& router, HttpParts parts);
void page_routes(http::Router& router, HttpParts parts);

}  // namespace onsale::sandbox::kakaopay
