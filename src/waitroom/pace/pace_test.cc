#include "waitroom/pace/pace.h"

#include <gtest/gtest.h>

#include <random>

namespace onsale::waitroom {
namespace {

const Timestamp kStart = from_unix_ms(1'800'000'000'000);

Timestamp at(double seconds) { return kStart + Millis(static_cast<std::int64_t>(seconds * 1000)); }

Settings limits(std::int64_t capacity, std::int64_t rate) {
  Settings settings;
  settings.capacity = capacity;
  settings.admit_per_minute = rate;
  return settings;
}

// A room whose rate limits and whose slots all hold two minutes, seen for `seconds`.
void steady(Pace& pace, const Settings& settings, int seconds) {
  for (int second = 0; second < seconds; ++second) {
    for (std::int64_t i = 0; i < settings.admit_per_minute / 60; ++i) {
      pace.called(at(second), 0);
      if (second >= 120) pace.freed(at(second), Millis(120'000), false);
    }
    pace.observe({.settings = settings, .waiting = 1'000, .active = 240}, at(second));
  }
}

double p50(Pace& pace, const Settings& settings, std::int64_t position, double second,
           std::int64_t active = 240) {
  const auto said =
      pace.forecast({.position = position},
                    {.settings = settings, .waiting = 1'000, .active = active}, at(second));
  return said ? said->band.p50 : -1;
}

TEST(Pace, AChangeOfTheRateCountsAtOnceAndSaysWhy) {
  Pace pace;
  Settings settings = limits(1'000, 120);
  steady(pace, settings, 600);
  EXPECT_NEAR(p50(pace, settings, 240, 600), 120, 4);
  EXPECT_EQ(pace.rise(at(600)), EtaRise::none);
  // Half of the last minute's admissions stand in the new rate's way for half a minute.
  settings.admit_per_minute = 60;
  EXPECT_NEAR(p50(pace, settings, 240, 600.5), 270, 8);
  EXPECT_EQ(pace.rise(at(600.5)), EtaRise::rate_cut);
  settings.admit_per_minute = 240;
  EXPECT_NEAR(p50(pace, settings, 240, 601), 60, 4);
  EXPECT_EQ(pace.rise(at(601)), EtaRise::none);
}

TEST(Pace, NoWaitHasGrownForWhoCameAfterwards) {
  Pace pace;
  Settings settings = limits(1'000, 120);
  steady(pace, settings, 600);
  settings.admit_per_minute = 60;
  p50(pace, settings, 240, 600.5);
  EXPECT_EQ(pace.rise(at(630), at(590)), EtaRise::rate_cut);
  EXPECT_EQ(pace.rise(at(630), at(620)), EtaRise::none);
  settings.mode = Mode::paused;
  p50(pace, settings, 240, 640);
  settings.mode = Mode::queue;
  p50(pace, settings, 240, 700);
  EXPECT_EQ(pace.rise(at(701), at(620)), EtaRise::paused);
  EXPECT_EQ(pace.rise(at(701), at(650)), EtaRise::none) << "joined while it was paused";
}

TEST(Pace, NothingIsSaidWhileNobodyIsAdmittedAndTheReasonIsThePause) {
  Pace pace;
  Settings settings = limits(1'000, 120);
  steady(pace, settings, 300);
  settings.mode = Mode::paused;
  EXPECT_EQ(p50(pace, settings, 10, 300), -1);
  EXPECT_EQ(pace.rise(at(300)), EtaRise::paused);
  settings.mode = Mode::queue;
  EXPECT_GT(p50(pace, settings, 10, 360), 0);
  EXPECT_EQ(pace.rise(at(360)), EtaRise::paused);  // what it cost is still seen
  settings.admit_per_minute = 0;
  EXPECT_EQ(p50(pace, settings, 10, 361), -1);
  EXPECT_EQ(pace.rise(at(361)), EtaRise::rate_cut);
  settings = limits(0, 120);
  EXPECT_EQ(p50(pace, settings, 10, 362), -1);
}

TEST(Pace, ACutCapacityDrainsFirst) {
  Pace pace;
  Settings settings = limits(240, 6'000);
  steady(pace, limits(240, 120), 600);
  const double before = p50(pace, settings, 100, 600);
  EXPECT_NEAR(before, 50, 8);
  settings.capacity = 120;  // a minute until half have gone, then half the speed
  EXPECT_NEAR(p50(pace, settings, 100, 600.5), 160, 30);
  EXPECT_EQ(pace.rise(at(600.5)), EtaRise::capacity_cut);
}

TEST(Pace, FreeSlotsAreFilledAtTheRate) {
  Pace pace;
  const Settings settings = limits(10'000, 600);
  EXPECT_NEAR(p50(pace, settings, 100, 0, 0), 10, 2);
  EXPECT_NEAR(p50(pace, settings, 3'000, 1, 0), 300, 6);
}

TEST(Pace, WhoWasFirstToLeaveDoesNotMakeEverybodyLookQuick) {
  Turnover turnover;
  turnover.entered(kStart, 1'000);
  for (int second = 1; second <= 30; ++second) {
    turnover.advance(at(second));
    turnover.left(at(second), Millis(second * 1'000));
  }
  // The mean of those who went is 15 s; nearly everybody is still inside.
  EXPECT_GT(Turnover::mean_held(turnover.hazards(600), 600), 150);
  EXPECT_GT(turnover.assumed(turnover.hazards(600), 600), 0.5);
  EXPECT_EQ(turnover.inside(), 970);
}

TEST(Pace, TurnoverIsMeasured) {
  std::mt19937_64 random(1);
  std::exponential_distribution<double> held(1 / 90.0);
  Turnover turnover;
  std::vector<std::pair<double, double>> inside;  // end, length
  for (int second = 0; second < 1'800; ++second) {
    turnover.entered(at(second));
    const double length = held(random);
    inside.emplace_back(second + length, length);
    std::erase_if(inside, [&](const auto& one) {
      if (one.first > second) return false;
      turnover.left(at(second), Millis(static_cast<std::int64_t>(one.second * 1000)));
      return true;
    });
  }
  const auto hazards = turnover.hazards(100'000);
  EXPECT_NEAR(Turnover::mean_held(hazards, 100'000), 90, 15);
  EXPECT_LT(turnover.assumed(hazards, 600), 0.2);
}

TEST(Pace, SlotsThatNobodyCameForSayNothingAboutThoseWhoCome) {
  Turnover turnover;
  for (int second = 0; second < 1'200; ++second) {
    turnover.entered(at(second), 2);
    if (second >= 45) turnover.never_came(at(second), Millis(45'000));
    if (second >= 120) turnover.left(at(second), Millis(120'000));
  }
  EXPECT_NEAR(Turnover::mean_held(turnover.hazards(600), 600), 120, 20);
  EXPECT_NEAR(turnover.no_shows_per_second(), 1, 0.2);
}

TEST(Pace, TheSilentAreNotWaitedFor) {
  Pace pace;
  const Settings settings = limits(1'000, 60);
  steady(pace, settings, 600);
  std::vector<PaceSample> people;
  for (int i = 0; i < 128; ++i) {
    people.push_back({.depth = i / 128.0, .joined_at = at(500), .seen_at = at(i % 2 ? 500 : 600)});
  }
  for (int i = 0; i < 10; ++i) pace.survey(people, at(600));
  // Half of those ahead will be passed.
  EXPECT_NEAR(p50(pace, settings, 1'000, 600), 500, 60);
  EXPECT_NEAR(p50(pace, settings, 20, 600), 10, 2);
}

// A rush of robots is foreseen at once: they join, and say nothing in their first seconds.
TEST(Pace, WhoSaysNothingAfterJoiningIsNotWaitedFor) {
  const auto told = [](bool heard, std::int64_t joined) {
    Pace pace;
    const Settings settings = limits(1'000, 60);
    steady(pace, settings, 600);
    std::vector<PaceSample> people;
    for (int i = 0; i < 128; ++i) {
      people.push_back({.depth = i / 128.0,
                        .joined_at = at(joined),
                        .seen_at = at(joined),
                        .heard = heard || i % 2 == 0});
    }
    for (int i = 0; i < 10; ++i) pace.survey(people, at(600));
    return p50(pace, settings, 1'000, 600);
  };
  EXPECT_NEAR(told(false, 596), 500, 60);
  EXPECT_NEAR(told(false, 599), 1'000, 60) << "too early to tell";
  EXPECT_NEAR(told(true, 596), 1'000, 60);
}

TEST(Pace, ARestartCountsNobodyTwice) {
  Pace pace;
  const Settings settings = limits(240, 6'000);
  steady(pace, limits(240, 120), 600);
  const double before = p50(pace, settings, 200, 600);
  for (int second = 480; second < 600; ++second) {
    pace.inside(at(second));
    pace.inside(at(second));
  }
  // Those who were counted by the replay are gone: nobody stays inside for ever.
  for (int second = 600; second < 1'800; ++second) {
    pace.observe({.settings = settings, .waiting = 1'000, .active = 240}, at(second));
    for (int i = 0; i < 2; ++i) {
      pace.called(at(second), 0);
      pace.freed(at(second), Millis(120'000), false);
    }
  }
  EXPECT_NEAR(p50(pace, settings, 200, 1'800), before, before * 0.1);
}

TEST(Pace, WhatIsKeptIsBounded) {
  Calibration calibration;
  for (Sequence place = 1; place < 100'000; ++place) {
    const double seconds = 10.0 * static_cast<double>(place % 500);
    calibration.said(place, at(static_cast<double>(place)), seconds, 0.1,
                     calibration.band(seconds, 0.1));
  }
  EXPECT_LE(calibration.kept(), 8'192U);
  calibration.supersede();
  EXPECT_EQ(calibration.kept(), 0U);
  EXPECT_GT(calibration.report().superseded, 0);
}

// Every real wait is half again what the model says, give or take a third.
double covered(bool frozen) {
  std::mt19937_64 random(3);
  std::normal_distribution<double> error(std::log(1.5), 0.3);
  Calibration calibration;
  calibration.learn(!frozen);
  int covered = 0, judged = 0;
  for (int i = 0; i < 4'000; ++i) {
    const Sequence place = static_cast<Sequence>(i) + 1;
    const double said_at = 1'000.0 * i, real = 100 * std::exp(error(random));
    const WaitBand band = calibration.band(100, 0.1);
    EXPECT_LE(band.p10, band.p50);
    EXPECT_LE(band.p50, band.p80);
    EXPECT_LE(band.p80, band.p90);
    calibration.said(place, at(said_at), 100, 0.1, band);
    calibration.came(place, at(said_at + real));
    if (i < 200) continue;
    covered += real <= band.p80 ? 1 : 0;
    ++judged;
  }
  return static_cast<double>(covered) / judged;
}

TEST(Pace, BandsFollowWhatCame) { EXPECT_NEAR(covered(false), 0.8, 0.03); }

TEST(Pace, NegativeControlFrozenBandsMissWhatCame) { EXPECT_LT(covered(true), 0.3); }

TEST(Pace, TheReportCountsWhatWasCovered) {
  Calibration calibration;
  EXPECT_EQ(calibration.report().count, 0);
  const WaitBand band{.p10 = 5, .p50 = 10, .p80 = 15, .p90 = 20};
  for (Sequence place = 1; place <= 20; ++place) {
    calibration.said(place, at(static_cast<double>(place)), 10, 0.1, band);
    calibration.came(place, at(static_cast<double>(2 * place)));  // waits of 1 to 20 s
  }
  const CalibrationReport report = calibration.report();
  EXPECT_EQ(report.count, 20);
  EXPECT_DOUBLE_EQ(report.p50_covered, 0.5);
  EXPECT_DOUBLE_EQ(report.p80_covered, 0.75);
  EXPECT_DOUBLE_EQ(report.p90_covered, 1);
  EXPECT_DOUBLE_EQ(report.band_covered, 0.75);
}

}  // namespace
}  // namespace onsale::waitroom
