#include "platform/http/latencies.h"

#include <algorithm>

#include "platform/http/route_table.h"

namespace onsale::http {
namespace {

constexpr double kNanosecondsPerSecond = 1e9;

constexpr auto kBounds = [] {
  std::array<std::int64_t, std::size(metrics::kLatencyBounds)> bounds{};
  std::ranges::transform(metrics::kLatencyBounds, bounds.begin(), [](double seconds) {
    return static_cast<std::int64_t>(seconds * kNanosecondsPerSecond);
  });
  return bounds;
}();

}  // namespace

Latencies::Latencies(const Router& router)
    : routes_(router.entries()),
      series_(std::make_unique<Series[]>((routes_.size() + 1) * kStatusClasses)) {}

std::size_t Latencies::series_of(const RouteEntry* route, int status) const {
  const auto row =
      route == nullptr ? routes_.size() : static_cast<std::size_t>(route - routes_.data());
  return row * kStatusClasses + static_cast<std::size_t>(std::clamp(status / 100, 0, 5));
}

void Latencies::add(const RouteEntry* route, int status, std::int64_t nanoseconds) {
  Series& series = series_[series_of(route, status)];
  const auto bucket = std::ranges::lower_bound(kBounds, nanoseconds) - kBounds.begin();
  series.buckets[static_cast<std::size_t>(bucket)].add();
  series.nanoseconds.add(nanoseconds);
}

metrics::HistogramRows Latencies::sum(std::span<const Latencies* const> loops) {
  metrics::HistogramRows rows;
  const auto& routes = loops.front()->routes_;
  for (std::size_t at = 0; at < (routes.size() + 1) * kStatusClasses; ++at) {
    metrics::HistogramRow row{.labels = {}, .buckets = std::vector<std::uint64_t>(kBuckets)};
    std::uint64_t count = 0;
    for (const Latencies* loop : loops) {
      const Series& series = loop->series_[at];
      for (std::size_t i = 0; i < kBuckets; ++i) {
        const auto n = static_cast<std::uint64_t>(series.buckets[i].value());
        row.buckets[i] += n;
        count += n;
      }
      row.sum += static_cast<double>(series.nanoseconds.value()) / kNanosecondsPerSecond;
    }
    if (count == 0) continue;
    const bool known = at / kStatusClasses < routes.size();
    const RouteEntry* route = known ? &routes[at / kStatusClasses] : nullptr;
    row.labels = {{"route", known ? route->path : "other"},
                  {"method", known ? std::string(method_name(route->method)) : "other"},
                  {"status", std::to_string(at % kStatusClasses) + "xx"}};
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace onsale::http
