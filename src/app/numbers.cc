#include "app/numbers.h"

#include "waitroom/numbers_http.h"

namespace onsale::app {
namespace {

void declare_http(metrics::Registry& registry, const http::Server& server, const http::Hub& hub) {
  registry.computed_counter("http_requests_total", "Requests answered.",
                            [&server] { return static_cast<double>(server.stats().requests); });
  registry.computed_histograms("http_request_seconds", "From a whole request to its answer.",
                               [&server] { return server.latencies(); });
  registry.computed_rows("http_answers", "Answers by class of status.", "class", [&server] {
    const auto stats = server.stats();
    metrics::Rows rows;
    for (int c = 1; c <= 5; ++c)
      rows.emplace_back(std::to_string(c) + "xx", static_cast<double>(stats.answers_by_class[c]));
    return rows;
  });
  registry.computed_counter("http_limited_total", "Requests answered 429.",
                            [&server] { return static_cast<double>(server.stats().limited); });
  registry.computed_counter("http_cut_off_total", "Slow or oversize clients cut off.",
                            [&server] { return static_cast<double>(server.stats().cut_off); });
  registry.computed("http_connections", "Open connections, sockets handed over not included.",
                    [&server] { return static_cast<double>(server.stats().connections); });
  registry.computed("live_connections", "WebSockets and event streams.",
                    [&hub] { return static_cast<double>(hub.stats().connections); });
  registry.computed_counter("live_messages_total", "Bodies handed to live connections.",
                            [&hub] { return static_cast<double>(hub.stats().messages); });
  registry.computed_counter("live_replaced_total", "Bodies overtaken by newer ones unsent.",
                            [&hub] { return static_cast<double>(hub.stats().replaced); });
}

void declare_sql(metrics::Registry& registry, const sql::Database& database,
                 const sql::Outbox& outbox) {
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

void declare_rooms(metrics::Registry& registry, const waitroom::Waitroom& waitroom) {
  const auto rows = [&waitroom](std::int64_t waitroom::RoomView::* number) {
    metrics::Rows out;
    for (const auto& room : waitroom.rooms())
      out.emplace_back(room.id.str(), static_cast<double>(room.*number));
    return out;
  };
  registry.computed_rows("waitroom_waiting", "People in line.", "room",
                         [rows] { return rows(&waitroom::RoomView::waiting); });
  registry.computed_rows("waitroom_active", "Slots in use.", "room",
                         [rows] { return rows(&waitroom::RoomView::active); });
  registry.computed_rows("waitroom_admitted_last_minute", "Admissions of the last minute.", "room",
                         [rows] { return rows(&waitroom::RoomView::admitted_last_minute); });
}

void declare_gate(metrics::Registry& registry, const waitroom::GateCounts& counts) {
  registry.computed_rows("waitroom_gate", "Joins since the start, by what the gatekeeper did.",
                         "did", [&counts] {
                           const auto row = [](const char* did, std::int64_t count) {
                             return std::pair<std::string, double>(did, count);
                           };
                           return metrics::Rows{row("asked", counts.asked),
                                                row("proven", counts.proven),
                                                row("refused", counts.refused),
                                                row("slow_quota", counts.slow_quota),
                                                row("slow_suspect", counts.slow_suspect),
                                                row("invited", counts.invited),
                                                row("external_passed", counts.external_passed)};
                         });
}

}  // namespace

void declare_metrics(metrics::Registry& registry, Counted counted) {
  registry.add_process_metrics();
  declare_http(registry, counted.server, *counted.modules.hub);
  declare_sql(registry, *counted.modules.database, counted.outbox);
  declare_rooms(registry, *counted.modules.waitroom);
  waitroom::declare_room_facts(registry, *counted.modules.waitroom);
  declare_gate(registry, counted.modules.gatekeeper->counts());
  registry.computed_counter("log_dropped_total", "Log lines dropped because writing fell behind.",
                            [&log = counted.log] { return static_cast<double>(log.dropped()); });
}

}  // namespace onsale::app
