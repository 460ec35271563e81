#include "platform/metrics/metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/check.h"

namespace onsale::metrics {
namespace {

constexpr std::string_view kOther = "other";

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\')
      out += "\\\\";
    else if (c == '\n')
      out += "\\n";
    else if (c == '"' && quotes)
      out += "\\\"";
    else
      out += c;
  }
}

std::string label_text(std::string_view name, std::string_view value) {
  std::string text(name);
  text += "=\"";
  append_escaped(text, value, true);
  return text += '"';
}

std::string number(double value) {
  if (value == std::floor(value) && std::abs(value) < 1e15)
    return std::to_string(static_cast<std::int64_t>(value));
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.9g", value);
  return buffer;
}

void append_line(std::string& out, std::string_view name, std::string_view labels,
                 std::string_view value) {
  out += name;
  if (!labels.empty()) out.append("{").append(labels).append("}");
  out.append(" ").append(value).append("\n");
}

void append_metric(std::string& out, const std::string& name, const std::string& labels,
                   const Counter& counter) {
  append_line(out, name, labels, std::to_string(counter.value()));
}

void append_metric(std::string& out, const std::string& name, const std::string& labels,
                   const Gauge& gauge) {
  append_line(out, name, labels, std::to_string(gauge.value()));
}

void append_histogram(std::string& out, const std::string& name, const std::string& labels,
                      std::span<const double> bounds, std::span<const std::uint64_t> buckets,
                      double sum) {
  const std::string comma = labels.empty() ? "" : labels + ",";
  std::uint64_t below = 0;
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    below += buckets[i];
    const std::string bound = i < bounds.size() ? number(bounds[i]) : "+Inf";
    append_line(out, name + "_bucket", comma + label_text("le", bound), std::to_string(below));
  }
  append_line(out, name + "_sum", labels, number(sum));
  append_line(out, name + "_count", labels, std::to_string(below));
}

void append_metric(std::string& out, const std::string& name, const std::string& labels,
                   const Histogram& histogram) {
  std::vector<std::uint64_t> buckets;
  for (std::size_t i = 0; i <= histogram.bounds().size(); ++i)
    buckets.push_back(histogram.bucket(i));
  append_histogram(out, name, labels, histogram.bounds(), buckets, histogram.sum());
}

bool good_name(std::string_view name) {
  return !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  }) && !(name[0] >= '0' && name[0] <= '9');
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), buckets_(bounds.size() + 1) {
  check(std::ranges::is_sorted(bounds_), "the bounds of a histogram ascend");
}

void Histogram::observe(double value) {
  const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
  buckets_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::uint64_t Histogram::count() const {
  std::uint64_t sum = 0;
  for (const auto& bucket : buckets_) sum += bucket.load(std::memory_order_relaxed);
  return sum;
}

template <class Metric>
Family<Metric>::Family(std::vector<Label> labels,
                       const std::function<std::unique_ptr<Metric>()>& make) {
  texts_.push_back("");
  for (Label& label : labels) {
    check(good_name(label.name), "a label has a plain name");
    if (std::ranges::find(label.values, kOther) == label.values.end())
      label.values.emplace_back(kOther);
    auto& positions = positions_.emplace_back();
    std::vector<std::string> longer;
    for (const std::string& text : texts_)
      for (const std::string& value : label.values)
        longer.push_back((text.empty() ? "" : text + ",") + label_text(label.name, value));
    for (std::size_t i = 0; i < label.values.size(); ++i) positions.emplace(label.values[i], i);
    check(positions.size() == label.values.size(), "each label value is declared once");
    texts_ = std::move(longer);
    check(texts_.size() <= kSeriesMax, "a family stays within kSeriesMax series");
  }
  for (std::size_t i = 0; i < texts_.size(); ++i) metrics_.push_back(make());
}

template <class Metric>
Metric& Family<Metric>::at(std::initializer_list<std::string_view> values) {
  check(values.size() == positions_.size(), "one value per label");
  std::size_t index = 0;
  auto positions = positions_.begin();
  for (const std::string_view value : values) {
    auto found = positions->find(value);
    if (found == positions->end()) found = positions->find(kOther);
    index = index * positions->size() + found->second;
    ++positions;
  }
  return *metrics_[index];
}

template <class Metric>
void Family<Metric>::each(
    const std::function<void(const std::string&, const Metric&)>& visit) const {
  for (std::size_t i = 0; i < metrics_.size(); ++i) visit(texts_[i], *metrics_[i]);
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Registry::Entry {
  std::string name, help;
  std::string_view type;
  std::function<void(std::string& out)> append;
  std::shared_ptr<void> owned;
};

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Entry& Registry::add(std::string name, std::string help, std::string_view type) {
  check(good_name(name), "a metric has a plain name");
  std::lock_guard lock(mutex_);
  check(std::ranges::find(entries_, name, &Entry::name) == entries_.end(),
        "each metric is declared once");
  return entries_.emplace_back(Entry{std::move(name), std::move(help), type, {}, {}});
}

template <class Metric, class Entry, class... Arguments>
static Metric& own_one(Entry& entry, Arguments&&... arguments) {
  auto metric = std::make_shared<Metric>(std::forward<Arguments>(arguments)...);
  entry.owned = metric;
  entry.append = [name = entry.name, metric](std::string& out) {
    append_metric(out, name, "", *metric);
  };
  return *metric;
}

template <class Metric, class Entry>
static Family<Metric>& own_family(Entry& entry, std::vector<Label> labels,
                                  const std::function<std::unique_ptr<Metric>()>& make) {
  auto family = std::make_shared<Family<Metric>>(std::move(labels), make);
  entry.owned = family;
  entry.append = [name = entry.name, family](std::string& out) {
    family->each([&](const std::string& text, const Metric& metric) {
      append_metric(out, name, text, metric);
    });
  };
  return *family;
}

Counter& Registry::counter(std::string name, std::string help) {
  return own_one<Counter>(add(std::move(name), std::move(help), "counter"));
}

Gauge& Registry::gauge(std::string name, std::string help) {
  return own_one<Gauge>(add(std::move(name), std::move(help), "gauge"));
}

Histogram& Registry::histogram(std::string name, std::string help, std::span<const double> bounds) {
  return own_one<Histogram>(add(std::move(name), std::move(help), "histogram"), bounds);
}

Family<Counter>& Registry::counters(std::string name, std::string help, std::vector<Label> labels) {
  return own_family<Counter>(add(std::move(name), std::move(help), "counter"), std::move(labels),
                             [] { return std::make_unique<Counter>(); });
}

Family<Gauge>& Registry::gauges(std::string name, std::string help, std::vector<Label> labels) {
  return own_family<Gauge>(add(std::move(name), std::move(help), "gauge"), std::move(labels),
                           [] { return std::make_unique<Gauge>(); });
}

Family<Histogram>& Registry::histograms(std::string name, std::string help,
                                        std::vector<Label> labels, std::span<const double> bounds) {
  return own_family<Histogram>(add(std::move(name), std::move(help), "histogram"),
                               std::move(labels),
                               [bounds] { return std::make_unique<Histogram>(bounds); });
}

void Registry::add_computed(Entry& entry, std::function<double()> value) {
  entry.append = [name = entry.name, value = std::move(value)](std::string& out) {
    append_line(out, name, "", number(value()));
  };
}

void Registry::computed(std::string name, std::string help, std::function<double()> value) {
  add_computed(add(std::move(name), std::move(help), "gauge"), std::move(value));
}

void Registry::computed_counter(std::string name, std::string help, std::function<double()> value) {
  add_computed(add(std::move(name), std::move(help), "counter"), std::move(value));
}

void Registry::computed_rows(std::string name, std::string help, std::string label,
                             std::function<Rows()> rows) {
  check(good_name(label), "a label has a plain name");
  Entry& entry = add(std::move(name), std::move(help), "gauge");
  entry.append = [name = entry.name, label = std::move(label),
                  rows = std::move(rows)](std::string& out) {
    Rows shown = rows();
    if (shown.size() > kSeriesMax) shown.resize(kSeriesMax);
    for (const auto& [value, amount] : shown)
      append_line(out, name, label_text(label, value), number(amount));
  };
}

void Registry::computed_histograms(std::string name, std::string help,
                                   std::function<HistogramRows()> rows,
                                   std::span<const double> bounds) {
  Entry& entry = add(std::move(name), std::move(help), "histogram");
  entry.append = [name = entry.name, rows = std::move(rows),
                  bounds = std::vector(bounds.begin(), bounds.end())](std::string& out) {
    HistogramRows shown = rows();
    if (shown.size() > kSeriesMax) shown.resize(kSeriesMax);
    for (const HistogramRow& row : shown) {
      check(row.buckets.size() == bounds.size() + 1, "a bucket per bound and one beyond");
      std::string labels;
      for (const auto& [label, value] : row.labels)
        labels += (labels.empty() ? "" : ",") + label_text(label, value);
      append_histogram(out, name, labels, bounds, row.buckets, row.sum);
    }
  };
}

void Registry::computed_samples(std::string name, std::string help, std::string_view type,
                                std::function<std::vector<Sample>()> samples) {
  Entry& entry = add(std::move(name), std::move(help), type);
  entry.append = [name = entry.name, samples = std::move(samples)](std::string& out) {
    std::vector<Sample> shown = samples();
    if (shown.size() > kSeriesMax) shown.resize(kSeriesMax);
    for (const Sample& sample : shown)
      append_line(out, name + std::string(sample.suffix), sample.labels, number(sample.value));
  };
}

std::string Registry::text() const {
  std::lock_guard lock(mutex_);
  std::string out;
  for (const Entry& entry : entries_) {
    out.append("# HELP ").append(entry.name).append(" ");
    append_escaped(out, entry.help, false);
    out.append("\n# TYPE ").append(entry.name).append(" ").append(entry.type).append("\n");
    if (entry.append) entry.append(out);
  }
  return out;
}

}  // namespace onsale::metrics
