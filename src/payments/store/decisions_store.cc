#include "payments/store/decisions_store.h"

#include <ranges>

#include "payments/events.h"
#include "payments/store/ledger_store.h"
#include "payments/store/refunds_store.h"
#include "payments/store/rows_store.h"
#include "payments/store/settling_store.h"
#include "platform/json/json.h"

namespace onsale::payments {
namespace {

std::vector<Refund> refunds_of(sql::Tx& tx, const std::string& payment) {
  std::vector<Refund> all;
  for (StoredRefund& one : read_refunds_of(tx, payment)) all.push_back(std::move(one.refund));
  return all;
}

void reverse(sql::Tx& tx, const Payment& payment, const Comparison& told, std::int64_t lost) {
  const Refund refund{.id = told.fresh,
                      .payment = payment.id,
                      .amount = {lost, payment.amount.currency},
                      .reason = "given back at the provider",
                      .state = RefundState::reversed,
                      .created_at = told.now};
  insert_row(tx, refund, std::nullopt);
  books::reversed(tx, refund, payment.provider, told.now);
  count_refunding(tx, refund, lost, told.now);
  const Payment after = count_back(tx, refund, told.now);
  const Reversed event{.payment = payment.id,
                       .refund = refund.id,
                       .subject = payment.subject,
                       .owner = payment.owner,
                       .state = after.state,
                       .amount = lost,
                       .currency = payment.amount.currency};
  tx.publish(kReversedTopic, payment.id.str(), json::write(event));
}

// MySQL assigns from left to right: the sums come last.
void count_restored(sql::Tx& tx, const Refund& refund, Timestamp now) {
  const std::int64_t amount = refund.amount.amount;
  tx.exec(
      "UPDATE payments_payment SET state = CASE WHEN refunded <= ? THEN 'paid' ELSE"
      " 'partially_refunded' END, refunded = refunded - ?, refunding = refunding - ?,"
      " updated_at = ? WHERE id = ?",
      amount, amount, amount, now, refund.payment.str());
}

void restore(sql::Tx& tx, const Payment& payment, const Refund& refund, const Comparison& told) {
  tx.exec("UPDATE payments_refund SET state = 'restored', updated_at = ? WHERE id = ?", told.now,
          refund.id.str());
  books::restored(tx, refund, payment.provider, told.now);
  count_restored(tx, refund, told.now);
  if (refund.purchase_ends) {
    const Refund again{.id = told.fresh,
                       .payment = payment.id,
                       .amount = refund.amount,
                       .reason = "it came after the purchase had ended",
                       .created_at = told.now};
    count_refunding(tx, again, again.amount.amount, told.now);
    insert_refund(tx, again, told.now);
    return;
  }
  const std::string id = payment.id.str();
  tx.exec("DELETE FROM payments_unaccounted WHERE payment = ?", id);
  tx.exec("INSERT INTO payments_unaccounted (payment, since) VALUES (?, ?)", id, told.now);
  const Settled event{.payment = payment.id,
                      .subject = payment.subject,
                      .owner = payment.owner,
                      .amount = payment.captured,
                      .currency = payment.amount.currency};
  tx.publish(kSettledTopic, id, json::write(event));
}

}  // namespace

Drift compare_one(sql::Tx& tx, const Comparison& told) {
  const std::string id = told.payment.str();
  lock_payment(tx, id);
  const auto stored = read_payment(tx, id);
  if (!stored || stored->payment.captured == 0) return {};
  const Payment& payment = stored->payment;
  const std::vector<Refund> refunds = refunds_of(tx, id);
  Drift found = drift(payment.captured, refunds, told.left);
  if (found.lost > 0) reverse(tx, payment, told, found.lost);
  if (found.back == 0) return found;
  // One at a time, the latest first; it comes whole, as it went.
  const auto came = std::ranges::find_if(refunds | std::views::reverse, [&](const Refund& one) {
    return one.state == RefundState::reversed && one.amount.amount <= found.back;
  });
  const bool whole = came != std::ranges::end(refunds | std::views::reverse);
  found.unclear = found.unclear || (whole && came->amount.amount < found.back);
  found.back = whole ? came->amount.amount : 0;
  if (whole) restore(tx, payment, *came, told);
  return found;
}

Result<void, RefundTaskRefusal> decide_reversal_one(sql::Tx& tx, const std::string& id,
                                                    bool purchase_ends,
                                                    const RefundDecision& decision) {
  const auto stored = lock_refund(tx, id);
  if (!stored) return std::unexpected(RefundTaskRefusal::refund_unknown);
  const Refund& refund = stored->refund;
  if (refund.state != RefundState::reversed || refund.settled_at)
    return std::unexpected(RefundTaskRefusal::not_reversed);
  tx.exec(
      "UPDATE payments_refund SET settled_at = ?, settled_reason = ?, purchase_ends = ?,"
      " updated_at = ? WHERE id = ?",
      decision.at, decision.reason, purchase_ends ? 1 : 0, decision.at, id);
  const Payment payment = read_payment(tx, refund.payment.str())->payment;
  const ReversalDecided event{.id = decision.id,
                              .payment = payment.id,
                              .refund = refund.id,
                              .subject = payment.subject,
                              .who = decision.who,
                              .purchase_ends = purchase_ends,
                              .reason = decision.reason,
                              .amount = refund.amount.amount,
                              .currency = refund.amount.currency,
                              .at = decision.at};
  tx.publish(kReversalDecidedTopic, payment.id.str(), json::write(event));
  return {};
}

void reversal_unbought_one(sql::Tx& tx, const std::string& id, Timestamp now) {
  const auto stored = lock_refund(tx, id);
  if (stored && stored->refund.purchase_ends) books::unbought(tx, stored->refund, now);
}

Result<void, PaymentTaskRefusal> decide_one(sql::Tx& tx, const PaymentDecision& decision,
                                            bool book) {
  const std::string id = decision.payment.str();
  lock_payment(tx, id);
  const auto stored = read_payment(tx, id);
  if (!stored) return std::unexpected(PaymentTaskRefusal::payment_unknown);
  const Payment& payment = stored->payment;
  if (!waits_for_people(payment, decision.at))
    return std::unexpected(PaymentTaskRefusal::not_waiting);
  Settlement settlement{
      .payment = payment.id, .state = PaymentState::cancelled, .check_at = decision.check_at};
  if (decision.captured) {
    settlement.state = PaymentState::paid;
    settlement.captured = payment.amount.amount;
  }
  settle_one(tx, settlement, decision.at, book);
  tx.exec("UPDATE payments_payment SET decided_at = ?, decided_reason = ? WHERE id = ?",
          decision.at, decision.reason, id);
  const Decided event{.id = decision.id,
                      .payment = payment.id,
                      .who = decision.who,
                      .before = payment.state,
                      .after = settlement.state,
                      .reason = decision.reason,
                      .amount = settlement.captured,
                      .currency = payment.amount.currency,
                      .at = decision.at};
  tx.publish(kDecidedTopic, id, json::write(event));
  return {};
}

}  // namespace onsale::payments
