// GET /api/v1/payments/providers, /{payment}. Paying itself is booking's: it knows what is paid
// for.
#pragma once

#include "payments/payments.h"
#include "platform/http/router.h"

namespace onsale::payments {

// `payments` must outlive the router.
void routes(http::Router& router, Payments& payments);

}  // namespace onsale::payments
