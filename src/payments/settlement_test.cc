// A day by two books: what is the same, what only lies on another day, and what differs.
#include "payments/settlement.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/log_fakes.h"
#include "payments/fakes.h"
#include "payments/service.h"

namespace onsale::payments {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class Settlement : public testing::Test {
 protected:
  std::string payment(const std::string& provider = "fake", Sums by_now = {}) {
    clock_.advance(Millis(1));
    const auto id = PaymentId::make(clock_.now(), random_);
    records_.payments_known.push_back({id, "res_" + id.str(), provider, by_now});
    return id.str();
  }
  void ours(const std::string& id, Sums sums) {
    records_.lines.push_back({.payment = id, .ours = sums});
    for (auto& known : records_.payments_known)
      if (known.payment.str() == id && known.ours == Sums{}) known.ours = sums;
  }
  void there(const std::string& order, std::int64_t amount, Timestamp at, std::int64_t fee = 10) {
    const std::string key = "t" + std::to_string(moved_.entries.size());
    moved_.entries.push_back({.key = key, .order = order, .amount = amount, .at = at});
    fees_.entries.push_back({.key = key, .order = order, .amount = fee});
  }
  ProviderDay day() {
    provider_.statement_pages.push_back(moved_);
    provider_.statement_pages.push_back(fees_);
    return asked();
  }
  ProviderDay asked() {
    return sync_wait(payments_->day({.provider = "fake", .from = from_, .to = to_}));
  }
  const DayLine& line(const ProviderDay& of, const std::string& id) {
    const auto found = std::ranges::find(of.lines, id, &DayLine::payment);
    EXPECT_NE(found, of.lines.end());
    return *found;
  }

  QuietLog quiet_;
  FakeClock clock_;
  SeededRandom random_{3};
  FakeStore store_;
  FakeRecords records_;
  FakeProvider provider_;
  std::unique_ptr<Payments> payments_ =
      make_payments({store_, {&provider_}, clock_, random_, &records_});
  Timestamp from_ = clock_.now() + hours(24), to_ = from_ + hours(24);
  StatementPage moved_, fees_;
};

TEST_F(Settlement, WhatBothSayIsNoDifferenceAndHasTheFeeThatTheProviderKeeps) {
  const auto id = payment();
  ours(id, {30'000, 10'000});
  there(id, 30'000, from_, 900);
  there(id, -10'000, to_ - Millis(1), -300);
  const auto said = day();
  EXPECT_FALSE(said.silent);
  EXPECT_TRUE(said.fees_told);
  EXPECT_EQ(line(said, id).differs, Differs::no);
  EXPECT_EQ(line(said, id).theirs, (Sums{30'000, 10'000}));
  EXPECT_EQ(line(said, id).fee, 600);
  EXPECT_EQ(line(said, id).subject, "res_" + id);
  ASSERT_EQ(provider_.statements.size(), 2U);
  EXPECT_EQ(provider_.statements[0].from, from_ - kDaySlack);
  EXPECT_EQ(provider_.statements[1].from, from_);
}

TEST_F(Settlement, EveryPaymentThatDiffersIsNamedWithTheReason) {
  const auto amount = payment();
  const auto missing = payment();
  ours(amount, {30'000, 0});
  ours(missing, {20'000, 0});
  there(amount, 29'000, from_);
  there("order-of-another-shop", 5'000, from_);
  const auto said = day();
  EXPECT_EQ(line(said, amount).differs, Differs::amount);
  EXPECT_EQ(line(said, missing).differs, Differs::not_there);
  EXPECT_EQ(line(said, "order-of-another-shop").differs, Differs::unknown_here);
  EXPECT_EQ(line(said, "order-of-another-shop").subject, "");
}

TEST_F(Settlement, MoneyOfTheLastSecondIsOnOtherDaysInOurBooksAndTheirs) {
  const auto late = payment();  // there before midnight, here after it
  ours(late, {30'000, 0});
  there(late, 30'000, from_ - minutes(1));
  const auto early = payment("fake", {20'000, 0});  // there today, here tomorrow
  there(early, 20'000, to_ - Millis(1));
  const auto refund = payment("fake", {10'000, 10'000});  // only the refund is
  ours(refund, {10'000, 0});
  there(refund, 10'000, from_);
  there(refund, -10'000, to_ - Millis(1));
  const auto said = day();
  EXPECT_EQ(line(said, late).differs, Differs::other_day);
  EXPECT_EQ(line(said, early).differs, Differs::other_day);
  EXPECT_EQ(line(said, refund).differs, Differs::other_day);
}

TEST_F(Settlement, TwoNamesForOneAccountThereAreNotMixedUp) {
  const auto other = payment("sandbox", {9'000, 0});
  there(other, 9'000, from_);
  EXPECT_TRUE(day().lines.empty());
}

TEST_F(Settlement, FeesThatAreNotAllThereAreNotToldAsFees) {
  const auto id = payment();
  ours(id, {30'000, 0});
  there(id, 30'000, from_);
  fees_.entries.clear();
  const auto said = day();
  EXPECT_FALSE(said.silent);
  EXPECT_FALSE(said.fees_told);
  EXPECT_FALSE(line(said, id).fee);
}

TEST_F(Settlement, WhatMovedIsKnownWithoutTheFees) {
  const auto id = payment();
  ours(id, {30'000, 0});
  there(id, 30'000, from_);
  provider_.statement_pages.push_back(moved_);  // and the fees are lost
  const auto said = asked();
  EXPECT_FALSE(said.silent);
  EXPECT_FALSE(said.fees_told);
}

TEST_F(Settlement, AProviderThatSaysNothingIsSilentAndNothingDiffers) {
  const auto id = payment();
  ours(id, {30'000, 0});
  const auto lost = asked();  // no answer
  EXPECT_EQ(lost.silent, NoStatement::silent);
  EXPECT_EQ(line(lost, id).ours.captured, 30'000);
  EXPECT_EQ(line(lost, id).differs, Differs::no);

  StatementPage refused;
  refused.code = "UNAUTHORIZED_KEY";
  provider_.statement_pages.push_back(refused);
  EXPECT_EQ(asked().code, "UNAUTHORIZED_KEY");

  StatementPage none;
  none.offered = false;
  provider_.statement_pages.push_back(none);
  EXPECT_EQ(asked().silent, NoStatement::not_offered);

  records_.payments_known[0].provider = "gone";
  const auto gone = sync_wait(payments_->day({.provider = "gone", .from = from_, .to = to_}));
  EXPECT_EQ(gone.silent, NoStatement::not_set_up);
  EXPECT_EQ(gone.lines.size(), 1U);
}

TEST_F(Settlement, HalfAListIsNone) {
  const auto id = payment();
  ours(id, {30'000, 0});
  there(id, 30'000, from_);
  moved_.next = "more";
  provider_.statement_pages.push_back(moved_);  // and then no answer
  const auto said = asked();
  EXPECT_EQ(said.silent, NoStatement::silent);
  EXPECT_EQ(line(said, id).theirs, Sums{});
}

// Pages take their time: each moves the clock.
class SlowProvider final : public Provider {
 public:
  explicit SlowProvider(FakeClock& clock) : clock_(clock) {}
  std::string_view name() const override { return "fake"; }
  Task<Result<Started, BeginRefused>> begin(Order) override {
    co_return std::unexpected(BeginFailure::unavailable);
  }
  Task<ProviderAnswer> settle(Charge) override { co_return ProviderAnswer{}; }
  Task<ProviderAnswer> lookup(Charge) override { co_return ProviderAnswer{}; }
  Task<RefundAnswer> refund(GiveBack) override { co_return RefundAnswer{}; }
  Task<void> close(Charge) override { co_return; }
  Task<StatementPage> statement(StatementQuery) override {
    clock_.advance(std::chrono::seconds(6));
    StatementPage page;
    page.next = std::to_string(++pages);
    co_return page;
  }
  int pages = 0;

 private:
  FakeClock& clock_;
};

TEST_F(Settlement, AListWithoutAnEndIsGivenUpAfterTwentySeconds) {
  SlowProvider slow(clock_);
  const auto payments = make_payments({store_, {&slow}, clock_, random_, &records_});
  const auto said = sync_wait(payments->day({.provider = "fake", .from = from_, .to = to_}));
  EXPECT_EQ(said.silent, NoStatement::silent);
  EXPECT_EQ(said.code, "too_long");
  EXPECT_EQ(slow.pages, 4);
}

}  // namespace
}  // namespace onsale::payments
