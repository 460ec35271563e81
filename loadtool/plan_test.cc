// What people will do: curves, plans, scenario files.
#include "loadtool/plan.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <numeric>
#include <sstream>

namespace onsale::load {
namespace {

// The share of a crowd that has come by `second`.
double come_by(const Arrivals& arrivals, double second) {
  constexpr int kCrowd = 10'000;
  int come = 0;
  for (int i = 0; i < kCrowd; ++i) come += arrival_s(arrivals, (i + 0.5) / kCrowd) <= second;
  return static_cast<double>(come) / kCrowd;
}

TEST(Curve, FlatComesEvenly) {
  const Arrivals flat{.curve = CurveKind::flat, .over_s = 10, .at_s = 5};
  EXPECT_EQ(come_by(flat, 5), 0);
  EXPECT_NEAR(come_by(flat, 7.5), 0.25, 0.001);
  EXPECT_EQ(come_by(flat, 15), 1);
}

TEST(Curve, RampGrows) {
  const Arrivals ramp{.curve = CurveKind::ramp, .over_s = 10};
  EXPECT_NEAR(come_by(ramp, 5), 0.25, 0.001);
  EXPECT_NEAR(come_by(ramp, 9), 0.81, 0.001);
}

TEST(Curve, SpikeBringsItsShareAtItsTime) {
  const Arrivals spike{
      .curve = CurveKind::spike, .over_s = 10, .at_s = 4, .share = 0.6, .spike_s = 0.5};
  const double before = come_by(spike, 4);
  EXPECT_NEAR(before, 0.4 * 4 / 14, 0.001);
  EXPECT_NEAR(come_by(spike, 4.5) - before, 0.6 + 0.4 * 0.5 / 14, 0.001);
  EXPECT_EQ(come_by(spike, 14), 1);
}

TEST(Curve, StampedeBringsHalfInTheFirstSecond) {
  const Arrivals stampede{.curve = CurveKind::stampede, .over_s = 30, .at_s = 5};
  EXPECT_EQ(come_by(stampede, 5), 0);
  EXPECT_NEAR(come_by(stampede, 6), 0.5, 0.001);
  EXPECT_GT(come_by(stampede, 15), 0.85);
  EXPECT_EQ(come_by(stampede, 35), 1);
}

TEST(Curve, TailIsDensestAtOnceAndLong) {
  const Arrivals tail{.curve = CurveKind::tail, .over_s = 100};
  EXPECT_GT(come_by(tail, 10), 0.4);
  EXPECT_LT(come_by(tail, 50), 0.9);
  EXPECT_EQ(come_by(tail, 100), 1);
}

Scenario lively() {
  Scenario scenario{.people = 2000};
  scenario.arrivals = {.curve = CurveKind::stampede, .over_s = 20};
  scenario.behaviour.polling = 1;
  scenario.behaviour.lost_answers = 0.3;
  scenario.behaviour.drop_outs = 0.2;
  scenario.behaviour.reconnects = 0.5;
  scenario.behaviour.reconnect_times = {1, 3};
  scenario.bots = {.count = 50, .joins = {2, 9}, .arrivals = {.over_s = 3}};
  return scenario;
}

bool same(const Plan& a, const Plan& b) {
  return a.arrives_s == b.arrives_s && a.transport == b.transport && a.dice == b.dice &&
         a.loses_answer == b.loses_answer && a.gives_up_after_s == b.gives_up_after_s &&
         a.reconnects == b.reconnects && a.away_s == b.away_s && a.inside_s == b.inside_s;
}

TEST(Plan, FollowsFromTheSeedAlone) {
  const Scenario scenario = lively();
  int differ = 0;
  for (std::uint32_t i = 0; i < 2050; ++i) {
    EXPECT_TRUE(same(plan_of(scenario, 7, i), plan_of(scenario, 7, i)));
    differ += !same(plan_of(scenario, 7, i), plan_of(scenario, 8, i));
  }
  EXPECT_EQ(differ, 2050);
}

TEST(Plan, TurningOneHabitOffChangesNoOther) {
  Scenario scenario = lively();
  const Plan before = plan_of(scenario, 7, 11);
  scenario.behaviour.lost_answers = 0;
  scenario.behaviour.drop_outs = 0;
  const Plan after = plan_of(scenario, 7, 11);
  EXPECT_EQ(before.inside_s, after.inside_s);
  EXPECT_EQ(before.transport, after.transport);
  EXPECT_EQ(before.reconnects, after.reconnects);
}

TEST(Plan, KeepsTheShares) {
  const Scenario scenario = lively();
  int polling = 0, lost = 0, give_up = 0, break_once = 0, bots = 0, first_second = 0;
  for (std::uint32_t i = 0; i < 2050; ++i) {
    const Plan plan = plan_of(scenario, 3, i);
    bots += plan.kind == Kind::bot;
    if (plan.kind == Kind::bot) {
      EXPECT_GE(plan.joins, 2);
      EXPECT_LE(plan.joins, 9);
      EXPECT_LE(plan.arrives_s, 3);
      continue;
    }
    polling += plan.transport == Transport::polling;
    lost += plan.loses_answer;
    give_up += plan.gives_up_after_s > 0;
    break_once += plan.reconnects > 0;
    first_second += plan.arrives_s < 1;
  }
  EXPECT_EQ(bots, 50);
  EXPECT_EQ(first_second, 1000);  // exact, not merely expected
  EXPECT_NEAR(polling, 1000, 100);
  EXPECT_NEAR(lost, 600, 100);
  EXPECT_NEAR(give_up, 400, 80);
  EXPECT_NEAR(break_once, 1000, 100);
}

std::string refusal(const std::string& toml) {
  const auto parsed = parse_scenario(toml);
  return parsed ? "" : parsed.error();
}

TEST(ScenarioFile, SaysWhatIsWrong) {
  EXPECT_EQ(refusal("peple = 3"), "unknown key peple");
  EXPECT_EQ(refusal("[behaviour.transport]\nsse = 0"), "behaviour.transport is empty");
  EXPECT_EQ(refusal("[arrivals]\ncurve = \"wave\""),
            "arrivals.curve is one of flat, ramp, spike, stampede, tail");
  EXPECT_EQ(refusal("[behaviour]\naway_s = [3, 1]"), "behaviour.away_s needs 0 <= low <= high");
  EXPECT_EQ(refusal("[behaviour]\ndrop_outs = 2"), "behaviour.drop_outs is out of range: 0 to 1");
  EXPECT_EQ(refusal("people = \"many\""), "people is not a number");
  EXPECT_EQ(refusal("[room]\nmode = [1]"), "room.mode is a number, a text, true or false");
  EXPECT_EQ(refusal("name = 3"), "name has the wrong type");
  EXPECT_TRUE(refusal("people = ").starts_with("line 1: "));
}

TEST(ScenarioFile, ScaleAndSpeed) {
  auto parsed = parse_scenario(
      "people = 100\nend_s = 60\n[room]\ncapacity = 20\nadmit_per_minute = 240\n"
      "[arrivals]\nover_s = 10\n[behaviour]\ninside_s = [2, 4]\n");
  ASSERT_TRUE(parsed) << parsed.error();
  rescale(*parsed, 0.5, 4);
  EXPECT_EQ(parsed->people, 50);
  EXPECT_EQ(parsed->bots.count, 0);
  EXPECT_EQ(number_in(parsed->room, "capacity"), 10);
  EXPECT_EQ(number_in(parsed->room, "admit_per_minute"), 480);  // half as many, four times as fast
  EXPECT_EQ(parsed->arrivals.over_s, 2.5);
  EXPECT_EQ(parsed->behaviour.inside_s.high, 1);
  EXPECT_EQ(parsed->end_s, 15);
}

TEST(ScenarioFile, AllThatShipAreRead) {
  int count = 0;
  for (const auto& file : std::filesystem::directory_iterator("loadtool/scenarios")) {
    std::ifstream in(file.path());
    std::ostringstream text;
    text << in.rdbuf();
    const auto parsed = parse_scenario(text.str());
    EXPECT_TRUE(parsed) << file.path() << ": " << parsed.error();
    ++count;
  }
  EXPECT_EQ(count, 7);
}

}  // namespace
}  // namespace onsale::load
