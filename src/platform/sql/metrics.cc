#include "platform/sql/metrics.h"

namespace onsale::sql {

namespace {

metrics::Rows rows_of(const Database& database, double (*value)(const Replica&)) {
  metrics::Rows rows;
  for (const auto& replica : database.replicas()) rows.emplace_back(replica.place, value(replica));
  return rows;
}

void declare_replicas(metrics::Registry& registry, const Database& database) {
  registry.computed_rows("sql_replica_up", "1 while a replica serves reads.", "replica", [&] {
    return rows_of(database, [](const Replica& replica) { return replica.up ? 1.0 : 0.0; });
  });
  registry.computed_rows(
      "sql_replica_lag_seconds",
      "From a commit to its being seen on a replica, the last time it was measured.", "replica",
      [&] {
        return rows_of(database, [](const Replica& replica) {
          return static_cast<double>(replica.lag.count()) / 1000;
        });
      });
  registry.computed_rows(
      "sql_replica_reads", "Units of work that a replica served since the start.", "replica", [&] {
        return rows_of(database,
                       [](const Replica& replica) { return static_cast<double>(replica.reads); });
      });
  registry.computed_rows(
      "sql_replica_fallbacks",
      "Units that the primary served in a replica's place since the start: it was behind or away.",
      "replica", [&] {
        return rows_of(database, [](const Replica& replica) {
          return static_cast<double>(replica.behind + replica.lost);
        });
      });
}

}  // namespace

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
  declare_replicas(registry, database);
}

}  // namespace onsale::sql
