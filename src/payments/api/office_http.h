// What operators see of payments: the list, each one's history, a look-up on demand, how the
// providers are.
#pragma once

#include "payments/payments.h"
#include "payments/providers/guarded_client.h"
#include "platform/http/router.h"

namespace onsale::payments {

// Everything must outlive the router.
void office_routes(http::Router& router, Payments& payments,
                   std::vector<const GuardedProvider*> guards);

}  // namespace onsale::payments
