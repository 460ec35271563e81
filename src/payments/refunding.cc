#include "payments/refunding.h"

#include <algorithm>

#include "base/log.h"
#include "payments/service.h"

namespace onsale::payments {

Task<Result<Refund, RefundRefusal>> Refunding::refund(RefundRequest request) {
  if (request.amount.amount <= 0) co_return std::unexpected(RefundRefusal::amount_invalid);
  const Timestamp now = clock_.now();
  Refund refund{.id = request.id,
                .payment = request.payment,
                .amount = request.amount,
                .reason = cut(request.reason, kReasonMax),
                .created_at = now};
  const RefundRequested requested = co_await store_.request_refund(refund, now + kCaptureLease);
  switch (requested) {
    case RefundRequested::payment_unknown:
      co_return std::unexpected(RefundRefusal::payment_unknown);
    case RefundRequested::not_refundable:
      co_return std::unexpected(RefundRefusal::not_refundable);
    case RefundRequested::exceeds_captured:
      co_return std::unexpected(RefundRefusal::exceeds_captured);
    case RefundRequested::requested: {
      StoredRefund asked{.refund = refund};
      co_await give_back(std::move(asked));
      break;
    }
    case RefundRequested::exists:
      break;
  }
  const auto stored = co_await store_.find_refund(request.id);
  if (!stored || stored->refund.payment != request.payment ||
      stored->refund.amount != request.amount)
    co_return std::unexpected(RefundRefusal::id_reused);
  co_return stored->refund;
}

// Where a repeat is not known: whether the money went back before, and what can still go back.
// Empty: ask the provider now. `unknown`: not now.
Task<std::optional<RefundAnswer>> Refunding::look_before(StoredRefund asked, Stored& stored,
                                                         std::int64_t& refundable) {
  const bool turn = co_await store_.take_turn(asked.refund.id);
  if (!turn) co_return RefundAnswer();
  Charge charge = charge_of(stored);
  const ProviderAnswer found = co_await asking_.lookup(std::move(charge), stored.payment.provider);
  if (found.absent) co_return RefundAnswer(RefundVerdict::refused, found.code);
  if (!found.refundable) co_return RefundAnswer();
  if (stored.receipt.empty()) stored.receipt = found.receipt;  // people said that it was captured
  refundable = *found.refundable;
  const auto now = co_await store_.find_refund(asked.refund.id);
  if (!now || !now->refundable_seen) co_return RefundAnswer();
  if (*now->refundable_seen == kTurnBegan) {
    const bool mine = co_await store_.note_refundable(asked.refund.id, refundable);
    if (!mine) co_return RefundAnswer();
  } else {
    switch (came_back(*now->refundable_seen, refundable, asked.refund.amount.amount)) {
      case Came::back:
        co_return RefundAnswer(RefundVerdict::done);
      case Came::not_yet:
        break;
      case Came::differently:
        log::error("payments", "somebody else gave back while a refund was under way",
                   {{"payment", asked.refund.payment.str()},
                    {"refund", asked.refund.id.str()},
                    {"refundable_before", *now->refundable_seen},
                    {"refundable", refundable}});
        co_return RefundAnswer(RefundVerdict::refused, "given_back_differently");
    }
  }
  if (refundable < asked.refund.amount.amount)
    co_return RefundAnswer(RefundVerdict::refused, "not_enough_left");
  co_return std::nullopt;
}

// True when the provider gave a final answer.
Task<bool> Refunding::give_back(StoredRefund asked) {
  const Refund refund = asked.refund;
  auto stored = co_await store_.find(refund.payment);
  if (!stored) co_return false;
  if (needs_account(stored->payment) && !stored->refund_account) {
    RefundAnswer missing(RefundVerdict::refused, std::string(kAccountMissing));
    co_return co_await finish(refund, std::move(missing));
  }
  std::int64_t refundable = stored->payment.captured - stored->payment.refunded;
  if (!asking_.knows_repeats(stored->payment.provider)) {
    const auto known = co_await look_before(asked, *stored, refundable);
    if (known) co_return co_await finish(refund, *known);
  }
  GiveBack request{.refund = refund.id,
                   .attempt = refund.attempt,
                   .checks = asked.checks,
                   .payment = refund.payment,
                   .reference = stored->reference,
                   .receipt = stored->receipt,
                   .amount = refund.amount,
                   .refundable_before = refundable,
                   .account = stored->refund_account,
                   .reason = refund.reason};
  RefundAnswer answer = co_await asking_.refund(std::move(request), stored->payment.provider);
  if (answer.verdict == RefundVerdict::refused &&
      !asking_.knows_repeats(stored->payment.provider)) {
    answer = co_await look_after(refund, *stored, refundable, std::move(answer));
  }
  co_return co_await finish(refund, std::move(answer));
}

// Where a repeat is not known a refusal may be the answer to the second of two that somebody on the
// way made of one request: the first has brought it back then.
Task<RefundAnswer> Refunding::look_after(Refund refund, Stored stored, std::int64_t before,
                                         RefundAnswer refusal) {
  Charge charge = charge_of(stored);
  const ProviderAnswer found = co_await asking_.lookup(std::move(charge), stored.payment.provider);
  if (found.absent) co_return refusal;
  if (!found.refundable) co_return RefundAnswer();  // nobody knows: another time
  const Came came = came_back(before, *found.refundable, refund.amount.amount);
  if (came == Came::back) co_return RefundAnswer(RefundVerdict::done);
  co_return refusal;
}

Task<bool> Refunding::finish(Refund refund, RefundAnswer answer) {
  if (answer.verdict == RefundVerdict::unknown) co_return false;
  const bool done = answer.verdict == RefundVerdict::done;
  if (!done)
    log::error(
        "payments", "the provider refuses a refund",
        {{"payment", refund.payment.str()}, {"refund", refund.id.str()}, {"code", answer.code}});
  const RefundState state = done ? RefundState::done : RefundState::failed;
  std::string code = cut(std::move(answer.code), kCodeMax);
  co_return co_await store_.finish_refund(refund.id, state, clock_.now(), std::move(code));
}

// ---- refunds that the provider refused

Task<RefundTaskPage> Refunding::tasks(int limit, std::optional<RefundId> after) {
  RefundTaskPage page;
  page.items = co_await store_.refund_tasks(after, limit + 1, clock_.now());
  if (std::ssize(page.items) > limit) {
    page.items.pop_back();
    page.next = page.items.back().refund.id;
  }
  co_return page;
}

Task<Result<Refund, RefundTaskRefusal>> Refunding::retry(RefundRetry request) {
  const Timestamp now = clock_.now();
  RefundDecision decision{
      .id = RefundDecisionId::make(now, random_), .who = request.who, .at = now};
  const auto again =
      co_await store_.retry_refund(request.refund, std::move(decision), now + kCaptureLease);
  if (!again) co_return std::unexpected(again.error());
  auto stored = co_await store_.find_refund(request.refund);
  if (stored && stored->refund.state == RefundState::requested) {
    co_await give_back(*stored);
    stored = co_await store_.find_refund(request.refund);
  }
  if (!stored) co_return std::unexpected(RefundTaskRefusal::refund_unknown);
  co_return stored->refund;
}

Task<Result<Refund, RefundTaskRefusal>> Refunding::settle(RefundSettlement request) {
  const Timestamp now = clock_.now();
  RefundDecision decision{.id = RefundDecisionId::make(now, random_),
                          .who = request.who,
                          .reason = cut(request.reason, kReasonMax),
                          .at = now};
  const auto settled =
      co_await store_.settle_refund(request.refund, request.outcome, std::move(decision));
  if (!settled) co_return std::unexpected(settled.error());
  const auto stored = co_await store_.find_refund(request.refund);
  if (!stored) co_return std::unexpected(RefundTaskRefusal::refund_unknown);
  co_return stored->refund;
}

Task<Result<Refund, RefundTaskRefusal>> Refunding::decide(ReversalDecision request) {
  const Timestamp now = clock_.now();
  RefundDecision decision{.id = RefundDecisionId::make(now, random_),
                          .who = request.who,
                          .reason = cut(request.reason, kReasonMax),
                          .at = now};
  const auto decided =
      co_await store_.decide_reversal(request.refund, request.purchase_ends, std::move(decision));
  if (!decided) co_return std::unexpected(decided.error());
  const auto stored = co_await store_.find_refund(request.refund);
  if (!stored) co_return std::unexpected(RefundTaskRefusal::refund_unknown);
  co_return stored->refund;
}

// ---- reconciling

Task<bool> Refunding::reconcile_one(StoredRefund due) {
  const Millis delay = std::max(kCaptureLease, refund_delay(due.checks));
  const bool mine = co_await store_.put_off_refund(due, clock_.now() + delay);
  if (!mine) co_return false;
  ++due.checks;
  co_return co_await give_back(std::move(due));
}

Task<int> Refunding::reconcile(std::string provider, Timestamp now) {
  int moved = 0;
  const std::vector<StoredRefund> refunds =
      co_await store_.due_refunds(std::move(provider), now, kReconcileBatch);
  for (const StoredRefund& one : refunds) {
    const bool did = co_await reconcile_one(one);
    moved += did ? 1 : 0;
  }
  co_return moved;
}

}  // namespace onsale::payments
