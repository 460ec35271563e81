// How long answers took, by route and class of status, on one loop. The routes are known before the
// first request, so no request can add a series (I11). Private to http.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>

#include "platform/http/router.h"
#include "platform/metrics/metrics.h"

namespace onsale::http {

// Written by one loop, read by anyone.
class Tally {
 public:
  void add(std::int64_t n = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

inline constexpr std::size_t kStatusClasses = 6;  // [2] = 2xx …

class Latencies {
 public:
  // `router` must outlive it. Its routes are complete.
  explicit Latencies(const Router& router);

  // Of a route of the router; null for files, unknown addresses and methods. Thread: the loop's.
  void add(const RouteEntry* route, int status, std::int64_t nanoseconds);

  // The sums over `loops`, which all have the same router. Only what was asked for at least once.
  // Thread: any.
  static metrics::HistogramRows sum(std::span<const Latencies* const> loops);

 private:
  static constexpr std::size_t kBuckets = std::size(metrics::kLatencyBounds) + 1;
  struct Series {
    std::array<Tally, kBuckets> buckets;
    Tally nanoseconds;
  };

  std::size_t series_of(const RouteEntry* route, int status) const;

  const std::vector<RouteEntry>& routes_;
  std::unique_ptr<Series[]> series_;  // by route, then by class; the last route is none of them
};

}  // namespace onsale::http
