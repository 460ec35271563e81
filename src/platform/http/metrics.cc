#include "platform/http/metrics.h"

namespace onsale::http {

void declare_metrics(metrics::Registry& registry, const Server& server, const Hub& hub) {
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

}  // namespace onsale::http
