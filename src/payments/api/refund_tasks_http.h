// Refunds that a provider refused, for the people who see to them.
#pragma once

#include "payments/payments.h"
#include "platform/http/router.h"

namespace onsale::payments {

// `payments` must outlive the router. What is decided here is told by payments.refund_decided.
void refund_task_routes(http::Router& router, Payments& payments);

}  // namespace onsale::payments
