#include "app/metrics.h"

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
  registry.computed_counter("log_dropped_total", "Log lines dropped because writing fell behind.",
                            [&log = counted.log] { return static_cast<double>(log.dropped()); });
}

}  // namespace onsale::app
