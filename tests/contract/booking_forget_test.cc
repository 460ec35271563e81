// Reservations that ended without a purchase do not fill the tables; nothing else is forgotten.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using namespace std::chrono_literals;

class Forgetting : public testing::TestWithParam<sql::Dialect> {
 protected:
  Reservation let_go(AccountId who) {
    world_.clock.advance(1ms);
    const Reservation r = world_.reserved(who, {"A-1"});
    EXPECT_TRUE(sync_wait(world_.service.release(r.hold, who)));
    return r;
  }
  std::int64_t rows(const std::string& table) {
    return std::get<0>(*sync_wait(world_.database->read(
        [&](sql::Tx& tx) { return tx.one<std::int64_t>("SELECT COUNT(*) FROM " + table); })));
  }
  void forget() { sync_wait(world_.service.forget()); }
  bool known(const Reservation& r) { return sync_wait(world_.store.find(r.id)).has_value(); }

  World world_{GetParam(), {.holds_of_a_seat = 0}};
};
ONSALE_ON_BOTH_DIALECTS(Forgetting);

TEST_P(Forgetting, WhoReservesAndLetsGoWithoutEndFillsNoTable) {
  const AccountId busy = world_.buyer();
  const AccountId other = world_.buyer();
  const Reservation first = let_go(busy);
  const Reservation theirs = let_go(other);
  Reservation last = first;
  for (int i = 0; i < 70; ++i) last = let_go(busy);
  forget();
  EXPECT_EQ(rows("booking_reservation"), 72) << "a payment may still be on its way";
  world_.clock.advance(3h);
  forget();
  EXPECT_EQ(rows("booking_reservation"), 51);
  EXPECT_EQ(rows("booking_reservation_seat"), 51);
  EXPECT_TRUE(known(last));
  EXPECT_TRUE(known(theirs));
  EXPECT_FALSE(known(first));
  world_.clock.advance(24h * 30);
  forget();
  EXPECT_EQ(rows("booking_reservation"), 0);
}

TEST_P(Forgetting, WhatWasBoughtOrPaidForStays) {
  const AccountId who = world_.buyer();
  const Reservation bought = world_.bought(who, {"B-1"});
  const Reservation returned = world_.bought(who, {"B-2"});
  ASSERT_TRUE(
      sync_wait(world_.service.cancel({.reservation = returned.id, .buyer = who})).has_value());
  const Reservation waits = world_.reserved(who, {"B-3"});  // and its time runs out below
  // Paid for too late: its seat is another's, and the money went back.
  const Reservation late = world_.reserved(world_.buyer(), {"B-5"});
  const auto paying = world_.pay(late);
  const auto data = world_.decide(*paying, payments::Decision::approve);
  world_.clock.advance(1h);
  sync_wait(world_.service.sweep());
  world_.bought(world_.buyer(), {"B-5"});
  ASSERT_TRUE(world_.come_back(*paying, data).has_value());
  world_.clock.advance(24h * 60);
  forget();
  EXPECT_TRUE(known(bought));
  EXPECT_TRUE(known(returned));
  EXPECT_TRUE(known(late));
  EXPECT_FALSE(known(waits));
  EXPECT_EQ(world_.kept_money(), world_.ticket_money());
}

// The row that writers of one account and performance lock: on MySQL, where they run in parallel.
TEST_P(Forgetting, WhatAnAccountLocksGoesWithItsLastClaim) {
  const AccountId who = world_.buyer();
  ASSERT_TRUE(world_.hold(who, {"A-1"}));
  const bool parallel = GetParam() == sql::Dialect::mysql;
  EXPECT_EQ(rows("booking_quota"), parallel ? 1 : 0);
  world_.clock.advance(2h - 1ms);
  forget();
  EXPECT_EQ(rows("booking_quota"), parallel ? 1 : 0);
  world_.clock.advance(1ms);
  forget();
  EXPECT_EQ(rows("booking_quota"), 0);
  ASSERT_TRUE(world_.hold(who, {"A-2"})) << "it is made anew";
}

}  // namespace
}  // namespace onsale::booking
