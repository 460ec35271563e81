#include "payments/store/sql_store.h"

#include "payments/events.h"
#include "payments/store/decisions_store.h"
#include "payments/store/ledger_store.h"
#include "payments/store/refunds_store.h"
#include "payments/store/rows_store.h"
#include "payments/store/settling_store.h"
#include "platform/json/json.h"

namespace onsale::payments {
namespace {

void insert_payment(sql::Tx& tx, const Stored& stored) {
  const Payment& p = stored.payment;
  tx.exec(
      "INSERT INTO payments_payment (id, subject, live_subject, owner, provider, state, amount,"
      " currency, captured, refunding, refunded, order_name, failure, return_key, reference,"
      " receipt, redirect_url, return_url, return_data, created_at, updated_at, check_at, checks)"
      " VALUES (?,?,?,?,?,?,?,?,0,0,0,?,'',?,?,'',?,?,'',?,?,?,0)",
      p.id.str(), p.subject, p.subject, p.owner.str(), p.provider, to_string(p.state),
      p.amount.amount, p.amount.currency, p.order_name, stored.key, stored.reference,
      p.redirect_url, p.return_url, p.created_at, p.updated_at, stored.check_at);
}

bool claim_one(sql::Tx& tx, const std::string& id, const std::string& data, Timestamp now,
               Timestamp check_at) {
  return tx.exec(
             "UPDATE payments_payment SET state = 'unknown', return_data = ?, updated_at = ?,"
             " check_at = ?, checks = 0 WHERE id = ? AND state = 'pending'",
             data, now, check_at, id) > 0;
}

void publish_settled(sql::Tx& tx, const Payment& p) {
  const Settled event{.payment = p.id,
                      .subject = p.subject,
                      .owner = p.owner,
                      .state = p.state,
                      .amount = p.state == PaymentState::paid ? p.captured : 0,
                      .currency = p.amount.currency};
  tx.publish(kSettledTopic, p.id.str(), json::write(event));
}

std::optional<std::string> text_of(const std::optional<PaymentDetail>& detail) {
  if (!detail) return {};
  return json::write(*detail);
}

// One statement per end, because each has its own ways in (next_state()).
std::int64_t move_to_end(sql::Tx& tx, const Settlement& s, Timestamp now) {
  const std::string id = s.payment.str();
  const std::string_view state = to_string(s.state);
  if (s.state == PaymentState::paid) {
    return tx.exec(
        "UPDATE payments_payment SET state = ?, captured = ?, receipt = ?, failure = '',"
        " detail = COALESCE(?, detail), paid_at = ?, updated_at = ?, check_at = ?"
        " WHERE id = ? AND captured = 0"
        " AND state IN ('ready', 'pending', 'unknown', 'failed', 'cancelled')",
        state, s.captured, s.receipt, text_of(s.detail), now, now, s.check_at, id);
  }
  if (s.give_back) {
    return tx.exec(
        "UPDATE payments_payment SET state = ?, live_subject = NULL, captured = ?, refunding = ?,"
        " receipt = ?, failure = ?, updated_at = ?, check_at = ?"
        " WHERE id = ? AND captured = 0"
        " AND state IN ('ready', 'pending', 'unknown', 'failed', 'cancelled')",
        state, s.captured, s.give_back->amount.amount, s.receipt, s.failure, now, s.check_at, id);
  }
  return tx.exec(
      "UPDATE payments_payment SET state = ?, live_subject = NULL, failure = ?, updated_at = ?,"
      " check_at = ? WHERE id = ? AND state IN ('pending', 'unknown')",
      state, s.failure, now, s.check_at, id);
}

bool notice_one(sql::Tx& tx, const std::string& id, const std::string& provider, Timestamp now) {
  const auto last = tx.one<std::optional<Timestamp>>(
      "SELECT noticed_at FROM payments_payment WHERE id = ? FOR UPDATE", id);
  if (!last) return false;
  const auto stored = read_payment(tx, id);
  if (stored->payment.provider != provider || stored->payment.state == PaymentState::ready)
    return false;
  const Timestamp look = notice_look(stored->payment, std::get<0>(*last), now);
  const Timestamp check_at = stored->check_at ? std::min(*stored->check_at, look) : look;
  tx.exec("UPDATE payments_payment SET noticed_at = ?, check_at = ? WHERE id = ?", look, check_at,
          id);
  return true;
}

bool cancel_one(sql::Tx& tx, const std::string& id, Timestamp now,
                std::optional<Timestamp> check_at) {
  const bool moved =
      tx.exec(
          "UPDATE payments_payment SET state = 'cancelled', live_subject = NULL, updated_at = ?,"
          " check_at = ?, checks = 0 WHERE id = ? AND state IN ('ready', 'pending')",
          now, check_at, id) > 0;
  if (!moved) return false;
  const auto stored = read_payment(tx, id);
  if (stored) publish_settled(tx, stored->payment);
  return true;
}

// As it is when the row goes: money that came meanwhile keeps it.
bool forget_one(sql::Tx& tx, const std::string& id) {
  const bool gone =
      tx.exec(
          "DELETE FROM payments_payment WHERE id = ? AND captured = 0 AND check_at IS NULL"
          " AND state IN ('failed', 'cancelled')",
          id) > 0;
  if (gone) tx.exec("DELETE FROM payments_call WHERE payment = ?", id);
  return gone;
}

}  // namespace

std::optional<Payment> settle_one(sql::Tx& tx, const Settlement& settlement, Timestamp now,
                                  bool book) {
  if (move_to_end(tx, settlement, now) == 0) return {};
  if (settlement.state == PaymentState::paid) {
    tx.exec("INSERT INTO payments_unaccounted (payment, since) VALUES (?, ?)",
            settlement.payment.str(), now);
  }
  auto stored = read_payment(tx, settlement.payment.str());
  if (book) books::captured(tx, stored->payment, now);
  if (settlement.give_back) insert_refund(tx, *settlement.give_back, now);
  publish_settled(tx, stored->payment);
  return std::move(stored->payment);
}

namespace {

class SqlStore final : public Store {
 public:
  SqlStore(sql::Database& database, SqlStoreOptions options)
      : database_(database), options_(options) {}

  Task<bool> insert(Stored stored) override;
  Task<std::optional<Stored>> find(PaymentId id) override {
    return database_.read([id = id.str()](sql::Tx& tx) { return read_payment(tx, id); });
  }
  Task<std::optional<Payment>> find_live(std::string subject) override;
  Task<bool> begin(Begun begun, Timestamp now, Timestamp check_at) override;
  Task<bool> readdress(PaymentId id, std::string return_url, Timestamp now) override;
  Task<bool> claim(PaymentId id, ReturnData data, Timestamp now, Timestamp check_at) override;
  Task<std::optional<Taken>> take(PaymentId id, std::string key, ReturnData data, Timestamp now,
                                  Timestamp check_at) override;
  Task<bool> reopen(PaymentId id, Timestamp now, Timestamp check_at) override;
  Task<void> describe(PaymentId id, PaymentDetail detail) override;
  Task<bool> notice(PaymentId id, std::string provider, Timestamp now) override {
    return database_.write([id = id.str(), provider = std::move(provider), now](sql::Tx& tx) {
      return notice_one(tx, id, provider, now);
    });
  }
  Task<std::optional<Payment>> settle(Settlement settlement, Timestamp now) override {
    const bool book(options_.book_captures);
    return database_.write([settlement = std::move(settlement), now, book](sql::Tx& tx) {
      return settle_one(tx, settlement, now, book);
    });
  }
  Task<bool> cancel(PaymentId id, Timestamp now, std::optional<Timestamp> check_at) override {
    return database_.write(
        [id = id.str(), now, check_at](sql::Tx& tx) { return cancel_one(tx, id, now, check_at); });
  }
  Task<RefundRequested> request_refund(Refund refund, Timestamp check_at) override;
  Task<std::optional<StoredRefund>> find_refund(RefundId id) override {
    return database_.read([id = id.str()](sql::Tx& tx) { return read_refund(tx, id); });
  }
  Task<bool> finish_refund(RefundId id, RefundState state, Timestamp now,
                           std::string code) override {
    return database_.write([id = id.str(), state, now, code = std::move(code)](sql::Tx& tx) {
      return finish_one(tx, id, state, now, code);
    });
  }
  Task<std::vector<Refund>> refunds(PaymentId id) override;
  Task<bool> give_account(PaymentId id, RefundAccount account, Timestamp now) override {
    return database_.write([id = id.str(), account = std::move(account), now](sql::Tx& tx) {
      return give_account_one(tx, id, account, now);
    });
  }
  Task<bool> take_turn(RefundId id) override {
    return database_.write([id = id.str()](sql::Tx& tx) { return payments::take_turn(tx, id); });
  }
  Task<bool> note_refundable(RefundId id, std::int64_t refundable) override;
  Task<std::vector<RefundTask>> refund_tasks(std::optional<RefundId> after, int limit,
                                             Timestamp now) override {
    return database_.read([after = after ? after->str() : "", limit, now](sql::Tx& tx) {
      return read_refund_tasks(tx, after, limit, now);
    });
  }
  Task<std::int64_t> count_refund_tasks(Timestamp now) override {
    return database_.read([now](sql::Tx& tx) { return read_refund_task_count(tx, now); });
  }
  Task<Result<void, RefundTaskRefusal>> retry_refund(RefundId id, RefundDecision decision,
                                                     Timestamp check_at) override {
    return database_.write([id = id.str(), decision = std::move(decision), check_at](sql::Tx& tx) {
      return retry_one(tx, id, decision, check_at);
    });
  }
  Task<Result<void, RefundTaskRefusal>> settle_refund(RefundId id, RefundState outcome,
                                                      RefundDecision decision) override {
    return database_.write([id = id.str(), outcome, decision = std::move(decision)](sql::Tx& tx) {
      return settle_task(tx, id, outcome, decision);
    });
  }
  Task<Result<void, RefundTaskRefusal>> decide_reversal(RefundId id, bool purchase_ends,
                                                        RefundDecision decision) override {
    return database_.write(
        [id = id.str(), purchase_ends, decision = std::move(decision)](sql::Tx& tx) {
          return decide_reversal_one(tx, id, purchase_ends, decision);
        });
  }
  Task<void> reversal_unbought(RefundId id, Timestamp now) override {
    return database_.write(
        [id = id.str(), now](sql::Tx& tx) { reversal_unbought_one(tx, id, now); });
  }
  Task<Drift> compare(Comparison comparison) override {
    return database_.write([comparison](sql::Tx& tx) { return compare_one(tx, comparison); });
  }
  Task<void> witness(PaymentId id, std::string receipt,
                     std::optional<PaymentDetail> detail) override;
  Task<Result<void, PaymentTaskRefusal>> decide(PaymentDecision decision) override {
    const bool book(options_.book_captures);
    return database_.write([decision = std::move(decision), book](sql::Tx& tx) {
      return decide_one(tx, decision, book);
    });
  }
  Task<std::int64_t> count_payment_tasks(Timestamp now) override {
    return database_.read([now](sql::Tx& tx) { return read_payment_task_count(tx, now); });
  }
  Task<std::vector<Stored>> due(std::string provider, Timestamp now, int limit) override {
    return database_.read([provider = std::move(provider), now, limit](sql::Tx& tx) {
      return read_due_payments(tx, provider, now, limit);
    });
  }
  Task<std::vector<StoredRefund>> due_refunds(std::string provider, Timestamp now,
                                              int limit) override {
    return database_.read([provider = std::move(provider), now, limit](sql::Tx& tx) {
      return read_due_refunds(tx, provider, now, limit);
    });
  }
  Task<std::vector<std::string>> due_providers(Timestamp now) override {
    return database_.read([now](sql::Tx& tx) { return read_due_providers(tx, now); });
  }
  Task<bool> put_off(Stored due, std::optional<Timestamp> check_at) override;
  Task<bool> put_off_refund(StoredRefund due, Timestamp check_at) override;
  Task<std::vector<Payment>> unaccounted(Timestamp before, std::optional<PaymentId> after,
                                         int limit) override;
  Task<void> accounted(std::vector<PaymentId> payments) override;
  Task<int> forget_ended(Forgetting rule, int limit) override;
  Task<Balance> balance() override;

 private:
  sql::Database& database_;
  const SqlStoreOptions options_;
};

// Units are named, not written inside co_await: GCC 12 destroys the temporary closure twice.
Task<bool> SqlStore::insert(Stored stored) {
  auto unit = [stored = std::move(stored)](sql::Tx& tx) { insert_payment(tx, stored); };
  try {
    co_await database_.write(std::move(unit));
  } catch (const sql::UniqueViolation&) {
    co_return false;
  }
  co_return true;
}

Task<std::optional<Payment>> SqlStore::find_live(std::string subject) {
  return database_.read([subject = std::move(subject)](sql::Tx& tx) -> std::optional<Payment> {
    auto found = read_live_payment(tx, subject);
    if (!found) return std::nullopt;
    return std::move(found->payment);
  });
}

Task<bool> SqlStore::begin(Begun begun, Timestamp now, Timestamp check_at) {
  return database_.write([begun = std::move(begun), now, check_at](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_payment SET state = 'pending', reference = ?, redirect_url = ?,"
               " return_url = ?, updated_at = ?, check_at = ? WHERE id = ? AND state = 'ready'",
               begun.reference, begun.redirect_url, begun.return_url, now, check_at,
               begun.payment.str()) > 0;
  });
}

Task<bool> SqlStore::readdress(PaymentId id, std::string return_url, Timestamp now) {
  return database_.write([id = id.str(), return_url = std::move(return_url), now](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_payment SET return_url = ?, updated_at = ?"
               " WHERE id = ? AND state = 'pending'",
               return_url, now, id) > 0;
  });
}

Task<bool> SqlStore::claim(PaymentId id, ReturnData data, Timestamp now, Timestamp check_at) {
  return database_.write([id = id.str(), data = json::write(data), now, check_at](sql::Tx& tx) {
    return claim_one(tx, id, data, now, check_at);
  });
}

// The statement decides: on MySQL somebody may be faster than the row that was read.
Task<std::optional<Taken>> SqlStore::take(PaymentId id, std::string key, ReturnData data,
                                          Timestamp now, Timestamp check_at) {
  return database_.write([id = id.str(), key = std::move(key), data = json::write(data), now,
                          check_at](sql::Tx& tx) -> std::optional<Taken> {
    auto stored = read_payment(tx, id);
    if (!stored) return {};
    Taken taken{.stored = std::move(*stored)};
    if (taken.stored.payment.state == PaymentState::pending && same_key(key, taken.stored.key))
      taken.mine = claim_one(tx, id, data, now, check_at);
    return taken;
  });
}

Task<bool> SqlStore::reopen(PaymentId id, Timestamp now, Timestamp check_at) {
  return database_.write([id = id.str(), now, check_at](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_payment SET state = 'pending', updated_at = ?, check_at = ?"
               " WHERE id = ? AND state = 'unknown'",
               now, check_at, id) > 0;
  });
}

Task<void> SqlStore::describe(PaymentId id, PaymentDetail detail) {
  return database_.write([id = id.str(), detail = std::move(detail)](sql::Tx& tx) {
    lock_payment(tx, id);
    tx.exec("UPDATE payments_payment SET detail = ? WHERE id = ?", json::write(detail), id);
    const auto stored = read_payment(tx, id);
    if (!stored || !detail.deposit) return;
    const DepositAwaited event{.payment = stored->payment.id, .subject = stored->payment.subject};
    tx.publish(kDepositAwaitedTopic, id, json::write(event));
  });
}

Task<void> SqlStore::witness(PaymentId id, std::string receipt,
                             std::optional<PaymentDetail> detail) {
  return database_.write([id = id.str(), receipt = std::move(receipt),
                          detail = text_of(detail)](sql::Tx& tx) {
    tx.exec("UPDATE payments_payment SET receipt = ?, detail = COALESCE(?, detail) WHERE id = ?",
            receipt, detail, id);
  });
}

Task<bool> SqlStore::note_refundable(RefundId id, std::int64_t refundable) {
  return database_.write([id = id.str(), refundable](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_refund SET refundable_seen = ?"
               " WHERE id = ? AND state = 'requested' AND refundable_seen = ?",
               refundable, id, kTurnBegan) > 0;
  });
}

Task<RefundRequested> SqlStore::request_refund(Refund refund, Timestamp check_at) {
  auto unit = [refund = std::move(refund), check_at, guarded = bool(options_.guard_refunds)](
                  sql::Tx& tx) { return request_one(tx, refund, check_at, guarded); };
  RefundRequested outcome = RefundRequested::exists;
  try {
    outcome = co_await database_.write(std::move(unit));
  } catch (const sql::UniqueViolation&) {
    outcome = RefundRequested::exists;
  }
  co_return outcome;
}

Task<std::vector<Refund>> SqlStore::refunds(PaymentId id) {
  return database_.read([id = id.str()](sql::Tx& tx) {
    std::vector<Refund> all;
    for (auto& one : read_refunds_of(tx, id)) all.push_back(std::move(one.refund));
    return all;
  });
}

Task<bool> SqlStore::put_off(Stored due, std::optional<Timestamp> check_at) {
  return database_.write([due = std::move(due), check_at](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_payment SET check_at = ?, checks = checks + 1"
               " WHERE id = ? AND state = ? AND check_at = ?",
               check_at, due.payment.id.str(), to_string(due.payment.state), due.check_at) > 0;
  });
}

Task<bool> SqlStore::put_off_refund(StoredRefund due, Timestamp check_at) {
  return database_.write([due = std::move(due), check_at](sql::Tx& tx) {
    return tx.exec(
               "UPDATE payments_refund SET check_at = ?, checks = checks + 1"
               " WHERE id = ? AND state = 'requested' AND check_at = ?",
               check_at, due.refund.id.str(), due.check_at) > 0;
  });
}

Task<std::vector<Payment>> SqlStore::unaccounted(Timestamp before, std::optional<PaymentId> after,
                                                 int limit) {
  return database_.read([before, after = after ? after->str() : "", limit](sql::Tx& tx) {
    std::vector<Payment> all;
    for (auto& one : read_unaccounted(tx, before, after, limit))
      all.push_back(std::move(one.payment));
    return all;
  });
}

Task<void> SqlStore::accounted(std::vector<PaymentId> payments) {
  return database_.write([payments = std::move(payments)](sql::Tx& tx) {
    for (const PaymentId payment : payments)
      tx.exec("DELETE FROM payments_unaccounted WHERE payment = ?", payment.str());
  });
}

// Who has most is found by reading, so that nobody waits for it.
Task<int> SqlStore::forget_ended(Forgetting rule, int limit) {
  auto find = [rule, limit](sql::Tx& tx) { return read_forgettable(tx, rule, limit); };
  const std::vector<std::string> ids = co_await database_.read(std::move(find));
  if (ids.empty()) co_return 0;
  auto forget = [ids](sql::Tx& tx) {
    int gone = 0;
    for (const std::string& id : ids) gone += forget_one(tx, id) ? 1 : 0;
    return gone;
  };
  const int gone = co_await database_.write(std::move(forget));
  co_return gone;
}

Task<Balance> SqlStore::balance() {
  return database_.read([](sql::Tx& tx) {
    const auto sums = tx.one<std::optional<std::int64_t>, std::optional<std::int64_t>,
                             std::optional<std::int64_t>>(
        "SELECT CAST(SUM(captured) AS SIGNED), CAST(SUM(refunded) AS SIGNED),"
        " CAST(SUM(refunding) AS SIGNED) FROM payments_payment");
    const auto& [captured, refunded, refunding] = *sums;
    return Balance{captured.value_or(0), refunded.value_or(0), refunding.value_or(0)};
  });
}

}  // namespace

std::unique_ptr<Store> make_sql_store(sql::Database& database, SqlStoreOptions options) {
  return std::make_unique<SqlStore>(database, options);
}

}  // namespace onsale::payments
