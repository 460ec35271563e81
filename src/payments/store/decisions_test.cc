// What a provider's books say against ours, and what people decide when it says nothing.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/log_fakes.h"
#include "payments/events.h"
#include "payments/provider_fakes.h"
#include "payments/service.h"
#include "payments/store/ledger_store.h"
#include "tests/contract/payment_stores.h"

namespace onsale::payments {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using enum PaymentState;

constexpr std::int64_t kAmount = 30'000;

Refund one(std::int64_t amount, RefundState state, bool settled = false) {
  Refund refund{.amount = {amount, "KRW"}, .state = state};
  if (settled) refund.settled_at = Timestamp{};
  return refund;
}

TEST(DriftRule, WhatIsMissingAndNotOursWasLost) {
  EXPECT_EQ(drift(30, {}, 30).lost, 0);
  EXPECT_EQ(drift(30, {}, 10).lost, 20);
  EXPECT_EQ(drift(30, {one(10, RefundState::done)}, 20).lost, 0);
  EXPECT_EQ(drift(30, {one(20, RefundState::reversed)}, 10).lost, 0) << "told twice";
  EXPECT_EQ(drift(30, {one(20, RefundState::reversed)}, 0).lost, 10) << "and then some more";
}

TEST(DriftRule, WhatMayBeOursIsNotLostYet) {
  const Drift asked = drift(30, {one(10, RefundState::requested)}, 20);
  EXPECT_EQ(asked.lost, 0);
  EXPECT_TRUE(asked.unclear);
  EXPECT_EQ(drift(30, {one(10, RefundState::failed)}, 0).lost, 20) << "this much surely";
  EXPECT_EQ(drift(30, {one(10, RefundState::failed, true)}, 0).lost, 30) << "it will not go back";
  EXPECT_EQ(drift(30, {one(10, RefundState::done, true)}, 30).lost, 0) << "it went another way";
}

TEST(DriftRule, WhatComesAgainIsAtMostWhatWentWithoutUs) {
  EXPECT_EQ(drift(30, {one(30, RefundState::reversed)}, 30).back, 30);
  EXPECT_EQ(drift(30, {one(30, RefundState::reversed)}, 0).back, 0);
  EXPECT_EQ(drift(30, {one(30, RefundState::restored)}, 30).back, 0);
  EXPECT_EQ(drift(30, {one(10, RefundState::done)}, 30).back, 0) << "never of a refund of ours";
}

TEST(LeftThereRule, OnlyPeoplesWordIsTakenBackByANobodyWasHere) {
  EXPECT_EQ(left_there(Verdict::captured, 20, false), 20);
  EXPECT_EQ(left_there(Verdict::reversed, 20, false), 0);
  EXPECT_EQ(left_there(Verdict::waiting, 20, false), 0);
  EXPECT_EQ(left_there(Verdict::unknown, 20, true), std::nullopt);
  EXPECT_EQ(left_there(Verdict::open, 0, false), std::nullopt);
  EXPECT_EQ(left_there(Verdict::open, 0, true), 0);
}

class Decisions : public testing::TestWithParam<std::string> {
 protected:
  PaymentId begun() {
    clock_.advance(Millis(1));
    const auto made = sync_wait(payments_->create({.id = PaymentId::make(clock_.now(), random_),
                                                   .subject = "res_" + std::to_string(++subjects_),
                                                   .owner = owner_,
                                                   .provider = "sandbox",
                                                   .amount = {kAmount, "KRW"}}));
    EXPECT_TRUE(sync_wait(payments_->begin({.payment = made->id, .return_address = "/r"})));
    return made->id;
  }
  void come_back(PaymentId id, Decision decision) {
    EXPECT_TRUE(provider_.decide(id, "of-" + id.str(), decision));
    const std::string key = sync_wait(store_->find(id))->key;
    EXPECT_TRUE(sync_wait(payments_->settle(id, {{"key", key}})));
  }
  PaymentId paid_one() {
    const PaymentId id = begun();
    come_back(id, Decision::approve);
    EXPECT_EQ(at(id).state, paid);
    return id;
  }
  // The buyer approved, and nobody hears from the provider from then on.
  PaymentId lost_one() {
    const PaymentId id = begun();
    silent_ = true;
    come_back(id, Decision::approve);
    EXPECT_EQ(at(id).state, unknown);
    return id;
  }
  // The same, and the capture was made all the same.
  PaymentId captured_unheard() {
    const PaymentId id = begun();
    answers_lost_ = true;
    come_back(id, Decision::approve);
    answers_lost_ = false;
    silent_ = true;
    EXPECT_EQ(at(id).state, unknown);
    return id;
  }
  void pass(Millis time) {
    for (Millis passed{0}; passed < time; passed += minutes(5)) {
      clock_.advance(minutes(5));
      sync_wait(payments_->reconcile());
    }
  }
  void notice(PaymentId id) {
    clock_.advance(kNoticeSpacing);
    sync_wait(payments_->noticed(id, "sandbox"));
    sync_wait(payments_->reconcile());
  }
  Result<Payment, PaymentTaskRefusal> settle(PaymentId id, bool captured) {
    return sync_wait(payments_->settle_payment(
        {.payment = id, .who = "acc_1", .captured = captured, .reason = "their list says so"}));
  }
  Refund refund(PaymentId id, std::int64_t amount) {
    clock_.advance(Millis(1));
    return *sync_wait(payments_->refund({.payment = id,
                                         .id = RefundId::make(clock_.now(), random_),
                                         .amount = {amount, "KRW"},
                                         .reason = "cancelled"}));
  }
  std::vector<RefundTask> tasks() { return sync_wait(payments_->refund_tasks(100, {})).items; }
  Payment at(PaymentId id) { return sync_wait(payments_->find(id)).value(); }
  // Every row and the ledger say the same; the fake has no ledger.
  void expect_books() {
    if (!each_.database) return;
    EXPECT_EQ(sync_wait(each_.database->read([](sql::Tx& tx) { return books::check(tx); })), "");
  }
  std::size_t told(const std::string& topic) {
    return sync_wait(each_.database->read([topic](sql::Tx& tx) {
             return tx.query<std::string>("SELECT body FROM platform_outbox WHERE topic = ?",
                                          topic);
           }))
        .size();
  }

  QuietLog quiet_;
  FakeClock clock_;
  SeededRandom random_{5};
  AccountId owner_ = AccountId::make(clock_.now(), random_);
  int subjects_ = 0;
  std::atomic<bool> silent_ = false, answers_lost_ = false;
  EachStore each_{GetParam()};
  Store* const store_ = each_.store.get();
  ProviderWithBooks provider_{{.fault =
                                   [this](ProviderStep) {
                                     return silent_         ? ProviderFault::drop_before_commit
                                            : answers_lost_ ? ProviderFault::commit_then_drop
                                                            : ProviderFault::none;
                                   },
                               .deposit_until = clock_.now() + hours(24)}};
  std::unique_ptr<Payments> payments_ = make_payments(
      {.store = *store_, .providers = {&provider_}, .clock = clock_, .random = random_});
};
ONSALE_ON_EACH_STORE(Decisions);

// ---- money that is not there any more

TEST_P(Decisions, MoneyThatTheProviderTookBackIsBookedOnceAndWaitsForPeople) {
  const PaymentId id = paid_one();
  provider_.take_back(id, kAmount);
  for (int i = 0; i < 3; ++i) notice(id);
  EXPECT_EQ(at(id).state, refunded);
  EXPECT_EQ(at(id).refunded, kAmount);
  ASSERT_EQ(tasks().size(), 1U);
  const Refund task = tasks()[0].refund;
  EXPECT_EQ(task.state, RefundState::reversed);
  EXPECT_EQ(task.amount.amount, kAmount);
  EXPECT_EQ(payments_->refund_tasks_waiting(), 1);
  expect_books();
  // Nobody asks for it again, or says that it went another way.
  EXPECT_EQ(sync_wait(payments_->retry_refund({.refund = task.id, .who = "acc_1"})).error(),
            RefundTaskRefusal::not_failed);
  EXPECT_EQ(sync_wait(payments_->settle_refund({.refund = task.id, .reason = "x"})).error(),
            RefundTaskRefusal::not_failed);
  const ReversalDecision decision{.refund = task.id, .who = "acc_1", .reason = "charged back"};
  EXPECT_TRUE(sync_wait(payments_->decide_reversal(decision)));
  EXPECT_EQ(sync_wait(payments_->decide_reversal(decision)).error(),
            RefundTaskRefusal::not_reversed);
  EXPECT_TRUE(tasks().empty());
  notice(id);
  EXPECT_TRUE(tasks().empty());
  expect_books();
}

TEST_P(Decisions, PartsThatWentInTurnAreAskedAboutOneByOne) {
  const PaymentId id = paid_one();
  EXPECT_EQ(refund(id, 5'000).state, RefundState::done);
  provider_.take_back(id, 10'000);
  notice(id);
  EXPECT_EQ(at(id).state, partially_refunded);
  EXPECT_EQ(at(id).refunded, 15'000);
  provider_.take_back(id, 15'000);
  notice(id);
  EXPECT_EQ(at(id).state, refunded);
  EXPECT_EQ(tasks().size(), 2U);
  expect_books();
}

TEST_P(Decisions, ARefundOfOursThatIsUnderWayIsNotTakenForSomebodyElses) {
  const PaymentId id = paid_one();
  answers_lost_ = true;
  EXPECT_EQ(refund(id, 10'000).state, RefundState::requested);
  answers_lost_ = false;
  sync_wait(payments_->look_up(id, "acc_1"));
  EXPECT_TRUE(tasks().empty());
  provider_.take_back(id, 20'000);
  sync_wait(payments_->look_up(id, "acc_1"));
  ASSERT_EQ(tasks().size(), 1U);
  EXPECT_EQ(tasks()[0].refund.amount.amount, 20'000);
  pass(minutes(10));
  EXPECT_EQ(at(id).refunded, kAmount);
  EXPECT_EQ(tasks().size(), 1U);
  expect_books();
}

TEST_P(Decisions, ADepositThatIsTakenOutAndPaidInAgainIsThereAgain) {
  const PaymentId id = begun();
  come_back(id, Decision::transfer);
  EXPECT_EQ(at(id).state, pending);
  EXPECT_TRUE(provider_.pay_in(id));
  notice(id);
  EXPECT_EQ(at(id).state, paid);
  EXPECT_TRUE(provider_.withdraw(id));
  notice(id);
  EXPECT_EQ(at(id).state, refunded);
  EXPECT_EQ(tasks().size(), 1U);
  expect_books();
  EXPECT_TRUE(provider_.pay_in(id));
  pass(minutes(10));  // no webhook: it is looked at while the account is open
  EXPECT_EQ(at(id).state, paid);
  EXPECT_EQ(at(id).refunded, 0);
  EXPECT_TRUE(tasks().empty());
  expect_books();
}

TEST_P(Decisions, ADepositThatComesAgainAfterThePurchaseHasEndedGoesBack) {
  if (!each_.database) GTEST_SKIP() << "the fake books no refund of it";
  const PaymentId id = begun();
  come_back(id, Decision::transfer);
  EXPECT_TRUE(provider_.pay_in(id));
  notice(id);
  EXPECT_TRUE(provider_.withdraw(id));
  notice(id);
  const RefundId task = tasks().at(0).refund.id;
  EXPECT_TRUE(sync_wait(payments_->decide_reversal({.refund = task, .reason = "no money"})));
  EXPECT_TRUE(provider_.pay_in(id));
  notice(id);
  pass(minutes(10));
  EXPECT_EQ(provider_.kept(id), kAmount) << "nobody knows whose account it came from";
  EXPECT_TRUE(sync_wait(
      payments_->give_account(id, {.bank = "20", .account = "1002345678901", .holder = "Kim"})));
  pass(minutes(10));
  EXPECT_EQ(at(id).state, refunded);
  EXPECT_EQ(provider_.kept(id), 0);
  EXPECT_EQ(told("payments.settled"), 1U) << "nothing is bought with it";
  expect_books();
}

TEST_P(Decisions, AnAccountOfACancelledPaymentIsWatchedUntilNothingCanBePaidInAnyMore) {
  const PaymentId id = begun();
  come_back(id, Decision::transfer);
  silent_ = true;  // the account can't be closed now
  EXPECT_TRUE(sync_wait(payments_->cancel(id)));
  EXPECT_EQ(at(id).state, cancelled);
  silent_ = false;
  pass(minutes(15));
  EXPECT_FALSE(provider_.pay_in(id)) << "it was closed afterwards";
}

// ---- a provider that says nothing

TEST_P(Decisions, WhatNobodyAnsweredForDuringAnHourIsSettledByPeople) {
  const PaymentId id = lost_one();
  EXPECT_EQ(settle(id, true).error(), PaymentTaskRefusal::not_waiting);
  pass(hours(1));
  EXPECT_EQ(payments_->payment_tasks_waiting(), 1);
  EXPECT_EQ(settle(id, false)->state, cancelled);
  EXPECT_EQ(settle(id, true).error(), PaymentTaskRefusal::not_waiting);
  EXPECT_EQ(at(id).decided_reason, "their list says so");
  sync_wait(payments_->reconcile());
  EXPECT_EQ(payments_->payment_tasks_waiting(), 0);
  expect_books();
  if (each_.database) {
    EXPECT_EQ(told("payments.decided"), 1U);
    EXPECT_EQ(told("payments.settled"), 1U);
  }
  EXPECT_EQ(settle(PaymentId::make(clock_.now(), random_), true).error(),
            PaymentTaskRefusal::payment_unknown);
}

TEST_P(Decisions, NotCapturedAsPeopleSaidIsLateMoneyWhenItWas) {
  const PaymentId id = captured_unheard();
  pass(hours(1));
  EXPECT_EQ(settle(id, false)->state, cancelled);
  silent_ = false;
  pass(minutes(10));
  EXPECT_EQ(at(id).state, paid);
  EXPECT_EQ(at(id).captured, kAmount);
  expect_books();
}

TEST_P(Decisions, CapturedAsPeopleSaidIsConfirmedWhenTheProviderIsBack) {
  const PaymentId id = captured_unheard();
  pass(hours(1));
  EXPECT_EQ(settle(id, true)->state, paid);
  EXPECT_EQ(at(id).captured, kAmount);
  pass(hours(1));
  silent_ = false;
  pass(minutes(10));
  EXPECT_EQ(at(id).state, paid);
  EXPECT_EQ(sync_wait(store_->find(id))->receipt, "receipt-" + id.str());
  EXPECT_FALSE(sync_wait(store_->find(id))->check_at);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(refund(id, kAmount).state, RefundState::done);
  expect_books();
}

TEST_P(Decisions, CapturedAsPeopleSaidIsReversedWhenItWasNot) {
  const PaymentId id = begun();
  silent_ = true;
  pass(hours(2));
  EXPECT_EQ(at(id).state, pending) << "the provider may have been paid";
  EXPECT_EQ(settle(id, true)->state, paid);
  silent_ = false;
  pass(minutes(10));
  EXPECT_EQ(at(id).state, refunded);
  ASSERT_EQ(tasks().size(), 1U);
  EXPECT_EQ(tasks()[0].refund.state, RefundState::reversed);
  expect_books();
  if (!each_.database) return;
  EXPECT_TRUE(sync_wait(payments_->decide_reversal({.refund = tasks()[0].refund.id})));
  const RefundId task = sync_wait(payments_->refunds(id)).at(0).id;
  for (int i = 0; i < 2; ++i) sync_wait(payments_->reversal_unbought(task));
  expect_books();
}

TEST_P(Decisions, AnAccountToPayIntoIsNobodysTaskWhileItIsOpen) {
  const PaymentId id = begun();
  come_back(id, Decision::transfer);
  silent_ = true;
  pass(hours(24));
  EXPECT_EQ(settle(id, false).error(), PaymentTaskRefusal::not_waiting);
  pass(hours(1));
  EXPECT_EQ(settle(id, false)->state, cancelled);
}

}  // namespace
}  // namespace onsale::payments
