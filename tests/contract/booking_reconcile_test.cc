// Invariant I2 whatever events did: here none is ever delivered, unless a test says so.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using namespace std::chrono_literals;
using payments::Decision;
using payments::PaymentState;

class Reconciler : public testing::TestWithParam<sql::Dialect> {
 protected:
  // The provider captured; booking was told by nobody, and the buyer's browser is gone.
  Reservation paid_unheard(AccountId who, std::vector<std::string> seats) {
    const Reservation r = world_.reserved(who, std::move(seats));
    const auto paying = world_.pay(r);
    EXPECT_TRUE(paying.has_value());
    const auto settled = sync_wait(
        world_.payments->settle(*paying->payment, world_.decide(*paying, Decision::approve)));
    EXPECT_EQ(settled->state, PaymentState::paid);
    return r;
  }
  Reconciliation reconcile() { return sync_wait(world_.service.reconcile()); }
  std::size_t unaccounted() {
    return sync_wait(world_.payments->unaccounted(world_.clock.now(), {}, 100)).size();
  }
  void expect_in_order() {
    EXPECT_EQ(unaccounted(), 0U);
    EXPECT_EQ(world_.kept_money(), world_.ticket_money());
    EXPECT_EQ(world_.service.reconciliation().adrift, 0);
  }

  Task<void> reconcile_task() { (void)co_await world_.service.reconcile(); }
  Task<void> settled_tasks(const std::vector<Reservation>& all) {
    for (const Reservation& r : all) {
      const auto payment = co_await world_.payments->find_live(r.id.str());
      payments::Settled event{.payment = payment->id,
                              .subject = r.id.str(),
                              .owner = r.buyer,
                              .amount = payment->captured,
                              .currency = "KRW"};
      co_await world_.service.on_payment_settled(event);
    }
  }

  World world_{GetParam()};
};
ONSALE_ON_BOTH_DIALECTS(Reconciler);

TEST_P(Reconciler, MoneyThatNobodyToldOfConfirmsItsReservation) {
  const Reservation r = paid_unheard(world_.buyer(), {"A-1", "A-2"});
  reconcile();
  EXPECT_EQ(world_.find(r).state, ReservationState::pending) << "the way back comes first";
  world_.clock.advance(31s);
  EXPECT_NE(world_.kept_money(), world_.ticket_money()) << "the control: nobody else sees to it";
  reconcile();
  EXPECT_EQ(world_.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(world_.board()["A-1"], SeatState::sold);
  expect_in_order();
}

TEST_P(Reconciler, AfterAnHourTheSeatsAreTakenAgainWhenTheyAreFree) {
  const Reservation r = paid_unheard(world_.buyer(), {"A-1"});
  world_.clock.advance(1h);
  sync_wait(world_.service.sweep());
  EXPECT_EQ(world_.find(r).state, ReservationState::expired);
  reconcile();
  EXPECT_EQ(world_.find(r).state, ReservationState::confirmed);
  expect_in_order();
}

TEST_P(Reconciler, AfterAnHourTheMoneyGoesBackWhenTheyAreNot) {
  const Reservation r = paid_unheard(world_.buyer(), {"A-1"});
  world_.clock.advance(1h);
  sync_wait(world_.service.sweep());
  const Reservation other = world_.bought(world_.buyer(), {"A-1"});
  reconcile();
  EXPECT_EQ(world_.find(r).state, ReservationState::expired);
  EXPECT_EQ(world_.find(r).refunds.at(0).state, payments::RefundState::done);
  world_.clock.advance(31s);
  reconcile();
  expect_in_order();
  // Whatever comes late, or again, changes nothing.
  world_.run_events();
  reconcile();
  world_.run_events();
  expect_in_order();
  EXPECT_EQ(world_.find(other).state, ReservationState::confirmed);
  // Also when the seat is free once more.
  EXPECT_TRUE(sync_wait(world_.service.cancel({.reservation = other.id, .buyer = other.buyer}))
                  .has_value());
  reconcile();
  world_.run_events();
  expect_in_order();
  EXPECT_EQ(world_.kept_money(), 0);
}

// People had it asked for again, and the event that told of it is lost.
TEST_P(Reconciler, ARefundThatWasTakenForFailedIsLearnedOf) {
  const Reservation r = world_.bought(world_.buyer(), {"A-1"});
  EXPECT_TRUE(
      sync_wait(world_.service.cancel({.reservation = r.id, .buyer = r.buyer})).has_value());
  sync_wait(world_.database->write(
      [](sql::Tx& tx) { tx.exec("UPDATE booking_refund SET state = 'failed'"); }));
  reconcile();
  EXPECT_EQ(world_.find(r).refunds.at(0).state, payments::RefundState::done);
}

TEST_P(Reconciler, ARefundThatWasAskedForAndNeverSentIsSent) {
  const Reservation r = world_.bought(world_.buyer(), {"A-1", "A-2"});
  // The process ended between the two steps, and the event is lost.
  const auto cancelled =
      sync_wait(world_.store.cancel({.reservation = r.id,
                                     .buyer = r.buyer,
                                     .refund = RefundId::make(world_.clock.now(), world_.random),
                                     .now = world_.clock.now()}));
  ASSERT_TRUE(cancelled.has_value());
  world_.clock.advance(59s);
  reconcile();
  EXPECT_GT(world_.kept_money(), 0) << "the first asker's minute";
  world_.clock.advance(2s);
  EXPECT_EQ(reconcile().waiting, 0);
  EXPECT_EQ(world_.find(r).refunds.at(0).state, payments::RefundState::done);
  EXPECT_EQ(world_.kept_money(), 0);
  expect_in_order();
}

TEST_P(Reconciler, MoneyOfAReservationThatIsGoneGoesBack) {
  const Reservation r = paid_unheard(world_.buyer(), {"A-1"});
  sync_wait(world_.database->write(
      [&](sql::Tx& tx) { tx.exec("DELETE FROM booking_reservation WHERE id = ?", r.id.str()); }));
  world_.clock.advance(31s);
  reconcile();
  EXPECT_EQ(world_.kept_money(), 0);
  EXPECT_EQ(unaccounted(), 0U);
}

// More than fits one look, one of them hopeless: it is counted and stands in nobody's way.
TEST_P(Reconciler, OneThatIsAdriftHoldsUpNobody) {
  const auto alien = PaymentId::make(world_.clock.now(), world_.random);
  sync_wait(world_.payments->create({.id = alien,
                                     .subject = "alien",
                                     .owner = world_.buyer(),
                                     .provider = "sandbox",
                                     .amount = {1'000, "KRW"}}));
  sync_wait(world_.database->write([&](sql::Tx& tx) {
    tx.exec("UPDATE payments_payment SET state = 'paid', captured = 1000 WHERE id = ?",
            alien.str());
    tx.exec("INSERT INTO payments_unaccounted (payment, since) VALUES (?, 0)", alien.str());
  }));
  const Reservation r = paid_unheard(world_.buyer(), {"A-1"});
  world_.clock.advance(31s);
  EXPECT_EQ(reconcile().adrift, 1);
  EXPECT_EQ(world_.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(unaccounted(), 1U);
}

// The event's own way and the reconciler at the same time, many times over.
TEST_P(Reconciler, AtTheSameTimeAsTheBuyersReturnNothingHappensTwice) {
  std::vector<Reservation> all;
  for (const char* row : {"A", "B", "C"}) {
    for (const char* seat : {"-1", "-2"}) {
      all.push_back(paid_unheard(world_.buyer(), {std::string(row) + seat}));
    }
  }
  world_.clock.advance(31s);
  all_at_once(4, [&](int i) { return i % 2 == 0 ? reconcile_task() : settled_tasks(all); });
  for (const Reservation& r : all) EXPECT_EQ(world_.find(r).state, ReservationState::confirmed);
  reconcile();
  expect_in_order();
}

}  // namespace
}  // namespace onsale::booking
