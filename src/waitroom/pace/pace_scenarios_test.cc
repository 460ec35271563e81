// Do the waits come true? ONSALE_PACE_SEEDS=20 looks at more evenings than ./test does.
#include "waitroom/pace/pace_scenarios.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace onsale::waitroom {
namespace {

Settings limits(std::int64_t capacity, std::int64_t rate) {
  Settings settings;
  settings.capacity = capacity;
  settings.admit_per_minute = rate;
  return settings;
}

SettingsPatch rate_to(std::int64_t rate) {
  SettingsPatch patch;
  patch.admit_per_minute = rate;
  return patch;
}

SettingsPatch capacity_to(std::int64_t capacity) {
  SettingsPatch patch;
  patch.capacity = capacity;
  return patch;
}

SettingsPatch mode_to(Mode mode) {
  SettingsPatch patch;
  patch.mode = mode;
  return patch;
}

Script half_abandon() {
  return {.name = "half abandon",
          .settings = limits(150, 6'000),
          .at_once = 2'000,
          .arrivals_per_second = 1.5,
          .abandons = 0.5};
}

Script people_take_longer() {
  return {.name = "people take longer",
          .settings = limits(200, 6'000),
          .at_once = 1'200,
          .arrivals_per_second = 1.2,
          .slower_after_s = 900,
          .slower_by = 1.6};
}

Script the_rate_is_cut() {
  return {.name = "the rate is cut",
          .settings = limits(1'000, 240),
          .at_once = 1'500,
          .arrivals_per_second = 3,
          .changes = {{900, rate_to(120)}}};
}

std::vector<Script> suite() {
  return {
      {.name = "steady, the rate limits",
       .settings = limits(1'000, 120),
       .at_once = 900,
       .arrivals_per_second = 1.9},
      {.name = "steady, slots limit",
       .settings = limits(200, 6'000),
       .at_once = 900,
       .arrivals_per_second = 1.6},
      the_rate_is_cut(),
      {.name = "the rate is raised",
       .settings = limits(1'000, 90),
       .at_once = 1'200,
       .arrivals_per_second = 2,
       .changes = {{900, rate_to(240)}}},
      {.name = "capacity is cut and raised",
       .settings = limits(300, 6'000),
       .at_once = 1'500,
       .arrivals_per_second = 1.8,
       .changes = {{800, capacity_to(150)}, {1'600, capacity_to(350)}}},
      {.name = "a pause",
       .settings = limits(1'000, 150),
       .at_once = 900,
       .arrivals_per_second = 2.2,
       .changes = {{900, mode_to(Mode::paused)}, {1'080, mode_to(Mode::queue)}}},
      {.name = "bursts",
       .settings = limits(200, 6'000),
       .at_once = 300,
       .arrivals_per_second = 0.6,
       .burst_every_s = 300,
       .burst = 300},
      half_abandon(),
      {.name = "nine in ten are bots",
       .settings = limits(100, 6'000),
       .at_once = 6'000,
       .arrivals_per_second = 0.7,
       .bots = 0.9},
      people_take_longer(),
  };
}

TEST(PaceScenarios, WaitsComeTrue) {
  const char* more = std::getenv("ONSALE_PACE_SEEDS");
  const std::uint64_t seeds = more ? std::strtoull(more, nullptr, 10) : 1;
  double p50 = 0, p80 = 0, p90 = 0, band = 0, count = 0;
  for (const Script& script : suite()) {
    for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
      const Judgement verdict = PaceEvening(script, seed).run();
      std::printf("%-28s %6lld said: p50 %.2f p80 %.2f p90 %.2f band %.2f; error %.3f, step %.3f\n",
                  script.name.c_str(), static_cast<long long>(verdict.judged), verdict.p50,
                  verdict.p80, verdict.p90, verdict.band, verdict.steady_error,
                  verdict.after_step_error);
      EXPECT_GT(verdict.judged, 1'000) << script.name;
      EXPECT_LE(verdict.steady_error, 0.15) << script.name << ", seed " << seed;
      EXPECT_LE(verdict.after_step_error, 0.25) << script.name << ", seed " << seed;
      EXPECT_GE(verdict.p80, 0.55) << script.name << ", seed " << seed;
      p50 += verdict.p50;
      p80 += verdict.p80;
      p90 += verdict.p90;
      band += verdict.band;
      ++count;
    }
  }
  std::printf("all: p50 %.3f p80 %.3f p90 %.3f band %.3f\n", p50 / count, p80 / count, p90 / count,
              band / count);
  EXPECT_NEAR(p50 / count, 0.5, 0.1);
  EXPECT_NEAR(p80 / count, 0.8, 0.05);
  EXPECT_NEAR(p90 / count, 0.9, 0.05);
  EXPECT_NEAR(band / count, 0.8, 0.05);
}

// Beside the negative controls; ./bench builds this file without them.
#if ONSALE_CONTROLS

TEST(PaceScenarios, NegativeControlWithoutCalibrationTheBandMissesWhatComes) {
  const Judgement with = PaceEvening(people_take_longer(), 1).run();
  const Judgement without = PaceEvening(people_take_longer(), 1, {.calibrate = false}).run();
  EXPECT_GT(with.p80, without.p80 + 0.15);
  EXPECT_LT(without.p80, 0.55);
}

TEST(PaceScenarios, NegativeControlWithoutCountingDropOutsWaitsAreFarOff) {
  Script script = half_abandon();
  script.seconds = 1'500;
  const Judgement with = PaceEvening(script, 1).run();
  const Judgement without = PaceEvening(script, 1, {.count_drop_outs = false}).run();
  EXPECT_GT(without.steady_error, with.steady_error * 1.5);
}

// Nobody has given a slot back yet: the truth lies in the band, however long people stay.
TEST(PaceScenarios, TheFirstWaitsOfAFreshRoomAreWideAndHonest) {
  double with = 0, without = 0;
  for (const double held : {30.0, 90.0, 180.0}) {
    const Script script{.name = "fresh",
                        .settings = limits(200, 1'200),
                        .seconds = 1'500,
                        .at_once = 1'200,
                        .held_mean_s = held};
    const Judgement honest = PaceEvening(script, 1).run();
    const Judgement old = PaceEvening(script, 1, {.honest_start = false}).run();
    std::printf(
        "held %.0f s: %lld said, p90 %.2f, band %.2f; half a session: p90 %.2f, band %.2f\n", held,
        static_cast<long long>(honest.early), honest.early_p90, honest.early_band, old.early_p90,
        old.early_band);
    EXPECT_GT(honest.early, 200);
    EXPECT_GE(honest.early_p90, 0.7) << held;
    with += honest.early_band / 3;
    without += old.early_band / 3;
  }
  EXPECT_GE(with, 0.75);
  EXPECT_LT(without, with - 0.2) << "the negative control";
}

TEST(PaceScenarios, ARiseIsExplained) {
  Script script = the_rate_is_cut();
  script.seconds = 1'200;
  const Judgement with = PaceEvening(script, 1).run();
  EXPECT_GT(with.rises, 100);
  EXPECT_EQ(with.unexplained, 0);
  // The negative control: what was set is not noticed, so nothing explains it.
  const Judgement without = PaceEvening(script, 1, {.notice_settings = false}).run();
  EXPECT_GT(without.unexplained, 100);
}

#endif  // ONSALE_CONTROLS

}  // namespace
}  // namespace onsale::waitroom
