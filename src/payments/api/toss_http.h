// What Toss Payments reaches us by: its webhook, and the page of ours that opens its own.
#pragma once

#include <string>

#include "payments/payments.h"
#include "platform/http/router.h"

namespace onsale::payments {

// `payments` must outlive the router. Without a client key there is no page.
void toss_routes(http::Router& router, Payments& payments, std::string client_key);

}  // namespace onsale::payments
