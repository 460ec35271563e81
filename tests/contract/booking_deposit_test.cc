// A buyer who was given an account to pay into: the seats wait for the deposit, until it is due and
// no longer; and what was deposited goes back where the buyer says.
#include <gtest/gtest.h>

#include "base/log_fakes.h"
#include "booking/rules.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::Decision;
using payments::RefundState;
using std::chrono::hours;
using std::chrono::minutes;

const payments::RefundAccount kMine{.bank = "20", .account = "110-123-456789", .holder = "김하나"};

class BookingDeposit : public testing::TestWithParam<sql::Dialect> {
 protected:
  // Everything that runs by itself, every five minutes.
  void pass(Millis time) {
    for (Millis passed{0}; passed < time; passed += minutes(5)) {
      world.clock.advance(minutes(5));
      work();
    }
  }
  void work() {
    sync_wait(world.payments->reconcile());
    sync_wait(world.service.sweep());
    keep(world.run_news());
    sync_wait(world.service.reconcile());
    keep(world.run_news());
  }
  void keep(std::vector<sql::Event> events) {
    for (sql::Event& event : events) told.push_back(std::move(event));
  }
  void tell_all_again() {
    const std::vector<sql::Event> all = told;
    for (const sql::Event& event : all) sync_wait(deliver(world.service, event));
    keep(world.run_news());
  }
  Reservation awaited(const std::vector<std::string>& seats) {
    const Reservation r = world.reserved(world.buyer(), seats);
    paying = *world.pay(r);
    EXPECT_TRUE(world.come_back(paying, world.decide(paying, Decision::transfer)));
    return world.find(r);
  }
  Reservation deposited(const std::vector<std::string>& seats) {
    const Reservation r = awaited(seats);
    EXPECT_TRUE(world.provider.pay_in(*paying.payment));
    world.notice(*paying.payment);
    work();
    EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
    return world.find(r);
  }
  Result<Reservation, CancelRefusal> cancel(const Reservation& r,
                                            std::optional<payments::RefundAccount> to = {}) {
    return sync_wait(world.service.cancel(
        {.reservation = r.id, .buyer = r.buyer, .refund_account = std::move(to)}));
  }
  auto give_account(const Reservation& r, payments::RefundAccount account) {
    return sync_wait(world.service.give_refund_account(r.id, r.buyer, std::move(account)));
  }
  std::vector<payments::RefundTask> tasks() {
    return sync_wait(world.payments->refund_tasks(100, {})).items;
  }
  void expect_even() {
    EXPECT_EQ(world.money_wrong(), "");
    EXPECT_EQ(world.owed_to_buyers(), world.kept_money() - world.ticket_money());
  }

  const QuietLog quiet;
  World world{GetParam()};
  const Timestamp begun = world.clock.now();
  Paying paying;
  std::vector<sql::Event> told;
};
ONSALE_ON_BOTH_DIALECTS(BookingDeposit);

TEST(DepositUntilRule, TheAccountTheSettingAndTheStartBoundIt) {
  const Timestamp made = from_unix_ms(1'800'000'000'000);
  const Timestamp ends = made + minutes(5);
  const Settings settings{.deposit_hours = 24};
  const auto until = [&](std::optional<Timestamp> due, Millis start) {
    return deposit_until(settings, made, ends, due, made + start) - made;
  };
  EXPECT_EQ(until(made + hours(12), hours(48)), hours(12));
  EXPECT_EQ(until(made + hours(72), hours(48)), hours(24));
  EXPECT_EQ(until({}, hours(48)), hours(24));
  EXPECT_EQ(until(made + hours(12), hours(6)), hours(5));
  EXPECT_EQ(until(made + hours(12), minutes(30)), minutes(5)) << "as any other hold";
  EXPECT_EQ(deposit_until({.deposit_hours = 0}, made, ends, {}, made + hours(48)), ends);
}

TEST_P(BookingDeposit, TheSeatsWaitForTheDepositAndAreBoughtWithIt) {
  const Reservation r = awaited({"A-3"});
  EXPECT_EQ(r.state, ReservationState::pending);
  EXPECT_EQ(r.pay_by, begun + hours(12));
  pass(hours(11));
  EXPECT_EQ(world.find(r).state, ReservationState::pending);
  EXPECT_EQ(world.claims().at("A-3"), SeatState::held);
  EXPECT_EQ(world.board().at("A-3"), SeatState::held);
  ASSERT_TRUE(world.provider.pay_in(*paying.payment));
  pass(minutes(10));  // without a webhook
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  expect_even();
}

TEST_P(BookingDeposit, ABuyerWhoDoesNotComeBackIsWaitedForAllTheSame) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  paying = *world.pay(r);
  (void)world.decide(paying, Decision::transfer);
  pass(hours(2));
  EXPECT_EQ(world.find(r).pay_by, begun + hours(12));
  ASSERT_TRUE(world.provider.pay_in(*paying.payment));
  pass(minutes(10));
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  expect_even();
}

// Killed when the payment was settled and before the seats were kept: the event does it.
TEST_P(BookingDeposit, AKillBetweenTheAccountAndTheSeatsLosesNothing) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  paying = *world.pay(r);
  sync_wait(world.payments->settle(*paying.payment, world.decide(paying, Decision::transfer)));
  world.restart();
  EXPECT_LT(world.find(r).pay_by, begun + hours(1));
  keep(world.run_news());
  EXPECT_EQ(world.find(r).pay_by, begun + hours(12));
  world.restart();
  pass(hours(11));
  EXPECT_EQ(world.find(r).state, ReservationState::pending);
  tell_all_again();
  EXPECT_EQ(world.find(r).pay_by, begun + hours(12));
}

TEST_P(BookingDeposit, WithoutADepositInTimeTheSeatsAreFreeAndTheAccountIsClosed) {
  const Reservation r = awaited({"A-3"});
  pass(hours(12) + minutes(5));
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  EXPECT_TRUE(world.claims().empty());
  EXPECT_FALSE(world.provider.pay_in(*paying.payment));
  tell_all_again();
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  EXPECT_TRUE(world.claims().empty());
  expect_even();
}

TEST_P(BookingDeposit, ADepositThatComesTooLateBuysWhatIsFreeStillOrGoesBack) {
  for (const bool sold : {false, true}) {
    const Reservation r = awaited({"A-3"});
    world.provider_fault = payments::ProviderFault::drop_before_commit;  // it can't be closed
    pass(hours(12) + minutes(10));
    ASSERT_EQ(world.find(r).state, ReservationState::expired);
    world.provider_fault = payments::ProviderFault::none;
    if (sold) (void)world.bought(world.buyer(), {"A-3"});
    ASSERT_TRUE(world.provider.pay_in(*paying.payment));
    pass(minutes(20));
    tell_all_again();
    if (!sold) {
      ASSERT_EQ(world.find(r).state, ReservationState::confirmed);
      ASSERT_TRUE(cancel(r, kMine));
    } else {
      EXPECT_EQ(world.find(r).state, ReservationState::expired);
      ASSERT_EQ(tasks().size(), 1U) << "where to?";
      EXPECT_EQ(tasks()[0].refund.failure, payments::kAccountMissing);
      ASSERT_TRUE(give_account(r, kMine));
      pass(minutes(10));
      EXPECT_TRUE(tasks().empty());
      EXPECT_EQ(world.provider.kept(*paying.payment), 0);
    }
    expect_even();
  }
}

TEST_P(BookingDeposit, WhoCancelsWhileItIsWaitedForLeavesNoAccountOpen) {
  const Reservation r = awaited({"A-3"});
  ASSERT_TRUE(cancel(r));
  work();
  EXPECT_TRUE(world.claims().empty());
  EXPECT_FALSE(world.provider.pay_in(*paying.payment));
  tell_all_again();
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_TRUE(world.claims().empty());
}

TEST_P(BookingDeposit, WhoPaysAnotherWayAfterAllPaysOnce) {
  const Reservation r = awaited({"A-3"});
  const auto other = world.pay(r);
  ASSERT_TRUE(other);
  EXPECT_NE(other->payment, paying.payment);
  work();
  EXPECT_FALSE(world.provider.pay_in(*paying.payment));
  ASSERT_TRUE(world.come_back(*other, world.decide(*other, Decision::approve)));
  tell_all_again();
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(world.kept_money(), 150'000);
  expect_even();
}

TEST_P(BookingDeposit, WhatWasDepositedGoesWhereTheBuyerSays) {
  const Reservation r = deposited({"A-3", "C-4"});
  EXPECT_EQ(
      cancel(r, payments::RefundAccount{.bank = "20", .account = "abc", .holder = "x"}).error(),
      CancelRefusal::account_invalid);
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed) << "nothing was done";
  const auto after = cancel(r, kMine);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->refunds.at(0).state, RefundState::done);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_FALSE(sync_wait(world.payments->find(*r.payment))->refund_account_given) << "forgotten";
  expect_even();
}

TEST_P(BookingDeposit, WithoutAnAccountTheRefundWaitsAndSaysSo) {
  const Reservation r = deposited({"A-3", "C-4"});
  ASSERT_TRUE(cancel(r));
  pass(minutes(10));
  ASSERT_EQ(tasks().size(), 1U);
  EXPECT_EQ(tasks()[0].refund.failure, payments::kAccountMissing);
  expect_even();
  tell_all_again();
  world.restart();
  EXPECT_EQ(give_account(r, {.bank = "", .account = "110123456789", .holder = "x"}).error(),
            RefundAccountRefusal::account_invalid);
  for (int i = 0; i < 2; ++i) ASSERT_TRUE(give_account(r, kMine));
  pass(minutes(5));
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.find(r).refunds.at(0).state, RefundState::done);
  tell_all_again();
  expect_even();
}

TEST_P(BookingDeposit, MoneyThatGoesBackWhereItCameFromNeedsNoAccount) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  EXPECT_EQ(give_account(r, kMine).error(), RefundAccountRefusal::not_needed);
  Reservation stranger = r;
  stranger.buyer = world.buyer();
  EXPECT_EQ(give_account(stranger, kMine).error(), RefundAccountRefusal::reservation_unknown);
}

TEST_P(BookingDeposit, TheReturnTheEventAndTheLookAtOnceKeepTheSeatsOnce) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  paying = *world.pay(r);
  const auto data = world.decide(paying, Decision::transfer);
  const PaymentId payment = *paying.payment;
  all_at_once(3, [&](int) { return discard(world.service.returned(payment, data)); });
  const auto news = world.news();
  all_at_once(4, [&](int i) {
    if (i == 0) return discard(world.service.returned(payment, data));
    return discard(world.payments->look_up(payment, "acc_1"));
  });
  for (const sql::Event& event : news)
    all_at_once(3, [&](int) { return deliver(world.service, event); });
  EXPECT_EQ(world.find(r).pay_by, begun + hours(12));
  ASSERT_TRUE(world.provider.pay_in(payment));
  all_at_once(4, [&](int) { return discard(world.payments->look_up(payment, "acc_1")); });
  work();
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  expect_even();
}

}  // namespace
}  // namespace onsale::booking
