// Numbers for Prometheus. Every metric and every label value is declared at start-up; an unknown
// value counts as "other", so no request can add a series (I11). Names carry their unit:
// `http_request_seconds`, `places_joined_total`. Thread: register before the loops start; increment
// from anywhere, without a lock. What the registry hands out lives as long as it does.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onsale::metrics {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Upper bounds in seconds that fit a request: 0.5 ms to 10 s.
inline constexpr double kLatencyBounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,    0.25,  0.5,    1.0,   2.5,  5.0,   10.0};

class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds = kLatencyBounds);
  void observe(double value);
  std::uint64_t count() const;
  double sum() const { return sum_.load(std::memory_order_relaxed); }
  std::span<const double> bounds() const { return bounds_; }
  // How many fell into the i-th bucket alone; the last one is beyond every bound.
  std::uint64_t bucket(std::size_t i) const { return buckets_[i].load(std::memory_order_relaxed); }

 private:
  std::vector<double> bounds_;  // ascending
  std::vector<std::atomic<std::uint64_t>> buckets_;
  std::atomic<double> sum_{0};
};

struct Label {
  std::string name;
  std::vector<std::string> values;  // all there will ever be, besides "other"
};

inline constexpr std::size_t kSeriesMax = 5000;  // of one family; more is a programming error

// One metric per combination of label values, all made when the family is declared.
template <class Metric>
class Family {
 public:
  // `make` makes one metric.
  Family(std::vector<Label> labels, const std::function<std::unique_ptr<Metric>()>& make);

  // One value per label, in the order of the declaration; unknown values count as "other". Costs a
  // map look-up per label: keep the reference where it is hot.
  Metric& at(std::initializer_list<std::string_view> values);

  // Calls visit(labels as text such as `class="2xx"`, metric).
  void each(const std::function<void(const std::string&, const Metric&)>& visit) const;

 private:
  std::vector<std::map<std::string, std::size_t, std::less<>>> positions_;
  std::vector<std::unique_ptr<Metric>> metrics_;
  std::vector<std::string> texts_;
};

// Rows of a gauge that are computed when asked for: label value and number.
using Rows = std::vector<std::pair<std::string, double>>;

// A histogram that is counted elsewhere.
struct HistogramRow {
  std::vector<std::pair<std::string, std::string>> labels;
  std::vector<std::uint64_t> buckets;  // each alone; one more than there are bounds
  double sum = 0;
};
using HistogramRows = std::vector<HistogramRow>;

class Registry {
 public:
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  Counter& counter(std::string name, std::string help);
  Gauge& gauge(std::string name, std::string help);
  Histogram& histogram(std::string name, std::string help,
                       std::span<const double> bounds = kLatencyBounds);
  Family<Counter>& counters(std::string name, std::string help, std::vector<Label> labels);
  Family<Gauge>& gauges(std::string name, std::string help, std::vector<Label> labels);
  Family<Histogram>& histograms(std::string name, std::string help, std::vector<Label> labels,
                                std::span<const double> bounds = kLatencyBounds);

  // Asked at every scrape, on the scraping thread; must be thread-safe and quick.
  void computed(std::string name, std::string help, std::function<double()> value);
  void computed_counter(std::string name, std::string help, std::function<double()> value);
  // At most kSeriesMax rows are shown.
  void computed_rows(std::string name, std::string help, std::string label,
                     std::function<Rows()> rows);

  // At most kSeriesMax rows are shown; the labels of all have the same names.
  void computed_histograms(std::string name, std::string help, std::function<HistogramRows()> rows,
                           std::span<const double> bounds = kLatencyBounds);

  // Lines with labels that are given as text, such as `room="film-x"`, for what has more of them or
  // is of another type ("counter", "gauge", "histogram"). `suffix` is put behind the name.
  struct Sample {
    std::string_view suffix;
    std::string labels;
    double value = 0;
  };
  void computed_samples(std::string name, std::string help, std::string_view type,
                        std::function<std::vector<Sample>()> samples);

  // Resident memory, processor seconds, open files, start time.
  void add_process_metrics();

  // Prometheus text exposition format 0.0.4.
  std::string text() const;

 private:
  struct Entry;
  Entry& add(std::string name, std::string help, std::string_view type);
  static void add_computed(Entry& entry, std::function<double()> value);

  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
};

}  // namespace onsale::metrics
