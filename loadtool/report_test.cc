// Figures: histograms, tallies, the room's use, the report in its three forms.
#include "loadtool/report.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <cmath>

#include "loadtool/dice.h"
#include "loadtool/terminal.h"

namespace onsale::load {
namespace {

TEST(Histogram, PercentilesAreAtMostTwoPercentTooHigh) {
  Histogram histogram;
  std::vector<std::int64_t> values;
  Dice dice(1, 1);
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(std::pow(10, dice.between({0, 7}))));
    histogram.record(values.back());
  }
  std::ranges::sort(values);
  for (const double share : {0.5, 0.9, 0.99, 0.999}) {
    const auto rank = static_cast<std::size_t>(std::ceil(share * 20'000)) - 1;
    EXPECT_GE(histogram.at(share), values[rank]);
    EXPECT_LE(histogram.at(share), values[rank] + values[rank] / 60 + 1);
  }
  EXPECT_EQ(histogram.at(1), values.back());
  EXPECT_EQ(histogram.max(), values.back());
}

TEST(Histogram, EveryValueIsInItsBucket) {
  for (std::int64_t value = 0; value < (1LL << 40); value = value * 3 / 2 + 1) {
    const std::size_t bucket = Histogram::bucket_of(value);
    ASSERT_LT(bucket, Histogram::kBuckets);
    if (value >= (1LL << 36)) continue;  // the last one takes all
    EXPECT_GE(Histogram::highest_in(bucket), value);
    EXPECT_LT(bucket == 0 ? -1 : Histogram::highest_in(bucket - 1), value);
  }
  Histogram empty;
  EXPECT_EQ(empty.at(0.5), 0);
}

TEST(Tally, SurvivesTheWayFromAnotherProcess) {
  Tally tally;
  tally.record(Call::join, 1500, 2'500'000);
  tally.answers["join 202"] = 3;
  tally.errors["look timeout"] = 1;
  tally.breach(BreachKind::lost, "example");
  tally.facts.push_back({.index = 7, .outcome = Outcome::done, .lane = "main", .number = 12});
  const std::string bytes = encode(tally);
  const auto read = decode_tally(bytes);
  ASSERT_TRUE(read);
  EXPECT_EQ(read->answers, tally.answers);
  EXPECT_EQ(read->errors, tally.errors);
  EXPECT_EQ(read->calls[1].count(), 1U);
  EXPECT_EQ(read->examples.at(0).what, "example");
  EXPECT_EQ(read->facts[0].lane, "main");
  EXPECT_EQ(read->facts[0].number, 12);
  EXPECT_EQ(read->seconds.size(), 3U);
  EXPECT_FALSE(decode_tally(bytes.substr(0, bytes.size() - 1)));
  EXPECT_FALSE(decode_tally(bytes + "x"));
}

TEST(Tally, MergesWhatLoopsCounted) {
  Tally a, b;
  a.record(Call::join, 100, 500'000);
  b.record(Call::join, 300, 3'500'000);
  b.answers["join 202"] = 1;
  for (int i = 0; i < 25; ++i) b.breach(BreachKind::lost, "example");
  a.merge(std::move(b));
  EXPECT_EQ(a.calls[static_cast<std::size_t>(Call::join)].count(), 2U);
  EXPECT_EQ(a.seconds.size(), 4U);
  EXPECT_EQ(a.breaches[static_cast<std::size_t>(BreachKind::lost)], 25U);
  EXPECT_EQ(a.examples.size(), kExamplesMax);
}

RoomSample sample(double second, std::int64_t waiting, std::int64_t active,
                  std::int64_t capacity = 100) {
  return {.at = static_cast<Micros>(second * 1e6),
          .room = {.mode = "queue",
                   .waiting = waiting,
                   .active = active,
                   .capacity = capacity,
                   .admit_per_minute = 600}};
}

TEST(RoomUse, CountsSlotsWhileSomebodyWaits) {
  const RoomUse use = room_use({sample(0, 0, 0), sample(1, 50, 50), sample(2, 50, 100),
                                sample(3, 50, 90), sample(4, 0, 10), sample(9, 0, 0)});
  EXPECT_NEAR(use.watched_s, 2, 1e-9);
  EXPECT_NEAR(use.slot_use, 0.95, 1e-9);
  EXPECT_EQ(use.most_inside, 100);
  EXPECT_TRUE(use.breaches.empty());
}

TEST(RoomUse, NegativeControlOverCapacityIsSeen) {
  EXPECT_EQ(room_use({sample(0, 5, 100), sample(1, 5, 101)}).breaches.size(), 1U);
  // A lowered limit removes nobody, but nobody may follow either.
  EXPECT_EQ(room_use({sample(0, 5, 100), sample(1, 5, 99, 50)}).breaches.size(), 0U);
  EXPECT_EQ(room_use({sample(0, 5, 99, 50), sample(1, 5, 100, 50)}).breaches.size(), 1U);
}

TEST(RoomUse, NegativeControlOverRateIsSeen) {
  auto before = sample(0, 5, 10), after = sample(1, 5, 20);
  before.room.admitted_last_minute = 595;
  after.room.admitted_last_minute = 600;
  EXPECT_TRUE(room_use({before, after}).breaches.empty());
  after.room.admitted_last_minute = 601;
  const auto breaches = room_use({before, after}).breaches;
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_EQ(breaches[0].kind, BreachKind::over_rate);
}

TEST(RoomUse, SlotsThatGhostsHoldAreNotInUse) {
  Tally tally;
  std::vector<RoomSample> samples;
  for (int second = 0; second < 10; ++second) {
    samples.push_back(sample(second, 5, 4, 4));  // to the server all four are taken
    tally.at(second * 1'000'000);
  }
  for (int person = 0; person < 3; ++person)
    tally.facts.push_back(
        {.joined = 0, .admitted = person == 2 ? Micros{-1} : Micros{0}, .left = 10'000'000});
  const Report report = make_report({}, {}, std::move(tally), samples);
  EXPECT_NEAR(report.room.slot_use, 1, 1e-9);
  EXPECT_NEAR(report.room.live_use, 0.5, 1e-9);
}

Report report_of(Tally tally) {
  Scenario scenario{.name = "A <test> & more", .people = 2};
  RunInfo info{.server = "http://127.0.0.1:1",
               .room = "film-x",
               .started_at = "2026-11-21T06:00:00.000Z",
               .seed = 5,
               .seconds = 3};
  return make_report(scenario, info, std::move(tally), {sample(0, 1, 50), sample(1, 1, 60)});
}

Tally small_tally() {
  Tally tally;
  tally.record(Call::join, 1500, 500'000);
  tally.at(1'500'000).admitted = 1;
  tally.facts.push_back({.index = 0, .outcome = Outcome::done, .lane = "main", .joined = 1});
  tally.facts.push_back({.index = 1, .outcome = Outcome::gave_up, .lane = "main", .joined = 2});
  return tally;
}

TEST(ReportForms, SayTheSame) {
  const Report report = report_of(small_tally());
  EXPECT_TRUE(report.passed);
  const auto json = boost::json::parse(to_json(report)).as_object();
  EXPECT_TRUE(json.at("passed").as_bool());
  EXPECT_EQ(json.at("outcomes").at("done").to_number<int>(), 1);
  EXPECT_EQ(json.at("calls").at("join").at("count").to_number<int>(), 1);
  EXPECT_NEAR(json.at("calls").at("join").at("p99_ms").to_number<double>(), 1.5, 0.03);
  EXPECT_EQ(json.at("series").as_array().size(), 2U);
  const std::string text = to_markdown(report);
  EXPECT_NE(text.find("passed"), text.npos);
  EXPECT_NE(text.find("| join "), text.npos);
  EXPECT_NE(text.find("- gave_up: 1"), text.npos);
  const std::string svg = to_svg(report);
  EXPECT_NE(svg.find("A &lt;test> &amp; more: passed"), svg.npos);
  EXPECT_NE(svg.find("prefers-color-scheme: dark"), svg.npos);
  EXPECT_EQ(svg.find("nan"), svg.npos);
}

TEST(ReportForms, NegativeControlOneBreachFailsTheRun) {
  Tally tally = small_tally();
  tally.breach(BreachKind::backward, "person 1 at 3 ms: position 1 became 2");
  const Report report = report_of(std::move(tally));
  EXPECT_FALSE(report.passed);
  EXPECT_NE(to_markdown(report).find("position 1 became 2"), std::string::npos);
  EXPECT_NE(to_json(report).find("\"backward_position\":1"), std::string::npos);
  EXPECT_NE(to_svg(report).find("FAILED"), std::string::npos);
}

TEST(ReportForms, AnEmptyRunHasAReport) {
  const Report report = make_report({}, {}, {}, {});
  EXPECT_TRUE(report.passed);
  EXPECT_NO_THROW(boost::json::parse(to_json(report)));
  EXPECT_EQ(to_svg(report).find("nan"), std::string::npos);
}

TEST(Progress, FitsItsLine) {
  const Glance before{.second = 1, .people = 100};
  const Glance now{.second = 3, .end_s = 60, .people = 100, .arrived = 50, .joined_total = 40};
  const std::string line = progress_line(now, before, 0);
  EXPECT_NE(line.find("joins/s 20"), line.npos) << line;
  EXPECT_NE(line.find("arriving"), line.npos);
  EXPECT_EQ(progress_line(now, before, 60).size(), 60U);
}

}  // namespace
}  // namespace onsale::load
