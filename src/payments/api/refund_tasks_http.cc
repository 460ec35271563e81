#include "payments/api/refund_tasks_http.h"

#include <boost/describe.hpp>

#include "payments/events.h"

namespace onsale::payments {

using http::Answer;
using http::Call;
using http::Problem;

// done: the buyer has the money by another way. failed: it will not go back.
enum class RefundOutcome { done, failed };
BOOST_DESCRIBE_ENUM(RefundOutcome, done, failed)

struct SettleRefundBody {
  RefundOutcome outcome = RefundOutcome::done;
  json::Text<1, 200> reason;
};
BOOST_DESCRIBE_STRUCT(SettleRefundBody, (), (outcome, reason))

// ends: what was bought is given back without money. stands: it is kept though the money is lost.
enum class PurchaseOutcome { ends, stands };
BOOST_DESCRIBE_ENUM(PurchaseOutcome, ends, stands)

struct ReversalBody {
  PurchaseOutcome purchase = PurchaseOutcome::ends;
  json::Text<1, 200> reason;
};
BOOST_DESCRIBE_STRUCT(ReversalBody, (), (purchase, reason))

struct RefundTasksQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<RefundId> cursor;
};
BOOST_DESCRIBE_STRUCT(RefundTasksQuery, (), (limit, cursor))

struct RefundDecidedView {
  RefundId id;
  PaymentId payment_id;
  std::int64_t amount = 0;
  std::string currency;
  RefundState state = RefundState::failed;
  std::string reason;  // why the money was to go back
  int attempt = 0;     // how often it was asked for again
  Timestamp created_at{};
  std::optional<std::string> failure;  // why it was refused last
  std::optional<std::string> settled_reason;
  std::optional<Timestamp> settled_at;
};
BOOST_DESCRIBE_STRUCT(RefundDecidedView, (),
                      (id, payment_id, amount, currency, state, reason, attempt, created_at,
                       failure, settled_reason, settled_at))
struct RefundTaskView {
  RefundDecidedView refund;
  std::string subject;  // what was paid: "res_…"
  AccountId account_id;
  std::string provider;
};
BOOST_DESCRIBE_STRUCT(RefundTaskView, (), (refund, subject, account_id, provider))
struct RefundTaskListView {
  std::vector<RefundTaskView> items;
  std::optional<RefundId> next_cursor;
};
BOOST_DESCRIBE_STRUCT(RefundTaskListView, (), (items, next_cursor))

namespace {

constexpr int kPageSize = 20;

RefundDecidedView view(const Refund& refund) {
  RefundDecidedView out{.id = refund.id,
                        .payment_id = refund.payment,
                        .amount = refund.amount.amount,
                        .currency = refund.amount.currency,
                        .state = refund.state,
                        .reason = refund.reason,
                        .attempt = refund.attempt,
                        .created_at = refund.created_at,
                        .settled_at = refund.settled_at};
  if (!refund.failure.empty()) out.failure = refund.failure;
  if (refund.settled_at) out.settled_reason = refund.settled_reason;
  return out;
}

Problem problem(RefundTaskRefusal refusal) {
  switch (refusal) {
    case RefundTaskRefusal::refund_unknown:
      return {404, "not_found", "There is no such refund."};
    case RefundTaskRefusal::not_failed:
      return {409, "refund_not_failed", "This refund waits for nobody: it is on its way or over."};
    case RefundTaskRefusal::not_reversed:
      return {409, "refund_not_reversed", "We gave this money back, or it is decided already."};
    case RefundTaskRefusal::exceeds_captured:
      break;
  }
  return {409, "exceeds_captured", "Other refunds of this payment leave less than that."};
}

Task<Answer<RefundTaskListView>> list(Payments& payments, int limit,
                                      std::optional<RefundId> after) {
  const RefundTaskPage page = co_await payments.refund_tasks(limit, after);
  RefundTaskListView out{.next_cursor = page.next};
  for (const RefundTask& task : page.items) {
    out.items.push_back({view(task.refund), task.subject, task.owner, task.provider});
  }
  co_return out;
}

Task<Answer<RefundDecidedView>> retry(Payments& payments, Call& call) {
  RefundRetry request{.refund = call.id<RefundId>("refund"), .who = call.principal()->account};
  const auto refund = co_await payments.retry_refund(std::move(request));
  if (!refund) co_return problem(refund.error());
  co_return view(*refund);
}

Task<Answer<RefundDecidedView>> decide(Payments& payments, ReversalBody body, Call& call) {
  ReversalDecision request{.refund = call.id<RefundId>("refund"),
                           .who = call.principal()->account,
                           .purchase_ends = body.purchase == PurchaseOutcome::ends,
                           .reason = std::move(body.reason.value)};
  const auto refund = co_await payments.decide_reversal(std::move(request));
  if (!refund) co_return problem(refund.error());
  co_return view(*refund);
}

Task<Answer<RefundDecidedView>> settle(Payments& payments, SettleRefundBody body, Call& call) {
  RefundSettlement request{
      .refund = call.id<RefundId>("refund"),
      .who = call.principal()->account,
      .outcome = body.outcome == RefundOutcome::done ? RefundState::done : RefundState::failed,
      .reason = std::move(body.reason.value)};
  const auto refund = co_await payments.settle_refund(std::move(request));
  if (!refund) co_return problem(refund.error());
  co_return view(*refund);
}

}  // namespace

void refund_task_routes(http::Router& router, Payments& payments) {
  router.get("/admin/refunds",
             {.summary = "Refunds that wait for people, oldest first: a provider refused them, or "
                         "did not answer for an hour, or they were none of ours (reversed)",
              .access = http::Access::admin,
              .answers = {{200, "refunds"}},
              .tag = "operators"},
             [&payments](RefundTasksQuery query, Call&) {
               const int limit = query.limit ? static_cast<int>(query.limit->value) : kPageSize;
               return list(payments, limit, query.cursor);
             });
  router.post("/admin/refunds/{refund}/retry",
              {.summary = "Ask the provider once more for what it refused",
               .access = http::Access::admin,
               .idempotent = true,
               .answers = {{200, "asked"},
                           {404, "not_found"},
                           {409, "refund_not_failed"},
                           {409, "exceeds_captured"}},
               .tag = "operators"},
              [&payments](Call& call) { return retry(payments, call); });
  router.post("/admin/refunds/{refund}/settle",
              {.summary = "Say how a waiting refund ended: the money went back another way (done), "
                          "or will not (failed)",
               .access = http::Access::admin,
               .idempotent = true,
               .answers = {{200, "settled"},
                           {404, "not_found"},
                           {409, "refund_not_failed"},
                           {409, "exceeds_captured"}},
               .tag = "operators"},
              [&payments](SettleRefundBody body, Call& call) {
                return settle(payments, std::move(body), call);
              });
  router.post("/admin/refunds/{refund}/reversal",
              {.summary = "Say what becomes of a purchase whose money the provider took back: it "
                          "ends, or stands",
               .access = http::Access::admin,
               .idempotent = true,
               .answers = {{200, "decided"}, {404, "not_found"}, {409, "refund_not_reversed"}},
               .tag = "operators"},
              [&payments](ReversalBody body, Call& call) {
                return decide(payments, std::move(body), call);
              });
}

}  // namespace onsale::payments
