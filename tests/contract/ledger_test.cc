// The ledger: a transfer is booked once, the books always balance, and whatever does not fit is
// found. On both dialects.
#include "platform/ledger/ledger.h"

#include <gtest/gtest.h>

#include "tests/contract/databases.h"

namespace onsale::ledger {
namespace {

Transfer transfer(std::string id, std::int64_t amount = 1'000) {
  return {.id = std::move(id),
          .debit = "provider:toss",
          .credit = "buyers",
          .amount = {amount, "KRW"},
          .subject = "pay_1",
          .note = "조용히"};
}

class Ledger : public testing::TestWithParam<sql::Dialect> {
 protected:
  void post_one(const Transfer& t, Timestamp at = from_unix_ms(1)) {
    sync_wait(database_->write([&](sql::Tx& tx) { post(tx, t, at); }));
  }
  std::vector<Entry> listed(Query query = {}) {
    return sync_wait(database_->read([&](sql::Tx& tx) { return list(tx, query); }));
  }
  std::string wrong() {
    return sync_wait(database_->read([](sql::Tx& tx) { return check_rows(tx); }));
  }
  void direct(std::string_view text) {
    sync_wait(database_->write([&](sql::Tx& tx) { tx.exec(text); }));
  }

  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
};
ONSALE_ON_BOTH_DIALECTS(Ledger);

TEST_P(Ledger, ATransferIsPostedOnceHoweverOftenItComes) {
  post_one(transfer("pay_1:captured"));
  Transfer again = transfer("pay_1:captured");
  again.note = "again";
  post_one(again, from_unix_ms(2));
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed()[0].at, from_unix_ms(1));
  EXPECT_EQ(listed()[0].transfer.note, "조용히");
}

TEST_P(Ledger, WhatMovedOnAnAccountIsSummedBySubjectFromTheFirstMomentToBeforeTheLast) {
  const auto at = [](std::int64_t ms) { return from_unix_ms(ms); };
  Transfer back = transfer("rfd_1:done", 300);
  std::swap(back.debit, back.credit);
  post_one(transfer("pay_0:captured", 7), at(9));
  post_one(transfer("pay_1:captured", 1'000), at(10));
  post_one(back, at(19));
  Transfer other = transfer("pay_2:captured", 50);
  other.subject = "pay_2";
  post_one(other, at(15));
  Transfer foreign = other;
  foreign.id = "pay_3:captured";
  foreign.amount.currency = "USD";
  post_one(foreign, at(15));
  post_one(transfer("pay_4:captured", 9), at(20));
  const auto moved = sync_wait(database_->read(
      [&](sql::Tx& tx) { return movements(tx, "provider:toss", "KRW", at(10), at(20)); }));
  ASSERT_EQ(moved.size(), 2U);
  EXPECT_EQ(moved[0].subject, "pay_1");
  EXPECT_EQ(moved[0].debits, 1'000);
  EXPECT_EQ(moved[0].credits, 300);
  EXPECT_EQ(moved[1].subject, "pay_2");
  EXPECT_EQ(moved[1].debits, 50);
}

TEST_P(Ledger, TheSameIdWithOtherContentsTakesTheWholeTransactionBack) {
  post_one(transfer("pay_1:captured"));
  std::vector<Transfer> others(4, transfer("pay_1:captured"));
  others[0].amount.amount = 1'001;
  others[1].credit = "revenue:shw_1";
  others[2].subject = "pay_2";
  others[3].debit = "provider:kakaopay";
  for (const Transfer& other : others) {
    EXPECT_THROW(sync_wait(database_->write([&](sql::Tx& tx) {
                   post(tx, transfer("pay_2:captured"), from_unix_ms(1));
                   post(tx, other, from_unix_ms(1));
                 })),
                 sql::Failure);
  }
  EXPECT_EQ(listed().size(), 1U);
}

TEST_P(Ledger, WhatIsNoTransferIsNotPosted) {
  std::vector<Transfer> none(6, transfer("pay_1:captured"));
  none[0].amount.amount = 0;
  none[1].amount.amount = -5;
  none[2].credit = none[2].debit;
  none[3].id = "";
  none[4].debit = "two words";
  none[5].subject = std::string(41, 'x');
  for (const Transfer& t : none) EXPECT_THROW(post_one(t), sql::Failure) << t.id;
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(wrong(), "");
}

TEST_P(Ledger, AreListedByAccountAndTimeNewestFirst) {
  for (int i = 1; i <= 5; ++i) {
    Transfer t = transfer("pay_" + std::to_string(i) + ":captured");
    if (i % 2 == 0) t.debit = "provider:kakaopay";
    post_one(t, from_unix_ms(i * 10));
  }
  EXPECT_EQ(listed({.account = "provider:kakaopay"}).size(), 2U);
  EXPECT_EQ(listed({.account = "buyers"}).size(), 5U);
  const auto page = listed({.from = from_unix_ms(20), .to = from_unix_ms(50), .limit = 2});
  ASSERT_EQ(page.size(), 2U);
  EXPECT_EQ(page[0].transfer.id, "pay_4:captured");
  const auto next = listed({.from = from_unix_ms(20), .before = page[1].seq});
  ASSERT_EQ(next.size(), 1U);
  EXPECT_EQ(next[0].transfer.id, "pay_2:captured");
}

TEST_P(Ledger, AccountsAddUpToNothing) {
  post_one(transfer("pay_1:captured", 5'000));
  Transfer sale = transfer("res_1:confirmed", 5'000);
  sale.debit = "buyers";
  sale.credit = "revenue:shw_1";
  post_one(sale);
  std::int64_t sum = 0;
  const auto all = sync_wait(database_->read([](sql::Tx& tx) { return balances(tx); }));
  ASSERT_EQ(all.size(), 3U);
  for (const Balance& each : all) sum += each.debits - each.credits;
  EXPECT_EQ(sum, 0);
  EXPECT_EQ(all[0].account, "buyers");
  EXPECT_EQ(all[0].debits, all[0].credits);
}

TEST_P(Ledger, ARowThatNobodyPostedIsFound) {
  post_one(transfer("pay_1:captured"));
  direct("UPDATE platform_ledger SET amount = 0");
  EXPECT_NE(wrong().find("pay_1:captured"), std::string::npos) << wrong();
}

TEST_P(Ledger, WhoGotMoreThanCameInIsNamed) {
  post_one(transfer("pay_1:captured", 100));
  Transfer back = transfer("rfd_1:done", 120);
  std::swap(back.debit, back.credit);
  post_one(back);
  const std::string said = sync_wait(
      database_->read([](sql::Tx& tx) { return check_overdrawn(tx, "buyers", "elsewhere"); }));
  EXPECT_NE(said.find("of pay_1 20 KRW"), std::string::npos) << said;
}

// Which rows of `kind` asked for their transfers, and what was left over.
TEST_P(Ledger, AWalkGivesEveryRowItsTransfersAndFindsThoseOfNone) {
  for (const char* id : {"pay_a:captured", "pay_b:captured", "pay_b:more", "pay_d:captured",
                         "paz_a:captured", "res_a:confirmed"}) {
    post_one(transfer(id));
  }
  sync_wait(database_->read([](sql::Tx& tx) {
    Walk walk(tx, "pay");
    EXPECT_EQ(walk.turn("pay_b"), "");
    EXPECT_EQ(walk.take("pay_a").size(), 1U);
    EXPECT_EQ(walk.take("pay_b").size(), 2U);
    EXPECT_EQ(walk.turn(""), "");
    EXPECT_TRUE(walk.take("pay_c").empty());
    EXPECT_NE(walk.left().find("pay_d:captured"), std::string::npos);
    EXPECT_EQ(walk.take("pay_d").size(), 1U);
    EXPECT_EQ(walk.left(), "");
  }));
}

TEST(LedgerDifference, SaysWhatIsMissingOtherOrTooMuch) {
  const std::vector<Transfer> one{transfer("pay_1:captured")};
  const std::vector<Entry> same{{.transfer = one[0]}};
  std::vector<Entry> other = same;
  other[0].transfer.amount.amount = 7;
  EXPECT_EQ(difference(one, same), "");
  EXPECT_EQ(difference(one, {}),
            "there is no transfer pay_1:captured of 1,000 KRW from provider:toss to buyers for "
            "pay_1");
  EXPECT_NE(difference(one, other).find("says 7 KRW"), std::string::npos);
  EXPECT_NE(difference({}, same).find("books what did not happen"), std::string::npos);
}

}  // namespace
}  // namespace onsale::ledger
