// The whole way of the money with the sandbox, both databases and every fault.
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <thread>

#include "base/fakes.h"
#include "payments/providers/sandbox_client.h"
#include "payments/providers/sandbox_page_http.h"
#include "payments/service.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;
using enum PaymentState;

class SandboxPayments : public testing::TestWithParam<sql::Dialect> {
 protected:
  void make(SandboxOptions options = {}) {
    options.fault = [this](SandboxStep step) {
      return step == faulty_step_ && faults_left_-- > 0 ? fault_ : SandboxFault::none;
    };
    sandbox_ = std::make_unique<Sandbox>(*database_, clock_, random_, std::move(options));
    payments_ = make_payments(
        {.store = *store_, .providers = {sandbox_.get()}, .clock = clock_, .random = random_});
  }
  SandboxPayments() { make(); }

  void fail(SandboxStep step, SandboxFault fault, int times) {
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
  std::optional<SandboxCharge> decide(const Payment& payment, Decision decision) {
    return sync_wait(sandbox_->decide(payment.id, key_of(payment.redirect_url), decision));
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
    const SandboxTotals theirs = sync_wait(sandbox_->totals());
    EXPECT_EQ(ours.captured, theirs.captured);
    EXPECT_EQ(ours.refunded, theirs.refunded);
  }

  FakeClock clock_;
  SeededRandom random_{5};
  SandboxStep faulty_step_ = SandboxStep::begin;
  SandboxFault fault_ = SandboxFault::none;
  std::atomic<int> faults_left_ = 0;
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  std::unique_ptr<Store> store_ = make_sql_store(*database_);
  std::unique_ptr<Sandbox> sandbox_;
  std::unique_ptr<Payments> payments_;
};

TEST_P(SandboxPayments, ApproveDeclineAndLeaveEndAsTheySay) {
  const Payment good = begun("res_1");
  EXPECT_EQ(decide(good, Decision::approve)->state, SandboxState::approved);
  EXPECT_EQ(settle(good.id).state, paid);
  const Payment bad = begun("res_2");
  EXPECT_EQ(decide(bad, Decision::decline)->state, SandboxState::declined);
  EXPECT_EQ(settle(bad.id).state, failed);
  const Payment left = begun("res_3");
  EXPECT_EQ(decide(left, Decision::leave)->state, SandboxState::left);
  EXPECT_EQ(settle(left.id).state, cancelled);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captured, 30'000);
  expect_books_agree();
}

TEST_P(SandboxPayments, TheFirstDecisionCounts) {
  const Payment payment = begun();
  EXPECT_EQ(decide(payment, Decision::decline)->state, SandboxState::declined);
  EXPECT_EQ(decide(payment, Decision::approve)->state, SandboxState::declined);
  EXPECT_EQ(settle(payment.id).state, failed);
}

TEST_P(SandboxPayments, ThePageNeedsItsKey) {
  const Payment payment = begun();
  EXPECT_FALSE(sync_wait(sandbox_->page(payment.id, "")));
  EXPECT_FALSE(sync_wait(sandbox_->page(payment.id, "guess")));
  EXPECT_FALSE(sync_wait(sandbox_->decide(payment.id, "guess", Decision::approve)));
  EXPECT_FALSE(sync_wait(
      sandbox_->page(PaymentId::make(clock_.now(), random_), key_of(payment.redirect_url))));
  const auto page = sync_wait(sandbox_->page(payment.id, key_of(payment.redirect_url)));
  ASSERT_TRUE(page);
  EXPECT_EQ(page->state, SandboxState::open);
  EXPECT_EQ(page->order_name, "오페라의 유령");
}

TEST_P(SandboxPayments, ManyReturnsAtOnceChargeOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { (void)settle(payment.id); });
  }
  run_for(seconds(20));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captures, 1);
  expect_books_agree();
}

TEST_P(SandboxPayments, ManyCapturesAtOnceAreOneEntry) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  const Charge charge{.payment = payment.id, .amount = payment.amount};
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) {
      threads.emplace_back(
          [&] { EXPECT_EQ(sync_wait(sandbox_->settle(charge)).verdict, Verdict::captured); });
    }
  }
  EXPECT_EQ(sync_wait(sandbox_->totals()).captures, 1);
}

TEST_P(SandboxPayments, NegativeControlWithoutTheCaptureKeyARepeatChargesTwice) {
  make({.capture_key = false});
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  const Charge charge{.payment = payment.id, .amount = payment.amount};
  (void)sync_wait(sandbox_->settle(charge));
  (void)sync_wait(sandbox_->settle(charge));
  EXPECT_EQ(sync_wait(sandbox_->totals()).captured, 60'000);
}

TEST_P(SandboxPayments, ACaptureWhoseAnswerIsLostEndsPaidExactlyOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(SandboxStep::settle, SandboxFault::commit_then_drop, 1);
  EXPECT_EQ(settle(payment.id).state, paid) << "looked up at once";
  run_for(minutes(1));
  EXPECT_EQ(sync_wait(sandbox_->totals()).captures, 1);
  expect_books_agree();
}

TEST_P(SandboxPayments, ALostCaptureAndALostLookupEndPaidExactlyOnce) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(SandboxStep::settle, SandboxFault::commit_then_drop, 1);
  auto one = sync_wait(store_->find(payment.id));
  // The process dies after the claim: nobody looks up.
  ASSERT_TRUE(sync_wait(store_->claim(payment.id, {}, clock_.now(), clock_.now() + kCaptureLease)));
  EXPECT_THROW((void)sync_wait(sandbox_->settle({.payment = payment.id})), std::runtime_error);
  EXPECT_EQ(at(payment.id).state, unknown);
  run_for(minutes(1));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captures, 1);
  expect_books_agree();
}

TEST_P(SandboxPayments, ACaptureThatNeverArrivedIsMadeUpFor) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  fail(SandboxStep::settle, SandboxFault::drop_before_commit, 2);
  EXPECT_EQ(settle(payment.id).state, unknown);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captured, 0);
  run_for(minutes(2));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captures, 1);
  expect_books_agree();
}

TEST_P(SandboxPayments, ABuyerWhoNeverReturnsFromApprovingHasPaid) {
  const Payment payment = begun();
  (void)decide(payment, Decision::approve);
  run_for(minutes(2));
  EXPECT_EQ(at(payment.id).state, paid);
  expect_books_agree();
}

TEST_P(SandboxPayments, ACancelledPaymentCannotBeApprovedAnyMore) {
  const Payment payment = begun();
  ASSERT_TRUE(sync_wait(payments_->cancel(payment.id)));
  EXPECT_EQ(decide(payment, Decision::approve)->state, SandboxState::closed);
  run_for(minutes(3));
  EXPECT_EQ(at(payment.id).state, cancelled);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captured, 0);
}

TEST_P(SandboxPayments, AnApprovalThatComesWhileThePaymentIsCancelledIsNotCaptured) {
  const Payment payment = begun();
  fail(SandboxStep::close, SandboxFault::drop_before_commit, 1);
  ASSERT_TRUE(sync_wait(payments_->cancel(payment.id)));
  EXPECT_EQ(decide(payment, Decision::approve)->state, SandboxState::approved);
  EXPECT_EQ(settle(payment.id).state, cancelled);
  run_for(minutes(3));
  EXPECT_EQ(at(payment.id).state, cancelled);
  EXPECT_EQ(sync_wait(sandbox_->totals()).captured, 0);
  EXPECT_EQ(sync_wait(sandbox_->page(payment.id, key_of(payment.redirect_url)))->state,
            SandboxState::closed);
}

TEST_P(SandboxPayments, RefundsSurviveLostRequestsAndLostAnswers) {
  for (const auto fault : {SandboxFault::drop_before_commit, SandboxFault::commit_then_drop}) {
    const Payment payment = begun("res_" + std::to_string(static_cast<int>(fault)));
    (void)decide(payment, Decision::approve);
    EXPECT_EQ(settle(payment.id).state, paid);
    fail(SandboxStep::refund, fault, 2);
    EXPECT_EQ(refund(payment.id, 12'000).state, RefundState::requested);
    run_for(minutes(2));
    EXPECT_EQ(at(payment.id).refunded, 12'000);
    EXPECT_EQ(refund(payment.id, 18'000).state, RefundState::done);
    EXPECT_EQ(at(payment.id).state, refunded);
  }
  EXPECT_EQ(sync_wait(sandbox_->totals()).refunded, 60'000);
  expect_books_agree();
}

TEST_P(SandboxPayments, AnOrderThatIsLostCanBePlacedAgain) {
  for (const auto fault : {SandboxFault::drop_before_commit, SandboxFault::commit_then_drop}) {
    clock_.advance(Millis(1));
    fail(SandboxStep::begin, fault, 1);
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
TEST_P(SandboxPayments, EveryPaymentEndsKnownUnderRandomFaults) {
  const std::uint64_t seed = 20'261'121;
  SeededRandom dice(seed);
  std::atomic<bool> broken = true;
  SandboxOptions options;
  sandbox_ = nullptr;
  options.fault = [&](SandboxStep) {
    if (!broken) return SandboxFault::none;
    switch (dice.next_u64() % 4) {
      case 0:
        return SandboxFault::drop_before_commit;
      case 1:
        return SandboxFault::commit_then_drop;
      default:
        return SandboxFault::none;
    }
  };
  Sandbox sandbox(*database_, clock_, random_, options);
  const auto payments = make_payments(
      {.store = *store_, .providers = {&sandbox}, .clock = clock_, .random = random_});
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
    (void)sync_wait(sandbox.decide(request.id, key_of(begun->redirect_url), decision));
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
  const SandboxTotals theirs = sync_wait(sandbox.totals());
  EXPECT_EQ(ours.captured, theirs.captured) << "seed " << seed;
  EXPECT_EQ(ours.refunded, theirs.refunded) << "seed " << seed;
  EXPECT_EQ(ours.refunded, wanted_back);
  EXPECT_EQ(ours.refunding, ours.refunded);
  EXPECT_EQ(theirs.captured, theirs.captures * 1'000);
}

ONSALE_ON_BOTH_DIALECTS(SandboxPayments);

// ---- the page

SandboxCharge charge_at(SandboxState state) {
  return {.payment = PaymentId(RawId{1, 2}),
          .merchant = "Box & Office",
          .order_name = "<script>alert(1)</script>",
          .amount = {1'234'500, "KRW"},
          .locale = "",
          .return_address = "/api/v1/payments/x/return?key=a&b=\"",
          .state = state};
}

TEST(SandboxPage, WritesAmountsByTheirCurrency) {
  for (const auto& [currency, text] :
       std::vector<std::pair<std::string, std::string>>{{"KRW", "₩1,234,500"},
                                                        {"JPY", "1,234,500 JPY"},
                                                        {"USD", "12,345.00 USD"},
                                                        {"KWD", "1,234.500 KWD"}}) {
    SandboxCharge charge = charge_at(SandboxState::open);
    charge.amount.currency = currency;
    const std::string page = render_page(charge, http::Language::en, "n0", "/x");
    EXPECT_NE(page.find(text), page.npos) << currency;
  }
}

TEST(SandboxPage, OffersThreeDecisionsInAPlainForm) {
  const std::string ko =
      render_page(charge_at(SandboxState::open), http::Language::ko, "n0", "/sandbox/pay/x?key=k");
  EXPECT_NE(ko.find("<html lang=\"ko\">"), ko.npos);
  EXPECT_NE(ko.find("1,234,500원"), ko.npos);
  EXPECT_NE(ko.find("결제하기"), ko.npos);
  EXPECT_NE(ko.find("거절"), ko.npos);
  EXPECT_NE(ko.find("그만두기"), ko.npos);
  for (const char* value : {"approve", "decline", "leave"})
    EXPECT_NE(ko.find("name=\"decision\" value=\"" + std::string(value) + "\""), ko.npos);
  EXPECT_NE(ko.find("<form method=\"post\" action=\"/sandbox/pay/x?key=k\">"), ko.npos);
  EXPECT_NE(ko.find("<style nonce=\"n0\">"), ko.npos);
  const std::string en = render_page(charge_at(SandboxState::open), http::Language::en, "n0", "/x");
  EXPECT_NE(en.find("Approve payment"), en.npos);
  EXPECT_NE(en.find("Walk away"), en.npos);
  EXPECT_NE(en.find("₩1,234,500"), en.npos);
}

TEST(SandboxPage, WhatIsShownIsNeverMarkup) {
  for (const auto state : {SandboxState::open, SandboxState::approved}) {
    const std::string page = render_page(charge_at(state), http::Language::en, "n0", "/x?a=\"><b>");
    EXPECT_EQ(page.find("<script"), page.npos);
    EXPECT_EQ(page.find("<b>"), page.npos);
    EXPECT_NE(page.find("&lt;script&gt;"), page.npos);
    EXPECT_NE(page.find("Box &amp; Office"), page.npos);
  }
}

TEST(SandboxPage, ADecidedPageShowsItsStateAndTheWayBack) {
  const std::string page =
      render_page(charge_at(SandboxState::declined), http::Language::en, "n0", "/x");
  EXPECT_EQ(page.find("<form"), page.npos);
  EXPECT_NE(page.find("This payment was declined."), page.npos);
  EXPECT_NE(page.find("href=\"/api/v1/payments/x/return?key=a&amp;b=&quot;\""), page.npos);
}

TEST(SandboxPage, HasTheColoursOfTheApp) {
  std::ifstream file("web/src/app/styles.css");
  const std::string app((std::istreambuf_iterator<char>(file)), {});
  ASSERT_FALSE(app.empty()) << "run from the root of the project";
  const std::string page =
      render_page(charge_at(SandboxState::open), http::Language::en, "n0", "/x");
  const std::regex colour("--[a-z0-9-]+: #[0-9a-f]{6};");
  int found = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), colour), end; at != end; ++at, ++found)
    EXPECT_NE(app.find(at->str()), std::string::npos) << at->str();
  EXPECT_GT(found, 20);
}

}  // namespace
}  // namespace onsale::payments
