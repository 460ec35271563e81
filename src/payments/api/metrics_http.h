// What /metrics shows of the payments.
#pragma once

#include "payments/payments.h"
#include "platform/metrics/metrics.h"

namespace onsale::payments {

// `payments` must outlive the registry's use.
void declare_metrics(metrics::Registry& registry, const Payments& payments);

}  // namespace onsale::payments
