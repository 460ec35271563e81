// I1: a seat has at most one live claim. On both databases, and with each guard taken away.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using std::chrono::seconds;

class BookingHold : public testing::TestWithParam<sql::Dialect> {};

// `count` accounts press for one seat, straight at the store. How many were told it is theirs.
int winners(World& world, int count, int* failures = nullptr) {
  std::vector<ClaimOrder> orders;
  for (int i = 0; i < count; ++i) {
    orders.push_back({.hold = {.id = world.hold_id(),
                               .performance = world.performance,
                               .buyer = world.buyer(),
                               .seats = {{"E-7", "7", "R", 100'000, false}},
                               .total = {100'000, "KRW"},
                               .created_at = world.clock.now(),
                               .expires_at = world.clock.now() + seconds(300)},
                      .now = world.clock.now()});
  }
  std::atomic<int> won{0};
  std::atomic<int> failed{0};
  const auto press = [](World& w, ClaimOrder order, std::atomic<int>& yes,
                        std::atomic<int>& broken) -> Task<void> {
    try {
      const auto claimed = co_await w.store.claim(std::move(order));
      if (claimed) ++yes;
    } catch (const sql::Failure&) {
      ++broken;
    }
  };
  all_at_once(
      count, [&](int i) { return press(world, orders[static_cast<std::size_t>(i)], won, failed); });
  if (failures) *failures = failed;
  return won;
}

TEST_P(BookingHold, AThousandClientsOneSeatOneWinner) {
  World world(GetParam());
  EXPECT_EQ(winners(world, 1000), 1);
  EXPECT_EQ(world.claims().size(), 1U);
}

TEST_P(BookingHold, NegativeControlManyWinWhenALiveClaimIsTakenOver) {
  World world(GetParam(), {}, {.only_expired = false});
  EXPECT_GT(winners(world, 50), 1);
}

TEST_P(BookingHold, NegativeControlTheKeyIsWhatKeepsASeatSingle) {
  World world(GetParam());
  sync_wait(world.database->write([](sql::Tx& tx) {
    if (tx.dialect() == sql::Dialect::mysql) {
      tx.direct("ALTER TABLE booking_claim DROP PRIMARY KEY");
      return;
    }
    tx.direct("CREATE TABLE loose AS SELECT * FROM booking_claim");
    tx.direct("DROP TABLE booking_claim");
    tx.direct("ALTER TABLE loose RENAME TO booking_claim");
  }));
  int failures = 0;
  const int won = winners(world, 50, &failures);
  if (GetParam() == sql::Dialect::mysql) {
    EXPECT_GT(won, 1);
  } else {
    // SQLite refuses to prepare a statement whose conflict target is no key: nobody gets anything.
    EXPECT_EQ(won, 0);
    EXPECT_EQ(failures, 50);
  }
}

TEST_P(BookingHold, AThousandClientsThroughTheServiceOneWinnerAndTheOthersToldWhich) {
  World world(GetParam());
  std::atomic<int> won{0};
  std::atomic<int> told{0};
  const auto press = [](World& w, HoldRequest request, std::atomic<int>& yes,
                        std::atomic<int>& no) -> Task<void> {
    const auto held = co_await w.service.hold(std::move(request));
    if (held) ++yes;
    if (!held && held.error().why == HoldRefusal::seat_unavailable &&
        held.error().obstacles.at(0).field == "seats[0]") {
      ++no;
    }
  };
  std::vector<HoldRequest> requests;
  for (int i = 0; i < 1000; ++i) requests.push_back(world.wish(world.buyer(), {"E-7"}));
  all_at_once(
      1000, [&](int i) { return press(world, requests[static_cast<std::size_t>(i)], won, told); });
  EXPECT_EQ(won, 1);
  EXPECT_EQ(told, 999);
}

int seats_of_one_account(World& world, int requests) {
  const AccountId account = world.buyer();
  std::vector<HoldRequest> wishes;
  for (int i = 0; i < requests; ++i) {
    const std::string row(1, static_cast<char>('A' + i / 14));
    wishes.push_back(world.wish(account, {row + "-" + std::to_string(i % 14 + 1)}));
  }
  const auto press = [](World& w, HoldRequest request) -> Task<void> {
    (void)co_await w.service.hold(std::move(request));
  };
  all_at_once(requests, [&](int i) { return press(world, wishes[static_cast<std::size_t>(i)]); });
  return static_cast<int>(world.claims().size());
}

TEST_P(BookingHold, OneAccountNeverGetsMoreThanItsSeatsHoweverItAsks) {
  World world(GetParam());
  EXPECT_EQ(seats_of_one_account(world, 140), 4);
}

TEST_P(BookingHold, NegativeControlAnAccountGetsTooManyWhenTheyAreNotCounted) {
  World world(GetParam(), {}, {.quota = false});
  EXPECT_GT(seats_of_one_account(world, 40), 4);
}

TEST_P(BookingHold, SeatsHeldAndBoughtCountTogether) {
  World world(GetParam());
  const AccountId account = world.buyer();
  EXPECT_EQ(world.bought(account, {"A-1", "A-2"}).state, ReservationState::confirmed);
  EXPECT_TRUE(world.hold(account, {"B-1"}));
  const auto refused = world.hold(account, {"C-1", "C-2"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, HoldRefusal::too_many_seats);
  EXPECT_TRUE(world.hold(account, {"C-1"}));
  world.clock.advance(seconds(301));
  EXPECT_TRUE(world.hold(account, {"C-3", "C-4"})) << "what ran out does not count";
}

TEST_P(BookingHold, AllSeatsOrNoneAndEverySeatInTheWayIsNamed) {
  World world(GetParam());
  ASSERT_TRUE(world.hold(world.buyer(), {"D-4", "D-6"}));
  // Past the board, as if another node had sold them.
  const AccountId late = world.buyer();
  ClaimOrder order{.hold = {.id = world.hold_id(),
                            .performance = world.performance,
                            .buyer = late,
                            .seats = {{"D-6"}, {"D-5"}, {"D-4"}},
                            .total = {0, "KRW"},
                            .expires_at = world.clock.now() + seconds(300)},
                   .now = world.clock.now()};
  const auto claimed = sync_wait(world.store.claim(order));
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().taken, (std::vector<std::size_t>{0, 2}));
  EXPECT_FALSE(world.claims().contains("D-5"));
  EXPECT_FALSE(sync_wait(world.store.hold(order.hold.id)));

  const auto refused = world.hold(late, {"D-6", "D-5", "D-4"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, HoldRefusal::seat_unavailable);
  ASSERT_EQ(refused.error().obstacles.size(), 2U);
  EXPECT_EQ(refused.error().obstacles[0].field, "seats[0]");
  EXPECT_EQ(refused.error().obstacles[1].field, "seats[2]");
}

TEST_P(BookingHold, ExpiredClaimIsTakenOverWithoutWaitingForASweep) {
  World world(GetParam());
  const AccountId first = world.buyer();
  const auto old = world.hold(first, {"E-7", "E-8"});
  ASSERT_TRUE(old);
  world.clock.advance(seconds(300) - Millis(1));
  EXPECT_FALSE(world.hold(world.buyer(), {"E-7"}));
  world.clock.advance(Millis(1));
  const AccountId second = world.buyer();
  const auto taken_over = world.hold(second, {"E-7"});
  ASSERT_TRUE(taken_over);
  // Whatever happens to the old hold leaves the new one alone.
  EXPECT_TRUE(sync_wait(world.service.release(old->id, first)));
  sync_wait(world.service.sweep());
  EXPECT_EQ(world.claims(), (std::map<std::string, SeatState>{{"E-7", SeatState::held}}));
  EXPECT_EQ(world.board(), world.claims());
  EXPECT_EQ(world.watched(), world.claims());
  EXPECT_TRUE(sync_wait(world.service.find_hold(taken_over->id, second)));
}

TEST_P(BookingHold, SweepFreesWhatRanOutForEveryone) {
  World world(GetParam());
  const auto held = world.hold(world.buyer(), {"E-7", "E-8"});
  ASSERT_TRUE(held);
  EXPECT_EQ(world.watched().size(), 2U);
  EXPECT_EQ(world.service.seats_available(world.performance), 138);
  world.clock.advance(seconds(300));
  sync_wait(world.service.sweep());
  EXPECT_TRUE(world.claims().empty());
  EXPECT_TRUE(world.board().empty());
  EXPECT_TRUE(world.watched().empty());
  EXPECT_FALSE(world.feed.gap(world.performance));
  EXPECT_EQ(world.service.seats_available(world.performance), 140);
  EXPECT_FALSE(sync_wait(world.store.hold(held->id)));
}

TEST_P(BookingHold, TheSameRequestAgainIsTheSameHold) {
  World world(GetParam());
  const HoldRequest request = world.wish(world.buyer(), {"A-3", "A-4", "A-5", "A-6"});
  std::atomic<int> same{0};
  const auto press = [](World& w, HoldRequest r, std::atomic<int>& yes) -> Task<void> {
    const HoldId id = r.id;
    const auto held = co_await w.service.hold(std::move(r));
    if (held && held->id == id && held->seats.size() == 4) ++yes;
  };
  all_at_once(50, [&](int) { return press(world, request, same); });
  EXPECT_EQ(same, 50);
  EXPECT_EQ(world.claims().size(), 4U);
  // After it ran out, it is a new hold under the old id.
  world.clock.advance(seconds(301));
  const auto again = sync_wait(world.service.hold(request));
  ASSERT_TRUE(again);
  EXPECT_GT(again->expires_at, world.clock.now());
  sync_wait(world.service.sweep());
  EXPECT_EQ(world.claims().size(), 4U);
}

// What the store makes of an order without seats, asked `times` times under one id.
int empty_holds(World& world, int times) {
  ClaimOrder order{.hold = {.id = world.hold_id(),
                            .performance = world.performance,
                            .buyer = world.buyer(),
                            .total = {0, "KRW"},
                            .created_at = world.clock.now(),
                            .expires_at = world.clock.now() + seconds(300)},
                   .now = world.clock.now()};
  int made = 0;
  for (int i = 0; i < times; ++i) made += sync_wait(world.store.claim(order)).has_value() ? 1 : 0;
  EXPECT_EQ(sync_wait(world.store.hold(order.hold.id)).has_value(), made > 0);
  return made;
}

TEST_P(BookingHold, AnOrderWithoutSeatsMakesNoHold) {
  World world(GetParam());
  EXPECT_EQ(empty_holds(world, 2), 0);
}

TEST_P(BookingHold, NegativeControlAnEmptyHoldIsMadeWhenNobodyLooks) {
  World world(GetParam(), {}, {.not_empty = false});
  EXPECT_EQ(empty_holds(world, 2), 2);
}

TEST_P(BookingHold, ReleaseIsTheOwnersAndImmediate) {
  World world(GetParam());
  const AccountId owner = world.buyer();
  const auto held = world.hold(owner, {"A-3"});
  ASSERT_TRUE(held);
  EXPECT_FALSE(sync_wait(world.service.release(held->id, world.buyer())));
  EXPECT_FALSE(sync_wait(world.service.find_hold(held->id, world.buyer())));
  EXPECT_TRUE(sync_wait(world.service.release(held->id, owner)));
  EXPECT_TRUE(world.claims().empty());
  EXPECT_TRUE(world.board().empty());
  EXPECT_FALSE(sync_wait(world.service.release(held->id, owner)));
  EXPECT_TRUE(world.hold(world.buyer(), {"A-3"}));
}

TEST_P(BookingHold, AStartFromTheTablesKnowsEverySeatAndEveryEnd) {
  World world(GetParam());
  ASSERT_TRUE(world.hold(world.buyer(), {"A-3"}));
  world.bought(world.buyer(), {"B-3", "B-4"});
  Service fresh({world.catalogue, world.rooms, *world.payments, world.store, world.feed,
                 world.signer, world.clock, world.random},
                {});
  sync_wait(fresh.start());
  EXPECT_EQ(fresh.seats_available(world.performance), 137);
  EXPECT_EQ(fresh.seats_sold(world.performance), 2);
  EXPECT_GT(fresh.availability(world.performance)->version, 0U);
  world.clock.advance(seconds(301));
  sync_wait(fresh.sweep());
  EXPECT_EQ(fresh.seats_available(world.performance), 138);
}

TEST_P(BookingHold, AHoldIsNotShownOnceItsTimeIsOver) {
  World world(GetParam());
  const AccountId buyer = world.buyer();
  const auto held = world.hold(buyer, {"A-3"});
  world.clock.advance(seconds(300) - Millis(1));
  EXPECT_TRUE(sync_wait(world.service.find_hold(held->id, buyer)));
  world.clock.advance(Millis(1));  // not swept yet
  EXPECT_FALSE(sync_wait(world.service.find_hold(held->id, buyer)));
}

TEST_P(BookingHold, BestAvailableServesAHerdWhileStockLasts) {
  World world(GetParam());
  std::atomic<int> served{0};
  std::atomic<int> sold_out{0};
  const auto press = [](World& w, HoldRequest request, std::atomic<int>& yes,
                        std::atomic<int>& no) -> Task<void> {
    const auto held = co_await w.service.hold(std::move(request));
    if (held && held->seats.size() == 2) ++yes;
    if (!held && held.error().why == HoldRefusal::sold_out) ++no;
  };
  std::vector<HoldRequest> requests;
  for (int i = 0; i < 100; ++i) {
    requests.push_back({.id = world.hold_id(),
                        .performance = world.performance,
                        .buyer = world.buyer(),
                        .choice = BestSeats{.quantity = 2}});
  }
  all_at_once(100, [&](int i) {
    return press(world, requests[static_cast<std::size_t>(i)], served, sold_out);
  });
  EXPECT_EQ(served, 70);
  EXPECT_EQ(sold_out, 30);
  EXPECT_EQ(world.service.seats_available(world.performance), 0);
}

TEST_P(BookingHold, RefusesWithTheReasonThatApplies) {
  World world(GetParam());
  const AccountId account = world.buyer();
  const auto why = [&](HoldRequest request) {
    const auto held = sync_wait(world.service.hold(std::move(request)));
    return held ? std::optional<HoldRefusal>{} : held.error().why;
  };
  HoldRequest request = world.wish(account, {"A-1"});
  request.performance = PerformanceId::make(world.clock.now(), world.random);
  EXPECT_EQ(why(request), HoldRefusal::performance_unknown);
  EXPECT_EQ(why(world.wish(account, {"Z-1"})), HoldRefusal::seat_unknown);
  EXPECT_EQ(why(world.wish(account, {})), HoldRefusal::choice_invalid);
  request = world.wish(account, {});
  request.choice = BestSeats{.quantity = 5};
  EXPECT_EQ(why(request), HoldRefusal::too_many_seats);
  request.choice = BestSeats{.quantity = 0};
  EXPECT_EQ(why(request), HoldRefusal::choice_invalid);
  request.choice = BestSeats{.quantity = 1, .grade = "S"};
  EXPECT_EQ(why(request), HoldRefusal::grade_unknown);

  const auto guarded = world.add_performance(catalogue::small_house(), "film-x");
  request = world.wish(account, {"A-1"});
  request.performance = guarded;
  EXPECT_EQ(why(request), HoldRefusal::pass_required);
  request.pass = "pass-" + world.buyer().str();
  EXPECT_EQ(why(request), HoldRefusal::pass_invalid);
  request.pass = "pass-" + account.str();
  EXPECT_EQ(why(request), std::nullopt);

  world.clock.advance(-std::chrono::hours(2));
  EXPECT_EQ(why(world.wish(account, {"A-1"})), HoldRefusal::not_on_sale);
  world.clock.advance(std::chrono::hours(50));
  EXPECT_EQ(why(world.wish(account, {"A-1"})), HoldRefusal::not_on_sale);
}

TEST_P(BookingHold, OrphanRuleIsASetting) {
  World strict(GetParam(), {.orphan_rule = true});
  const auto refused = strict.hold(strict.buyer(), {"A-2"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, HoldRefusal::orphan_seat);
  EXPECT_TRUE(strict.hold(strict.buyer(), {"A-1"}));
  World lenient(GetParam());
  EXPECT_TRUE(lenient.hold(lenient.buyer(), {"A-2"}));
}

ONSALE_ON_BOTH_DIALECTS(BookingHold);

}  // namespace
}  // namespace onsale::booking
