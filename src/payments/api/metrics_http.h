// The numbers of payments.
#pragma once

#include <vector>

#include "payments/payments.h"
#include "payments/providers/guarded_client.h"
#include "platform/metrics/metrics.h"

namespace onsale::payments {

// Everything must outlive the registry.
void declare_metrics(metrics::Registry& registry, const Payments& payments,
                     std::vector<const GuardedProvider*> guards);

}  // namespace onsale::payments
