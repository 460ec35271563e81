#include "base/throttle.h"

#include <gtest/gtest.h>

#include "base/fakes.h"

namespace onsale {
namespace {

using std::chrono::seconds;

TEST(Throttle, AllowsTheBurstThenOnePerRefill) {
  FakeClock clock;
  Throttle throttle({.burst = 3, .refill = seconds(30)});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(throttle.take("a", clock.now()), Millis(0));
  EXPECT_EQ(throttle.take("a", clock.now()), seconds(30));
  EXPECT_EQ(throttle.take("b", clock.now()), Millis(0));
  clock.advance(seconds(29));
  EXPECT_EQ(throttle.take("a", clock.now()), seconds(1));
  clock.advance(seconds(1));
  EXPECT_EQ(throttle.take("a", clock.now()), Millis(0));
  EXPECT_EQ(throttle.take("a", clock.now()), seconds(30));
}

TEST(Throttle, TriesGivenBackDoNotCount) {
  FakeClock clock;
  Throttle throttle({.burst = 1, .refill = seconds(30)});
  EXPECT_EQ(throttle.take("a", clock.now()), Millis(0));
  throttle.give_back("a");
  EXPECT_EQ(throttle.take("a", clock.now()), Millis(0));
  throttle.clear("a");
  EXPECT_EQ(throttle.take("a", clock.now()), Millis(0));
}

// I11: how many of ten thousand strangers it remembers.
std::size_t remembered(std::size_t keys_max) {
  FakeClock clock;
  Throttle throttle({.burst = 1, .refill = seconds(30), .keys_max = keys_max});
  for (int i = 0; i < 10'000; ++i) (void)throttle.take(std::to_string(i), clock.now());
  return throttle.size();
}

TEST(Throttle, RemembersABoundedNumberOfKeys) { EXPECT_LE(remembered(100), 100u); }

TEST(Throttle, NegativeControlWithoutItsLimitEveryKeyIsRemembered) {
  EXPECT_EQ(remembered(1'000'000), 10'000u);
}

TEST(Throttle, AskingHowLongTakesNothing) {
  Throttle throttle({.burst = 1, .refill = Millis(1'000)});
  const Timestamp now = from_unix_ms(1'000'000);
  EXPECT_EQ(throttle.wait("a", now), Millis(0));
  EXPECT_EQ(throttle.take("a", now), Millis(0));
  EXPECT_EQ(throttle.wait("a", now), Millis(1'000));
  EXPECT_EQ(throttle.wait("a", now + Millis(400)), Millis(600));
  EXPECT_EQ(throttle.wait("b", now), Millis(0));
  EXPECT_EQ(throttle.size(), 1u);
}

}  // namespace
}  // namespace onsale
