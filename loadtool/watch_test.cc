// What is told to one person, and what all know together. Each invariant has a run in which it
// holds and one in which it does not: the tool must see the difference.
#include "loadtool/watch.h"

#include <gtest/gtest.h>

#include "loadtool/facts.h"

namespace onsale::load {
namespace {

PlaceAnswer waiting(std::int64_t position, std::int64_t number = 7) {
  return {.state = PlaceState::waiting, .place = "t", .number = number, .position = position};
}

struct WatchTest : testing::Test {
  PlaceWatch watch;
  std::vector<Breach> breaches;
  void told(const PlaceAnswer& answer) {
    Floor floor = watch.mark();
    watch.observe(answer, floor, breaches);
  }
};

TEST_F(WatchTest, FallingPositionsAreFine) {
  for (const int position : {9, 9, 4, 1}) told(waiting(position));
  told({.state = PlaceState::admitted});
  EXPECT_TRUE(breaches.empty());
  EXPECT_TRUE(watch.admitted());
}

TEST_F(WatchTest, ARisingPositionIsSeen) {
  told(waiting(4));
  told(waiting(5));
  ASSERT_EQ(breaches.size(), 1U);
  EXPECT_EQ(breaches[0].kind, BreachKind::backward);
  EXPECT_EQ(breaches[0].what, "position 4 became 5 in lane main");
}

TEST_F(WatchTest, AnAnswerAskedForBeforeABetterOneCameIsFine) {
  told(waiting(9));
  Floor stream = watch.mark();
  told(waiting(4));                             // asked later, answered first
  watch.observe(waiting(6), stream, breaches);  // was under way
  EXPECT_TRUE(breaches.empty());
  watch.observe(waiting(7), stream, breaches);  // but within a stream the order is known
  EXPECT_EQ(breaches.size(), 1U);
}

TEST_F(WatchTest, AnotherLaneCountsAnew) {
  told(waiting(4));
  PlaceAnswer slow = waiting(30, 2);
  slow.lane = "slow";
  told(slow);
  EXPECT_TRUE(breaches.empty());
  EXPECT_EQ(watch.lane_changes(), 1);
}

TEST_F(WatchTest, AnotherNumberOrPassIsAnotherPlace) {
  told(waiting(4, 7));
  told(waiting(4, 8));
  told({.state = PlaceState::admitted, .number = 8, .place_id = "plc_a"});
  told({.state = PlaceState::admitted, .number = 8, .place_id = "plc_b"});
  ASSERT_EQ(breaches.size(), 2U);
  EXPECT_EQ(breaches[0].kind, BreachKind::duplicate);
  EXPECT_EQ(breaches[1].kind, BreachKind::duplicate);
}

TEST_F(WatchTest, APlaceIsLostWhenItsOwnerWasThere) {
  told(waiting(4));
  const Patience patience{.grace_s = 120, .idle_s = 45, .no_show_s = 45, .session_s = 600};
  const PlaceAnswer expired{.state = PlaceState::expired};
  EXPECT_NE(watch.loss(expired, 5, 0, patience), "");
  EXPECT_EQ(watch.loss(expired, 121, 0, patience), "");
  EXPECT_NE(watch.loss({}, 500, 0, patience), "");  // 401: a token that is not known any more
  EXPECT_NE(watch.loss({.state = PlaceState::left}, 500, 0, patience), "");
  told({.state = PlaceState::admitted});
  EXPECT_NE(watch.loss(expired, 5, 30, patience), "");
  EXPECT_EQ(watch.loss(expired, 5, 600, patience), "");   // the session was over
  EXPECT_EQ(watch.loss(expired, 46, 100, patience), "");  // idle
  EXPECT_EQ(watch.loss({.state = PlaceState::completed}, 1, 1, patience), "");
}

// ---- all together

struct World {
  std::vector<Facts> facts;
  // Joined at 10 i, waits until shortly before being admitted at 1000 + 10 i; numbers if
  // `numbered`.
  explicit World(int count, bool numbered) {
    for (int i = 0; i < count; ++i) {
      const Micros joined = 10 * i;
      facts.push_back({.index = static_cast<std::uint32_t>(i),
                       .lane = "main",
                       .number = numbered ? 100 + i : -1,
                       .token_hash = 1000U + static_cast<unsigned>(i),
                       .place_id_hash = 2000U + static_cast<unsigned>(i),
                       .join_sent = joined,
                       .joined = joined + 5,
                       .waiting_at = 995 + 10 * i,
                       .admitted = 1000 + 10 * i});
    }
  }
  std::uint64_t count(BreachKind kind, bool order = true) const {
    return judge(facts, order).counts[static_cast<std::size_t>(kind)];
  }
};

TEST(Order, HoldsInAFairLine) {
  for (const bool numbered : {false, true}) {
    const World world(500, numbered);
    EXPECT_EQ(world.count(BreachKind::inversion), 0U);
    EXPECT_EQ(world.count(BreachKind::duplicate), 0U);
    EXPECT_EQ(judge(world.facts, true).exact_order, numbered);
  }
}

TEST(Order, NegativeControlAnOvertakerIsSeen) {
  for (const bool numbered : {false, true}) {
    World world(500, numbered);
    world.facts[300].admitted = 1500;  // 199 before still waited then
    const Verdict verdict = judge(world.facts, true);
    EXPECT_EQ(verdict.counts[static_cast<std::size_t>(BreachKind::inversion)], 1U);
    EXPECT_EQ(verdict.worst_overtaking, 995 + 2990 - 1500);
    EXPECT_EQ(world.count(BreachKind::inversion, false), 0U);
  }
}

TEST(Order, WhoJoinedAtTheSameTimeMayComeInEitherOrderWithoutNumbers) {
  World world(2, false);
  world.facts[1].join_sent = 3;  // before the first had its answer
  std::swap(world.facts[0].admitted, world.facts[1].admitted);
  std::swap(world.facts[0].waiting_at, world.facts[1].waiting_at);
  world.facts[0].waiting_at = 1005;
  EXPECT_EQ(world.count(BreachKind::inversion), 0U);
  world.facts[1].join_sent = 6;
  EXPECT_EQ(world.count(BreachKind::inversion), 1U);
}

TEST(Order, OtherLanesAndMissedTurnsOvertakeNobody) {
  World world(100, true);
  world.facts[50].admitted = 100;
  world.facts[50].lane = "vip";
  world.facts[20].waiting_at = 5000;
  world.facts[20].missed_turn = true;
  EXPECT_EQ(world.count(BreachKind::inversion), 0U);
}

TEST(Order, TimesOfCallAreExact) {
  World world(10, true);
  for (Facts& f : world.facts) f.called_at_ms = 5000 + f.number;
  EXPECT_EQ(world.count(BreachKind::inversion), 0U);
  world.facts[4].called_at_ms = 4000;  // before the four before
  EXPECT_EQ(world.count(BreachKind::inversion), 1U);
}

TEST(Places, NegativeControlTheSamePlaceForTwoIsSeen) {
  World by_token(10, true), by_pass(10, true), by_number(10, true);
  by_token.facts[3].token_hash = by_token.facts[4].token_hash;
  by_pass.facts[3].place_id_hash = by_pass.facts[4].place_id_hash;
  by_number.facts[3].number = by_number.facts[4].number;
  EXPECT_EQ(by_token.count(BreachKind::duplicate), 1U);
  EXPECT_EQ(by_pass.count(BreachKind::duplicate), 1U);
  EXPECT_EQ(by_number.count(BreachKind::duplicate), 1U);
}

TEST(Places, NumbersThatNobodyHasAreCounted) {
  World world(10, true);
  EXPECT_EQ(judge(world.facts, true).numbers_unclaimed, 0);
  world.facts[9].number += 3;
  EXPECT_EQ(judge(world.facts, true).numbers_unclaimed, 3);
  EXPECT_EQ(judge(World(3, false).facts, true).numbers_unclaimed, -1);
}

TEST(Waits, CoverageCountsThoseWhoWaitedNoLonger) {
  std::vector<Facts> facts;
  for (int wait = 1; wait <= 100; ++wait) {
    facts.push_back({.joined = 0,
                     .admitted = wait * 1'000'000LL,
                     .first = {.at = 0, .p50_s = 50, .p80_s = 80, .p90_s = 90}});
  }
  facts.push_back(
      {.joined = 0, .first = {.at = 0, .p50_s = 1, .p80_s = 1, .p90_s = 1}});  // gave up
  const Coverage seen = coverage(facts, &Facts::first);
  EXPECT_EQ(seen.people, 100U);
  EXPECT_NEAR(seen.p50, 0.5, 0.011);
  EXPECT_NEAR(seen.p80, 0.8, 0.011);
  EXPECT_NEAR(seen.p90, 0.9, 0.011);
}

}  // namespace
}  // namespace onsale::load
