#include "payments/api/office_http.h"

#include <boost/describe.hpp>

#include "payments/events.h"

namespace onsale::payments {

using http::Answer;
using http::Call;
using http::Problem;

enum class ProviderState { closed, open, half_open };
BOOST_DESCRIBE_ENUM(ProviderState, closed, open, half_open)

// It opens once `failures_max` of the last `window` calls failed, or `slow_run_max` in a row took
// longer than `slow_ms`; rests for `rest_ms`, twice as long after every try in vain, up to
// `rest_max_ms`.
struct BreakerView {
  std::int64_t window = 0, failures_max = 0, slow_ms = 0, slow_run_max = 0;
  std::int64_t rest_ms = 0, rest_max_ms = 0;
};
BOOST_DESCRIBE_STRUCT(BreakerView, (),
                      (window, failures_max, slow_ms, slow_run_max, rest_ms, rest_max_ms))

// closed: it is asked. open: it rests, until retry_in_ms have passed. half_open: one call tries.
struct ProviderHealthView {
  std::string provider;
  ProviderState state = ProviderState::closed;
  std::int64_t retry_in_ms = 0;
  std::int64_t under_way = 0, places = 0;
  std::int64_t refused_open = 0, refused_full = 0;  // calls that were not made, since the start
  std::int64_t answered = 0, unanswered = 0;
  BreakerView breaker;  // its settings
};
BOOST_DESCRIBE_STRUCT(ProviderHealthView, (),
                      (provider, state, retry_in_ms, under_way, places, refused_open, refused_full,
                       answered, unanswered, breaker))
struct ProviderHealthListView {
  std::vector<ProviderHealthView> items;
};
BOOST_DESCRIBE_STRUCT(ProviderHealthListView, (), (items))

struct PaymentsQuery {
  std::optional<PaymentState> state;
  std::optional<ProviderName> provider;
  std::optional<Timestamp> from, to;
  std::optional<json::Text<1, 200>> q;
  std::optional<json::Int<1, 100>> limit;
  std::optional<PaymentId> cursor;
};
BOOST_DESCRIBE_STRUCT(PaymentsQuery, (), (state, provider, from, to, q, limit, cursor))

struct OfficePaymentView {
  PaymentId id;
  PaymentState state = PaymentState::ready;
  std::string provider, subject, order_name;
  AccountId account_id;
  std::int64_t amount = 0, captured = 0, refunding = 0, refunded = 0;
  std::string currency;
  std::optional<std::string> failure;
  Timestamp created_at{}, updated_at{};
  std::optional<Timestamp> paid_at;
  // By people, where the provider did not answer.
  std::optional<Timestamp> decided_at;
  std::optional<std::string> decided_reason;
};
BOOST_DESCRIBE_STRUCT(OfficePaymentView, (),
                      (id, state, provider, subject, order_name, account_id, amount, captured,
                       refunding, refunded, currency, failure, created_at, updated_at, paid_at,
                       decided_at, decided_reason))

enum class CaptureOutcome { captured, not_captured };
BOOST_DESCRIBE_ENUM(CaptureOutcome, captured, not_captured)
struct SettlePaymentBody {
  CaptureOutcome outcome = CaptureOutcome::not_captured;
  json::Text<1, 200> reason;
};
BOOST_DESCRIBE_STRUCT(SettlePaymentBody, (), (outcome, reason))

struct OfficePaymentListView {
  std::vector<OfficePaymentView> items;
  std::optional<PaymentId> next_cursor;
};
BOOST_DESCRIBE_STRUCT(OfficePaymentListView, (), (items, next_cursor))

struct ProviderCallView {
  ProviderStep step = ProviderStep::lookup;
  CallOutcome outcome = CallOutcome::answered;
  std::string code;
  Timestamp at{};
  std::int64_t duration_ms = 0;
};
BOOST_DESCRIBE_STRUCT(ProviderCallView, (), (step, outcome, code, at, duration_ms))
struct OfficeRefundView {
  RefundId id;
  std::int64_t amount = 0;
  RefundState state = RefundState::requested;
  std::string reason;
  std::int64_t attempt = 0;
  Timestamp created_at{};
  std::optional<std::string> failure;  // why it was refused last
  std::optional<std::string> settled_reason;
};
BOOST_DESCRIBE_STRUCT(OfficeRefundView, (),
                      (id, amount, state, reason, attempt, created_at, failure, settled_reason))
struct PaymentHistoryView {
  OfficePaymentView payment;
  // The provider's own ids, for its support.
  std::optional<std::string> reference, receipt;
  std::optional<Timestamp> next_look_at;
  std::vector<OfficeRefundView> refunds;
  std::vector<ProviderCallView> calls;
};
BOOST_DESCRIBE_STRUCT(PaymentHistoryView, (),
                      (payment, reference, receipt, next_look_at, refunds, calls))

namespace {

constexpr int kPageSize = 20;

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

OfficePaymentView view(const Payment& p) {
  return {.id = p.id,
          .state = p.state,
          .provider = p.provider,
          .subject = p.subject,
          .order_name = p.order_name,
          .account_id = p.owner,
          .amount = p.amount.amount,
          .captured = p.captured,
          .refunding = p.refunding,
          .refunded = p.refunded,
          .currency = p.amount.currency,
          .failure = some(p.failure),
          .created_at = p.created_at,
          .updated_at = p.updated_at,
          .paid_at = p.paid_at,
          .decided_at = p.decided_at,
          .decided_reason = some(p.decided_reason)};
}

PaymentHistoryView view(const PaymentHistory& h) {
  PaymentHistoryView out{.payment = view(h.payment),
                         .reference = some(h.reference),
                         .receipt = some(h.receipt),
                         .next_look_at = h.check_at};
  for (const Refund& r : h.refunds) {
    out.refunds.push_back({.id = r.id,
                           .amount = r.amount.amount,
                           .state = r.state,
                           .reason = r.reason,
                           .attempt = r.attempt,
                           .created_at = r.created_at,
                           .failure = some(r.failure),
                           .settled_reason = some(r.settled_reason)});
  }
  for (const ProviderCall& c : h.calls)
    out.calls.push_back({c.step, c.outcome, c.code, c.at, std::int64_t{c.duration.count()}});
  return out;
}

ProviderHealthView view(const ProviderHealth& h) {
  ProviderHealthView out{.provider = h.provider,
                         .retry_in_ms = h.rests.count(),
                         .under_way = h.inside,
                         .places = h.places,
                         .refused_open = static_cast<std::int64_t>(h.refused_open),
                         .refused_full = static_cast<std::int64_t>(h.refused_full)};
  out.breaker = {h.breaker.window,       h.breaker.failures_max, h.breaker.slow.count(),
                 h.breaker.slow_run_max, h.breaker.rest.count(), h.breaker.rest_max.count()};
  if (h.state == net::BreakerState::open) out.state = ProviderState::open;
  if (h.state == net::BreakerState::half_open) out.state = ProviderState::half_open;
  for (const auto& [answered, unanswered] : h.calls) {
    out.answered += static_cast<std::int64_t>(answered);
    out.unanswered += static_cast<std::int64_t>(unanswered);
  }
  return out;
}

Task<Answer<OfficePaymentListView>> list(Payments& payments, PaymentsQuery query) {
  PaymentQuery wanted{
      .state = query.state, .from = query.from, .to = query.to, .before = query.cursor};
  if (query.provider) wanted.provider = to_string(*query.provider);
  if (query.q) wanted.q = std::move(query.q->value);
  wanted.limit = query.limit ? static_cast<int>(query.limit->value) : kPageSize;
  const PaymentPage page = co_await payments.search(std::move(wanted));
  OfficePaymentListView out{.next_cursor = page.next};
  for (const Payment& payment : page.items) out.items.push_back(view(payment));
  co_return out;
}

Task<Answer<PaymentHistoryView>> show(Payments& payments, PaymentId id) {
  const auto history = co_await payments.history(id);
  if (!history) co_return Problem{404, "not_found", "There is no such payment."};
  co_return view(*history);
}

Task<Answer<PaymentHistoryView>> reconcile(Payments& payments, Call& call) {
  const auto id = call.id<PaymentId>("payment");
  std::string who = call.principal()->account;
  const auto found = co_await payments.look_up(id, std::move(who));
  if (!found) co_return Problem{404, "not_found", "There is no such payment."};
  co_return co_await show(payments, id);
}

Task<Answer<PaymentHistoryView>> settle(Payments& payments, SettlePaymentBody body, Call& call) {
  const auto id = call.id<PaymentId>("payment");
  PaymentSettlement request{.payment = id,
                            .who = call.principal()->account,
                            .captured = body.outcome == CaptureOutcome::captured,
                            .reason = std::move(body.reason.value)};
  const auto settled = co_await payments.settle_payment(std::move(request));
  if (settled) co_return co_await show(payments, id);
  if (settled.error() == PaymentTaskRefusal::payment_unknown)
    co_return Problem{404, "not_found", "There is no such payment."};
  co_return Problem{409, "payment_not_waiting",
                    "This payment is settled, or its provider has not been silent for an hour."};
}

}  // namespace

void office_routes(http::Router& router, Payments& payments,
                   std::vector<const GuardedProvider*> guards) {
  router.get("/admin/payments",
             {.summary = "Payments, the newest first",
              .access = http::Access::admin,
              .answers = {{200, "payments"}},
              .tag = "operators"},
             [&payments](PaymentsQuery query, Call&) { return list(payments, std::move(query)); });
  router.get("/admin/payments/{payment}",
             {.summary = "A payment with its history: refunds, and what its provider was asked",
              .access = http::Access::admin,
              .answers = {{200, "payment"}, {404, "not_found"}},
              .tag = "operators"},
             [&payments](Call& call) { return show(payments, call.id<PaymentId>("payment")); });
  router.post("/admin/payments/{payment}/reconcile",
              {.summary = "Ask the provider now how a payment stands",
               .access = http::Access::admin,
               .repeatable = true,
               .answers = {{200, "payment"}, {404, "not_found"}},
               .tag = "operators"},
              [&payments](Call& call) { return reconcile(payments, call); });
  router.post("/admin/payments/{payment}/settle",
              {.summary = "Say how a payment ended whose provider has not answered for an hour; "
                          "what it says later counts all the same",
               .access = http::Access::admin,
               .idempotent = true,
               .answers = {{200, "payment"}, {404, "not_found"}, {409, "payment_not_waiting"}},
               .tag = "operators"},
              [&payments](SettlePaymentBody body, Call& call) {
                return settle(payments, std::move(body), call);
              });
  router.get("/admin/payments/providers",
             {.summary = "How the providers are: circuit breakers and calls",
              .access = http::Access::admin,
              .answers = {{200, "providers"}},
              .tag = "operators"},
             [guards = std::move(guards)](Call&) {
               ProviderHealthListView out;
               for (const auto* guard : guards) out.items.push_back(view(guard->health()));
               return Answer<ProviderHealthListView>(std::move(out));
             });
}

}  // namespace onsale::payments
