#include "payments/api/metrics_http.h"

namespace onsale::payments {

void declare_metrics(metrics::Registry& registry, const Payments& payments) {
  registry.computed("payments_refund_tasks",
                    "Refunds that a provider refused and nobody has settled: somebody waits for "
                    "their money.",
                    [&payments] { return static_cast<double>(payments.refund_tasks_waiting()); });
}

}  // namespace onsale::payments
