// What the gatekeeper remembers about the crowd: never too little, never more bytes.
#include "waitroom/join/proof_load.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <deque>
#include <map>

#include "base/fakes.h"

namespace onsale::waitroom {
namespace {

Timestamp at(std::int64_t ms) { return FakeClock().now() + Millis(ms); }

RC_GTEST_PROP(PrefixSketch, NeverSaysTooLittle, ()) {
  PrefixSketch sketch(64, *rc::gen::arbitrary<std::uint64_t>());  // so small that keys collide
  std::map<std::string, std::deque<std::int64_t>> seen;
  std::int64_t now = 0;
  const auto steps = *rc::gen::inRange(1, 400);
  for (int i = 0; i < steps; ++i) {
    now += *rc::gen::inRange<std::int64_t>(0, 3'000);
    const std::string key = std::to_string(*rc::gen::inRange(0, 200));
    sketch.add(key, at(now));
    auto& times = seen[key];
    times.push_back(now);
    while (times.front() < now - 60'000) times.pop_front();
    RC_ASSERT(sketch.count(key, at(now)) >= static_cast<std::int64_t>(times.size()));
  }
}

RC_GTEST_PROP(PrefixSketch, TakesNoMoreThanTheLimitInAnySixtySeconds, ()) {
  PrefixSketch sketch(1'024, 7);
  const std::int64_t limit = *rc::gen::inRange(1, 30);
  std::deque<std::int64_t> taken;
  std::int64_t now = *rc::gen::inRange(0, 100'000);
  for (int i = 0; i < 500; ++i) {
    now += *rc::gen::inRange<std::int64_t>(0, 2'000);
    if (sketch.take("farm", limit, at(now))) taken.push_back(now);
    while (!taken.empty() && taken.front() <= now - 60'000) taken.pop_front();
    RC_ASSERT(static_cast<std::int64_t>(taken.size()) <= limit);
  }
}

TEST(PrefixSketch, ForgetsAfterAMinute) {
  PrefixSketch sketch(64, 1);
  for (int i = 0; i < 100; ++i) sketch.add("a", at(0));
  EXPECT_EQ(sketch.count("a", at(59'000)), 100);
  EXPECT_EQ(sketch.count("a", at(71'000)), 0);
  EXPECT_EQ(sketch.count("a", at(10LL * 24 * 3'600'000)), 0);
  EXPECT_EQ(sketch.add("a", at(10LL * 24 * 3'600'000)), 1);
}

TEST(PrefixSketch, AClockThatStepsBackForgetsNothing) {
  PrefixSketch sketch(64, 1);
  for (int i = 0; i < 100; ++i) sketch.add("a", at(60'000));
  EXPECT_EQ(sketch.add("a", at(20'000)), 101);
}

TEST(PrefixSketch, AMillionNetworksFitAndStayTellable) {
  PrefixSketch sketch(1 << 16, 3);
  const std::size_t before = sketch.memory_bytes();
  for (std::uint64_t i = 0; i < 1'000'000; ++i) {
    sketch.add(std::to_string(i), at(static_cast<std::int64_t>(i) * 60'000 / 1'000'000));
  }
  EXPECT_EQ(sketch.memory_bytes(), before);
  // A network that came once looks like one of a handful.
  std::int64_t worst = 0, total = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::int64_t said = sketch.count(std::to_string(i * 100), at(60'000));
    worst = std::max(worst, said);
    total += said;
  }
  EXPECT_LT(worst, 30);
  EXPECT_LT(total, 120'000);
}

TEST(PrefixSketch, ABurstBeyondItsCountersIsStillABurst) {
  PrefixSketch sketch(64, 3);
  for (int i = 0; i < 100'000; ++i) sketch.add("a", at(0));
  EXPECT_EQ(sketch.count("a", at(0)), 65'535);
}

class Pressure : public testing::Test {
 protected:
  // So many a second, evenly, for so long; whether there was pressure at the end.
  bool come(double per_second, std::int64_t seconds, bool cookie_less = false) {
    bool pressed = false;
    const auto step = static_cast<std::int64_t>(1'000 / per_second);
    for (const std::int64_t end = now_ + seconds * 1'000; now_ < end; now_ += step) {
      pressed = pressure_.attempt(cookie_less, 0, at(now_));
    }
    return pressed;
  }
  bool quiet(std::int64_t seconds) {
    now_ += seconds * 1'000;
    return pressure_.pressed(0, at(now_));
  }

  JoinPressure pressure_{PressureRules{}};
  std::int64_t now_ = 0;
};

TEST_F(Pressure, BeginsWithinASecondAndEndsAfterAMinuteOfCalm) {
  EXPECT_FALSE(come(10, 60));
  EXPECT_TRUE(come(200, 1));
  EXPECT_TRUE(quiet(30));
  EXPECT_TRUE(quiet(29));
  EXPECT_FALSE(quiet(10));
}

TEST_F(Pressure, DoesNotFlicker) {
  EXPECT_TRUE(come(60, 5));
  int changes = 0;
  bool last = true;
  for (int i = 0; i < 600; ++i) {  // around the threshold for ten minutes
    const bool pressed = come(i % 2 == 0 ? 40 : 55, 1);
    changes += pressed != last ? 1 : 0;
    last = pressed;
  }
  EXPECT_EQ(changes, 0);
  EXPECT_TRUE(last);
}

TEST_F(Pressure, StrangersAloneMakeItEarlier) {
  EXPECT_FALSE(come(30, 5, false));
  EXPECT_TRUE(come(30, 5, true));
}

TEST_F(Pressure, ABusyRoomIsUsedToIt) {
  come(40, 3'600);
  EXPECT_FALSE(come(120, 10));
  EXPECT_TRUE(come(400, 2));
}

TEST_F(Pressure, AnAttackDoesNotBecomeNormal) {
  come(500, 1'200);
  const auto reading = pressure_.read(0, at(now_));
  EXPECT_TRUE(reading.pressed);
  EXPECT_LT(reading.normal, 5);
  EXPECT_DOUBLE_EQ(reading.threshold, 50);
}

TEST_F(Pressure, ADiskThatFallsBehindIsPressure) {
  EXPECT_FALSE(pressure_.attempt(false, 1'999, at(0)));
  EXPECT_TRUE(pressure_.attempt(false, 2'000, at(0)));
}

TEST(ExtraBits, RiseWithWhatANetworkTakes) {
  EXPECT_EQ(extra_bits(0, 0, 40), 0);
  EXPECT_EQ(extra_bits(9, 0, 40), 0);
  EXPECT_EQ(extra_bits(10, 0, 40), 1);
  EXPECT_EQ(extra_bits(40, 0, 40), 3);
  EXPECT_EQ(extra_bits(100'000, 0, 40), 5);
  EXPECT_EQ(extra_bits(0, 79, 40), 0);  // asking weighs an eighth
  EXPECT_EQ(extra_bits(0, 80, 40), 1);
  EXPECT_EQ(extra_bits(0, 0, 0), 0);
  for (std::int64_t n = 1; n < 2'000; ++n)
    EXPECT_GE(extra_bits(n, 0, 40), extra_bits(n - 1, 0, 40));
}

}  // namespace
}  // namespace onsale::waitroom
