// The use cases with a provider that says what the test wants.
#include "payments/service.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "payments/fakes.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum PaymentState;

const ProviderAnswer kCaptured{.verdict = Verdict::captured, .captured = 30'000, .receipt = "r1"};
const ProviderAnswer kDeclined{.verdict = Verdict::declined, .reason = "no funds"};
const ProviderAnswer kOpen{.verdict = Verdict::open};
const ProviderAnswer kAuthorised{.verdict = Verdict::authorised};
const ProviderAnswer kAbandoned{.verdict = Verdict::abandoned};
const ProviderAnswer kUnknown{};

class PaymentsService : public testing::Test {
 protected:
  NewPayment request(const std::string& subject = "res_1", std::int64_t amount = 30'000) {
    return {.id = PaymentId::make(clock_.now(), random_),
            .subject = subject,
            .owner = owner_,
            .provider = "fake",
            .amount = {amount, "KRW"},
            .order_name = "Two seats"};
  }
  Payment begun(const std::string& subject = "res_1") {
    const auto created = sync_wait(payments_->create(request(subject)));
    EXPECT_TRUE(created);
    const auto begun = sync_wait(payments_->begin(
        {.payment = created->id, .return_address = "/return/here", .return_url = "/checkout"}));
    EXPECT_TRUE(begun);
    return *begun;
  }
  Payment paid_one() {
    const Payment payment = begun();
    provider_.settle_answers = {kCaptured};
    EXPECT_EQ(settle(payment.id).state, paid);
    return at(payment.id);
  }
  ReturnData data(PaymentId id) {
    return {{"key", sync_wait(store_.find(id))->key}, {"pg_token", "abc"}};
  }
  Payment settle(PaymentId id) {
    const auto settled = sync_wait(payments_->settle(id, data(id)));
    EXPECT_TRUE(settled);
    return *settled;
  }
  Payment at(PaymentId id) { return sync_wait(payments_->find(id)).value(); }
  Result<Refund, RefundRefusal> refund(PaymentId id, std::int64_t amount) {
    return sync_wait(payments_->refund({.payment = id,
                                        .id = RefundId::make(clock_.now(), random_),
                                        .amount = {amount, "KRW"},
                                        .reason = "changed my mind"}));
  }
  int reconcile() { return sync_wait(payments_->reconcile()); }

  FakeClock clock_;
  SeededRandom random_{3};
  AccountId owner_ = AccountId::make(clock_.now(), random_);
  FakeStore store_;
  FakeProvider provider_;
  std::unique_ptr<Payments> payments_ = make_payments(
      {.store = store_, .providers = {&provider_}, .clock = clock_, .random = random_});
};

TEST_F(PaymentsService, AProviderThatNeverAnswersDelaysNobodyElsesPayments) {
  FakeProvider hanging("hanging");
  hanging.silence.emplace();
  const auto payments = make_payments(
      {.store = store_, .providers = {&hanging, &provider_}, .clock = clock_, .random = random_});
  const auto lost = [&](const std::string& provider) {
    NewPayment wanted = request("res_" + provider);
    wanted.provider = provider;
    const PaymentId id = sync_wait(payments->create(wanted))->id;
    EXPECT_TRUE(sync_wait(payments->begin({.payment = id, .return_address = "/r"})));
    return id;
  };
  const PaymentId theirs = lost("hanging");
  const PaymentId ours = lost("fake");
  clock_.advance(minutes(2));
  provider_.lookup_answers = {kCaptured};
  bool ended = false;
  start([](Payments& all) -> Task<void> { co_await all.reconcile("hanging"); }(*payments),
        [&](std::exception_ptr) { ended = true; });
  EXPECT_EQ(sync_wait(payments->reconcile("fake")), 1);
  EXPECT_EQ(sync_wait(payments->reconcile_rest()), 0);
  EXPECT_EQ(at(ours).state, paid);
  EXPECT_FALSE(ended);
  hanging.silence->set(kCaptured);
  EXPECT_TRUE(ended);
  EXPECT_EQ(at(theirs).state, paid);
}

TEST_F(PaymentsService, WhatIsWithAProviderThatIsGoneIsLookedAtAllTheSame) {
  FakeProvider gone("gone");
  const PaymentId id = sync_wait(payments_->create(request()))->id;
  const auto without =
      make_payments({.store = store_, .providers = {&gone}, .clock = clock_, .random = random_});
  clock_.advance(kPaymentLife);
  EXPECT_EQ(sync_wait(without->reconcile("gone")), 0);
  EXPECT_EQ(at(id).state, ready);
  EXPECT_EQ(sync_wait(without->reconcile_rest()), 1);
  EXPECT_EQ(at(id).state, cancelled);
}

TEST_F(PaymentsService, NothingToPayIsNotAPayment) {
  for (const std::int64_t amount : {0, -1})
    EXPECT_EQ(sync_wait(payments_->create(request("res_1", amount))).error(),
              CreateRefusal::amount_invalid);
  NewPayment other = request();
  other.provider = "paypal";
  EXPECT_EQ(sync_wait(payments_->create(other)).error(), CreateRefusal::provider_unknown);
}

TEST_F(PaymentsService, CreatingTwiceIsCreatingOnce) {
  const NewPayment first = request();
  const auto one = sync_wait(payments_->create(first));
  const auto two = sync_wait(payments_->create(first));
  ASSERT_TRUE(one && two);
  EXPECT_EQ(one->id, two->id);
  NewPayment changed = first;
  changed.amount.amount += 1;
  EXPECT_EQ(sync_wait(payments_->create(changed)).error(), CreateRefusal::id_reused);
}

TEST_F(PaymentsService, ASecondTabGetsTheSamePayment) {
  const Payment first = begun();
  const auto again = sync_wait(payments_->create(request()));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, first.id);
  EXPECT_EQ(sync_wait(payments_->create(request("res_1", 10))).error(),
            CreateRefusal::subject_busy);
  provider_.settle_answers = {kCaptured};
  settle(first.id);
  EXPECT_EQ(sync_wait(payments_->create(request())).error(), CreateRefusal::subject_busy)
      << "what is paid is not paid again";
}

TEST_F(PaymentsService, OfTwoTabsThatComeBackAtOnceOneAsksForTheMoney) {
  const Payment payment = begun();
  provider_.settle_answers = {kCaptured, kCaptured};
  store_.before_claim = [&] { EXPECT_EQ(settle(payment.id).state, paid); };
  EXPECT_EQ(settle(payment.id).state, paid);
  EXPECT_EQ(provider_.settles.size(), 1u);
}

TEST_F(PaymentsService, BeginningOpensOnePayPage) {
  const Payment payment = begun();
  EXPECT_EQ(payment.state, pending);
  EXPECT_EQ(payment.redirect_url, "https://pay.test/" + payment.id.str());
  EXPECT_EQ(payment.return_url, "/checkout");
  ASSERT_EQ(provider_.orders.size(), 1u);
  EXPECT_EQ(provider_.orders[0].return_address,
            "/return/here?key=" + sync_wait(store_.find(payment.id))->key);
  const auto again = sync_wait(payments_->begin({.payment = payment.id, .return_address = "/x"}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->redirect_url, payment.redirect_url);
  EXPECT_EQ(provider_.orders.size(), 1u);
}

TEST_F(PaymentsService, TheReturnUrlThatCameLastCounts) {
  const Payment payment = begun();
  const auto again = sync_wait(payments_->begin(
      {.payment = payment.id, .return_address = "/return/here", .return_url = "/other-tab"}));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->return_url, "/other-tab");
  EXPECT_EQ(again->redirect_url, payment.redirect_url);
  EXPECT_EQ(at(payment.id).return_url, "/other-tab");
  provider_.settle_answers = {kCaptured};
  EXPECT_EQ(settle(payment.id).return_url, "/other-tab");
  EXPECT_FALSE(sync_wait(payments_->begin({.payment = payment.id, .return_url = "/too-late"})));
  EXPECT_EQ(at(payment.id).return_url, "/other-tab");
}

TEST_F(PaymentsService, AProviderThatIsDownLeavesThePaymentReady) {
  provider_.begin_fails = true;
  const auto created = sync_wait(payments_->create(request()));
  const Begin begin{.payment = created->id, .return_address = "/return"};
  EXPECT_EQ(sync_wait(payments_->begin(begin)).error(), BeginRefusal::provider_unavailable);
  EXPECT_EQ(at(created->id).state, ready);
  provider_.begin_fails = false;
  EXPECT_TRUE(sync_wait(payments_->begin(begin)));
}

TEST_F(PaymentsService, SettlingNeedsTheKeyThatWentOut) {
  const Payment payment = begun();
  EXPECT_EQ(sync_wait(payments_->settle(payment.id, {})).error(), SettleRefusal::key_invalid);
  EXPECT_EQ(sync_wait(payments_->settle(payment.id, {{"key", "guess"}})).error(),
            SettleRefusal::key_invalid);
  EXPECT_TRUE(provider_.settles.empty());
  const auto nobody = PaymentId::make(clock_.now(), random_);
  EXPECT_EQ(sync_wait(payments_->settle(nobody, {})).error(), SettleRefusal::payment_unknown);
}

// It may have been forgotten meanwhile.
TEST_F(PaymentsService, APaymentThatIsNotThereIsSaidToBeSo) {
  const auto nobody = PaymentId::make(clock_.now(), random_);
  EXPECT_EQ(sync_wait(payments_->cancel(nobody)).error(), CancelRefusal::payment_unknown);
  EXPECT_EQ(sync_wait(payments_->begin({.payment = nobody})).error(),
            BeginRefusal::payment_unknown);
  EXPECT_FALSE(sync_wait(payments_->find(nobody)));
}

TEST_F(PaymentsService, APayPageThatNeverWasOrWhoseProviderIsGoneIsNotTakenDown) {
  const auto ready = sync_wait(payments_->create(request("res_1")));
  EXPECT_TRUE(sync_wait(payments_->cancel(ready->id)));
  EXPECT_TRUE(provider_.closed.empty());
  const Payment left = begun("res_2");
  const auto without =
      make_payments({.store = store_, .providers = {}, .clock = clock_, .random = random_});
  EXPECT_TRUE(sync_wait(without->cancel(left.id)));
  EXPECT_TRUE(provider_.closed.empty());
}

// Batch after batch, and only what is over long enough.
TEST_F(PaymentsService, EndedPaymentsWithoutMoneyAreForgottenInTheEnd) {
  using std::chrono::hours;
  const auto ended = [&] {
    const auto made = sync_wait(payments_->create(request()));
    clock_.advance(Millis(1));
    EXPECT_TRUE(sync_wait(payments_->cancel(made->id)));
    return made->id;
  };
  const PaymentId first = ended();
  for (int i = 1; i < 251; ++i) (void)ended();
  const PaymentId last = ended();
  clock_.advance(hours(1));
  sync_wait(payments_->forget());
  EXPECT_TRUE(sync_wait(payments_->find(first)));
  clock_.advance(hours(1));
  sync_wait(payments_->forget());
  EXPECT_FALSE(sync_wait(payments_->find(first))) << "202 of them: more than a batch";
  EXPECT_TRUE(sync_wait(payments_->find(last)));
  clock_.advance(hours(24 * 30));
  sync_wait(payments_->forget());
  EXPECT_FALSE(sync_wait(payments_->find(last)));
}

TEST_F(PaymentsService, ApprovalIsCapturedOnceHoweverOftenTheBuyerReturns) {
  const Payment payment = begun();
  provider_.settle_answers = {kCaptured};
  EXPECT_EQ(settle(payment.id).state, paid);
  EXPECT_EQ(settle(payment.id).state, paid);
  ASSERT_EQ(provider_.settles.size(), 1u);
  EXPECT_EQ(provider_.settles[0].data.at("pg_token"), "abc");
  EXPECT_FALSE(provider_.settles[0].data.contains("key")) << "our key is ours";
  EXPECT_EQ(at(payment.id).captured, 30'000);
  ASSERT_EQ(store_.settled.size(), 1u);
  EXPECT_EQ(store_.settled[0].state, paid);
}

TEST_F(PaymentsService, ARefusalOrAWalkAwayEndsItAndAnotherTryIsPossible) {
  const Payment declined = begun();
  provider_.settle_answers = {kDeclined};
  const Payment after = settle(declined.id);
  EXPECT_EQ(after.state, failed);
  EXPECT_EQ(after.failure, "no funds");
  const Payment left = begun();
  EXPECT_NE(left.id, declined.id);
  provider_.settle_answers = {kAbandoned};
  EXPECT_EQ(settle(left.id).state, cancelled);
  EXPECT_EQ(store_.settled.size(), 2u);
}

TEST_F(PaymentsService, WhoComesBackWithoutDecidingMayGoOn) {
  const Payment payment = begun();
  provider_.settle_answers = {kOpen, kCaptured};
  EXPECT_EQ(settle(payment.id).state, pending);
  EXPECT_EQ(settle(payment.id).state, paid);
}

TEST_F(PaymentsService, ALostAnswerIsLookedUpAtOnce) {
  const Payment payment = begun();
  provider_.lookup_answers = {kCaptured};
  EXPECT_EQ(settle(payment.id).state, paid);
  EXPECT_EQ(provider_.settles.size(), 1u);
}

TEST_F(PaymentsService, AnUnknownPaymentIsReconciledWhenTheProviderAnswersAgain) {
  const Payment payment = begun();
  EXPECT_EQ(settle(payment.id).state, unknown);
  EXPECT_EQ(reconcile(), 0) << "whoever asked may still be waiting for the answer";
  clock_.advance(seconds(10));
  EXPECT_EQ(reconcile(), 0) << "the provider is still silent";
  EXPECT_EQ(at(payment.id).state, unknown);
  clock_.advance(minutes(5));
  provider_.lookup_answers = {kCaptured};
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(store_.settled.size(), 1u);
}

TEST_F(PaymentsService, ACaptureThatNeverArrivedIsAskedForAgainWithWhatTheBuyerBrought) {
  const Payment payment = begun();
  EXPECT_EQ(settle(payment.id).state, unknown);
  clock_.advance(seconds(10));
  provider_.lookup_answers = {kAuthorised};
  provider_.settle_answers = {kCaptured};
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(at(payment.id).state, paid);
  ASSERT_EQ(provider_.settles.size(), 2u);
  EXPECT_EQ(provider_.settles[1].data.at("pg_token"), "abc");
}

TEST_F(PaymentsService, TheBuyerWhoReturnsToAnUnknownPaymentGetsTheAnswer) {
  const Payment payment = begun();
  EXPECT_EQ(settle(payment.id).state, unknown);
  clock_.advance(seconds(10));
  provider_.lookup_answers = {kCaptured};
  EXPECT_EQ(settle(payment.id).state, paid);
}

TEST_F(PaymentsService, ABuyerWhoApprovedButNeverCameBackHasPaid) {
  const Payment payment = begun();
  clock_.advance(seconds(60));
  provider_.lookup_answers = {kAuthorised};
  provider_.settle_answers = {kCaptured};
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(at(payment.id).state, paid);
}

TEST_F(PaymentsService, APayPageNobodyDecidesOnIsCancelledInTheEnd) {
  const Payment payment = begun();
  for (int i = 0; i < 40 && at(payment.id).state == pending; ++i) {
    clock_.advance(minutes(1));
    provider_.lookup_answers = {kOpen};
    (void)reconcile();
  }
  EXPECT_EQ(at(payment.id).state, cancelled);
  EXPECT_GE(clock_.now(), payment.created_at + kPaymentLife);
  EXPECT_EQ(provider_.closed.size(), 1u);
  const auto never_begun = sync_wait(payments_->create(request()));
  clock_.advance(kPaymentLife);
  (void)reconcile();
  EXPECT_EQ(at(never_begun->id).state, cancelled);
}

TEST_F(PaymentsService, ACancelledPaymentIsNeverCaptured) {
  const Payment payment = begun();
  const auto gone = sync_wait(payments_->cancel(payment.id));
  ASSERT_TRUE(gone);
  EXPECT_EQ(gone->state, cancelled);
  EXPECT_TRUE(sync_wait(payments_->cancel(payment.id))) << "repeating is harmless";
  EXPECT_EQ(settle(payment.id).state, cancelled);
  EXPECT_TRUE(provider_.settles.empty());
  EXPECT_EQ(provider_.closed.size(), 1u);
}

TEST_F(PaymentsService, ACaptureInProgressCannotBeCancelled) {
  const Payment payment = begun();
  EXPECT_EQ(settle(payment.id).state, unknown);
  EXPECT_EQ(sync_wait(payments_->cancel(payment.id)).error(), CancelRefusal::in_progress);
  clock_.advance(seconds(10));
  provider_.lookup_answers = {kCaptured};
  (void)reconcile();
  EXPECT_EQ(sync_wait(payments_->cancel(payment.id)).error(), CancelRefusal::paid);
}

TEST_F(PaymentsService, MoneyThatArrivesAfterTheCancellationIsToldAsPaid) {
  const Payment payment = begun();
  ASSERT_TRUE(sync_wait(payments_->cancel(payment.id)));
  clock_.advance(kAfterCheck);
  provider_.lookup_answers = {kCaptured};
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(at(payment.id).state, paid);
  ASSERT_EQ(store_.settled.size(), 2u);
  EXPECT_EQ(store_.settled[1].state, paid);
  const Payment other = begun("res_2");
  ASSERT_TRUE(sync_wait(payments_->cancel(other.id)));
  clock_.advance(kAfterCheck);
  provider_.lookup_answers = {kOpen};
  (void)reconcile();
  EXPECT_FALSE(sync_wait(store_.find(other.id))->check_at) << "that was the last look";
}

TEST_F(PaymentsService, AnotherAmountThanAskedForGoesBack) {
  const Payment payment = begun();
  provider_.settle_answers = {{.verdict = Verdict::captured, .captured = 29'999}};
  EXPECT_EQ(settle(payment.id).state, failed);
  provider_.refund_answers = {RefundVerdict::done};
  EXPECT_EQ(reconcile(), 1);
  const Payment after = at(payment.id);
  EXPECT_EQ(after.state, refunded);
  EXPECT_EQ(after.refunded, 29'999);
}

TEST_F(PaymentsService, PartsAreRefundedUpToTheWhole) {
  const Payment payment = paid_one();
  provider_.refund_answers = {RefundVerdict::done, RefundVerdict::done};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::done);
  EXPECT_EQ(at(payment.id).state, partially_refunded);
  EXPECT_EQ(refund(payment.id, 20'001).error(), RefundRefusal::exceeds_captured);
  EXPECT_EQ(refund(payment.id, 20'000)->state, RefundState::done);
  EXPECT_EQ(at(payment.id).state, refunded);
  EXPECT_EQ(refund(payment.id, 1).error(), RefundRefusal::exceeds_captured);
  EXPECT_EQ(refund(payment.id, 0).error(), RefundRefusal::amount_invalid);
  ASSERT_EQ(provider_.refunds.size(), 2u);
  EXPECT_EQ(provider_.refunds[1].refundable_before, 20'000);
  EXPECT_EQ(provider_.refunds[1].receipt, "r1");
  EXPECT_EQ(store_.refunded.size(), 2u);
}

TEST_F(PaymentsService, ARefundIsOneHoweverOftenItIsAskedFor) {
  const Payment payment = paid_one();
  provider_.refund_answers = {RefundVerdict::done};
  const RefundRequest request{.payment = payment.id,
                              .id = RefundId::make(clock_.now(), random_),
                              .amount = {10'000, "KRW"}};
  EXPECT_EQ(sync_wait(payments_->refund(request))->state, RefundState::done);
  EXPECT_EQ(sync_wait(payments_->refund(request))->state, RefundState::done);
  EXPECT_EQ(at(payment.id).refunded, 10'000);
  RefundRequest other = request;
  other.amount.amount = 1;
  EXPECT_EQ(sync_wait(payments_->refund(other)).error(), RefundRefusal::id_reused);
}

TEST_F(PaymentsService, ALostRefundIsRepeatedUnderTheSameKeyUntilItIsAnswered) {
  const Payment payment = paid_one();
  const auto lost = refund(payment.id, 30'000);
  ASSERT_TRUE(lost);
  EXPECT_EQ(lost->state, RefundState::requested);
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(at(payment.id).refunding, 30'000);
  EXPECT_EQ(reconcile(), 0);
  clock_.advance(seconds(10));
  provider_.refund_answers = {RefundVerdict::unknown};
  EXPECT_EQ(reconcile(), 0);
  clock_.advance(minutes(5));
  provider_.refund_answers = {RefundVerdict::done};
  EXPECT_EQ(reconcile(), 1);
  EXPECT_EQ(at(payment.id).state, refunded);
  ASSERT_EQ(provider_.refunds.size(), 3u);
  for (const GiveBack& asked : provider_.refunds) EXPECT_EQ(asked.refund, lost->id);
}

TEST_F(PaymentsService, ARefusedRefundFreesItsAmount) {
  const Payment payment = paid_one();
  provider_.refund_answers = {RefundVerdict::refused, RefundVerdict::done};
  EXPECT_EQ(refund(payment.id, 30'000)->state, RefundState::failed);
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(refund(payment.id, 30'000)->state, RefundState::done);
}

TEST_F(PaymentsService, NothingIsRefundedThatWasNotPaid) {
  const Payment payment = begun();
  EXPECT_EQ(refund(payment.id, 1).error(), RefundRefusal::not_refundable);
  EXPECT_EQ(refund(PaymentId::make(clock_.now(), random_), 1).error(),
            RefundRefusal::payment_unknown);
}

TEST_F(PaymentsService, ALongNameIsCutBetweenCharacters) {
  NewPayment long_name = request();
  long_name.order_name.clear();
  for (int i = 0; i < 60; ++i) long_name.order_name += "가";
  const auto created = sync_wait(payments_->create(long_name));
  ASSERT_TRUE(created);
  EXPECT_EQ(created->order_name.size(), 99u);
}

// ---- a provider that does not know a repeat

class ForgetfulProvider : public PaymentsService {
 protected:
  ForgetfulProvider() { provider_.repeats_known = false; }
  static ProviderAnswer refundable(std::int64_t amount) {
    return {.verdict = Verdict::captured, .captured = amount, .refundable = amount};
  }
  void later() {
    clock_.advance(minutes(6));
    reconcile();
  }
};

TEST_F(ForgetfulProvider, ARefundWhoseAnswerWasLostIsLookedForBeforeItIsRepeated) {
  const Payment payment = paid_one();
  provider_.lookup_answers = {refundable(30'000)};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);  // lost
  EXPECT_EQ(provider_.refunds.back().refundable_before, 30'000);
  provider_.lookup_answers = {refundable(20'000)};
  later();
  EXPECT_EQ(provider_.refunds.size(), 1U) << "it went back: nothing is asked for again";
  EXPECT_EQ(at(payment.id).refunded, 10'000);
}

// One request sent twice on the way: the answer is the second's.
TEST_F(ForgetfulProvider, ARefusalIsLookedUpBeforeItIsBelieved) {
  const Payment payment = paid_one();
  provider_.lookup_answers = {refundable(30'000), refundable(20'000)};
  provider_.refund_answers = {RefundVerdict::refused};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::done);
  EXPECT_EQ(at(payment.id).refunded, 10'000);

  provider_.lookup_answers = {refundable(20'000), refundable(20'000)};
  provider_.refund_answers = {RefundVerdict::refused};
  EXPECT_EQ(refund(payment.id, 5'000)->state, RefundState::failed);
  EXPECT_EQ(at(payment.id).refunded, 10'000);
}

TEST_F(ForgetfulProvider, WhatDidNotGoBackIsAskedForAgain) {
  const Payment payment = paid_one();
  provider_.lookup_answers = {refundable(30'000)};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);
  provider_.lookup_answers = {refundable(30'000)};
  provider_.refund_answers = {RefundVerdict::done};
  later();
  EXPECT_EQ(provider_.refunds.size(), 2U);
  EXPECT_EQ(provider_.refunds.back().checks, 1);
  EXPECT_EQ(at(payment.id).refunded, 10'000);
}

TEST_F(ForgetfulProvider, RefundsOfOnePaymentTakeTurns) {
  const Payment payment = paid_one();
  provider_.lookup_answers = {refundable(30'000)};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);  // lost, but it went back
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);
  EXPECT_EQ(provider_.refunds.size(), 1U) << "the second waits";
  provider_.lookup_answers = {refundable(20'000), refundable(20'000)};
  provider_.refund_answers = {RefundVerdict::done};
  later();
  later();
  EXPECT_EQ(provider_.refunds.size(), 2U);
  EXPECT_EQ(at(payment.id).refunded, 20'000);
}

TEST_F(ForgetfulProvider, WhenSomebodyElseGaveBackPeopleDecide) {
  const Payment payment = paid_one();
  provider_.lookup_answers = {refundable(30'000)};
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);
  provider_.lookup_answers = {refundable(25'000)};
  later();
  EXPECT_EQ(sync_wait(payments_->refunds(payment.id))[0].state, RefundState::failed);
  EXPECT_EQ(provider_.refunds.size(), 1U);
}

TEST_F(ForgetfulProvider, WithoutALookNothingIsAskedFor) {
  const Payment payment = paid_one();
  EXPECT_EQ(refund(payment.id, 10'000)->state, RefundState::requested);
  EXPECT_TRUE(provider_.refunds.empty());
}

TEST_F(PaymentsService, AnApprovalThatIsTooOldIsNotCaptured) {
  const Payment payment = begun();
  clock_.advance(kPaymentLife);
  provider_.lookup_answers = {kAuthorised};
  reconcile();
  EXPECT_TRUE(provider_.settles.empty());
  EXPECT_EQ(at(payment.id).state, cancelled);
}

}  // namespace
}  // namespace onsale::payments
