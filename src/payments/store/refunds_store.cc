#include "payments/store/refunds_store.h"

#include "payments/events.h"
#include "payments/store/ledger_store.h"
#include "payments/store/rows_store.h"
#include "platform/json/json.h"

namespace onsale::payments {

void lock_payment(sql::Tx& tx, const std::string& id) {
  (void)tx.one<std::int64_t>("SELECT 1 FROM payments_payment WHERE id = ? FOR UPDATE", id);
}

std::optional<StoredRefund> lock_refund(sql::Tx& tx, const std::string& id) {
  const auto found = read_refund(tx, id);
  if (!found) return {};
  lock_payment(tx, found->refund.payment.str());
  return read_refund(tx, id);
}

// MySQL assigns from left to right and reads what it has just assigned: the sum comes last.
Payment count_back(sql::Tx& tx, const Refund& refund, Timestamp now) {
  const std::int64_t amount = refund.amount.amount;
  const std::string payment = refund.payment.str();
  tx.exec(
      "UPDATE payments_payment SET"
      " live_subject = CASE WHEN refunded + ? >= captured THEN NULL ELSE live_subject END,"
      " state = CASE WHEN refunded + ? >= captured THEN 'refunded' ELSE 'partially_refunded' END,"
      " refund_account = CASE WHEN refunded + ? >= captured THEN NULL ELSE refund_account END,"
      " refunded = refunded + ?, updated_at = ? WHERE id = ?",
      amount, amount, amount, amount, now, payment);
  return read_payment(tx, payment)->payment;
}

void count_refunding(sql::Tx& tx, const Refund& refund, std::int64_t amount, Timestamp now) {
  tx.exec("UPDATE payments_payment SET refunding = refunding + ?, updated_at = ? WHERE id = ?",
          amount, now, refund.payment.str());
}

namespace {

void count_refunded(sql::Tx& tx, const Refund& refund, Timestamp now) {
  const Payment after = count_back(tx, refund, now);
  const Refunded event{.payment = after.id,
                       .refund = refund.id,
                       .subject = after.subject,
                       .owner = after.owner,
                       .state = after.state,
                       .amount = refund.amount.amount,
                       .currency = refund.amount.currency};
  tx.publish(kRefundedTopic, after.id.str(), json::write(event));
}

void publish_decided(sql::Tx& tx, const Refund& refund, RefundState state,
                     const RefundDecision& decision) {
  const RefundDecided event{.id = decision.id,
                            .refund = refund.id,
                            .who = decision.who,
                            .state = state,
                            .reason = decision.reason,
                            .amount = refund.amount.amount,
                            .currency = refund.amount.currency,
                            .at = decision.at};
  tx.publish(kRefundDecidedTopic, refund.payment.str(), json::write(event));
}

// requested -> done, failed; failed -> done. The payment is locked.
void end_refund(sql::Tx& tx, const Refund& refund, RefundState state, Timestamp now) {
  tx.exec("UPDATE payments_refund SET state = ?, updated_at = ?, check_at = NULL WHERE id = ?",
          to_string(state), now, refund.id.str());
  const std::int64_t amount = refund.amount.amount;
  if (state == RefundState::done) {
    if (refund.state == RefundState::failed) count_refunding(tx, refund, amount, now);
    count_refunded(tx, refund, now);
    return;
  }
  count_refunding(tx, refund, -amount, now);
  const Payment kept = read_payment(tx, refund.payment.str())->payment;
  const RefundFailed event{.payment = kept.id,
                           .refund = refund.id,
                           .subject = kept.subject,
                           .owner = kept.owner,
                           .amount = amount,
                           .currency = refund.amount.currency};
  tx.publish(kRefundFailedTopic, kept.id.str(), json::write(event));
}

// failed -> requested.
void ask_again(sql::Tx& tx, const Refund& refund, Timestamp now, Timestamp check_at) {
  tx.exec(
      "UPDATE payments_refund SET state = 'requested', attempt = attempt + 1, updated_at = ?,"
      " check_at = ?, checks = 0, refundable_seen = NULL, failure = '' WHERE id = ?",
      now, check_at, refund.id.str());
  count_refunding(tx, refund, refund.amount.amount, now);
}

// A refund that waits for people, locked, which becomes `next`.
Result<Refund, RefundTaskRefusal> lock_task(sql::Tx& tx, const std::string& id, RefundState next,
                                            Timestamp now) {
  const auto stored = lock_refund(tx, id);
  if (!stored) return std::unexpected(RefundTaskRefusal::refund_unknown);
  const Refund& refund = stored->refund;
  const bool sent_twice = next == RefundState::requested && refund.state == next;
  const bool none_of_ours = refund.state == RefundState::reversed;  // see decide_reversal_one()
  if (none_of_ours || sent_twice || !waits_for_people(refund, stored->asked_at, now)) {
    return std::unexpected(RefundTaskRefusal::not_failed);
  }
  const Payment payment = read_payment(tx, refund.payment.str())->payment;
  const bool counts = refund.state == RefundState::failed && next != RefundState::failed;
  if (counts && payment.refunding + refund.amount.amount > payment.captured) {
    return std::unexpected(RefundTaskRefusal::exceeds_captured);
  }
  return refund;
}

}  // namespace

void insert_row(sql::Tx& tx, const Refund& r, std::optional<Timestamp> check_at) {
  tx.exec(
      "INSERT INTO payments_refund (id, payment, amount, currency, reason, state, created_at,"
      " updated_at, check_at, checks) VALUES (?,?,?,?,?,?,?,?,?,0)",
      r.id.str(), r.payment.str(), r.amount.amount, r.amount.currency, r.reason, to_string(r.state),
      r.created_at, r.created_at, check_at);
}

void insert_refund(sql::Tx& tx, const Refund& r, Timestamp check_at) {
  insert_row(tx, r, check_at);
  books::refund_requested(tx, r, r.created_at);
}

RefundRequested request_one(sql::Tx& tx, const Refund& refund, Timestamp check_at, bool guarded) {
  lock_payment(tx, refund.payment.str());
  if (read_refund(tx, refund.id.str())) return RefundRequested::exists;
  const std::int64_t amount = refund.amount.amount;
  const std::string payment = refund.payment.str();
  const bool room =
      guarded ? tx.exec(
                    "UPDATE payments_payment SET refunding = refunding + ?, updated_at = ?"
                    " WHERE id = ? AND currency = ? AND refunding + ? <= captured",
                    amount, refund.created_at, payment, refund.amount.currency, amount) > 0
              : tx.exec("UPDATE payments_payment SET refunding = refunding + ? WHERE id = ?",
                        amount, payment) > 0;
  if (room) {
    insert_refund(tx, refund, check_at);
    return RefundRequested::requested;
  }
  const auto stored = read_payment(tx, payment);
  if (!stored) return RefundRequested::payment_unknown;
  return stored->payment.captured == 0 ? RefundRequested::not_refundable
                                       : RefundRequested::exceeds_captured;
}

bool finish_one(sql::Tx& tx, const std::string& id, RefundState state, Timestamp now,
                const std::string& code) {
  const auto stored = lock_refund(tx, id);
  if (!stored) return false;
  const Refund& refund = stored->refund;
  const bool late = refund.state == RefundState::failed && state == RefundState::done;
  if (refund.state != RefundState::requested && !late) return false;
  end_refund(tx, refund, state, now);
  if (state != RefundState::done) {
    tx.exec("UPDATE payments_refund SET failure = ? WHERE id = ?", code, id);
    return true;
  }
  if (refund.settled_at) books::refund_reopened(tx, refund, now);
  const Payment payment = read_payment(tx, refund.payment.str())->payment;
  books::refund_done(tx, refund, payment.provider, now);
  return true;
}

// A new attempt of one that was never asked for.
bool give_account_one(sql::Tx& tx, const std::string& payment, const RefundAccount& account,
                      Timestamp now) {
  lock_payment(tx, payment);
  if (tx.exec("UPDATE payments_payment SET refund_account = ? WHERE id = ?", json::write(account),
              payment) == 0)
    return false;
  for (const StoredRefund& one : read_refunds_of(tx, payment)) {
    const Refund& refund = one.refund;
    if (refund.state != RefundState::failed || refund.settled_at ||
        refund.failure != kAccountMissing)
      continue;
    const Payment now_there = read_payment(tx, payment)->payment;
    if (now_there.refunding + refund.amount.amount > now_there.captured) continue;
    ask_again(tx, refund, now, now);
  }
  return true;
}

bool take_turn(sql::Tx& tx, const std::string& id) {
  const auto mine = lock_refund(tx, id);
  if (!mine || mine->refund.state != RefundState::requested) return false;
  bool free = true;
  for (const StoredRefund& one : read_refunds_of(tx, mine->refund.payment.str())) {
    if (one.refund.state != RefundState::requested || !one.refundable_seen) continue;
    if (one.refund.id == mine->refund.id) return true;
    free = false;
  }
  return free &&
         tx.exec("UPDATE payments_refund SET refundable_seen = ? WHERE id = ?", kTurnBegan, id) > 0;
}

Result<void, RefundTaskRefusal> retry_one(sql::Tx& tx, const std::string& id,
                                          const RefundDecision& decision, Timestamp check_at) {
  const auto refund = lock_task(tx, id, RefundState::requested, decision.at);
  if (!refund) return std::unexpected(refund.error());
  ask_again(tx, *refund, decision.at, check_at);
  publish_decided(tx, *refund, RefundState::requested, decision);
  return {};
}

Result<void, RefundTaskRefusal> settle_task(sql::Tx& tx, const std::string& id, RefundState outcome,
                                            const RefundDecision& decision) {
  const auto refund = lock_task(tx, id, outcome, decision.at);
  if (!refund) return std::unexpected(refund.error());
  if (refund->state != outcome) end_refund(tx, *refund, outcome, decision.at);
  tx.exec(
      "UPDATE payments_refund SET settled_at = ?, settled_reason = ?, updated_at = ? WHERE id = ?",
      decision.at, decision.reason, decision.at, id);
  books::refund_settled(tx, *refund, outcome == RefundState::done, decision.at);
  publish_decided(tx, *refund, outcome, decision);
  return {};
}

}  // namespace onsale::payments
