// The whole way of the money with a provider that fails, both databases and every fault.
#include <gtest/gtest.h>

#include <thread>

#include "base/fakes.h"
#include "payments/provider_fakes.h"
#include "payments/service.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum PaymentState;

class ProviderFaults : public testing::TestWithParam<sql::Dialect> {
 protected:
  void make(ProviderOptions options = {}) {
    options.fault = [this](ProviderStep step) {
      return step == faulty_step_ && faults_left_-- > 0 ? fault_ : ProviderFault::none;
    };
    provider_ = std::make_unique<ProviderWithBooks>(std::move(options));
    payments_ = make_payments(
        {.store = *store_, .providers = {provider_.get()}, .clock = clock_, .random = random_});
  }
  ProviderFaults() { make(); }

  void fail(ProviderStep step, ProviderFault fault, int times) {
    faulty_step_ = step;
    fault_ = fault;
    faults_left_ = times;
  }
  Payment begun(const std::string& subject = "res_1") {
    clock_.advance(Millis(1));
    const auto created =
        sync_wait(payments_->create({.id = PaymentId::make(clock_.now(), random_),
                                     .subject = subject,
                                     .owner = AccountId::make(clock_.now(), random_),
                                     .provider = "sandbox",
                                     .amount = {30'000, "KRW"},
                                     .order_name = "오페라의 유령"}));
    EXPECT_TRUE(created);
    const auto begun = sync_wait(
        payments_->begin({.payment = created->id, .return_address = "/return", .return_url = "/"}));
    EXPECT_TRUE(begun);
    return *begun;
  }
  static std::string key_of(const std::string& url) { return url.substr(url.find("?key=") + 5); }
  std::optional<PayingPage> decide(const Payment& payment, Decision decision) {
    return provider_->decide(payment.id, key_of(payment.redirect_url), decision);
  }
  Payment settle(PaymentId id) {
    const std::string key = sync_wait(store_->find(id))->key;
    const auto settled = sync_wait(payments_->settle(id, {{"key", key}}));
    EXPECT_TRUE(settled);
    return *settled;
  }
  Payment at(PaymentId id) { return sync_wait(payments_->find(id)).value(); }
  Refund refund(PaymentId id, std::int64_t amount) {
    const auto done = sync_wait(payments_->refund(
        {.payment = id, .id = RefundId::make(clock_.now(), random_), .amount = {amount, "KRW"}}));
    EXPECT_TRUE(done);
    return *done;
  }
  void run_for(Millis time) {
    for (Millis spent{0}; spent < time; spent += seconds(5)) {
      clock_.advance(seconds(5));
      (void)sync_wait(payments_->reconcile());
    }
  }
  void expect_books_agree() {
    const Balance ours = sync_wait(payments_->balance());
    const ProviderTotals theirs = provider_->totals();
    EXPECT_EQ(ours.captured, theirs.captured);
    EXPECT_EQ(ours.refunded, theirs.refunded);
  }

  FakeClock clock_;
  SeededRandom random_{5};
  ProviderStep faulty_step_ = ProviderStep::begin;
  ProviderFault fault_ = ProviderFault::none;
  std::atomic<int> faults_left_ = 0;
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  std::unique_ptr<Store> store_ = make_sql_store(*database_);
  std::unique_ptr<ProviderWithBooks> provider_;
  std::unique_ptr<Payments> payments_;
};

TEST_P(ProviderFaults, ApproveDeclineAndLeaveEndAsTheySay) {
  const Payment good = begun("res_1");
  EXPECT_EQ(decide(good, Decision::approve)->state, PageState::approved);
  EXPECT_EQ(settle(good.id).state, paid);
  const Payment bad = begun("res_2");
  EXPECT_EQ(decide(bad, Decision::decline)->state, PageState::declined);
  EXPECT_EQ(settle(bad.id).state, failed);
  const Payment left = begun("res_3");
  EXPECT_EQ(decide(left, Decision::leave)->state, PageState::left);
  EXPECT_EQ(settle(left.id).state, cancelled);
  EXPECT_EQ(provider_->totals().captured, 30'000);
  expect_books_agree();
}

TEST_P(ProviderFaults, TheFirstDecisionCounts) {
  const Payment payment = begun();
  EXPECT_EQ(decide(payment, Decision::decline)->state, PageState::declined);
  EXPECT_EQ(decide(payment, Decision::approve)->state, PageState::declined);
  EXPECT_EQ(settle(payment.id).state, failed);
}

TEST_P(ProviderFaults, ThePageNeedsItsKey) {
  const Payment payment = begun();
  EXPECT_FALSE(provider_->page(payment.id, ""));
  EXPECT_FALSE(provider_->page(payment.id, "guess"));
  EXPECT_FALSE(provider_->decide(payment.id, "guess", Decision::approve));
  EXPECT_FALSE(
      provider_->page(PaymentId::make(clock_.now(), random_), key_of(payment.redirect_url)));
  const auto page = provider_->page(payment.id, key_of(payment.redirect_url));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->state, PageState::open);
  EXPECT_EQ(page->order.order_name, "오페라의 유령");
}

TEST_P(ProviderFaults, ManyReturnsAtOnceChargeOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { (void)settle(payment.id); });
  }
  run_for(seconds(20));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(provider_->totals().captures, 1);
  expect_books_agree();
}

TEST_P(ProviderFaults, ManyCapturesAtOnceAreOneEntry) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  const Charge charge{.payment = payment.id, .amount = payment.amount};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back(
          [&] { EXPECT_EQ(sync_wait(provider_->settle(charge)).verdict, Verdict::captured); });
    }
  }
  EXPECT_EQ(provider_->totals().captures, 1);
}

TEST_P(ProviderFaults, NegativeControlWithoutTheCaptureKeyARepeatChargesTwice) {
  make({.capture_key = false});
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  const Charge charge{.payment = payment.id, .amount = payment.amount};
  (void)sync_wait(provider_->settle(charge));
  (void)sync_wait(provider_->settle(charge));
  EXPECT_EQ(provider_->totals().captured, 60'000);
}

TEST_P(ProviderFaults, ACaptureWhoseAnswerIsLostEndsPaidExactlyOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(ProviderStep::settle, ProviderFault::commit_then_drop, 1);
  EXPECT_EQ(settle(payment.id).state, paid) << "looked up at once";
  run_for(minutes(1));
  EXPECT_EQ(provider_->totals().captures, 1);
  expect_books_agree();
}

TEST_P(ProviderFaults, ALostCaptureAndALostLookupEndPaidExactlyOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(ProviderStep::settle, ProviderFault::commit_then_drop, 1);
  auto one = sync_wait(store_->find(payment.id));
  // The process dies after the claim: nobody looks up.
  ASSERT_TRUE(sync_wait(store_->claim(payment.id, {}, clock_.now(), clock_.now() + kCaptureLease)));
  EXPECT_THROW((void)sync_wait(provider_->settle({.payment = payment.id})), std::runtime_error);
  EXPECT_EQ(at(payment.id).state, unknown);
  run_for(minutes(1));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(provider_->totals().captures, 1);
  expect_books_agree();
}

TEST_P(ProviderFaults, ACaptureThatNeverArrivedIsMadeUpFor) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(ProviderStep::settle, ProviderFault::drop_before_commit, 2);
  EXPECT_EQ(settle(payment.id).state, unknown);
  EXPECT_EQ(provider_->totals().captured, 0);
  run_for(minutes(2));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(provider_->totals().captures, 1);
  expect_books_agree();
}

TEST_P(ProviderFaults, ABuyerWhoNeverReturnsFromApprovingHasPaid) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  run_for(minutes(2));
  EXPECT_EQ(at(payment.id).state, paid);
  expect_books_agree();
}

TEST_P(ProviderFaults, ACancelledPaymentCannotBeApprovedAnyMore) {
  const Payment payment = begun();
  ASSERT_TRUE(sync_wait(payments_->cancel(payment.id)));
  EXPECT_EQ(decide(payment, Decision::approve)->state, PageState::closed);
  run_for(minutes(3));
  EXPECT_EQ(at(payment.id).state, cancelled);
  EXPECT_EQ(provider_->totals().captured, 0);
}

TEST_P(ProviderFaults, AnApprovalThatComesWhileThePaymentIsCancelledIsNotCaptured) {
  const Payment payment = begun();
  fail(ProviderStep::close, ProviderFault::drop_before_commit, 1);
  ASSERT_TRUE(sync_wait(payments_->cancel(payment.id)));
  EXPECT_EQ(decide(payment, Decision::approve)->state, PageState::approved);
  EXPECT_EQ(settle(payment.id).state, cancelled);
  run_for(minutes(3));
  EXPECT_EQ(at(payment.id).state, cancelled);
  EXPECT_EQ(provider_->totals().captured, 0);
  EXPECT_EQ(provider_->page(payment.id, key_of(payment.redirect_url))->state, PageState::closed);
}

TEST_P(ProviderFaults, RefundsSurviveLostRequestsAndLostAnswers) {
  for (const auto fault : {ProviderFault::drop_before_commit, ProviderFault::commit_then_drop}) {
    const Payment payment = begun("res_" + std::to_string(static_cast<int>(fault)));
    (void)decide(payment, Decision::approve);
    EXPECT_EQ(settle(payment.id).state, paid);
    fail(ProviderStep::refund, fault, 2);
    EXPECT_EQ(refund(payment.id, 12'000).state, RefundState::requested);
    run_for(minutes(2));
    EXPECT_EQ(at(payment.id).refunded, 12'000);
    EXPECT_EQ(refund(payment.id, 18'000).state, RefundState::done);
    EXPECT_EQ(at(payment.id).state, refunded);
  }
  EXPECT_EQ(provider_->totals().refunded, 60'000);
  expect_books_agree();
}

TEST_P(ProviderFaults, AnOrderThatIsLostCanBePlacedAgain) {
  for (const auto fault : {ProviderFault::drop_before_commit, ProviderFault::commit_then_drop}) {
    clock_.advance(Millis(1));
    fail(ProviderStep::begin, fault, 1);
    const auto created =
        sync_wait(payments_->create({.id = PaymentId::make(clock_.now(), random_),
                                     .subject = "res_" + std::to_string(static_cast<int>(fault)),
                                     .owner = AccountId::make(clock_.now(), random_),
                                     .provider = "sandbox",
                                     .amount = {100, "KRW"}}));
    const Begin begin{.payment = created->id, .return_address = "/return"};
    EXPECT_EQ(sync_wait(payments_->begin(begin)).error(), BeginRefusal::provider_unavailable);
    EXPECT_TRUE(sync_wait(payments_->begin(begin)));
  }
}

// Whatever is lost wherever, every payment ends known and no money is moved twice.
TEST_P(ProviderFaults, EveryPaymentEndsKnownUnderRandomFaults) {
  const std::uint64_t seed = 20'261'121;
  SeededRandom dice(seed);
  std::atomic<bool> broken = true;
  ProviderOptions options;
  provider_ = nullptr;
  options.fault = [&](ProviderStep) {
    if (!broken) return ProviderFault::none;
    switch (dice.next_u64() % 4) {
      case 0:
        return ProviderFault::drop_before_commit;
      case 1:
        return ProviderFault::commit_then_drop;
      default:
        return ProviderFault::none;
    }
  };
  ProviderWithBooks provider(options);
  const auto payments = make_payments(
      {.store = *store_, .providers = {&provider}, .clock = clock_, .random = random_});
  std::vector<PaymentId> all;
  std::int64_t wanted_back = 0;
  for (int i = 0; i < 40; ++i) {
    clock_.advance(Millis(1));
    const NewPayment request{.id = PaymentId::make(clock_.now(), random_),
                             .subject = "res_" + std::to_string(i),
                             .owner = AccountId::make(clock_.now(), random_),
                             .provider = "sandbox",
                             .amount = {1'000, "KRW"}};
    const auto created = sync_wait(payments->create(request));
    ASSERT_TRUE(created);
    auto begun = sync_wait(payments->begin({.payment = request.id, .return_address = "/r"}));
    while (!begun)
      begun = sync_wait(payments->begin({.payment = request.id, .return_address = "/r"}));
    const auto decision = static_cast<Decision>(dice.next_u64() % 3);
    (void)provider.decide(request.id, key_of(begun->redirect_url), decision);
    const std::string key = sync_wait(store_->find(request.id))->key;
    if (dice.next_u64() % 4 != 0) (void)sync_wait(payments->settle(request.id, {{"key", key}}));
    if (dice.next_u64() % 4 == 0) (void)sync_wait(payments->cancel(request.id));
    const auto refund = sync_wait(payments->refund({.payment = request.id,
                                                    .id = RefundId::make(clock_.now(), random_),
                                                    .amount = {400, "KRW"}}));
    if (refund) wanted_back += 400;
    all.push_back(request.id);
    clock_.advance(seconds(3));
    (void)sync_wait(payments->reconcile());
  }
  broken = false;
  for (int i = 0; i < 50; ++i) {
    clock_.advance(minutes(1));
    (void)sync_wait(payments->reconcile());
  }
  for (const PaymentId id : all) {
    const auto state = sync_wait(payments->find(id))->state;
    EXPECT_TRUE(state != ready && state != pending && state != unknown) << to_string(state);
  }
  const Balance ours = sync_wait(payments->balance());
  const ProviderTotals theirs = provider.totals();
  EXPECT_EQ(ours.captured, theirs.captured) << "seed " << seed;
  EXPECT_EQ(ours.refunded, theirs.refunded) << "seed " << seed;
  EXPECT_EQ(ours.refunded, wanted_back);
  EXPECT_EQ(ours.refunding, ours.refunded);
  EXPECT_EQ(theirs.captured, theirs.captures * 1'000);
}

ONSALE_ON_BOTH_DIALECTS(ProviderFaults);

}  // namespace
}  // namespace onsale::payments
