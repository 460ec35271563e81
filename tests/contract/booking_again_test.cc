// I2 when everything comes again and later: a decision taken once (this money goes back, this hold
// was bought) stands for every path that comes after it.
#include <gtest/gtest.h>

#include "booking/rules.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::Decision;
using std::chrono::hours;
using std::chrono::seconds;

class BookingAgain : public testing::TestWithParam<sql::Dialect> {
 protected:
  // Paid too late: the seats belonged to somebody else for a moment, and are free again.
  struct Late {
    Reservation reservation;
    Paying paying;
    payments::ReturnData data;
  };
  Late written_off() {
    const Reservation r = world.reserved(world.buyer(), {"A-3", "A-4"});
    const auto paying = world.pay(r);
    const auto data = world.decide(*paying, Decision::approve);
    world.clock.advance(seconds(600));
    const AccountId other = world.buyer();
    const auto held = world.hold(other, {"A-4"});
    EXPECT_TRUE(world.come_back(*paying, data));
    EXPECT_EQ(world.find(r).state, ReservationState::expired);
    EXPECT_TRUE(sync_wait(world.service.release(held->id, other)));
    return {r, *paying, data};
  }
  void expect_nothing_kept(const Late& late) {
    EXPECT_EQ(world.find(late.reservation).state, ReservationState::expired);
    EXPECT_EQ(world.find(late.reservation).refunds.size(), 1U);
    EXPECT_EQ(world.kept_money(), 0);
    EXPECT_EQ(world.ticket_money(), 0);
    EXPECT_TRUE(world.claims().empty());
  }

  World world{GetParam()};
};

TEST_P(BookingAgain, AReturnOpenedAgainAfterTheRefundConfirmsNothing) {
  const Late late = written_off();
  const auto back = world.come_back(late.paying, late.data);
  EXPECT_NE(back->find("&state=expired"), std::string::npos) << *back;
  expect_nothing_kept(late);
}

TEST_P(BookingAgain, TheNewsOfThePaymentConfirmsNothingHoweverLateAndOften) {
  const Late late = written_off();
  for (int again = 0; again < 2; ++again) {
    for (const sql::Event& event : world.news()) sync_wait(deliver(world.service, event));
    expect_nothing_kept(late);
    world.clock.advance(hours(1));
  }
}

TEST_P(BookingAgain, MoneyThatGoesBackConfirmsNothingBeforeItIsBack) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto payment = PaymentId::make(world.clock.now(), world.random);
  WriteOffOrder off{.reservation = r.id,
                    .refund = {.id = refund_of(payment),
                               .reservation = r.id,
                               .payment = payment,
                               .amount = {r.payable, r.currency},
                               .created_at = world.clock.now()},
                    .now = world.clock.now()};
  EXPECT_EQ(sync_wait(world.store.write_off(off)).freed.seats.size(), 1U);
  for (const auto state : {payments::RefundState::requested, payments::RefundState::failed}) {
    sync_wait(world.store.refund_ended(off.refund.id, state));
    const auto confirmed =
        sync_wait(world.store.confirm({.reservation = r.id,
                                       .payment = payment,
                                       .captured = r.payable,
                                       .tickets = {TicketId::make(world.clock.now(), world.random)},
                                       .now = world.clock.now()}));
    EXPECT_EQ(confirmed.state, ConfirmState::refused);
  }
  const auto again = sync_wait(world.store.write_off(off));
  EXPECT_EQ(again.refund->id, off.refund.id);
  EXPECT_TRUE(again.freed.seats.empty());
  EXPECT_TRUE(world.claims().empty());
}

TEST_P(BookingAgain, AnotherAmountThatWentBackEndsNoReservation) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.provider.overcharge(*paying->payment, 1);
  EXPECT_TRUE(world.come_back(*paying, data));
  world.clock.advance(seconds(1));
  sync_wait(world.payments->reconcile());
  ASSERT_EQ(world.kept_money(), 0) << "the payments give it back by themselves";
  EXPECT_TRUE(world.come_back(*paying, data));
  EXPECT_EQ(world.find(r).state, ReservationState::pending) << "there is time for another try";
  EXPECT_TRUE(world.find(r).refunds.empty());
}

TEST_P(BookingAgain, AHoldLetGoCancelsNoPurchaseThatWasJustConfirmed) {
  for (int round = 0; round < 40; ++round) {
    const Reservation r = world.reserved(world.buyer(), {"A-3"});
    const auto paying = world.pay(r);
    const auto data = world.decide(*paying, Decision::approve);
    bool confirmed = false;
    bool released = false;
    const auto back = [](World& w, PaymentId id, payments::ReturnData d, bool& so) -> Task<void> {
      const auto address = co_await w.service.returned(id, std::move(d));
      so = address && address->contains("state=confirmed");
    };
    const auto release = [](World& w, HoldId id, AccountId who, bool& so) -> Task<void> {
      so = co_await w.service.release(id, who);
    };
    all_at_once(2, [&](int i) {
      return i == 0 ? back(world, *paying->payment, data, confirmed)
                    : release(world, r.hold, r.buyer, released);
    });
    EXPECT_FALSE(confirmed && released) << "round " << round;
    const auto state = world.find(r).state;
    EXPECT_EQ(state, released ? ReservationState::cancelled : ReservationState::confirmed);
    world.run_news();
    EXPECT_EQ(world.kept_money(), world.ticket_money()) << "round " << round;
    (void)sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer}));
  }
}

TEST_P(BookingAgain, OnlyWhatIsPendingIsCancelledWhenOnlyThatIsMeant) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  const auto cancelled =
      sync_wait(world.store.cancel({.reservation = r.id,
                                    .buyer = r.buyer,
                                    .refund = RefundId::make(world.clock.now(), world.random),
                                    .only_pending = true,
                                    .now = world.clock.now()}));
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error(), CancelRefusal::not_cancellable);
  EXPECT_EQ(world.kept_money(), world.ticket_money());
}

// The answer was lost, in a crash or on its way: whoever asks again under the same key is told.
TEST_P(BookingAgain, ACancellingThatIsAskedForAgainIsTheSameOne) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  CancelRequest request{.reservation = r.id,
                        .buyer = r.buyer,
                        .seats = {"A-3"},
                        .refund = RefundId::make(world.clock.now(), world.random)};
  ASSERT_TRUE(sync_wait(world.service.cancel(request)));
  const Reservation other = world.bought(world.buyer(), {"A-3"});
  for (int again = 0; again < 2; ++again) {
    const auto after = sync_wait(world.service.cancel(request));
    ASSERT_TRUE(after) << "and not: it can't be cancelled";
    EXPECT_EQ(after->refunds.size(), 1U);
    world.run_news();
  }
  EXPECT_EQ(world.find(other).state, ReservationState::confirmed);
  EXPECT_EQ(sync_wait(world.service.tickets(other.id, other.buyer))->size(), 1U);
  EXPECT_EQ(world.kept_money(), world.ticket_money());
  request.refund = RefundId::make(world.clock.now(), world.random);
  EXPECT_EQ(sync_wait(world.service.cancel(request)).error(), CancelRefusal::not_cancellable);
  request.buyer = world.buyer();
  EXPECT_EQ(sync_wait(world.service.cancel(request)).error(), CancelRefusal::reservation_unknown);
}

TEST_P(BookingAgain, AnIdThatWasBoughtIsNeverAHoldAgain) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  world.clock.advance(hours(24));
  HoldRequest same = world.wish(r.buyer, {"B-1"});
  same.id = r.hold;
  const auto held = sync_wait(world.service.hold(same));
  ASSERT_TRUE(held) << "a key of yesterday is a new request";
  EXPECT_NE(held->id, r.hold);
  const auto repeat = sync_wait(world.service.hold(same));
  ASSERT_TRUE(repeat);
  EXPECT_EQ(repeat->id, held->id) << "and its repeat is the same hold";
  EXPECT_FALSE(sync_wait(world.service.release(r.hold, r.buyer)));
  EXPECT_TRUE(sync_wait(world.service.release(held->id, r.buyer)));
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(world.kept_money(), world.ticket_money());
  EXPECT_EQ(world.claims(), (std::map<std::string, SeatState>{{"A-3", SeatState::sold}}));
}

TEST_P(BookingAgain, AnIdWhoseReservationRanOutMakesAnotherHoldAndReservation) {
  const AccountId buyer = world.buyer();
  const Reservation r = world.reserved(buyer, {"A-3"});
  HoldRequest same = world.wish(buyer, {"A-3"});
  same.id = r.hold;
  world.clock.advance(seconds(300));  // over, and not even swept
  const auto held = sync_wait(world.service.hold(same));
  ASSERT_TRUE(held);
  EXPECT_NE(held->id, r.hold);
  const auto made = sync_wait(world.service.reserve({.hold = held->id, .buyer = buyer}));
  ASSERT_TRUE(made);
  EXPECT_NE(made->id, r.id);
  EXPECT_EQ(made->state, ReservationState::pending);
}

TEST_P(BookingAgain, ARefundAskedForFromTwoSidesAtOnceIsDone) {
  for (int round = 0; round < 30; ++round) {
    world.performance = world.add_performance();
    const Reservation r = world.bought(world.buyer(), {"A-3"});
    const CancelOrder order{.reservation = r.id,
                            .buyer = r.buyer,
                            .refund = RefundId::make(world.clock.now(), world.random),
                            .reason = "changed my mind",
                            .now = world.clock.now()};
    ASSERT_TRUE(sync_wait(world.store.cancel(order)));
    const auto ask = [](World& w, RefundId id) -> Task<void> {
      co_await w.service.on_refund_requested(id);
    };
    all_at_once(3, [&](int) { return ask(world, order.refund); });
    world.run_news();
    ASSERT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::done) << "round " << round;
    ASSERT_EQ(world.kept_money(), 0);
  }
}

TEST_P(BookingAgain, ARefundThatTheProviderRefusedIsBackOnceSomebodySawToIt) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  world.refuses_refunds = true;
  ASSERT_TRUE(sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer})));
  auto told = world.run_news();
  EXPECT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::failed);
  EXPECT_EQ(world.kept_money(), 150'000);
  const auto tasks = sync_wait(world.payments->refund_tasks(10, {})).items;
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].subject, r.id.str());
  world.refuses_refunds = false;
  ASSERT_TRUE(
      sync_wait(world.payments->retry_refund({.refund = tasks[0].refund.id, .who = "acc_1"})));
  for (sql::Event& event : world.run_news()) told.push_back(std::move(event));
  EXPECT_EQ(world.kept_money(), 0);
  // The old news that it failed changes that no more.
  for (const sql::Event& event : told) sync_wait(deliver(world.service, event));
  EXPECT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::done);
}

TEST_P(BookingAgain, ARefundThatWentBackAnotherWayIsToldToItsBuyer) {
  const Late late = [&] {
    world.refuses_refunds = true;
    return written_off();
  }();
  ASSERT_EQ(world.find(late.reservation).refunds.at(0).state, payments::RefundState::failed);
  EXPECT_TRUE(world.come_back(late.paying, late.data));
  EXPECT_EQ(world.find(late.reservation).state, ReservationState::expired) << "decided is decided";
  const auto id = world.find(late.reservation).refunds.at(0).id;
  ASSERT_TRUE(sync_wait(
      world.payments->settle_refund({.refund = id, .who = "acc_1", .reason = "bank transfer"})));
  world.run_news();
  EXPECT_EQ(world.find(late.reservation).refunds.at(0).state, payments::RefundState::done);
  EXPECT_TRUE(world.come_back(late.paying, late.data));
  EXPECT_EQ(world.find(late.reservation).state, ReservationState::expired);
}

TEST_P(BookingAgain, WhatPaymentsKnowBetterIsLearntAtTheStart) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  ASSERT_TRUE(sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer})));
  auto wrong = [](sql::Tx& tx) { tx.exec("UPDATE booking_refund SET state = 'failed'"); };
  sync_wait(world.database->write(wrong));  // as versions before wrote
  ASSERT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::failed);
  sync_wait(world.service.start());
  EXPECT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::done);
}

TEST_P(BookingAgain, LatePaymentsOfOneAccountAtOnceDoNotLiftItsLimit) {
  for (int round = 0; round < 15; ++round) {
    const AccountId buyer = world.buyer();
    std::vector<Reservation> late;
    for (const std::string row : {"A-", "B-"}) {
      late.push_back(world.reserved(buyer, {row + "1", row + "2", row + "3"}));
      world.clock.advance(seconds(300));
    }
    const auto confirm = [](World& w, ConfirmOrder order, int& confirmed) -> Task<void> {
      const auto out = co_await w.store.confirm(std::move(order));
      confirmed += out.state == ConfirmState::confirmed;
    };
    std::array<int, 2> confirmed{};
    all_at_once(2, [&](int i) {
      const auto at = static_cast<std::size_t>(i);
      ConfirmOrder order{.reservation = late[at].id,
                         .payment = PaymentId::make(world.clock.now(), world.random),
                         .captured = late[at].payable,
                         .now = world.clock.now()};
      for (int t = 0; t < 3; ++t) {
        order.tickets.push_back(TicketId::make(world.clock.now(), world.random));
      }
      return confirm(world, std::move(order), confirmed[at]);
    });
    ASSERT_EQ(confirmed[0] + confirmed[1], 1) << "round " << round;
    for (const Reservation& r : late) {
      (void)sync_wait(world.store.cancel({.reservation = r.id,
                                          .buyer = buyer,
                                          .refund = RefundId::make(world.clock.now(), world.random),
                                          .now = world.clock.now()}));
    }
  }
}

ONSALE_ON_BOTH_DIALECTS(BookingAgain);

}  // namespace
}  // namespace onsale::booking
