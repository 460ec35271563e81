#include "payments/api/metrics_http.h"

namespace onsale::payments {
namespace {

using Guards = std::vector<const GuardedProvider*>;
using Sample = metrics::Registry::Sample;

std::string label(std::string_view name, std::string_view value) {
  return std::string(name).append("=\"").append(value).append("\"");
}

std::vector<Sample> calls(const Guards& guards) {
  std::vector<Sample> out;
  for (const auto* guard : guards) {
    const ProviderHealth health = guard->health();
    for (std::size_t step = 0; step < health.calls.size(); ++step) {
      const std::string of =
          label("provider", health.provider) + "," +
          label("step", boost::describe::enum_to_string(static_cast<ProviderStep>(step), ""));
      const auto& [answered, unanswered] = health.calls[step];
      out.push_back({"", of + ",outcome=\"answered\"", static_cast<double>(answered)});
      out.push_back({"", of + ",outcome=\"no_answer\"", static_cast<double>(unanswered)});
    }
  }
  return out;
}

std::vector<Sample> refused(const Guards& guards) {
  std::vector<Sample> out;
  for (const auto* guard : guards) {
    const ProviderHealth health = guard->health();
    const std::string of = label("provider", health.provider);
    out.push_back({"", of + ",by=\"breaker\"", static_cast<double>(health.refused_open)});
    out.push_back({"", of + ",by=\"bulkhead\"", static_cast<double>(health.refused_full)});
  }
  return out;
}

std::vector<Sample> settings(const Guards& guards) {
  std::vector<Sample> out;
  for (const auto* guard : guards) {
    const ProviderHealth health = guard->health();
    const net::BreakerSettings& set = health.breaker;
    const std::pair<std::string_view, double> each[] = {
        {"window", set.window},
        {"failures_max", set.failures_max},
        {"slow_ms", static_cast<double>(set.slow.count())},
        {"slow_run_max", set.slow_run_max},
        {"rest_ms", static_cast<double>(set.rest.count())},
        {"rest_max_ms", static_cast<double>(set.rest_max.count())}};
    for (const auto& [name, value] : each)
      out.push_back({"", label("provider", health.provider) + "," + label("setting", name), value});
  }
  return out;
}

metrics::HistogramRows seconds(const Guards& guards) {
  metrics::HistogramRows rows;
  for (const auto* guard : guards) {
    for (int step = 0; step < kSteps; ++step) {
      const auto& histogram = guard->seconds(static_cast<ProviderStep>(step));
      metrics::HistogramRow row{.labels = {{"provider", std::string(guard->name())},
                                           {"step", boost::describe::enum_to_string(
                                                        static_cast<ProviderStep>(step), "")}},
                                .sum = histogram.sum()};
      for (std::size_t i = 0; i <= histogram.bounds().size(); ++i)
        row.buckets.push_back(histogram.bucket(i));
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace

void declare_metrics(metrics::Registry& registry, const Payments& payments, Guards guards) {
  registry.computed("payments_refund_tasks",
                    "Refunds that wait for people: a provider refused them, or took money back "
                    "that nobody here gave.",
                    [&payments] { return static_cast<double>(payments.refund_tasks_waiting()); });
  registry.computed("payments_payment_tasks",
                    "Payments whose provider has not said for an hour how they ended: people may.",
                    [&payments] { return static_cast<double>(payments.payment_tasks_waiting()); });
  registry.computed_rows("payments_provider_state",
                         "Circuit breaker: 0 closed, 1 half open, 2 open.", "provider", [guards] {
                           metrics::Rows rows;
                           for (const auto* guard : guards) {
                             const net::BreakerState state = guard->health().state;
                             const int shown = state == net::BreakerState::closed ? 0
                                               : state == net::BreakerState::open ? 2
                                                                                  : 1;
                             rows.emplace_back(guard->name(), shown);
                           }
                           return rows;
                         });
  registry.computed_rows("payments_provider_calls_under_way", "Calls that wait for the provider.",
                         "provider", [guards] {
                           metrics::Rows rows;
                           for (const auto* guard : guards)
                             rows.emplace_back(guard->name(), guard->health().inside);
                           return rows;
                         });
  registry.computed_rows("payments_provider_places", "Calls that may wait for it at once.",
                         "provider", [guards] {
                           metrics::Rows rows;
                           for (const auto* guard : guards)
                             rows.emplace_back(guard->name(), guard->health().places);
                           return rows;
                         });
  registry.computed_samples("payments_provider_breaker_setting",
                            "What opens the circuit breaker, and how long it rests.", "gauge",
                            [guards] { return settings(guards); });
  registry.computed_samples("payments_provider_calls_total", "Calls by step and outcome.",
                            "counter", [guards] { return calls(guards); });
  registry.computed_samples("payments_provider_refused_total", "Calls that were not made.",
                            "counter", [guards] { return refused(guards); });
  registry.computed_histograms("payments_provider_seconds", "How long providers took to answer.",
                               [guards] { return seconds(guards); });
}

}  // namespace onsale::payments
