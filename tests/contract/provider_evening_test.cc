// A short evening of checkouts through both real clients, over HTTP, with every fault of the
// stand-in on every path (the long one, with kills, is tests/e2e/money.test.mjs). What the
// providers' books say afterwards is what ours say, to the won, and the ledger; and that it takes
// the idempotency key, the reconciler and every transfer of the ledger to be so.
#include <gtest/gtest.h>

#include "app/money/money_check.h"
#include "base/fakes.h"
#include "payments/providers/guarded_client.h"
#include "payments/service.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"
#include "tests/contract/provider_peers.h"

namespace onsale::payments {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr int kCheckouts = 40;
constexpr std::int64_t kPrice = 30'000;
constexpr const char* kFaults[] = {
    R"("fault":"drop_before","probability":0.06)",
    R"("fault":"drop_after","probability":0.06)",
    R"("fault":"status","status":500,"after":true,"probability":0.06)",
    R"("fault":"duplicate","probability":0.15)",
    R"("fault":"reorder","max_ms":5,"probability":0.05)",
};

// Somebody on the way repeats a refund later than Toss's pause between two of them.
constexpr const char* kRepeated = R"({"path":"/toss/v1/payments/{paymentKey}/cancel",)"
                                  R"("fault":"duplicate","max_ms":1020,"times":1})";

struct EveningGuards {
  TossGuards toss{};
  bool reconciled = true;
  SqlStoreOptions store{};
};

class Evening {
 public:
  Evening(sql::Dialect dialect, EveningGuards guards)
      : guards_(guards),
        database_(testing_support::fresh_database(dialect)),
        store_(make_sql_store(*database_, guards.store)),
        toss_client_(peers_.client, peers_.toss_config(), guards.toss) {
    payments_ = make_payments({*store_, {&toss_, &kakaopay_}, clock_, random_});
  }

  // What is wrong in the end; empty: nothing.
  std::string lived_through(std::uint64_t seed) {
    SeededRandom dice(seed);
    for (const char* path : {"/toss/v1", "/kakaopay/online/v1"})
      for (const char* fault : kFaults)
        peers_.desk.control("PUT", "/faults",
                            R"({"path":")" + std::string(path) + R"(","seed":)" +
                                std::to_string(seed) + "," + fault + "}");
    peers_.desk.control("PUT", "/faults", kRepeated);
    for (int i = 0; i < kCheckouts; ++i) {
      checkout(dice, i % 2 == 0 ? "toss" : "kakaopay");
      peers_.pass(seconds(2));  // Toss takes one cancel of a payment per second
      clock_.advance(seconds(15));
      reconcile();
    }
    peers_.desk.control("DELETE", "/faults");
    for (int i = 0; i < 40; ++i) {
      peers_.pass(seconds(2));
      clock_.advance(minutes(1));
      reconcile();
    }
    return wrong();
  }

 private:
  void reconcile() {
    if (guards_.reconciled) (void)sync_wait(payments_->reconcile());
  }
  void checkout(SeededRandom& dice, const std::string& provider) {
    const PaymentId id = PaymentId::make(clock_.now(), random_);
    const auto made = sync_wait(payments_->create({.id = id,
                                                   .subject = "res_" + id.str(),
                                                   .owner = AccountId::make(clock_.now(), random_),
                                                   .provider = provider,
                                                   .amount = {kPrice, "KRW"},
                                                   .order_name = "오페라의 유령"}));
    ASSERT_TRUE(made);
    all_.push_back(id);
    const Begin begin{.payment = id, .return_address = "http://shop.test/back"};
    auto begun = sync_wait(payments_->begin(begin));
    for (int again = 0; !begun && again < 5; ++again) begun = sync_wait(payments_->begin(begin));
    if (!begun) return;
    const std::uint64_t luck = dice.next_u64() % 10;
    const char* decision = luck == 0 ? "decline" : luck == 1 ? "leave" : "approve";
    const ReturnData data = peers_.decide(*begun, decision);
    for (std::uint64_t visits = dice.next_u64() % 3; visits > 0; --visits)
      (void)sync_wait(payments_->settle(id, data));
    if (dice.next_u64() % 5 == 0) (void)sync_wait(payments_->cancel(id));
    for (const std::int64_t amount : {7'000, 7'000}) {
      if (dice.next_u64() % 2 != 0) continue;
      peers_.pass(seconds(2));
      clock_.advance(Millis(1));
      (void)sync_wait(payments_->refund({.payment = id,
                                         .id = RefundId::make(clock_.now(), random_),
                                         .amount = {amount, "KRW"},
                                         .reason = "changed my mind"}));
    }
  }
  std::string wrong() {
    for (const PaymentId id : all_) {
      const Payment payment = *sync_wait(payments_->find(id));
      const PaymentState state = payment.state;
      if (state == PaymentState::pending || state == PaymentState::unknown)
        return "open: " + std::string(to_string(state));
      if (payment.captured != 0 && payment.captured != kPrice) return "charged twice";
    }
    const Balance ours = sync_wait(payments_->balance());
    const auto [toss_in, toss_back] = peers_.books("toss");
    const auto [kakaopay_in, kakaopay_back] = peers_.books("kakaopay");
    if (ours.captured != toss_in + kakaopay_in) return "captured";
    if (ours.refunded != toss_back + kakaopay_back) return "refunded";
    if (ours.captured == 0 || ours.refunded == 0) return "nothing happened";
    auto check = [](sql::Tx& tx) { return app::check_money(tx).wrong; };
    const std::string found = sync_wait(database_->read(std::move(check)));
    return found.empty() ? "" : "ledger: " + found;
  }

  const EveningGuards guards_;
  Peers peers_;
  FakeClock clock_;
  SeededRandom random_{7};
  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<Store> store_;
  TossClient toss_client_;
  KakaoPayClient kakaopay_client_{peers_.client, peers_.kakaopay_config()};
  GuardedProvider toss_{toss_client_, clock_};
  GuardedProvider kakaopay_{kakaopay_client_, clock_};
  std::unique_ptr<Payments> payments_;
  std::vector<PaymentId> all_;
};

class ProviderEvening : public testing::TestWithParam<sql::Dialect> {
 protected:
  std::string wrong(EveningGuards guards = {}, int evenings = 1) {
    std::string found;
    for (int seed = 1; seed <= evenings && found.empty(); ++seed)
      found = Evening(GetParam(), guards).lived_through(static_cast<std::uint64_t>(seed));
    return found;
  }
};
ONSALE_ON_BOTH_DIALECTS(ProviderEvening);

TEST_P(ProviderEvening, BooksAgreeToTheWonWhateverWasLost) { EXPECT_EQ(wrong(), ""); }

TEST_P(ProviderEvening, NegativeControlWithoutTheIdempotencyKeyMoneyGoesBackTwice) {
  EXPECT_EQ(wrong({.toss = {.idempotency_key = false, .compare = false}}, 3), "refunded");
}

TEST_P(ProviderEvening, NegativeControlWithoutTheReconcilerPaymentsStayOpen) {
  EXPECT_EQ(wrong({.reconciled = false}).substr(0, 4), "open");
}

TEST_P(ProviderEvening, NegativeControlAnEntryLeftOutUnbalancesTheLedger) {
  EXPECT_EQ(wrong({.store = {.book_captures = false}}).substr(0, 6), "ledger");
}

}  // namespace
}  // namespace onsale::payments
