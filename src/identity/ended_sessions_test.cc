#include "identity/ended_sessions.h"

#include <gtest/gtest.h>

#include "base/fakes.h"

namespace onsale::identity {
namespace {

using std::chrono::seconds;

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
