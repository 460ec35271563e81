// A refund that the provider refused: a task that somebody sees, has asked for again, or settles.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "payments/events.h"
#include "payments/service.h"
#include "platform/json/json.h"
#include "tests/contract/payment_stores.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum PaymentState;

class RefundTasks : public testing::TestWithParam<std::string> {
 protected:
  RefundTasks() {
    payments_ = make_payments(
        {.store = *store_, .providers = {&provider_}, .clock = clock_, .random = random_});
    Payment payment{.id = PaymentId::make(clock_.now(), random_),
                    .subject = "res_1",
                    .owner = AccountId::make(clock_.now(), random_),
                    .provider = "fake",
                    .amount = {30'000, "KRW"},
                    .created_at = clock_.now(),
                    .updated_at = clock_.now()};
    payment_ = payment.id;
    EXPECT_TRUE(sync_wait(
        store_->insert({.payment = payment, .key = "key", .check_at = clock_.now() + minutes(5)})));
    EXPECT_TRUE(sync_wait(store_->settle(
        {.payment = payment_, .state = paid, .captured = 30'000, .check_at = {}}, clock_.now())));
  }
  RefundId refund(std::int64_t amount, RefundVerdict verdict) {
    clock_.advance(Millis(1));
    provider_.refund_answers = {verdict};
    const RefundRequest request{.payment = payment_,
                                .id = RefundId::make(clock_.now(), random_),
                                .amount = {amount, "KRW"},
                                .reason = "cancelled"};
    EXPECT_TRUE(sync_wait(payments_->refund(request)));
    return request.id;
  }
  std::vector<RefundTask> tasks() { return sync_wait(payments_->refund_tasks(100, {})).items; }
  Result<Refund, RefundTaskRefusal> retry(RefundId id) {
    return sync_wait(payments_->retry_refund({.refund = id, .who = "acc_1"}));
  }
  Result<Refund, RefundTaskRefusal> settle(RefundId id, RefundState outcome) {
    return sync_wait(payments_->settle_refund(
        {.refund = id, .who = "acc_1", .outcome = outcome, .reason = "by bank transfer"}));
  }
  Payment payment() { return sync_wait(payments_->find(payment_)).value(); }
  std::vector<RefundDecided> decided() {
    std::vector<RefundDecided> out;
    const auto bodies = sync_wait(each_.database->read([](sql::Tx& tx) {
      return tx.query<std::string>(
          "SELECT body FROM platform_outbox WHERE topic = 'payments.refund_decided' ORDER BY "
          "sequence");
    }));
    for (const auto& [body] : bodies) out.push_back(json::read<RefundDecided>(body).value());
    return out;
  }

  FakeClock clock_;
  SeededRandom random_{5};
  EachStore each_{GetParam()};
  Store* const store_ = each_.store.get();
  FakeProvider provider_;
  std::unique_ptr<Payments> payments_;
  PaymentId payment_;
};

TEST_P(RefundTasks, WhatTheProviderRefusedWaitsForSomebody) {
  refund(5'000, RefundVerdict::done);
  const RefundId first = refund(10'000, RefundVerdict::refused);
  const RefundId second = refund(7'000, RefundVerdict::refused);
  const auto all = tasks();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].refund.id, first);
  EXPECT_EQ(all[0].refund.amount.amount, 10'000);
  EXPECT_EQ(all[0].subject, "res_1");
  EXPECT_EQ(all[0].owner, payment().owner);
  EXPECT_EQ(all[0].provider, "fake");
  EXPECT_EQ(payments_->refund_tasks_waiting(), 0) << "counted by reconcile()";
  sync_wait(payments_->reconcile());
  EXPECT_EQ(payments_->refund_tasks_waiting(), 2);
  const auto page = sync_wait(payments_->refund_tasks(1, {}));
  ASSERT_EQ(page.items.size(), 1U);
  ASSERT_EQ(page.next, first);
  const auto rest = sync_wait(payments_->refund_tasks(1, page.next));
  ASSERT_EQ(rest.items.size(), 1U);
  EXPECT_EQ(rest.items[0].refund.id, second);
  EXPECT_FALSE(rest.next);
}

TEST_P(RefundTasks, AskingAgainIsANewAttemptUnderANewKey) {
  const RefundId id = refund(10'000, RefundVerdict::refused);
  provider_.refund_answers = {RefundVerdict::refused, RefundVerdict::done};
  EXPECT_EQ(retry(id)->state, RefundState::failed);
  EXPECT_EQ(payment().refunding, 0);
  EXPECT_EQ(retry(id)->state, RefundState::done);
  EXPECT_EQ(payment().refunded, 10'000);
  EXPECT_EQ(payment().refunding, 10'000);
  EXPECT_EQ(payment().state, partially_refunded);
  ASSERT_EQ(provider_.refunds.size(), 3U);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(provider_.refunds[static_cast<std::size_t>(i)].attempt, i);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(retry(id).error(), RefundTaskRefusal::not_failed);
  EXPECT_EQ(settle(id, RefundState::failed).error(), RefundTaskRefusal::not_failed);
}

TEST_P(RefundTasks, AnAnswerThatIsLostIsAskedForUnderTheSameAttempt) {
  const RefundId id = refund(10'000, RefundVerdict::refused);
  EXPECT_EQ(retry(id)->state, RefundState::requested) << "the answer was lost";
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(retry(id).error(), RefundTaskRefusal::not_failed) << "it is on its way";
  provider_.refund_answers = {RefundVerdict::done};
  clock_.advance(seconds(10));
  EXPECT_EQ(sync_wait(payments_->reconcile()), 1);
  EXPECT_EQ(provider_.refunds.back().attempt, 1);
  EXPECT_EQ(payment().refunded, 10'000);
}

TEST_P(RefundTasks, MoneyThatWentBackAnotherWayCounts) {
  const RefundId id = refund(30'000, RefundVerdict::refused);
  const auto settled = settle(id, RefundState::done);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->state, RefundState::done);
  EXPECT_EQ(settled->settled_reason, "by bank transfer");
  EXPECT_EQ(settled->settled_at, clock_.now());
  EXPECT_EQ(payment().refunded, 30'000);
  EXPECT_EQ(payment().state, refunded);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(settle(id, RefundState::done).error(), RefundTaskRefusal::not_failed);
}

TEST_P(RefundTasks, MoneyThatWillNotGoBackIsClosedAndStaysOnTheBooks) {
  const RefundId id = refund(30'000, RefundVerdict::refused);
  const auto settled = settle(id, RefundState::failed);
  ASSERT_TRUE(settled);
  EXPECT_EQ(settled->state, RefundState::failed);
  EXPECT_EQ(payment().refunded, 0);
  EXPECT_EQ(payment().refunding, 0);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(retry(id).error(), RefundTaskRefusal::not_failed);
}

TEST_P(RefundTasks, NoMoreGoesBackThanThereIs) {
  const RefundId id = refund(30'000, RefundVerdict::refused);
  refund(1, RefundVerdict::done);
  EXPECT_EQ(retry(id).error(), RefundTaskRefusal::exceeds_captured);
  EXPECT_EQ(settle(id, RefundState::done).error(), RefundTaskRefusal::exceeds_captured);
  EXPECT_TRUE(settle(id, RefundState::failed));
  EXPECT_EQ(retry(RefundId::make(clock_.now(), random_)).error(),
            RefundTaskRefusal::refund_unknown);
}

TEST_P(RefundTasks, EveryDecisionIsToldWithTheChangeThatItMade) {
  if (GetParam() == "fake") GTEST_SKIP() << "only tables tell";
  const RefundId id = refund(10'000, RefundVerdict::refused);
  EXPECT_TRUE(decided().empty());
  provider_.refund_answers = {RefundVerdict::refused};
  ASSERT_TRUE(retry(id));
  ASSERT_TRUE(settle(id, RefundState::done));
  (void)settle(id, RefundState::done);
  const auto all = decided();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(all[0].refund, id);
  EXPECT_EQ(all[0].who, "acc_1");
  EXPECT_EQ(all[0].state, RefundState::requested);
  EXPECT_EQ(all[1].state, RefundState::done);
  EXPECT_EQ(all[1].reason, "by bank transfer");
  EXPECT_EQ(all[1].amount, 10'000);
  EXPECT_NE(all[0].id, all[1].id);
}

// Its provider may have been switched off: then nobody will ever answer.
TEST_P(RefundTasks, WhatNobodyAnsweredForAnHourIsSettledByHand) {
  provider_.refund_answers = {};
  const auto unanswered = [&](std::int64_t amount) {
    clock_.advance(Millis(1));
    const RefundRequest request{.payment = payment_,
                                .id = RefundId::make(clock_.now(), random_),
                                .amount = {amount, "KRW"}};
    EXPECT_EQ(sync_wait(payments_->refund(request))->state, RefundState::requested);
    return request.id;
  };
  const RefundId went_back = unanswered(10'000);
  const RefundId will_not = unanswered(5'000);
  clock_.advance(minutes(60) - Millis(1));
  ASSERT_EQ(tasks().size(), 1U) << "an hour each";
  EXPECT_EQ(settle(will_not, RefundState::failed).error(), RefundTaskRefusal::not_failed);
  clock_.advance(Millis(1));
  ASSERT_EQ(tasks().size(), 2U);
  EXPECT_EQ(tasks()[0].refund.state, RefundState::requested);
  sync_wait(payments_->reconcile());
  EXPECT_EQ(payments_->refund_tasks_waiting(), 2) << "asked again, and still no answer";
  EXPECT_EQ(retry(went_back).error(), RefundTaskRefusal::not_failed)
      << "a new key might send it twice";
  EXPECT_EQ(settle(went_back, RefundState::done)->state, RefundState::done);
  EXPECT_EQ(payment().refunded, 10'000);
  EXPECT_EQ(payment().refunding, 15'000);
  EXPECT_EQ(settle(will_not, RefundState::failed)->state, RefundState::failed);
  EXPECT_EQ(payment().refunding, 10'000);
  EXPECT_EQ(payment().refunded, 10'000);
  EXPECT_TRUE(tasks().empty());
  EXPECT_EQ(settle(will_not, RefundState::done).error(), RefundTaskRefusal::not_failed);
  clock_.advance(minutes(60));
  const auto asked = provider_.refunds.size();
  sync_wait(payments_->reconcile());
  EXPECT_EQ(provider_.refunds.size(), asked) << "nobody is asked any more";
  if (GetParam() != "fake") EXPECT_EQ(decided().size(), 2U);
}

// An hour after it was asked for again, not after it was asked for first.
TEST_P(RefundTasks, WhatIsAskedForAgainHasAnotherHour) {
  const RefundId id = refund(10'000, RefundVerdict::refused);
  clock_.advance(minutes(90));
  EXPECT_EQ(retry(id)->state, RefundState::requested);
  EXPECT_TRUE(tasks().empty());
  clock_.advance(minutes(60));
  EXPECT_EQ(tasks().size(), 1U);
}

ONSALE_ON_EACH_STORE(RefundTasks);

}  // namespace
}  // namespace onsale::payments
