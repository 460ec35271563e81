// A provider took money back that seats were bought with: what people decide about the purchase,
// told at every later moment and twice at once; and a payment that people settled.
#include <gtest/gtest.h>

#include "base/log_fakes.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::RefundState;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class BookingReversal : public testing::TestWithParam<sql::Dialect> {
 protected:
  // Bought for 250'000, and `amount` of it taken back.
  Reservation taken_back(std::int64_t amount) {
    const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
    world.provider.take_back(*r.payment, amount);
    world.notice(*r.payment);
    world.run_news();
    return world.find(r);
  }
  std::vector<payments::RefundTask> tasks() {
    return sync_wait(world.payments->refund_tasks(100, {})).items;
  }
  void decide(bool ends) {
    ASSERT_EQ(tasks().size(), 1U);
    payments::ReversalDecision decision{.refund = tasks()[0].refund.id,
                                        .who = "acc_1",
                                        .purchase_ends = ends,
                                        .reason = "charged back"};
    ASSERT_TRUE(sync_wait(world.payments->decide_reversal(std::move(decision))));
  }
  void expect_even() {
    EXPECT_EQ(world.money_wrong(), "");
    EXPECT_EQ(world.owed_to_buyers(), world.kept_money() - world.ticket_money());
  }
  std::int64_t lost() { return -world.owed({payments::kChargebacksAccount}); }

  const QuietLog quiet;
  World world{GetParam()};
};
ONSALE_ON_BOTH_DIALECTS(BookingReversal);

TEST_P(BookingReversal, TicketsWithoutMoneyAreNamedUntilSomebodyDecides) {
  const Reservation r = taken_back(250'000);
  EXPECT_EQ(r.state, ReservationState::confirmed);
  EXPECT_EQ(world.ticket_money(), 250'000);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(lost(), 250'000);
  expect_even();
  auto summary = [](sql::Tx& tx) { return app::check_money(tx).summary; };
  EXPECT_NE(sync_wait(world.database->read(std::move(summary)))
                .find("taken back by providers 250,000 KRW"),
            std::string::npos);
  EXPECT_EQ(tasks().size(), 1U);
  // Nothing of it is given back again meanwhile, and nothing is told to come back.
  EXPECT_EQ(sync_wait(world.service.cancellation(r.id, r.buyer, {})).error(),
            CancelRefusal::not_cancellable);
  CancelRequest request{.reservation = r.id, .buyer = r.buyer};
  EXPECT_EQ(sync_wait(world.service.cancel(std::move(request))).error(),
            CancelRefusal::not_cancellable);
}

TEST_P(BookingReversal, ACancellingThatWasDoneBeforeIsTheSameAfterwards) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  const CancelRequest request{.reservation = r.id,
                              .buyer = r.buyer,
                              .seats = {"C-4"},
                              .refund = RefundId::make(world.clock.now(), world.random)};
  ASSERT_TRUE(sync_wait(world.service.cancel(request)));
  world.provider.take_back(*r.payment, 150'000);
  world.notice(*r.payment);
  const auto again = sync_wait(world.service.cancel(request));
  ASSERT_TRUE(again) << "its answer was lost";
  EXPECT_EQ(again->refunds.size(), 1U);
  CancelRequest stranger{.reservation = r.id, .buyer = world.buyer()};
  EXPECT_EQ(sync_wait(world.service.cancel(std::move(stranger))).error(),
            CancelRefusal::reservation_unknown);
  expect_even();
}

TEST_P(BookingReversal, APurchaseThatEndsGivesItsSeatsBackAndVoidsItsTickets) {
  const Reservation r = taken_back(250'000);
  decide(true);
  world.run_news();
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_TRUE(world.claims().empty());
  EXPECT_EQ(world.ticket_money(), 0);
  EXPECT_EQ(lost(), 0);
  EXPECT_EQ(world.owed({"revenue:"}), 0);
  EXPECT_TRUE(world.find(r).refunds.empty());
  expect_even();
}

TEST_P(BookingReversal, APurchaseThatStandsKeepsItsTicketsAndTheLossIsOnTheBooks) {
  const Reservation r = taken_back(250'000);
  decide(false);
  world.run_news();
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(lost(), 250'000);
  expect_even();
  // It is called off later: only what the provider left goes back, and that is nothing.
  (void)sync_wait(world.service.call_off({.performance = world.performance, .reason = "ill"}));
  sync_wait(world.service.work_off());
  world.run_news();
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(lost(), 0);
  expect_even();
}

TEST_P(BookingReversal, WhatTheProviderLeftGoesBackWhenThePurchaseEnds) {
  const Reservation r = taken_back(100'000);
  EXPECT_EQ(world.kept_money(), 150'000);
  expect_even();
  decide(true);
  world.run_news();
  EXPECT_EQ(world.kept_money(), 0);
  ASSERT_EQ(world.find(r).refunds.size(), 1U);
  EXPECT_EQ(world.find(r).refunds[0].amount.amount, 150'000);
  EXPECT_EQ(world.find(r).refunds[0].state, RefundState::done);
  EXPECT_EQ(lost(), 0);
  expect_even();
}

TEST_P(BookingReversal, AFeeThatWasKeptAndTakenBackStaysLost) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  CancelRequest request{.reservation = r.id, .buyer = r.buyer, .seats = {"C-4"}};
  ASSERT_TRUE(sync_wait(world.service.cancel(std::move(request))));
  world.provider.take_back(*r.payment, 250'000);  // all that is left
  world.notice(*r.payment);
  decide(true);
  world.run_news();
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.ticket_money(), 0);
  expect_even();
}

// Each event once more after each step, the steps themselves twice.
TEST_P(BookingReversal, ToldAgainAtEveryLaterMomentChangesNothing) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  std::vector<sql::Event> told = world.run_news();
  const auto again = [&] {
    for (sql::Event& fresh : world.run_news()) told.push_back(std::move(fresh));
    const std::vector<sql::Event> all = told;
    for (const sql::Event& event : all) sync_wait(deliver(world.service, event));
    for (sql::Event& fresh : world.run_news()) told.push_back(std::move(fresh));
    sync_wait(world.service.reconcile());
    expect_even();
  };
  world.provider.take_back(*r.payment, 100'000);
  for (int i = 0; i < 2; ++i) world.notice(*r.payment), again();
  EXPECT_EQ(tasks().size(), 1U);
  decide(true);
  again();
  world.restart();
  world.notice(*r.payment);
  again();
  const Reservation next = world.bought(world.buyer(), {"A-3", "C-4"});
  again();
  world.clock.advance(minutes(5));
  again();
  EXPECT_EQ(world.find(next).state, ReservationState::confirmed);
  EXPECT_EQ(world.kept_money(), 250'000) << "the second buyer's";
  EXPECT_EQ(world.find(r).refunds.size(), 1U);
  EXPECT_EQ(lost(), 0);
}

TEST_P(BookingReversal, TwoLooksAndTwoDecisionsAtOnceAreOne) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  world.run_news();
  world.provider.take_back(*r.payment, 250'000);
  const PaymentId payment = *r.payment;
  all_at_once(4, [&](int) { return discard(world.payments->look_up(payment, "acc_1")); });
  ASSERT_EQ(tasks().size(), 1U);
  const RefundId task = tasks()[0].refund.id;
  all_at_once(4, [&](int i) {
    return discard(world.payments->decide_reversal({.refund = task,
                                                    .who = "acc_" + std::to_string(i),
                                                    .purchase_ends = i % 2 == 0,
                                                    .reason = "charged back"}));
  });
  int decided = 0;
  for (const sql::Event& event : world.run_news())
    decided += event.topic == payments::kReversalDecidedTopic ? 1 : 0;
  EXPECT_EQ(decided, 1);
  expect_even();
}

// The event, the decision's work and the look race with the buyer's own cancelling.
TEST_P(BookingReversal, ACancellingThatWasFasterLeavesNothingTwice) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  world.run_news();
  world.provider.take_back(*r.payment, 100'000);
  CancelRequest request{.reservation = r.id, .buyer = r.buyer};
  ASSERT_TRUE(sync_wait(world.service.cancel(std::move(request))));
  world.notice(*r.payment);
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(tasks().size(), 1U) << "the refund of more than is left: people decide";
}

TEST_P(BookingReversal, ADepositThatCameAgainIsWhatTheSeatsWereBoughtWith) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  ASSERT_TRUE(world.come_back(*paying, world.decide(*paying, payments::Decision::transfer)));
  ASSERT_TRUE(world.provider.pay_in(*paying->payment));
  world.notice(*paying->payment);
  world.run_news();
  ASSERT_EQ(world.find(r).state, ReservationState::confirmed);
  ASSERT_TRUE(world.provider.withdraw(*paying->payment));
  world.notice(*paying->payment);
  world.run_news();
  EXPECT_EQ(lost(), 150'000);
  expect_even();
  ASSERT_TRUE(world.provider.pay_in(*paying->payment));
  world.notice(*paying->payment);
  world.run_news();
  sync_wait(world.service.reconcile());
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(lost(), 0);
  EXPECT_TRUE(tasks().empty());
  expect_even();
}

// ---- people said how a payment ended

class BookingSettledByHand : public BookingReversal {
 protected:
  // The buyer approved, the capture was made or not, and the provider is gone from then on.
  Paying gone_silent(const Reservation& r, bool captured) {
    const auto paying = world.pay(r);
    auto data = world.decide(*paying, payments::Decision::approve);
    world.provider_fault = captured ? payments::ProviderFault::commit_then_drop
                                    : payments::ProviderFault::drop_before_commit;
    EXPECT_TRUE(world.come_back(*paying, std::move(data)));
    world.provider_fault = payments::ProviderFault::drop_before_commit;
    pass(minutes(90));
    return *paying;
  }
  void pass(Millis time) {
    for (Millis passed{0}; passed < time; passed += minutes(5)) {
      world.clock.advance(minutes(5));
      sync_wait(world.payments->reconcile());
      sync_wait(world.service.sweep());
      world.run_news();
      sync_wait(world.service.reconcile());
    }
  }
  void settle(const Paying& paying, bool captured) {
    payments::PaymentSettlement request{
        .payment = *paying.payment, .who = "acc_1", .captured = captured, .reason = "their list"};
    ASSERT_TRUE(sync_wait(world.payments->settle_payment(std::move(request))));
    world.run_news();
  }
  void expect_rest() {
    EXPECT_EQ(world.money_wrong(), "");
    EXPECT_EQ(world.owed_to_buyers(), world.kept_money() - world.ticket_money());
  }
};
INSTANTIATE_TEST_SUITE_P(, BookingSettledByHand,
                         testing::Values(sql::Dialect::sqlite, sql::Dialect::mysql));

TEST_P(BookingSettledByHand, CapturedBuysTheSeatsThatAreFreeStill) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const Paying paying = gone_silent(r, true);
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  settle(paying, true);
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  expect_rest();
  world.provider_fault = payments::ProviderFault::none;
  pass(minutes(10));
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_TRUE(tasks().empty());
  expect_rest();
}

TEST_P(BookingSettledByHand, CapturedThatWasNotEndsThePurchaseWhenPeopleSaySo) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const Paying paying = gone_silent(r, false);
  settle(paying, true);
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  world.provider_fault = payments::ProviderFault::none;
  pass(minutes(10));
  EXPECT_EQ(lost(), 150'000);
  expect_rest();
  decide(true);
  world.run_news();
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(lost(), 0);
  expect_rest();
}

// The seats were sold meanwhile: what people took for money goes back, which nobody can.
TEST_P(BookingSettledByHand, CapturedThatWasNotAndBoughtNothingLeavesNothingOwed) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const Paying paying = gone_silent(r, false);
  world.provider_fault = payments::ProviderFault::none;
  const Reservation other = world.reserved(world.buyer(), {"A-3"});
  world.provider_fault = payments::ProviderFault::drop_before_commit;
  settle(paying, true);
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  world.provider_fault = payments::ProviderFault::none;
  pass(minutes(90));
  ASSERT_EQ(tasks().size(), 1U) << "a refund that no provider answers for";
  payments::RefundSettlement request{.refund = tasks()[0].refund.id,
                                     .who = "acc_1",
                                     .outcome = RefundState::failed,
                                     .reason = "nothing ever came"};
  ASSERT_TRUE(sync_wait(world.payments->settle_refund(std::move(request))));
  sync_wait(world.payments->look_up(*paying.payment, "acc_1"));
  decide(true);
  world.run_news();
  EXPECT_EQ(world.owed_to_buyers(), 0);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingSettledByHand, NotCapturedThatWasBuysLateOrGoesBack) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const Paying paying = gone_silent(r, true);
  settle(paying, false);
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  world.provider_fault = payments::ProviderFault::none;
  (void)world.bought(world.buyer(), {"A-3"});
  pass(minutes(10));
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  EXPECT_EQ(world.kept_money(), 150'000) << "the second buyer's; the first is refunded";
  expect_rest();
}

}  // namespace
}  // namespace onsale::booking
