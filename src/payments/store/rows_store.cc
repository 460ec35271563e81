#include "payments/store/rows_store.h"

#include <algorithm>
#include <stdexcept>

#include "platform/json/json.h"

namespace onsale::payments {
namespace {

template <class I>
I id_of(const std::string& text) {
  const auto id = I::parse(text);
  if (!id) throw std::runtime_error("payments: malformed id in a table");
  return *id;
}

template <class State>
State state_of(const std::string& text, State last) {
  for (int i = 0; i <= static_cast<int>(last); ++i) {
    const auto state = static_cast<State>(i);
    if (to_string(state) == text) return state;
  }
  throw std::runtime_error("payments: unknown state in a table");
}

constexpr std::string_view kPaymentColumns =
    "SELECT id, subject, owner, provider, state, amount, currency, captured, refunding, refunded,"
    " order_name, failure, redirect_url, return_url, created_at, updated_at, paid_at, return_key,"
    " reference, receipt, return_data, checks, check_at, detail, decided_at,"
    " decided_reason, refund_account FROM payments_payment";
constexpr std::string_view kRefundColumns =
    "SELECT id, payment, amount, currency, reason, state, created_at, checks, check_at, attempt,"
    " settled_at, settled_reason, updated_at, refundable_seen, failure, purchase_ends FROM "
    "payments_refund";

// waits_for_people(); `?` is kRefundAwaited ago.
constexpr std::string_view kWaitForPeople =
    " WHERE ((state IN ('failed', 'reversed') AND settled_at IS NULL)"
    " OR (state = 'requested' AND updated_at <= ?))";

// Once per place that asks: statements are kept prepared by their text.
std::string with(std::string_view columns, std::string_view condition) {
  return std::string(columns).append(condition);
}

using S = std::string;
using N = std::int64_t;
using T = Timestamp;
using OptionalT = std::optional<Timestamp>;
using OptionalS = std::optional<std::string>;
using PaymentRow = std::tuple<S, S, S, S, S, N, S, N, N, N, S, S, S, S, T, T, OptionalT, S, S, S, S,
                              int, OptionalT, OptionalS, OptionalT, OptionalS, OptionalS>;

Stored to_stored(const PaymentRow& row) {
  const auto& [id, subject, owner, provider, state, amount, currency, captured, refunding, refunded,
               order_name, failure, redirect_url, return_url, created_at, updated_at, paid_at, key,
               reference, receipt, data, checks, check_at, detail, decided_at, decided_reason,
               refund_account] = row;
  Stored stored{.payment = {.id = id_of<PaymentId>(id),
                            .subject = subject,
                            .owner = id_of<AccountId>(owner),
                            .provider = provider,
                            .state = state_of(state, PaymentState::partially_refunded),
                            .amount = {amount, currency},
                            .captured = captured,
                            .refunding = refunding,
                            .refunded = refunded,
                            .order_name = order_name,
                            .failure = failure,
                            .redirect_url = redirect_url,
                            .return_url = return_url,
                            .created_at = created_at,
                            .updated_at = updated_at,
                            .paid_at = paid_at,
                            .decided_at = decided_at,
                            .decided_reason = decided_reason.value_or(""),
                            .refund_account_given = refund_account.has_value()},
                .key = key,
                .reference = reference,
                .receipt = receipt,
                .checks = checks,
                .check_at = check_at};
  if (!data.empty()) {
    auto read = json::read<ReturnData>(data);
    if (read) stored.data = std::move(*read);
  }
  if (refund_account) {
    auto read = json::read<RefundAccount>(*refund_account);
    if (read) stored.refund_account = std::move(*read);
  }
  if (detail) {
    auto read = json::read<PaymentDetail>(*detail);
    if (read) stored.payment.detail = std::move(*read);
  }
  return stored;
}

template <class... A>
std::vector<Stored> read_payments(sql::Tx& tx, std::string_view text, const A&... args) {
  std::vector<Stored> all;
  for (const auto& row :
       tx.query<S, S, S, S, S, N, S, N, N, N, S, S, S, S, T, T, OptionalT, S, S, S, S, int,
                OptionalT, OptionalS, OptionalT, OptionalS, OptionalS>(text, args...))
    all.push_back(to_stored(row));
  return all;
}

template <class... A>
std::vector<StoredRefund> read_refunds(sql::Tx& tx, std::string_view text, const A&... args) {
  std::vector<StoredRefund> all;
  for (const auto& [id, payment, amount, currency, reason, state, created_at, checks, check_at,
                    attempt, settled_at, settled_reason, updated_at, refundable_seen, failure,
                    purchase_ends] :
       tx.query<S, S, N, S, S, S, T, int, OptionalT, int, OptionalT, OptionalS, T, std::optional<N>,
                S, N>(text, args...)) {
    all.push_back({.refund = {.id = id_of<RefundId>(id),
                              .payment = id_of<PaymentId>(payment),
                              .amount = {amount, currency},
                              .reason = reason,
                              .state = state_of(state, RefundState::restored),
                              .created_at = created_at,
                              .attempt = attempt,
                              .settled_reason = settled_reason.value_or(""),
                              .settled_at = settled_at,
                              .failure = failure,
                              .purchase_ends = purchase_ends != 0},
                   .asked_at = updated_at,
                   .checks = checks,
                   .refundable_seen = refundable_seen,
                   .check_at = check_at});
  }
  return all;
}

template <class T>
std::optional<T> first(std::vector<T> all) {
  if (all.empty()) return {};
  return std::move(all.front());
}

}  // namespace

std::optional<Stored> read_payment(sql::Tx& tx, const std::string& id) {
  static const std::string kText = with(kPaymentColumns, " WHERE id = ?");
  return first(read_payments(tx, kText, id));
}

std::optional<Stored> read_live_payment(sql::Tx& tx, const std::string& subject) {
  static const std::string kText = with(kPaymentColumns, " WHERE live_subject = ?");
  return first(read_payments(tx, kText, subject));
}

std::vector<Stored> read_unaccounted(sql::Tx& tx, Timestamp before, const std::string& after,
                                     int limit) {
  static const std::string kText =
      with(kPaymentColumns,
           " JOIN payments_unaccounted u ON u.payment = id WHERE u.payment > ? AND u.since <= ?"
           " ORDER BY u.payment LIMIT ?");
  return read_payments(tx, kText, after, before, limit);
}

std::vector<Stored> read_due_payments(sql::Tx& tx, const std::string& provider, Timestamp now,
                                      int limit) {
  static const std::string kText =
      with(kPaymentColumns, " WHERE provider = ? AND check_at <= ? ORDER BY check_at LIMIT ?");
  return read_payments(tx, kText, provider, now, limit);
}

std::vector<std::string> read_due_providers(sql::Tx& tx, Timestamp now) {
  std::vector<std::string> all;
  for (auto& [provider] :
       tx.query<S>("SELECT provider FROM payments_payment WHERE check_at <= ?"
                   " UNION SELECT p.provider FROM payments_refund r JOIN payments_payment p"
                   " ON p.id = r.payment WHERE r.check_at <= ?",
                   now, now))
    all.push_back(std::move(provider));
  return all;
}

std::vector<std::string> read_forgettable(sql::Tx& tx, const Forgetting& rule, int limit) {
  std::vector<std::string> ids;
  for (const std::string_view state : {"failed", "cancelled"}) {
    for (auto& [id] : tx.query<S>(
             "SELECT id FROM payments_payment WHERE state = ? AND updated_at <= ? AND captured = 0"
             " AND check_at IS NULL LIMIT ?",
             state, rule.ended_by, limit))
      ids.push_back(std::move(id));
  }
  const auto owners = tx.query<S, N>(
      "SELECT owner, COUNT(*) FROM payments_payment WHERE state IN ('failed', 'cancelled')"
      " AND updated_at <= ? AND captured = 0 AND check_at IS NULL"
      " GROUP BY owner HAVING COUNT(*) > ? LIMIT ?",
      rule.of_owner_ended_by, rule.keep_of_owner, limit);
  for (const auto& [owner, count] : owners) {
    if (std::ssize(ids) >= limit) break;
    for (auto& [id] : tx.query<S>(
             "SELECT id FROM payments_payment WHERE owner = ? AND state IN ('failed', 'cancelled')"
             " AND updated_at <= ? AND captured = 0 AND check_at IS NULL"
             " ORDER BY id DESC LIMIT ? OFFSET ?",
             owner, rule.of_owner_ended_by, limit, rule.keep_of_owner))
      ids.push_back(std::move(id));
  }
  return ids;
}

// Ids are in the order of their making, so a time is a place among them: no index on times is
// needed. Whoever pays and the provider's ids have no index of their own; the times bound the
// search.
std::vector<Payment> search_payments(sql::Tx& tx, const PaymentQuery& query) {
  static const std::string kText =
      with(kPaymentColumns,
           " WHERE id < ? AND id >= ? AND (? = '' OR state = ?) AND (? = '' OR provider = ?)"
           " AND (? = '' OR id = ? OR subject = ? OR owner = ? OR reference = ? OR receipt = ?)"
           " ORDER BY id DESC LIMIT ?");
  static const std::string kOfSubject =
      with(kPaymentColumns,
           " WHERE subject = ? AND id < ? AND id >= ? AND (? = '' OR state = ?)"
           " AND (? = '' OR provider = ?) ORDER BY id DESC LIMIT ?");
  const auto at = [](Timestamp time) {
    return PaymentId(RawId{.high = static_cast<std::uint64_t>(to_unix_ms(time)) << 16, .low = 0})
        .str();
  };
  const std::string low = query.from ? at(*query.from) : "";
  std::string high = query.to ? at(*query.to) : "pay_~";
  if (query.before) high = std::min(high, query.before->str());
  const std::string state(query.state ? to_string(*query.state) : "");
  const std::string& q = query.q;
  std::vector<Payment> all;
  auto found = q.starts_with("res_")
                   ? read_payments(tx, kOfSubject, q, high, low, state, state, query.provider,
                                   query.provider, query.limit)
                   : read_payments(tx, kText, high, low, state, state, query.provider,
                                   query.provider, q, q, q, q, q, q, query.limit);
  for (Stored& one : found) all.push_back(std::move(one.payment));
  return all;
}

std::optional<StoredRefund> read_refund(sql::Tx& tx, const std::string& id) {
  static const std::string kText = with(kRefundColumns, " WHERE id = ?");
  return first(read_refunds(tx, kText, id));
}

std::vector<StoredRefund> read_refunds_of(sql::Tx& tx, const std::string& payment) {
  static const std::string kText = with(kRefundColumns, " WHERE payment = ? ORDER BY id");
  return read_refunds(tx, kText, payment);
}

std::vector<RefundTask> read_refund_tasks(sql::Tx& tx, const std::string& after, int limit,
                                          Timestamp now) {
  static const std::string kText =
      with(kRefundColumns, with(kWaitForPeople, " AND id > ? ORDER BY id LIMIT ?"));
  std::vector<RefundTask> tasks;
  for (StoredRefund& one : read_refunds(tx, kText, now - kRefundAwaited, after, limit)) {
    const Payment payment = read_payment(tx, one.refund.payment.str())->payment;
    tasks.push_back({std::move(one.refund), payment.subject, payment.owner, payment.provider});
  }
  return tasks;
}

std::int64_t read_refund_task_count(sql::Tx& tx, Timestamp now) {
  static const std::string kText = with("SELECT COUNT(*) FROM payments_refund", kWaitForPeople);
  return std::get<0>(*tx.one<std::int64_t>(kText, now - kRefundAwaited));
}

// Most of those are none: an account to pay into may be open for days.
std::int64_t read_payment_task_count(sql::Tx& tx, Timestamp now) {
  static const std::string kText =
      with(kPaymentColumns, " WHERE state IN ('pending', 'unknown') AND updated_at <= ?");
  return std::ranges::count_if(
      read_payments(tx, kText, now - kPaymentAwaited),
      [now](const Stored& one) { return waits_for_people(one.payment, now); });
}

std::vector<StoredRefund> read_due_refunds(sql::Tx& tx, const std::string& provider, Timestamp now,
                                           int limit) {
  static const std::string kText =
      with(kRefundColumns,
           " WHERE check_at <= ? AND EXISTS (SELECT 1 FROM payments_payment p"
           " WHERE p.id = payments_refund.payment AND p.provider = ?) ORDER BY check_at LIMIT ?");
  return read_refunds(tx, kText, now, provider, limit);
}

std::vector<Stored> read_payments_after(sql::Tx& tx, const std::string& after, int limit) {
  static const std::string kText = with(kPaymentColumns, " WHERE id > ? ORDER BY id LIMIT ?");
  return read_payments(tx, kText, after, limit);
}

std::vector<StoredRefund> read_refunds_between(sql::Tx& tx, const std::string& first_payment,
                                               const std::string& last_payment) {
  static const std::string kText = with(kRefundColumns, " WHERE payment >= ? AND payment <= ?");
  return read_refunds(tx, kText, first_payment, last_payment);
}

std::vector<StoredRefund> read_refunds_after(sql::Tx& tx, const std::string& after, int limit) {
  static const std::string kText = with(kRefundColumns, " WHERE id > ? ORDER BY id LIMIT ?");
  return read_refunds(tx, kText, after, limit);
}

}  // namespace onsale::payments
