#include "identity/throttle.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "identity/ended_sessions.h"

namespace onsale::identity {
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

SessionId session(std::uint64_t n) { return SessionId(RawId{1, n}); }

TEST(EndedSessions, RefusesOnlyWhatEnded) {
  FakeClock clock;
  EndedSessions ended(seconds(960));
  ended.add(session(1), clock.now(), clock.now());
  EXPECT_TRUE(ended.refuses(session(1), clock.now() - seconds(10)));
  EXPECT_FALSE(ended.refuses(session(2), clock.now() - seconds(10)));
  ended.add(session(3), clock.now() - seconds(961), clock.now());
  EXPECT_EQ(ended.size(), 1u) << "tokens of a session that ended so long ago have expired";
}

TEST(EndedSessions, StaysBoundedAndRefusesMoreRatherThanLess) {
  FakeClock clock;
  EndedSessions ended(seconds(960), 10);
  for (std::uint64_t i = 0; i < 11; ++i) ended.add(session(i), clock.now(), clock.now());
  EXPECT_LE(ended.size(), 10u);
  for (std::uint64_t i = 0; i < 11; ++i) EXPECT_TRUE(ended.refuses(session(i), clock.now()));
  EXPECT_TRUE(ended.refuses(session(99), clock.now() - seconds(1)));
  clock.advance(seconds(2));
  EXPECT_FALSE(ended.refuses(session(99), clock.now())) << "who refreshed since is let in";
}

TEST(EndedSessions, NegativeControlWithoutItsLimitTheSetGrowsWithEverySession) {
  FakeClock clock;
  EndedSessions ended(seconds(960), 1'000'000);
  for (std::uint64_t i = 0; i < 10'000; ++i) ended.add(session(i), clock.now(), clock.now());
  EXPECT_EQ(ended.size(), 10'000u);
}

TEST(EndedSessions, ForgetsTheOldBeforeRefusingTheYoung) {
  FakeClock clock;
  EndedSessions ended(seconds(960), 10);
  for (std::uint64_t i = 0; i < 10; ++i) ended.add(session(i), clock.now(), clock.now());
  clock.advance(seconds(961));
  ended.add(session(10), clock.now(), clock.now());
  EXPECT_EQ(ended.size(), 1u);
  EXPECT_FALSE(ended.refuses(session(99), clock.now() - seconds(5)));
}

}  // namespace
}  // namespace onsale::identity
