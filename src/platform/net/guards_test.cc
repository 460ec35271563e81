// The circuit breaker and the bulkhead, in virtual time.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "platform/net/bulkhead.h"
#include "platform/net/circuit_breaker.h"

namespace onsale::net {
namespace {

using std::chrono::seconds;

class Breaker : public testing::Test {
 protected:
  // Whether it was let through.
  bool call(bool failed, Millis took = Millis(10)) {
    const auto ticket = breaker.admit(clock.now());
    if (!ticket) return false;
    clock.advance(took);
    breaker.ended(*ticket, failed, clock.now());
    return true;
  }
  BreakerState state() const { return breaker.state(clock.now()); }

  FakeClock clock;
  CircuitBreaker breaker{{.window = 10,
                          .failures_max = 5,
                          .slow = seconds(2),
                          .slow_run_max = 3,
                          .rest = seconds(5),
                          .rest_max = seconds(20)}};
};

TEST_F(Breaker, SoManyFailuresOfTheLastCallsOpenIt) {
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(call(true));
  EXPECT_EQ(state(), BreakerState::closed);
  EXPECT_TRUE(call(true));
  EXPECT_EQ(state(), BreakerState::open);
  EXPECT_FALSE(call(false));
}

TEST_F(Breaker, FailuresAmongManyGoodCallsDoNot) {
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 4; ++i) EXPECT_TRUE(call(true));
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(call(false));
  }
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(Breaker, ARunOfSlowCallsOpensItThoughEachAnswered) {
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(call(false, seconds(3)));
  EXPECT_TRUE(call(false));  // a quick one: the run is over
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(call(false, seconds(3)));
  EXPECT_EQ(state(), BreakerState::closed);
  EXPECT_TRUE(call(false, seconds(3)));
  EXPECT_EQ(state(), BreakerState::open);
}

TEST_F(Breaker, OneTriesWhenItHasRestedAndTheOthersWaitForHim) {
  for (int i = 0; i < 5; ++i) call(true);
  EXPECT_EQ(breaker.rests(clock.now()), seconds(5));
  clock.advance(seconds(5));
  EXPECT_EQ(state(), BreakerState::half_open);
  const auto probe = breaker.admit(clock.now());
  ASSERT_TRUE(probe);
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(breaker.admit(clock.now()));
  breaker.ended(*probe, false, clock.now());
  EXPECT_EQ(state(), BreakerState::closed);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(call(true)) << "what failed before is forgotten";
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(Breaker, EveryTryThatFailsDoublesTheRestUpToItsMost) {
  for (int i = 0; i < 5; ++i) call(true);
  for (const auto rest : {seconds(5), seconds(10), seconds(20), seconds(20)}) {
    EXPECT_EQ(breaker.rests(clock.now()), rest);
    clock.advance(rest);
    EXPECT_TRUE(call(true, Millis(0)));
  }
  clock.advance(seconds(20));
  EXPECT_TRUE(call(false, seconds(3))) << "an answer that took too long is none";
  EXPECT_EQ(state(), BreakerState::open);
  clock.advance(seconds(20));
  EXPECT_TRUE(call(false));
  for (int i = 0; i < 5; ++i) call(true);
  EXPECT_EQ(breaker.rests(clock.now()), seconds(5)) << "and from the beginning after it closed";
}

TEST_F(Breaker, WhoBeganBeforeItOpenedSaysNothingAboutNow) {
  std::vector<CircuitBreaker::Ticket> under_way;
  for (int i = 0; i < 20; ++i) under_way.push_back(*breaker.admit(clock.now()));
  for (int i = 0; i < 5; ++i) breaker.ended(under_way[static_cast<size_t>(i)], true, clock.now());
  clock.advance(seconds(5));
  EXPECT_TRUE(call(false));
  for (int i = 5; i < 20; ++i) breaker.ended(under_way[static_cast<size_t>(i)], true, clock.now());
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST_F(Breaker, ATryThatWasNeverMadeIsSomebodyElses) {
  for (int i = 0; i < 5; ++i) call(true);
  clock.advance(seconds(5));
  breaker.unused(*breaker.admit(clock.now()));
  EXPECT_TRUE(call(false));
  EXPECT_EQ(state(), BreakerState::closed);
}

TEST(Bulkhead, HasItsPlacesAndNoMore) {
  Bulkhead bulkhead(2);
  auto one = bulkhead.enter();
  {
    auto two = bulkhead.enter();
    EXPECT_TRUE(one && two);
    EXPECT_FALSE(bulkhead.enter());
    EXPECT_EQ(bulkhead.inside(), 2);
    auto moved = std::move(two);
  }
  EXPECT_EQ(bulkhead.inside(), 1);
  EXPECT_TRUE(bulkhead.enter());
}

}  // namespace
}  // namespace onsale::net
