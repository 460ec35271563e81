#include "platform/sql/metrics.h"

namespace onsale::sql {

void declare_metrics(metrics::Registry& registry, const Database& database, const Outbox& outbox) {
  registry.computed_counter("sql_writes_total", "Units of work committed.", [&database] {
    return static_cast<double>(database.statistics().writes);
  });
  registry.computed_counter("sql_commits_total", "Transactions; fewer than writes.", [&database] {
    return static_cast<double>(database.statistics().commits);
  });
  registry.computed_counter("sql_failures_total", "Units of work that failed.", [&database] {
    return static_cast<double>(database.statistics().failures);
  });
  registry.computed_counter("sql_overloads_total", "Units of work turned away.", [&database] {
    return static_cast<double>(database.statistics().overloads);
  });
  registry.computed("sql_write_queue", "Units of work waiting to write.",
                    [&database] { return static_cast<double>(database.statistics().write_queue); });
  registry.computed("outbox_pending", "Events not yet handled by everyone.",
                    [&outbox] { return static_cast<double>(outbox.statistics().pending); });
  registry.computed("outbox_lag_seconds", "Age of the oldest of them.",
                    [&outbox] { return static_cast<double>(outbox.statistics().lag_ms) / 1000; });
  registry.computed("outbox_parked", "Events given up, waiting for a person.",
                    [&outbox] { return static_cast<double>(outbox.statistics().parked); });
}

}  // namespace onsale::sql
