// The contract pack: payments over the real clients, against the stand-in, over HTTP. The same
// promises for every provider. With keys of the providers' test environments in the environment
// (ONSALE_TEST_TOSS_SECRET_KEY, ONSALE_TEST_KAKAOPAY_SECRET_KEY) what needs no buyer runs there,
// too.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/fakes.h"
#include "base/korea.h"
#include "payments/fakes.h"
#include "payments/providers/guarded_client.h"
#include "payments/providers/kakaopay_client.h"
#include "payments/providers/kakaopay_subscription_client.h"
#include "payments/providers/toss_billing_client.h"
#include "payments/providers/toss_client.h"
#include "payments/service.h"
#include "payments/store/records_store.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"
#include "tests/contract/provider_peers.h"

namespace onsale::payments {
namespace {

using std::chrono::seconds;
using enum PaymentState;

class Providers : public testing::TestWithParam<std::string> {
 protected:
  bool toss() const { return GetParam() == "toss"; }

  Payment begun(std::int64_t amount = 30'000) {
    clock.advance(Millis(1));
    const auto made = sync_wait(payments->create({.id = PaymentId::make(clock.now(), random),
                                                  .subject = "res_" + std::to_string(++subjects),
                                                  .owner = owner,
                                                  .provider = GetParam(),
                                                  .amount = {amount, "KRW"},
                                                  .order_name = "오페라의 유령 외 1매"}));
    EXPECT_TRUE(made);
    const auto begun = sync_wait(payments->begin({.payment = made->id,
                                                  .return_address = "http://shop.test/back",
                                                  .return_url = "/checkout"}));
    EXPECT_TRUE(begun);
    return *begun;
  }
  // What the browser brings back; the buyer stayed when it is empty.
  ReturnData decide(const Payment& payment, const std::string& decision,
                    const std::string& method = "") {
    return peers.decide(payment, decision, method);
  }
  Payment settle(const Payment& payment, ReturnData data) {
    const auto settled = sync_wait(payments->settle(payment.id, std::move(data)));
    EXPECT_TRUE(settled);
    return *settled;
  }
  Payment paid_one(std::int64_t amount = 30'000) {
    const Payment payment = begun(amount);
    const Payment after = settle(payment, decide(payment, "approve"));
    EXPECT_EQ(after.state, paid) << after.failure;
    return after;
  }
  Payment at(PaymentId id) { return sync_wait(payments->find(id)).value(); }
  Refund refund(PaymentId id, std::int64_t amount) {
    pass_there(seconds(2));  // Toss takes one cancel of a payment per second
    clock.advance(Millis(1));
    return *sync_wait(payments->refund({.payment = id,
                                        .id = RefundId::make(clock.now(), random),
                                        .amount = {amount, "KRW"},
                                        .reason = "changed my mind"}));
  }
  void reconcile_for(Millis time) {
    for (Millis passed{0}; passed < time; passed += seconds(10)) {
      pass_there(seconds(2));
      clock.advance(seconds(10));
      sync_wait(payments->reconcile());
    }
  }
  void fault(const std::string& step, const std::string& rest) {
    const std::string path = toss() ? "/toss/v1/payments" : "/kakaopay/online/v1/payment";
    const auto set =
        peers.desk.control("PUT", "/faults", R"({"path":")" + path + step + R"(",)" + rest + "}");
    EXPECT_EQ(set.status, 200) << set.text;
  }
  std::string capture_path() const { return toss() ? "/confirm" : "/approve"; }
  // The stand-in's own books: captured, refunded.
  std::pair<std::int64_t, std::int64_t> books() { return peers.books(GetParam()); }
  void pass_there(Millis time) { peers.pass(time); }
  std::string receipt(PaymentId id) { return sync_wait(store->find(id))->receipt; }
  // Where its provider cancels.
  std::string cancel_path(PaymentId id) {
    return toss() ? "/" + receipt(id) + "/cancel" : "/cancel";
  }

  Peers peers;
  FakeClock clock;
  SeededRandom random{7};
  AccountId owner = AccountId::make(clock.now(), random);
  int subjects = 0;
  std::unique_ptr<sql::Database> database = testing_support::fresh_database(sql::Dialect::sqlite);
  std::unique_ptr<Store> store = make_sql_store(*database);
  std::unique_ptr<Records> records = make_sql_records(*database);
  TossClient toss_client{peers.client, peers.toss_config()};
  KakaoPayClient kakaopay_client{peers.client, peers.kakaopay_config()};
  GuardSettings guard{.breaker = {.failures_max = 3}};
  GuardedProvider toss_guard{toss_client, clock, guard};
  GuardedProvider kakaopay_guard{kakaopay_client, clock, guard};
  std::unique_ptr<Payments> payments =
      make_payments({*store, {&toss_guard, &kakaopay_guard}, clock, random, records.get()});
};

INSTANTIATE_TEST_SUITE_P(Every, Providers, testing::Values("toss", "kakaopay"),
                         [](const auto& one) { return one.param; });

TEST_P(Providers, ApprovedAndCaptured) {
  const Payment payment = begun();
  const ReturnData data = decide(payment, "approve");
  EXPECT_EQ(settle(payment, data).state, paid);
  EXPECT_EQ(settle(payment, data).state, paid) << "a reload";
  EXPECT_EQ(at(payment.id).captured, 30'000);
  EXPECT_EQ(books(), std::pair(std::int64_t{30'000}, std::int64_t{0}));
}

TEST_P(Providers, DeclinedAndLeft) {
  const Payment declined = begun();
  EXPECT_EQ(settle(declined, decide(declined, "decline")).state, failed);
  const Payment left = begun();
  EXPECT_EQ(settle(left, decide(left, "leave")).state, cancelled);
  EXPECT_EQ(books().first, 0);
}

TEST_P(Providers, AnAnswerThatWasLostIsLookedUp) {
  fault(capture_path(), R"("fault":"drop_after","times":1)");
  const Payment payment = begun();
  EXPECT_EQ(settle(payment, decide(payment, "approve")).state, paid);
  EXPECT_EQ(books().first, 30'000);
}

TEST_P(Providers, ARequestThatWasLostIsMadeAgainByTheReconciler) {
  fault(capture_path(), R"("fault":"drop_before","times":1)");
  const Payment payment = begun();
  EXPECT_EQ(settle(payment, decide(payment, "approve")).state, unknown);
  reconcile_for(seconds(30));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(books().first, 30'000);
}

TEST_P(Providers, OneThatIsDownForMinutesDecidesAfterwards) {
  const Payment payment = begun();
  const ReturnData data = decide(payment, "approve");
  fault("", R"("fault":"status","status":503)");
  EXPECT_EQ(settle(payment, data).state, unknown);
  reconcile_for(seconds(300));
  EXPECT_EQ(at(payment.id).state, unknown);
  EXPECT_GT((toss() ? toss_guard : kakaopay_guard).health().refused_open, 0U);
  peers.desk.control("DELETE", "/faults");
  reconcile_for(seconds(600));
  EXPECT_EQ(at(payment.id).state, paid);
  EXPECT_EQ(books().first, 30'000);
}

TEST_P(Providers, EveryRefundGoesBackOnceWhateverIsLost) {
  const Payment payment = paid_one();
  EXPECT_EQ(refund(payment.id, 10'000).state, RefundState::done);
  fault(cancel_path(payment.id), R"("fault":"drop_after","times":1)");
  EXPECT_EQ(refund(payment.id, 10'000).state, RefundState::requested);
  reconcile_for(seconds(60));
  EXPECT_EQ(at(payment.id).refunded, 20'000);
  EXPECT_EQ(books().second, 20'000) << "the same amount as before, and only once";
  EXPECT_EQ(refund(payment.id, 10'000).state, RefundState::done);
  EXPECT_EQ(at(payment.id).state, refunded);
  EXPECT_EQ(books(), std::pair(std::int64_t{30'000}, std::int64_t{30'000}));
}

TEST_P(Providers, TwoRefundsOfOneAmountAtOnceAreTwo) {
  const Payment payment = paid_one();
  fault(cancel_path(payment.id), R"("fault":"drop_after","times":1)");
  EXPECT_EQ(refund(payment.id, 10'000).state, RefundState::requested);
  EXPECT_EQ(refund(payment.id, 10'000).state, RefundState::requested) << "it waits for its turn";
  reconcile_for(seconds(120));
  EXPECT_EQ(at(payment.id).refunded, 20'000);
  EXPECT_EQ(books().second, 20'000);
}

TEST_P(Providers, ADaySettlesAgainstTheProvidersOwnWordOrSaysThatThereIsNone) {
  const auto noon = *parse_rfc3339("2026-12-01T03:00:00Z");
  peers.desk.control("PUT", "/clock", R"({"now":")" + to_rfc3339(noon) + "\"}");
  clock.advance(noon - clock.now());
  const Payment first = paid_one(30'000);
  const Payment second = paid_one(20'000);
  refund(second.id, 5'000);
  const DayQuery today{.provider = GetParam(),
                       .from = begin_of_korean_day(korean_day(noon)),
                       .to = begin_of_korean_day(korean_day(noon) + std::chrono::days(1))};
  const ProviderDay day = sync_wait(payments->day(today));
  ASSERT_EQ(day.lines.size(), 2U);
  EXPECT_EQ(day.lines[0].payment, first.id.str());
  EXPECT_EQ(day.lines[0].subject, first.subject);
  EXPECT_EQ(day.lines[1].ours, (Sums{20'000, 5'000}));
  if (!toss()) {
    EXPECT_EQ(day.silent, NoStatement::not_offered);
    return;
  }
  EXPECT_FALSE(day.silent) << day.code;
  EXPECT_TRUE(day.fees_told);
  for (const DayLine& line : day.lines) {
    EXPECT_EQ(line.differs, Differs::no) << line.payment;
    EXPECT_EQ(line.theirs, line.ours);
  }
  EXPECT_EQ(day.lines[1].fee, 660 - 165);

  fault("", R"("fault":"status","status":503)");
  peers.desk.control("PUT", "/faults",
                     R"({"path":"/toss/v1/transactions","fault":"status","status":503})");
  const ProviderDay silent = sync_wait(payments->day(today));
  EXPECT_EQ(silent.silent, NoStatement::silent);
  EXPECT_EQ(silent.lines.size(), 2U);
  for (int i = 0; i < 10; ++i) (void)sync_wait(payments->day(today));
  EXPECT_EQ(toss_guard.health().state, net::BreakerState::closed) << "payments still work";
}

TEST_P(Providers, TheHistoryTellsEveryCall) {
  fault(capture_path(), R"("fault":"drop_after","times":1)");
  const Payment payment = begun();
  settle(payment, decide(payment, "approve"));
  const auto history = sync_wait(payments->history(payment.id));
  ASSERT_TRUE(history);
  std::vector<std::pair<ProviderStep, CallOutcome>> calls, expected;
  for (const ProviderCall& call : history->calls) calls.emplace_back(call.step, call.outcome);
  // Toss's page is opened without asking Toss.
  if (payment.provider != "toss") expected = {{ProviderStep::begin, CallOutcome::answered}};
  expected.emplace_back(ProviderStep::settle, CallOutcome::no_answer);
  expected.emplace_back(ProviderStep::lookup, CallOutcome::answered);
  EXPECT_EQ(calls, expected);
  const auto found = sync_wait(payments->search({.q = payment.subject}));
  ASSERT_EQ(found.items.size(), 1U);
  EXPECT_EQ(found.items[0].id, payment.id);
  EXPECT_EQ(sync_wait(payments->search({.state = failed})).items.size(), 0U);
  EXPECT_EQ(sync_wait(payments->search({.to = payment.created_at})).items.size(), 0U);
}

TEST_P(Providers, OneThatHangsHoldsItsOwnPlacesOnly) {
  const Payment payment = begun();
  const ReturnData data = decide(payment, "approve");
  fault("", R"("fault":"delay_ms","min_ms":2500,"max_ms":2500)");
  EXPECT_EQ(settle(payment, data).state, unknown);
  for (int i = 0; i < 3; ++i) {
    clock.advance(seconds(20));
    sync_wait(payments->reconcile());
  }
  const auto health = (toss() ? toss_guard : kakaopay_guard).health();
  EXPECT_NE(health.state, net::BreakerState::closed);
  EXPECT_EQ(health.inside, 0);
  peers.desk.control("DELETE", "/faults");
  std::this_thread::sleep_for(Millis(2'600));  // until the stand-in has let go of them
}

// ---- Toss alone

class TossProvider : public Providers {};
INSTANTIATE_TEST_SUITE_P(Toss, TossProvider, testing::Values("toss"));

TEST_P(TossProvider, AnotherAmountThanAskedForIsNotConfirmed) {
  const Payment payment = begun();
  ReturnData data = decide(payment, "approve");
  data["amount"] = "100";
  const Payment after = settle(payment, data);
  EXPECT_EQ(after.state, failed);
  EXPECT_EQ(after.failure, "amount_mismatch");
  EXPECT_EQ(books().first, 0);
}

TEST_P(TossProvider, WhatWasApprovedWithoutComingBackIsCaptured) {
  const Payment payment = begun();
  decide(payment, "approve");
  reconcile_for(seconds(120));
  EXPECT_EQ(at(payment.id).state, paid);
}

TEST_P(TossProvider, AnAccountToPayIntoWaitsForItsDeposit) {
  const Payment payment = begun();
  const Payment waits = settle(payment, decide(payment, "approve", "virtual_account"));
  EXPECT_EQ(waits.state, pending);
  ASSERT_TRUE(waits.detail && waits.detail->deposit);
  EXPECT_FALSE(waits.detail->deposit->account.empty());
  EXPECT_TRUE(waits.detail->deposit->until);
  const auto paid_in = peers.desk.control(
      "POST", "/decide", R"({"payment":")" + payment.id.str() + R"(","decision":"deposit"})");
  EXPECT_EQ(paid_in.status, 200);
  sync_wait(payments->noticed(payment.id, "toss"));
  sync_wait(payments->reconcile());
  EXPECT_EQ(at(payment.id).state, paid);
}

TEST_P(TossProvider, AnAccountNobodyNeedsAnyMoreIsClosed) {
  const Payment payment = begun();
  settle(payment, decide(payment, "approve", "virtual_account"));
  EXPECT_TRUE(sync_wait(payments->cancel(payment.id)));
  const auto late = peers.desk.control(
      "POST", "/decide", R"({"payment":")" + payment.id.str() + R"(","decision":"deposit"})");
  EXPECT_NE(late.word("/status"), "DONE") << late.text;
}

TEST_P(TossProvider, NoticesOfStrangersCostOneLookInSomeSeconds) {
  const Payment payment = begun();
  settle(payment, decide(payment, "leave"));
  const auto looks = [&] {
    int n = 0;
    for (const auto& call : sync_wait(payments->history(payment.id))->calls)
      n += call.step == ProviderStep::lookup ? 1 : 0;
    return n;
  };
  const int before = looks();
  for (int i = 0; i < 20; ++i) {
    sync_wait(payments->noticed(payment.id, "toss"));
    sync_wait(payments->reconcile());
  }
  EXPECT_EQ(looks(), before + 1);
  clock.advance(kNoticeSpacing);
  sync_wait(payments->reconcile());
  EXPECT_EQ(looks(), before + 2) << "what came in between was put off, not forgotten";
}

TEST_P(TossProvider, WhatWasDepositedGoesToTheBuyersAccountWithTheFirstThatIsGiven) {
  const Payment payment = begun();
  settle(payment, decide(payment, "approve", "virtual_account"));
  peers.desk.control("POST", "/decide",
                     R"({"payment":")" + payment.id.str() + R"(","decision":"deposit"})");
  sync_wait(payments->look_up(payment.id, "acc_1"));
  ASSERT_EQ(at(payment.id).state, paid);
  const Refund refused = refund(payment.id, 10'000);
  EXPECT_EQ(refused.state, RefundState::failed);
  EXPECT_EQ(refused.failure, kAccountMissing);
  EXPECT_TRUE(sync_wait(payments->give_account(
      payment.id, {.bank = "20", .account = "110-123-456789", .holder = "김하나"})));
  reconcile_for(seconds(20));
  EXPECT_EQ(sync_wait(payments->refunds(payment.id)).at(0).state, RefundState::done);
  EXPECT_EQ(books().second, 10'000);
}

TEST_P(TossProvider, MoneyThatSomebodyElseGaveBackThereIsBooked) {
  const Payment payment = paid_one();
  TossClient somebody(peers.client, peers.toss_config());
  const auto take = [&](std::int64_t amount, std::int64_t left) {
    pass_there(seconds(2));
    EXPECT_EQ(sync_wait(somebody.refund({.refund = RefundId::make(clock.now(), random),
                                         .payment = payment.id,
                                         .receipt = receipt(payment.id),
                                         .amount = {amount, "KRW"},
                                         .refundable_before = left}))
                  .verdict,
              RefundVerdict::done);
    clock.advance(kNoticeSpacing);
    sync_wait(payments->noticed(payment.id, "toss"));
    sync_wait(payments->reconcile());
  };
  take(10'000, 30'000);
  EXPECT_EQ(at(payment.id).state, partially_refunded);
  take(20'000, 20'000);
  EXPECT_EQ(at(payment.id).state, refunded);
  EXPECT_EQ(sync_wait(payments->refund_tasks(10, {})).items.size(), 2U);
}

TEST_P(TossProvider, ARefundOfWhatItKnowsNothingOfWaitsForPeopleAtOnceAndSaysWhy) {
  const Payment payment = begun();
  // As a demo's purchases of before it had a stand-in, or after a change of keys.
  EXPECT_TRUE(sync_wait(store->settle({.payment = payment.id,
                                       .state = paid,
                                       .captured = 30'000,
                                       .receipt = "sandbox-" + payment.id.str()},
                                      clock.now())));
  const Refund refused = refund(payment.id, 30'000);
  EXPECT_EQ(refused.state, RefundState::failed);
  EXPECT_EQ(refused.failure, "NOT_FOUND_PAYMENT");
  sync_wait(payments->look_up(payment.id, "acc_1"));
  EXPECT_EQ(at(payment.id).state, paid) << "that nobody knows it proves nothing";
}

TEST_P(TossProvider, AReceiptIsWhereTheBrowserReachesIt) {
  TossConfig config = peers.toss_config();
  config.pages = "/sandbox/toss";
  TossClient client(peers.client, config);
  const Payment payment = paid_one();
  const auto found = sync_wait(client.lookup({.payment = payment.id, .amount = payment.amount}));
  EXPECT_TRUE(found.detail->receipt_url.starts_with("/sandbox/toss/receipt/"))
      << found.detail->receipt_url;
}

// ---- what its client guards against, and what happens without

class TossClientGuards : public TossProvider {
 protected:
  TossClient with(TossGuards guards) { return {peers.client, peers.toss_config(), guards}; }
  Charge approved(ReturnData changed) {
    const Payment payment = begun();
    ReturnData data = decide(payment, "approve");
    for (auto& [name, value] : changed) data[name] = value;
    return {.payment = payment.id, .owner = owner, .amount = payment.amount, .data = data};
  }
  RefundVerdict give_back(TossClient& client, const Payment& payment, RefundId id, int checks) {
    pass_there(seconds(2));
    return sync_wait(client.refund({.refund = id,
                                    .checks = checks,
                                    .payment = payment.id,
                                    .receipt = receipt(payment.id),
                                    .amount = {10'000, "KRW"},
                                    .refundable_before = 30'000}))
        .verdict;
  }
};
INSTANTIATE_TEST_SUITE_P(Toss, TossClientGuards, testing::Values("toss"));

TEST_P(TossClientGuards, WhatTheBrowserBringsForAnotherOrderOrAmountIsNotCaptured) {
  for (const auto& [name, value] : ReturnData{{"amount", "100"}, {"orderId", "pay_another"}}) {
    TossClient client = with({});
    EXPECT_EQ(sync_wait(client.settle(approved({{name, value}}))).verdict, Verdict::declined);
    EXPECT_EQ(books().first, 0);
  }
}
TEST_P(TossClientGuards, NegativeControlWithoutComparingItIs) {
  TossClient client = with({.as_asked = false});
  EXPECT_EQ(sync_wait(client.settle(approved({{"amount", "100"}}))).verdict, Verdict::captured);
  EXPECT_EQ(sync_wait(client.settle(approved({{"orderId", "pay_x"}}))).verdict, Verdict::captured);
}

TEST_P(TossClientGuards, ARepeatUnderItsKeyIsTheFirstRequest) {
  const Charge charge = approved({});
  TossClient client = with({.compare = false});
  for (int i = 0; i < 2; ++i)
    EXPECT_EQ(sync_wait(client.settle(charge)).verdict, Verdict::captured);
  const Payment payment = paid_one();
  const RefundId id = RefundId::make(clock.now(), random);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(give_back(client, payment, id, 0), RefundVerdict::done);
  EXPECT_EQ(books().second, 10'000);
}
TEST_P(TossClientGuards, NegativeControlWithoutTheKeyARepeatIsAnotherRequest) {
  const Charge charge = approved({});
  TossClient client = with({.idempotency_key = false, .compare = false});
  EXPECT_EQ(sync_wait(client.settle(charge)).verdict, Verdict::captured);
  EXPECT_EQ(sync_wait(client.settle(charge)).verdict, Verdict::unknown);
  const Payment payment = paid_one();
  const RefundId id = RefundId::make(clock.now(), random);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(give_back(client, payment, id, 0), RefundVerdict::done);
  EXPECT_EQ(books().second, 20'000) << "given back twice";
}

TEST_P(TossClientGuards, ARefundThatCountedOnMoreThanIsLeftIsNotMade) {
  const Payment payment = paid_one();
  TossClient client = with({});
  const RefundId id = RefundId::make(clock.now(), random);
  EXPECT_EQ(give_back(client, payment, id, 0), RefundVerdict::done);
  EXPECT_EQ(give_back(client, payment, id, 1), RefundVerdict::unknown);
  EXPECT_EQ(books().second, 10'000);
}
TEST_P(TossClientGuards, NegativeControlWithoutComparingItIsMadeTwice) {
  const Payment payment = paid_one();
  TossClient client = with({.compare = false});
  const RefundId id = RefundId::make(clock.now(), random);
  EXPECT_EQ(give_back(client, payment, id, 0), RefundVerdict::done);
  EXPECT_EQ(give_back(client, payment, id, 1), RefundVerdict::done);
  EXPECT_EQ(books().second, 20'000);
}

TEST_P(TossProvider, ALookUpOfAnOperatorIsTold) {
  const Payment payment = begun();
  decide(payment, "approve");
  EXPECT_EQ(sync_wait(payments->look_up(payment.id, "acc_somebody"))->state, paid);
  EXPECT_FALSE(sync_wait(payments->look_up(PaymentId::make(clock.now(), random), "acc_x")));
}

TEST_P(TossProvider, BillingKeysAreIssuedChargedOnceAndRemoved) {
  TossBilling billing(peers.client, peers.toss_config());
  EXPECT_EQ(sync_wait(billing.issue("no such\r\nkey", "customer-1")).error(), "not_as_asked");
  const auto unknown_key = sync_wait(billing.issue("unknown", "customer-1"));
  EXPECT_FALSE(unknown_key);
}

// ---- nothing secret

TEST(ProviderKeys, AreInNoLineOfTheLog) {
  KeptLog log;
  exec::Loops loops(1);
  loops.start();
  net::Client client(loops);
  TossClient toss(client, {.api = "http://127.0.0.1:1", .secret_key = "sk_secret"});
  KakaoPayClient kakaopay(client, {.api = "http://127.0.0.1:1", .secret_key = "sk_secret"});
  FakeClock clock;
  SeededRandom random(1);
  FakeStore store;
  const auto payments = make_payments({store, {&toss, &kakaopay}, clock, random});
  for (const std::string provider : {"toss", "kakaopay"}) {
    const auto made = sync_wait(payments->create({.id = PaymentId::make(clock.now(), random),
                                                  .subject = provider,
                                                  .owner = AccountId::make(clock.now(), random),
                                                  .provider = provider,
                                                  .amount = {1'000, "KRW"}}));
    (void)sync_wait(payments->begin({.payment = made->id, .return_address = "http://x.test/b"}));
    clock.advance(seconds(61));
    sync_wait(payments->reconcile());
  }
  EXPECT_TRUE(log.has("a provider gave no answer"));
  EXPECT_FALSE(log.has("sk_secret"));
  loops.stop();
}

// ---- the providers' own test environments, when there are keys

TEST(TestEnvironments, TossAndKakaoPayAnswerAsTheStandInDoes) {
  const char* const toss_key = std::getenv("ONSALE_TEST_TOSS_SECRET_KEY");
  const char* const kakaopay_key = std::getenv("ONSALE_TEST_KAKAOPAY_SECRET_KEY");
  if (!toss_key && !kakaopay_key) GTEST_SKIP() << "no keys in the environment";
  exec::Loops loops(1);
  loops.start();
  net::Client client(loops);
  SystemClock clock;
  SystemRandom random;
  const Order order{.payment = PaymentId::make(clock.now(), random),
                    .owner = AccountId::make(clock.now(), random),
                    .amount = {1'000, "KRW"},
                    .order_name = "test",
                    .return_address = "http://localhost/back?key=1"};
  Charge charge{.payment = order.payment, .owner = order.owner, .amount = order.amount};
  if (toss_key) {
    TossClient toss(client, {.secret_key = toss_key});
    EXPECT_EQ(sync_wait(toss.lookup(charge)).verdict, Verdict::open);
    charge.data = {{"paymentKey", "none"}, {"orderId", order.payment.str()}, {"amount", "1000"}};
    EXPECT_NE(sync_wait(toss.settle(charge)).verdict, Verdict::captured);
  }
  if (kakaopay_key) {
    KakaoPayClient kakaopay(client, {.secret_key = kakaopay_key});
    const auto started = sync_wait(kakaopay.begin(order));
    ASSERT_TRUE(started);
    charge.reference = started->reference;
    charge.data.clear();
    EXPECT_EQ(sync_wait(kakaopay.lookup(charge)).verdict, Verdict::open);
  }
  loops.stop();
}

}  // namespace
}  // namespace onsale::payments
