#include "platform/metrics/metrics.h"

#include <gtest/gtest.h>

#include <thread>

namespace onsale::metrics {
namespace {

TEST(Metrics, TextIsWhatPrometheusReads) {
  Registry registry;
  registry.counter("places_joined_total", "Joins.").add(3);
  registry.gauge("open_connections", "Now\nopen.").set(-2);
  registry.counters("requests_total", "By class.", {{"class", {"2xx", "5xx"}}}).at({"5xx"}).add();
  registry.computed("room_count", "Rooms.", [] { return 1.5; });
  registry.computed_rows("room_waiting", "Waiting.", "room",
                         [] { return Rows{{"film-\"x\"", 7}}; });
  EXPECT_EQ(registry.text(),
            "# HELP places_joined_total Joins.\n# TYPE places_joined_total counter\n"
            "places_joined_total 3\n"
            "# HELP open_connections Now\\nopen.\n# TYPE open_connections gauge\n"
            "open_connections -2\n"
            "# HELP requests_total By class.\n# TYPE requests_total counter\n"
            "requests_total{class=\"2xx\"} 0\nrequests_total{class=\"5xx\"} 1\n"
            "requests_total{class=\"other\"} 0\n"
            "# HELP room_count Rooms.\n# TYPE room_count gauge\nroom_count 1.5\n"
            "# HELP room_waiting Waiting.\n# TYPE room_waiting gauge\n"
            "room_waiting{room=\"film-\\\"x\\\"\"} 7\n");
}

TEST(Metrics, HistogramBucketsAreCumulative) {
  Registry registry;
  const double bounds[] = {0.1, 1};
  Histogram& seconds = registry.histogram("wait_seconds", "Wait.", bounds);
  for (const double value : {0.05, 0.1, 0.5, 3.0}) seconds.observe(value);
  EXPECT_EQ(registry.text(),
            "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{le=\"0.1\"} 2\nwait_seconds_bucket{le=\"1\"} 3\n"
            "wait_seconds_bucket{le=\"+Inf\"} 4\nwait_seconds_sum 3.65\nwait_seconds_count 4\n");
}

TEST(Metrics, HistogramsCountedElsewhereLookTheSame) {
  Registry registry;
  const double bounds[] = {0.1, 1};
  registry.computed_histograms(
      "wait_seconds", "Wait.",
      [] {
        return HistogramRows{{.labels = {{"route", "/a/{b}"}, {"status", "2xx"}},
                              .buckets = {2, 1, 1},
                              .sum = 3.65}};
      },
      bounds);
  EXPECT_EQ(registry.text(),
            "# HELP wait_seconds Wait.\n# TYPE wait_seconds histogram\n"
            "wait_seconds_bucket{route=\"/a/{b}\",status=\"2xx\",le=\"0.1\"} 2\n"
            "wait_seconds_bucket{route=\"/a/{b}\",status=\"2xx\",le=\"1\"} 3\n"
            "wait_seconds_bucket{route=\"/a/{b}\",status=\"2xx\",le=\"+Inf\"} 4\n"
            "wait_seconds_sum{route=\"/a/{b}\",status=\"2xx\"} 3.65\n"
            "wait_seconds_count{route=\"/a/{b}\",status=\"2xx\"} 4\n");
}

TEST(Metrics, UnknownLabelValuesCannotAddSeries) {
  Registry registry;
  auto& family = registry.counters("requests_total", "By route and class.",
                                   {{"route", {"/a", "/b"}}, {"class", {"2xx"}}});
  const std::size_t before = registry.text().size();
  for (int i = 0; i < 9; ++i) family.at({"/made-up-" + std::to_string(i), "2xx"}).add();
  EXPECT_EQ(registry.text().size(), before);
  EXPECT_EQ(family.at({"other", "2xx"}).value(), 9U);
  EXPECT_EQ(family.at({"/a", "2xx"}).value(), 0U);
  EXPECT_NE(&family.at({"/a", "other"}), &family.at({"/b", "2xx"}));
}

// What a label of free text would do: the growth that the test above looks for is seen.
TEST(Metrics, NegativeControlASeriesForEveryValueMakesTheTextGrow) {
  Registry registry;
  const std::size_t before = registry.text().size();
  for (int i = 0; i < 9; ++i) registry.counter("made_up_" + std::to_string(i) + "_total", "Free.");
  EXPECT_GT(registry.text().size(), before + 9);
}

TEST(MetricsDeathTest, DeclaringTwiceOrTooMuchIsAProgrammingError) {
  Registry registry;
  registry.counter("a_total", "A.");
  EXPECT_DEATH(registry.counter("a_total", "A."), "declared once");
  EXPECT_DEATH(registry.counter("bad name", "A."), "plain name");
  std::vector<std::string> many;
  for (std::size_t i = 0; i <= kSeriesMax; ++i) many.push_back(std::to_string(i));
  EXPECT_DEATH(registry.counters("b_total", "B.", {{"n", many}}), "kSeriesMax");
}

TEST(Metrics, NothingIsLostBetweenThreads) {
  Registry registry;
  registry.add_process_metrics();
  Counter& counter = registry.counter("n_total", "N.");
  Histogram& histogram = registry.histogram("n_seconds", "N.");
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (int i = 0; i < 20'000; ++i) {
          counter.add();
          histogram.observe(0.001);
        }
        (void)registry.text();
      });
  }
  EXPECT_EQ(counter.value(), 80'000U);
  EXPECT_EQ(histogram.count(), 80'000U);
  EXPECT_NEAR(histogram.sum(), 80.0, 0.001);
}

}  // namespace
}  // namespace onsale::metrics
