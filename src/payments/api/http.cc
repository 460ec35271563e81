#include "payments/api/http.h"

#include <boost/describe.hpp>

#include "payments/events.h"
#include "payments/payment.h"

namespace onsale::payments {

using http::Answer;
using http::Call;
using http::Problem;

struct RefundView {
  RefundId id;
  std::int64_t amount = 0;
  RefundState state = RefundState::requested;
  std::string reason;
  Timestamp created_at{};
};
BOOST_DESCRIBE_STRUCT(RefundView, (), (id, amount, state, reason, created_at))

// Where the buyer pays in, until when.
struct DepositView {
  std::string bank, account, holder;
  std::optional<Timestamp> until;
};
BOOST_DESCRIBE_STRUCT(DepositView, (), (bank, account, holder, until))

struct PaymentView {
  PaymentId id;
  PaymentState state = PaymentState::ready;
  std::string provider, order_name, subject;
  std::int64_t amount = 0;
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::string currency;
  std::optional<std::string> failure, redirect_url;  // redirect_url while it can be paid
  Timestamp created_at{};
  std::optional<Timestamp> paid_at;
  std::optional<std::string> method, receipt_url, cash_receipt_url;  // as the provider told
  std::optional<DepositView> deposit;  // waited for, while the payment is pending
  // What comes back of a deposit needs the buyer's account: PUT …/refund-account of the
  // reservation.
  std::optional<bool> refund_account_needed;
  std::vector<RefundView> refunds;
};
BOOST_DESCRIBE_STRUCT(PaymentView, (),
                      (id, state, provider, order_name, subject, amount, captured, refunded,
                       currency, failure, redirect_url, created_at, paid_at, method, receipt_url,
                       cash_receipt_url, deposit, refund_account_needed, refunds))

// Whom buyers may pay with, by the names that opening a payment takes.
struct ProviderListView {
  std::vector<std::string> items;
};
BOOST_DESCRIBE_STRUCT(ProviderListView, (), (items))

// Sums over all payments, in the currency's smallest unit.
struct BalanceView {
  std::int64_t captured = 0, refunded = 0, refunding = 0;  // refunding: not yet refunded
};
BOOST_DESCRIBE_STRUCT(BalanceView, (), (captured, refunded, refunding))

namespace {

void add_detail(PaymentView& out, const PaymentDetail& detail) {
  const auto some = [](const std::string& text) -> std::optional<std::string> {
    if (text.empty()) return {};
    return text;
  };
  out.method = some(detail.method);
  out.receipt_url = some(detail.receipt_url);
  out.cash_receipt_url = some(detail.cash_receipt_url);
  if (detail.deposit && out.state == PaymentState::pending) {
    const Deposit& to = *detail.deposit;
    out.deposit = DepositView{to.bank, to.account, to.holder, to.until};
    out.redirect_url.reset();  // there is no page any more
  }
}

PaymentView view(const Payment& p, const std::vector<Refund>& refunds) {
  PaymentView out{.id = p.id,
                  .state = p.state,
                  .provider = p.provider,
                  .order_name = p.order_name,
                  .subject = p.subject,
                  .amount = p.amount.amount,
                  .captured = p.captured,
                  .refunded = p.refunded,
                  .currency = p.amount.currency,
                  .created_at = p.created_at,
                  .paid_at = p.paid_at};
  if (!p.failure.empty()) out.failure = p.failure;
  if (p.state == PaymentState::pending) out.redirect_url = p.redirect_url;
  if (p.detail) add_detail(out, *p.detail);
  if (needs_account(p) && p.refunded < p.captured)
    out.refund_account_needed = !p.refund_account_given;
  for (const Refund& r : refunds) {
    if (r.state == RefundState::restored) continue;  // it is here again
    const bool back = r.state == RefundState::reversed;
    out.refunds.push_back(
        {r.id, r.amount.amount, back ? RefundState::done : r.state, r.reason, r.created_at});
  }
  return out;
}

// Somebody else's payment looks exactly like none.
Task<Answer<PaymentView>> show(Payments& payments, PaymentId id, Call& call) {
  const auto payment = co_await payments.find(id);
  const auto& who = *call.principal();
  if (!payment || (who.role != "admin" && who.account != payment->owner.str()))
    co_return Problem{404, "not_found", "There is no such payment."};
  std::vector<Refund> refunds;
  if (payment->captured > 0) refunds = co_await payments.refunds(id);
  co_return view(*payment, refunds);
}

Task<Answer<BalanceView>> balance(Payments& payments) {
  const Balance sums = co_await payments.balance();
  co_return BalanceView{sums.captured, sums.refunded, sums.refunding - sums.refunded};
}

}  // namespace

void routes(http::Router& router, Payments& payments) {
  router.get("/payments/providers",
             {.summary = "Whom buyers may pay with here, the first choice first",
              .answers = {{200, "providers"}},
              .tag = "payments",
              .etag = true,
              .cache_control = "public, max-age=60"},
             [&payments](Call&) {
               return Answer<ProviderListView>(ProviderListView{payments.providers()});
             });
  router.get(
      "/payments/{payment}",
      {.summary = "How a payment stands",
       .access = http::Access::signed_in,
       .answers = {{200, "payment"}, {404, "not_found"}},
       .tag = "payments"},
      [&payments](Call& call) { return show(payments, call.id<PaymentId>("payment"), call); });
  router.get("/admin/payments/balance",
             {.summary = "What was captured and what went back, over all payments",
              .access = http::Access::admin,
              .answers = {{200, "balance"}},
              .tag = "payments"},
             [&payments](Call&) { return balance(payments); });
}

}  // namespace onsale::payments
