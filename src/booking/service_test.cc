// The use cases against tables on SQLite; both databases and the races: tests/contract.
#include "booking/service.h"

#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using std::chrono::seconds;

TEST(BookingService, ARepeatWhoseHoldIsGoneMakesNoEmptyHold) {
  World world(sql::Dialect::sqlite);
  const AccountId buyer = world.buyer();
  HoldRequest request = world.wish(buyer, {});
  request.choice = BestSeats{.quantity = 1};
  const auto held = sync_wait(world.service.hold(request));
  ASSERT_TRUE(held);
  // Everything else goes too, and then the row of the hold, but not its claim: sold out.
  while (world.service.seats_available(world.performance) > 0) {
    HoldRequest other = world.wish(world.buyer(), {});
    other.choice = BestSeats{.quantity = 1};
    ASSERT_TRUE(sync_wait(world.service.hold(other)));
  }
  const auto same = sync_wait(world.service.hold(request));
  ASSERT_TRUE(same) << "a repeat while the hold is there";
  EXPECT_EQ(same->seats, held->seats);
  auto forget = [id = request.id](sql::Tx& tx) {
    return tx.exec("DELETE FROM booking_hold WHERE id = ?", id.str());
  };
  ASSERT_EQ(sync_wait(world.database->write(forget)), 1);
  const auto again = sync_wait(world.service.hold(request));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().why, HoldRefusal::sold_out);
  EXPECT_FALSE(sync_wait(world.store.hold(request.id)));
}

// Whoever lets seats go and takes them again keeps them from everybody, for ever and for nothing.
TEST(BookingService, NoAccountKeepsASeatByHoldingItAgainAndAgain) {
  World world(sql::Dialect::sqlite, {.holds_of_a_seat = 3});
  const AccountId buyer = world.buyer();
  const auto held = [&](const AccountId& who, const std::string& seat) {
    return sync_wait(world.service.hold(world.wish(who, {seat, "A-4"})));
  };
  const auto first = held(buyer, "A-3");
  ASSERT_TRUE(first);
  EXPECT_TRUE(sync_wait(world.service.release(first->id, buyer)));
  ASSERT_TRUE(held(buyer, "A-3"));
  world.clock.advance(std::chrono::seconds(301));  // it runs out
  sync_wait(world.service.sweep());
  const HoldRequest third = world.wish(buyer, {"A-3"});
  for (int i = 0; i < 5; ++i)
    ASSERT_TRUE(sync_wait(world.service.hold(third))) << "a repeat is one";
  EXPECT_TRUE(sync_wait(world.service.release(third.id, buyer)));
  const auto refused = sync_wait(world.service.hold(world.wish(buyer, {"A-2", "A-3"})));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().why, HoldRefusal::held_too_often);
  EXPECT_GT(refused.error().retry_after_s, 1200);
  EXPECT_LE(refused.error().retry_after_s, 1800);
  EXPECT_TRUE(sync_wait(world.service.hold(world.wish(buyer, {"A-2"})))) << "another seat is free";
  const auto others = sync_wait(world.service.hold(world.wish(world.buyer(), {"A-3"})));
  ASSERT_TRUE(others) << "for somebody else";
  EXPECT_TRUE(sync_wait(world.service.release(others->id, others->buyer)));
  world.clock.advance(std::chrono::seconds(refused.error().retry_after_s));
  sync_wait(world.service.sweep());
  EXPECT_TRUE(sync_wait(world.service.hold(world.wish(buyer, {"A-3"}))));
}

TEST(BookingService, ARefusedHoldDoesNotCount) {
  World world(sql::Dialect::sqlite, {.holds_of_a_seat = 1});
  const AccountId buyer = world.buyer();
  const auto others = sync_wait(world.service.hold(world.wish(world.buyer(), {"A-4"})));
  ASSERT_TRUE(others);
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(sync_wait(world.service.hold(world.wish(buyer, {"A-3", "A-4"}))).error().why,
              HoldRefusal::seat_unavailable);
  EXPECT_TRUE(sync_wait(world.service.hold(world.wish(buyer, {"A-3"}))));
}

TEST(BookingService, PayingIsGivenLongEnoughToBeLookedAt) {
  EXPECT_THROW(World(sql::Dialect::sqlite, {.payment_seconds = 60}), std::invalid_argument);
  EXPECT_NO_THROW(World(sql::Dialect::sqlite, {.payment_seconds = kPaymentSecondsMin}));
}

TEST(BookingService, NothingIsConfirmedWithoutSeats) {
  World world(sql::Dialect::sqlite);
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  ASSERT_TRUE(paying);
  auto strip = [id = r.id](sql::Tx& tx) {
    return tx.exec("UPDATE booking_reservation_seat SET cancelled = 1 WHERE reservation_id = ?",
                   id.str());
  };
  ASSERT_EQ(sync_wait(world.database->write(strip)), 1);
  ASSERT_TRUE(world.come_back(*paying, world.decide(*paying, payments::Decision::approve)));
  EXPECT_NE(world.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(world.find(r).refunds.size(), 1U) << "the money goes back";
}

TEST(BookingService, ARefundThatTheProviderRefusedIsNotOpenForEver) {
  World world(sql::Dialect::sqlite);
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  auto open = [id = r.id](sql::Tx& tx) {
    return tx.exec("UPDATE booking_refund SET state = 'requested' WHERE reservation_id = ?",
                   id.str());
  };
  ASSERT_TRUE(sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer})));
  ASSERT_EQ(sync_wait(world.database->write(open)), 1);
  const auto refunds = world.find(r).refunds;
  ASSERT_EQ(refunds.size(), 1U);
  payments::RefundFailed event{.refund = refunds[0].id, .subject = "somebody else's"};
  sync_wait(world.service.on_refund_failed(event));
  EXPECT_EQ(world.find(r).refunds[0].state, payments::RefundState::requested);
  event.subject = r.id.str();
  sync_wait(world.service.on_refund_failed(event));
  EXPECT_EQ(world.find(r).refunds[0].state, payments::RefundState::failed);
}

TEST(BookingService, LeadsNobodyToASiteThatIsNotAllowed) {
  World world(sql::Dialect::sqlite, {.return_origins = "https://partner.test"});
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  PayRequest request{.reservation = r.id,
                     .buyer = r.buyer,
                     .provider = "sandbox",
                     .return_url = "http://shop.test/back",
                     .return_address = "/payments/{payment}/return"};
  const auto refused = sync_wait(world.service.pay(request));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), PayRefusal::return_url_invalid);
  request.own_origin_host = "shop.test";
  EXPECT_TRUE(sync_wait(world.service.pay(request)));
  request.own_origin_host = "onsale.test";
  request.return_address = "http://shop.test/payments/{payment}/return";
  EXPECT_TRUE(sync_wait(world.service.pay(request)));
  request.return_url = "https://partner.test/thanks";
  EXPECT_TRUE(sync_wait(world.service.pay(request)));
  request.return_url = "/reservations";
  EXPECT_TRUE(sync_wait(world.service.pay(request)));
}

TEST(HoldWatch, WhatWasPutOffWhileItWasSweptIsWatchedStill) {
  SeededRandom random{1};
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  const auto over = HoldId::make(now, random);
  const auto put_off = HoldId::make(now, random);
  HoldWatch watch;
  watch.add(over, now);
  watch.add(put_off, now);
  ASSERT_EQ(watch.due(now, 10).size(), 2U);
  watch.add(put_off, now + seconds(300));  // somebody began to pay, or made a hold of its id again
  for (const HoldId hold : {over, put_off}) watch.remove_due(hold, now);
  EXPECT_FALSE(watch.contains(over));
  EXPECT_EQ(watch.due(now + seconds(300), 10), std::vector{put_off});
}

}  // namespace
}  // namespace onsale::booking
