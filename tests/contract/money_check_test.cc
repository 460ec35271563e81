// `onsale money check`: the books balance after whatever moves money, and after old data was
// brought up to date; whatever is missing, changed or added is found and named.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::Decision;
using std::chrono::hours;
using std::chrono::seconds;

class MoneyCheck : public testing::TestWithParam<sql::Dialect> {
 protected:
  void expect_balance(std::int64_t owed) {
    EXPECT_EQ(world.money_wrong(), "");
    EXPECT_EQ(world.owed_to_buyers(), owed);
    EXPECT_EQ(world.owed_to_buyers(), world.kept_money() - world.ticket_money());
  }
  Reservation cancel(const Reservation& r, std::vector<std::string> seats = {}) {
    CancelRequest request{.reservation = r.id, .buyer = r.buyer, .seats = std::move(seats)};
    const auto after = sync_wait(world.service.cancel(std::move(request)));
    EXPECT_TRUE(after.has_value());
    return *after;
  }
  void change(std::string_view text) {
    sync_wait(world.database->write([&](sql::Tx& tx) { tx.exec(text); }));
  }

  World world{GetParam()};
};
ONSALE_ON_BOTH_DIALECTS(MoneyCheck);

TEST_P(MoneyCheck, BalancesThroughAPurchaseAndItsCancellationSeatBySeat) {
  expect_balance(0);
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  expect_balance(0);
  EXPECT_EQ(world.owed({"revenue:"}), 250'000);
  cancel(r, {"C-4"});
  expect_balance(0);
  EXPECT_EQ(world.owed({"revenue:"}), 150'000);
  cancel(r);
  expect_balance(0);
  EXPECT_EQ(world.owed({"revenue:"}), 0);
  EXPECT_EQ(world.owed({"provider:"}), 0);
}

TEST_P(MoneyCheck, BalancesWhenMoneyComesTooLateForItsSeats) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.clock.advance(seconds(700));
  sync_wait(world.service.sweep());
  (void)world.bought(world.buyer(), {"A-3"});
  expect_balance(0);
  ASSERT_TRUE(world.come_back(*paying, data));
  expect_balance(0);
  EXPECT_EQ(world.owed({"revenue:"}), 150'000) << "the second buyer's";
}

TEST_P(MoneyCheck, ARefundThatIsRefusedStaysOwedUntilItIsSettled) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  const Reservation s = world.bought(world.buyer(), {"A-4"});
  const Reservation t = world.bought(world.buyer(), {"A-5"});
  world.refuses_refunds = true;
  const RefundId first = cancel(r).refunds.at(0).id;
  const RefundId second = cancel(s).refunds.at(0).id;
  const RefundId third = cancel(t).refunds.at(0).id;
  expect_balance(450'000);
  EXPECT_EQ(world.owed({payments::kRefundsAccount}), 450'000);
  const auto settle = [&](RefundId refund, payments::RefundState outcome) {
    payments::RefundSettlement request{
        .refund = refund, .who = "acc_1", .outcome = outcome, .reason = "by transfer"};
    EXPECT_TRUE(sync_wait(world.payments->settle_refund(std::move(request))).has_value());
  };
  EXPECT_TRUE(sync_wait(world.payments->retry_refund({.refund = first, .who = "acc_1"})));
  expect_balance(450'000);
  settle(second, payments::RefundState::done);
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.owed_to_buyers(), 300'000);
  EXPECT_EQ(world.owed({"paid_otherwise"}), 150'000);
  settle(third, payments::RefundState::failed);
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.owed({payments::kBuyersAccount}), 150'000);

  world.refuses_refunds = false;
  EXPECT_TRUE(sync_wait(world.payments->retry_refund({.refund = first, .who = "acc_1"})));
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.owed({payments::kRefundsAccount}), 0);
  // Another node had asked before it was settled, and the money went after all.
  const Timestamp now = world.clock.now();
  EXPECT_TRUE(
      sync_wait(world.payment_store->finish_refund(third, payments::RefundState::done, now)));
  EXPECT_FALSE(
      sync_wait(world.payment_store->finish_refund(third, payments::RefundState::done, now)));
  EXPECT_FALSE(
      sync_wait(world.payment_store->finish_refund(second, payments::RefundState::done, now)));
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.owed_to_buyers(), 0);
}

TEST_P(MoneyCheck, AnotherAmountThanAskedForIsOnItsWayBack) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const Timestamp now = world.clock.now();
  payments::Settlement settlement{
      .payment = *paying->payment, .state = payments::PaymentState::failed, .captured = 140'000};
  settlement.give_back = payments::Refund{.id = RefundId::make(now, world.random),
                                          .payment = *paying->payment,
                                          .amount = {140'000, "KRW"},
                                          .reason = "amount_mismatch",
                                          .created_at = now};
  EXPECT_TRUE(sync_wait(world.payment_store->settle(settlement, now)));
  EXPECT_FALSE(sync_wait(world.payment_store->settle(settlement, now)));
  EXPECT_EQ(world.money_wrong(), "");
  EXPECT_EQ(world.owed({payments::kRefundsAccount}), 140'000);
}

TEST_P(MoneyCheck, NamesWhatIsMissingChangedOrAdded) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  cancel(r, {"A-4"});
  const std::string pay = r.payment->str();
  const auto says = [&](std::string_view text, const std::string& what) {
    const std::string wrong = world.money_wrong();
    EXPECT_NE(wrong.find(what), std::string::npos) << text << ": " << wrong;
  };
  // Each of these is taken back at once.
  const auto tamper = [&](std::string_view text, std::string_view back, const std::string& what) {
    change(text);
    says(text, what);
    change(back);
    EXPECT_EQ(world.money_wrong(), "") << back;
  };
  tamper("UPDATE platform_ledger SET id = 'x' WHERE id LIKE 'pay_%:captured'",
         "UPDATE platform_ledger SET id = '" + pay + ":captured' WHERE id = 'x'",
         "there is no transfer " + pay + ":captured");
  tamper("UPDATE payments_payment SET captured = 299999",
         "UPDATE payments_payment SET captured = 300000", "should say 299,999 KRW");
  tamper("UPDATE payments_payment SET refunded = 0",
         "UPDATE payments_payment SET refunded = 150000", "says that 0 went back");
  tamper("UPDATE booking_refund SET amount = 1", "UPDATE booking_refund SET amount = 150000",
         r.id.str() + " gives back 1");
  tamper("UPDATE booking_reservation_seat SET cancelled = 0 WHERE seat_id = 'A-4'",
         "UPDATE booking_reservation_seat SET cancelled = 1 WHERE seat_id = 'A-4'", r.id.str());
  tamper("UPDATE booking_reservation SET payment_id = NULL",
         "UPDATE booking_reservation SET payment_id = '" + pay + "'", "books what did not happen");
  tamper(
      "INSERT INTO platform_ledger (id, at, debit, credit, amount, currency, subject, note) VALUES "
      "('pay_zzz:captured', 1, 'provider:toss', 'buyers', 5, 'KRW', 'pay_zzz', '')",
      "DELETE FROM platform_ledger WHERE id = 'pay_zzz:captured'", "pay_zzz:captured");
  // Bought with money that never came: both rows and both transfers are gone.
  change("DELETE FROM platform_ledger WHERE id LIKE 'pay_%' OR id LIKE 'rfd_%'");
  change("DELETE FROM payments_payment");
  change("DELETE FROM payments_refund");
  says("a sale without a capture", "of " + pay + " 150,000 KRW more went out of buyers");
}

// ---- data from before there was a ledger

bool before_the_ledger(const sql::Migration& m) {
  return m.module != "ledger" && !(m.module == "payments" && m.number >= 6) &&
         !(m.module == "booking" && m.number >= 4);
}

class OldMoney : public testing::TestWithParam<sql::Dialect> {
 protected:
  OldMoney() {
    std::vector<sql::Migration> old;
    std::ranges::copy_if(sql::all_migrations(), std::back_inserter(old), before_the_ledger);
    sql::migrate(*database_, old);
  }
  void add(const std::vector<std::string>& rows) {
    sync_wait(database_->write([&](sql::Tx& tx) {
      for (const std::string& row : rows) tx.exec("INSERT INTO " + row);
    }));
  }
  static std::string payment(const std::string& id, const std::string& state, int captured,
                             int refunding, int refunded) {
    return "payments_payment (id, subject, live_subject, owner, provider, state, amount, currency, "
           "captured, refunding, refunded, order_name, failure, return_key, reference, receipt, "
           "redirect_url, return_url, return_data, created_at, updated_at, paid_at, checks) VALUES "
           "('" +
           id + "', 'res_1', NULL, '" + id_of("acc", 1) + "', 'sandbox', '" + state +
           "', 300000, 'KRW', " + std::to_string(captured) + ", " + std::to_string(refunding) +
           ", " + std::to_string(refunded) +
           ", 'a show', '', 'k', '', '', '', '', '', 1000, 2000, 1500, 0)";
  }
  static std::string refund(const std::string& id, const std::string& of, int amount,
                            const std::string& state, bool settled = false) {
    return "payments_refund (id, payment, amount, currency, reason, state, created_at, updated_at, "
           "checks, attempt, settled_at, settled_reason) VALUES ('" +
           id + "', '" + of + "', " + std::to_string(amount) + ", 'KRW', 'why', '" + state +
           "', 3000, 4000, 0, 0, " + (settled ? "5000, 'by hand'" : "NULL, NULL") + ")";
  }
  static std::vector<std::string> reservation(int n, const std::string& state,
                                              const std::string& payment, bool second_cancelled) {
    const std::string id = id_of("res", n);
    const bool all = state == "cancelled";
    const auto seat = [&](int place, bool cancelled) {
      return "booking_reservation_seat (reservation_id, place, seat_id, label, grade, price, "
             "cancelled) VALUES ('" +
             id + "', " + std::to_string(place) + ", 'A-" + std::to_string(place) +
             "', 'A', 'VIP', 150000, " + (cancelled ? "1)" : "0)");
    };
    return {
        "booking_reservation (id, number, hold_id, account_id, performance_id, state, "
        "list_amount, discount, payable, currency, pay_by, created_at, ended_at, payment_id, "
        "show_id, title, hall, venue, starts_at) VALUES ('" +
            id + "', 'N" + std::to_string(n) + "', '" + id_of("hld", n) + "', '" + id_of("acc", 1) +
            "', '" + id_of("prf", 1) + "', '" + state +
            "', 300000, 0, 300000, 'KRW', 1000, 500, 2500, " + payment + ", '" + id_of("shw", 1) +
            "', 'a show', 'hall', 'venue', 9000000)",
        seat(0, all), seat(1, all || second_cancelled)};
  }
  static std::string booking_refund(const std::string& id, int reservation, const std::string& pay,
                                    int amount) {
    return "booking_refund (id, reservation_id, payment_id, amount, currency, reason, state, "
           "created_at) VALUES ('" +
           id + "', '" + id_of("res", reservation) + "', '" + pay + "', " + std::to_string(amount) +
           ", 'KRW', 'why', 'done', 3000)";
  }
  static std::string id_of(std::string_view kind, int n) {
    return format_id(kind, RawId{0, static_cast<std::uint64_t>(n)});
  }

  std::unique_ptr<sql::Database> database_ =
      testing_support::open_database(testing_support::fresh_url(GetParam()));
};
ONSALE_ON_BOTH_DIALECTS(OldMoney);

TEST_P(OldMoney, GetsItsOpeningTransfersAndBalances) {
  std::vector<std::string> rows;
  const auto more = [&](const std::vector<std::string>& some) {
    rows.insert(rows.end(), some.begin(), some.end());
  };
  const auto pay = [](int n) { return id_of("pay", n); };
  const auto rfd = [](int n) { return id_of("rfd", n); };
  // Bought; one seat of two cancelled; all cancelled, one after the other; written off, refused
  // and waiting; another amount, given back; settled by people both ways; never paid; free.
  more({payment(pay(1), "paid", 300'000, 0, 0)});
  more(reservation(1, "confirmed", "'" + pay(1) + "'", false));
  more({payment(pay(2), "partially_refunded", 300'000, 150'000, 150'000),
        refund(rfd(2), pay(2), 150'000, "done"), booking_refund(rfd(2), 2, pay(2), 150'000)});
  more(reservation(2, "confirmed", "'" + pay(2) + "'", true));
  more({payment(pay(3), "refunded", 300'000, 300'000, 150'000),
        refund(rfd(3), pay(3), 150'000, "done"), refund(rfd(4), pay(3), 150'000, "requested"),
        booking_refund(rfd(3), 3, pay(3), 150'000), booking_refund(rfd(4), 3, pay(3), 150'000)});
  more(reservation(3, "cancelled", "'" + pay(3) + "'", true));
  more({payment(pay(5), "paid", 300'000, 0, 0), refund(rfd(5), pay(5), 300'000, "failed"),
        booking_refund(rfd(5), 5, pay(5), 300'000)});
  more(reservation(5, "expired", "NULL", false));
  more({payment(pay(6), "failed", 290'000, 290'000, 290'000),
        refund(rfd(6), pay(6), 290'000, "done")});
  more({payment(pay(7), "refunded", 300'000, 300'000, 300'000),
        refund(rfd(7), pay(7), 300'000, "done", true)});
  more({payment(pay(8), "paid", 300'000, 0, 0), refund(rfd(8), pay(8), 300'000, "failed", true)});
  more({payment(pay(9), "failed", 0, 0, 0)});
  more(reservation(9, "confirmed", "NULL", false));
  add(rows);

  sql::migrate(*database_, sql::all_migrations());
  sql::migrate(*database_, sql::all_migrations());
  const auto check = sync_wait(database_->read([](sql::Tx& tx) { return app::check_money(tx); }));
  EXPECT_EQ(check.wrong, "");
  EXPECT_NE(check.summary.find("revenue 450,000 KRW"), std::string::npos) << check.summary;
  EXPECT_NE(check.summary.find("owed to buyers 300,000 KRW, refunds under way 450,000 KRW"),
            std::string::npos)
      << check.summary;
}

}  // namespace
}  // namespace onsale::booking
