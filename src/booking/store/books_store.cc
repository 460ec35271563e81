// SqlStore: what the reconciler looks for, and reservations that need not be kept.
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"

namespace onsale::booking {

namespace {

// As it is when the row goes: money that came meanwhile keeps its reservation.
constexpr std::string_view kForget =
    "DELETE FROM booking_reservation WHERE id = ? AND state IN ('expired', 'cancelled') AND "
    "payment_id IS NULL AND NOT EXISTS (SELECT 1 FROM booking_refund f WHERE f.reservation_id = "
    "booking_reservation.id)";

int forget_all(sql::Tx& tx, const std::vector<std::tuple<std::string>>& reservations) {
  int gone = 0;
  for (const auto& [id] : reservations) {
    if (tx.exec(kForget, id) == 0) continue;
    tx.exec("DELETE FROM booking_reservation_seat WHERE reservation_id = ?", id);
    ++gone;
  }
  return gone;
}

}  // namespace

Task<std::vector<Refund>> SqlStore::refunds_waiting(Timestamp before, std::optional<RefundId> after,
                                                    int limit) {
  return db_.read([before, after = after ? after->str() : "", limit](sql::Tx& tx) {
    return rows::refunds_waiting(tx, before, after, limit);
  });
}

Task<int> SqlStore::forget_ended(Timestamp before, int limit) {
  return db_.write([before, limit](sql::Tx& tx) {
    int gone = 0;
    for (const std::string_view state : {"expired", "cancelled"}) {
      gone += forget_all(
          tx,
          tx.query<std::string>(
              "SELECT r.id FROM booking_reservation r WHERE r.state = ? AND r.ended_at <= ? AND "
              "r.payment_id IS NULL AND NOT EXISTS (SELECT 1 FROM booking_refund f WHERE "
              "f.reservation_id = r.id) ORDER BY r.ended_at LIMIT ?",
              state, before, limit));
    }
    return gone;
  });
}

Task<std::vector<AccountId>> SqlStore::accounts_with_ended(Timestamp from, Timestamp to) {
  return db_.read([from, to](sql::Tx& tx) {
    std::vector<AccountId> accounts;
    for (const auto& [account] : tx.query<std::string>(
             "SELECT DISTINCT account_id FROM booking_reservation WHERE state IN ('expired', "
             "'cancelled') AND ended_at > ? AND ended_at <= ? AND payment_id IS NULL",
             from, to)) {
      accounts.push_back(rows::id<AccountId>(account));
    }
    return accounts;
  });
}

Task<int> SqlStore::forget_ended_of(AccountId account, Timestamp before, int keep, int limit) {
  return db_.write([account = account.str(), before, keep, limit](sql::Tx& tx) {
    return forget_all(
        tx, tx.query<std::string>(
                "SELECT r.id FROM booking_reservation r WHERE r.account_id = ? AND r.state IN "
                "('expired', 'cancelled') AND r.ended_at <= ? AND r.payment_id IS NULL AND NOT "
                "EXISTS (SELECT 1 FROM booking_refund f WHERE f.reservation_id = r.id) ORDER BY "
                "r.id DESC LIMIT ? OFFSET ?",
                account, before, limit, keep));
  });
}

// They are there to be locked: whoever has one locked holds it up, and makes it anew afterwards.
Task<int> SqlStore::forget_quotas(Timestamp before, int limit) {
  return db_.write([before, limit](sql::Tx& tx) {
    int gone = 0;
    for (const auto& [performance, account] : tx.query<std::string, std::string>(
             "SELECT performance_id, account_id FROM booking_quota WHERE counted_at <= ? LIMIT ?",
             before, limit)) {
      tx.exec(
          "DELETE FROM booking_quota WHERE performance_id = ? AND account_id = ? AND "
          "counted_at <= ?",
          performance, account, before);
      ++gone;
    }
    return gone;
  });
}

}  // namespace onsale::booking
