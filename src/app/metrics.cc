#include "app/metrics.h"

#include "payments/api/metrics_http.h"
#include "platform/http/metrics.h"
#include "platform/sql/metrics.h"
#include "waitroom/api/metrics_http.h"

namespace onsale::app {

void declare_metrics(metrics::Registry& registry, Counted counted) {
  registry.add_process_metrics();
  http::declare_metrics(registry, counted.server, *counted.modules.hub);
  sql::declare_metrics(registry, *counted.modules.database, counted.outbox);
  waitroom::declare_metrics(registry, *counted.modules.waitroom,
                            counted.modules.gatekeeper->counts());
  registry.computed("booking_money_adrift",
                    "Captured payments of no purchase, whose refund was not asked for.",
                    [&booking = *counted.modules.booking] {
                      return static_cast<double>(booking.reconciliation().adrift);
                    });
  registry.computed("booking_refunds_waiting",
                    "Refunds asked for over a minute ago that are not known to be done.",
                    [&booking = *counted.modules.booking] {
                      return static_cast<double>(booking.reconciliation().waiting);
                    });
  payments::declare_metrics(registry, *counted.modules.payments,
                            counted.modules.payment_parts->guards());
  registry.computed_counter("log_dropped_total", "Log lines dropped because writing fell behind.",
                            [&log = counted.log] { return static_cast<double>(log.dropped()); });
}

}  // namespace onsale::app
