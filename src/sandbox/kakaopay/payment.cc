#include "sandbox/kakaopay/payment.h"

#include "sandbox/texts.h"

namespace onsale::sandbox::kakaopay {
namespace {

std::unexpected<Refusal> no(Why why, std::string_view about = {}) {
  return std::unexpected(Refusal{why, about});
}

bool undecided(Status status) { return status == Status::READY || status == Status::OPEN_PAYMENT; }

std::optional<Refusal> not_approvable(const Payment& payment, const Guards& guards) {
  switch (payment.status) {
    case Status::AUTH_PASSWORD:
      return {};
    case Status::READY:
    case Status::SEND_TMS:
    case Status::OPEN_PAYMENT:
    case Status::SELECT_METHOD:
    case Status::ARS_WAITING:
      return Refusal{Why::not_authorised};
    case Status::SUCCESS_PAYMENT:
      if (!guards.token) return {};
      return Refusal{Why::already_approved};
    case Status::ISSUED_SID:
    case Status::PART_CANCEL_PAYMENT:
    case Status::CANCEL_PAYMENT:
      return Refusal{Why::already_approved};
    default:
      return Refusal{Why::ended};
  }
}

}  // namespace

bool open(Payment& payment) {
  if (payment.status != Status::READY) return false;
  payment.status = Status::OPEN_PAYMENT;
  return true;
}

bool decide(Payment& payment, Decision decision, Method method, std::string pg_token) {
  if (!undecided(payment.status)) return false;
  switch (decision) {
    case Decision::approve:
    case Decision::refuse:
      payment.status = Status::AUTH_PASSWORD;
      payment.method = payment.method_asked.value_or(method);
      payment.pg_token = std::move(pg_token);
      payment.refuse = decision == Decision::refuse;
      return true;
    case Decision::decline:
      payment.status = Status::FAIL_PAYMENT;
      return true;
    case Decision::leave:
      payment.status = Status::QUIT_PAYMENT;
      return true;
  }
  return false;
}

Result<void, Refusal> approve(Payment& payment, const ApproveRequest& request, ApproveNames names,
                              Timestamp now, const Guards& guards) {
  if (payment.order != request.order) return no(Why::order_differs);
  if (payment.user != request.user) return no(Why::user_differs);
  if (const auto why = not_approvable(payment, guards)) return std::unexpected(*why);
  if (request.pg_token.empty() || request.pg_token != payment.pg_token)
    return no(Why::token_invalid);
  if (request.total && *request.total != payment.amount.total) return no(Why::amount_differs);
  if (payment.refuse) {
    payment.status = Status::FAIL_PAYMENT;
    return no(Why::approval_failure);
  }
  const bool recurring = payment.cid == kRecurringCid;
  if (recurring) payment.sid = std::move(names.sid);
  const bool only_sid = recurring && payment.amount.total == 0;
  payment.status = only_sid ? Status::ISSUED_SID : Status::SUCCESS_PAYMENT;
  payment.approved_at = now;
  payment.actions.push_back({.aid = std::move(names.aid),
                             .type = only_sid ? ActionType::ISSUED_SID : ActionType::PAYMENT,
                             .amount = payment.amount,
                             .at = now,
                             .payload = request.payload});
  return {};
}

Result<Amount, Refusal> cancel(Payment& payment, const CancelRequest& request, std::string aid,
                               Timestamp now, const Guards& guards) {
  if (payment.status != Status::SUCCESS_PAYMENT && payment.status != Status::PART_CANCEL_PAYMENT)
    return no(Why::not_cancelable);
  const Amount left = available(payment);
  if (request.available && *request.available != left.total) return no(Why::cancel_differs);
  if (request.total <= 0) return no(Why::field_invalid, "cancel_amount");
  if (guards.balance && request.total > left.total) return no(Why::cancel_exceeds);
  const bool all = request.total == left.total;
  if (!all && payment.amount.green_deposit > 0) return no(Why::cancel_not_in_part);
  if (request.tax_free < 0 || request.tax_free > left.tax_free || request.tax_free > request.total)
    return no(Why::field_invalid, "cancel_tax_free_amount");
  const std::int64_t vat =
      all ? left.vat : request.vat.value_or(vat_of(request.total - request.tax_free));
  if (vat < 0 || (guards.balance && vat > left.vat))
    return no(Why::field_invalid, "cancel_vat_amount");
  if (payment.actions.size() >= kActionsMax) return no(Why::not_cancelable);

  const Amount back{.total = request.total,
                    .tax_free = all ? left.tax_free : request.tax_free,
                    .vat = vat,
                    .green_deposit = all ? left.green_deposit : 0};
  payment.canceled += back;
  payment.canceled_at = now;
  payment.status =
      available(payment).total > 0 ? Status::PART_CANCEL_PAYMENT : Status::CANCEL_PAYMENT;
  payment.actions.push_back({.aid = std::move(aid),
                             .type = ActionType::CANCEL,
                             .amount = back,
                             .at = now,
                             .payload = request.payload});
  return back;
}

Amount available(const Payment& payment) {
  if (!payment.approved_at) return {};
  return payment.amount - payment.canceled;
}

std::int64_t captured(const Payment& payment) {
  std::int64_t sum = 0;
  for (const Action& action : payment.actions)
    if (action.type == ActionType::PAYMENT) sum += action.amount.total;
  return sum;
}

}  // namespace onsale::sandbox::kakaopay
