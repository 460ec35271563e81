#include "sandbox/toss/payment.h"

#include <algorithm>

#include "sandbox/texts.h"

namespace onsale::sandbox::toss {
namespace {

bool paid(Status status) {
  return status == Status::DONE || status == Status::PARTIAL_CANCELED || status == Status::CANCELED;
}

std::unexpected<Error> no(Code code, std::string_view about = {}) {
  return std::unexpected(Error{code, about});
}

std::int64_t minimum(Method method) {
  return method == Method::card || method == Method::phone ? kCardMin : kAccountMin;
}

// Whether money of this method may still go back.
bool within_refund_time(const Payment& payment, Timestamp now) {
  const Timestamp approved = payment.approved_at.value_or(payment.requested_at);
  if (payment.method == Method::transfer) return now <= approved + kTransferRefund;
  if (payment.method == Method::phone) return korean_month(now) == korean_month(approved);
  return true;
}

std::int64_t tax_free_left(const Payment& payment) {
  std::int64_t left = payment.tax_free;
  for (const Cancel& c : payment.cancels) left -= c.tax_free;
  return left;
}

// What stands in the way of any cancel of this payment, whatever its amount.
std::optional<Error> not_cancelable(const Payment& payment, const CancelRequest& request) {
  if (payment.status == Status::CANCELED) return Error{Code::ALREADY_CANCELED_PAYMENT};
  if (payment.status != Status::DONE && payment.status != Status::PARTIAL_CANCELED &&
      payment.status != Status::WAITING_FOR_DEPOSIT)
    return Error{Code::NOT_CANCELABLE_PAYMENT};
  const auto reason = length_of(request.reason);
  if (reason == 0 || reason > 200)
    return Error{Code::INVALID_REQUEST, "cancelReason has 1 to 200 characters"};
  return {};
}

std::optional<Error> wrong_account(const Payment& payment, const CancelRequest& request) {
  const bool deposited =
      payment.method == Method::virtual_account && payment.status != Status::WAITING_FOR_DEPOSIT;
  if (!deposited) return {};
  if (!request.account || request.account->bank.empty() || request.account->number.empty() ||
      request.account->holder.empty())
    return Error{Code::INVALID_REQUEST,
                 "refundReceiveAccount with bank, accountNumber and holderName is required"};
  return {};
}

}  // namespace

std::string_view korean(Method method) {
  switch (method) {
    case Method::virtual_account:
      return "가상계좌";
    case Method::transfer:
      return "계좌이체";
    case Method::phone:
      return "휴대폰";
    case Method::card:
      break;
  }
  return "카드";
}

std::optional<Timestamp> deadline_of(const Payment& payment) {
  switch (payment.status) {
    case Status::READY:
      return payment.requested_at + kAuthenticateWithin;
    case Status::IN_PROGRESS:
      return payment.authenticated_at.value_or(payment.requested_at) + kConfirmWithin;
    case Status::WAITING_FOR_DEPOSIT:
      return payment.due_at;
    default:
      return {};
  }
}

bool expire(Payment& payment, Timestamp now, const Guards& guards) {
  const auto deadline = deadline_of(payment);
  if (!deadline || now < *deadline) return false;
  if (payment.status == Status::IN_PROGRESS && !guards.session) return false;
  payment.status = Status::EXPIRED;
  return true;
}

bool decide(Payment& payment, Decision decision, Timestamp now, std::string transaction_key) {
  if (expire(payment, now)) return false;
  switch (decision) {
    case Decision::approve:
    case Decision::refuse:
      if (payment.status != Status::READY) return false;
      payment.status = Status::IN_PROGRESS;
      payment.authenticated_at = now;
      payment.refuse = decision == Decision::refuse;
      return true;
    case Decision::decline:
    case Decision::leave:
      if (payment.status != Status::READY) return false;
      payment.status = Status::ABORTED;
      payment.failure =
          decision == Decision::leave ? "PAY_PROCESS_CANCELED" : "REJECT_CARD_PAYMENT";
      return true;
    case Decision::deposit:
      if (payment.status != Status::WAITING_FOR_DEPOSIT) return false;
      payment.status = Status::DONE;
      payment.approved_at = now;
      payment.transaction_key = std::move(transaction_key);
      return true;
    case Decision::withdraw:
      if (payment.status != Status::DONE || payment.method != Method::virtual_account) return false;
      payment.status = Status::WAITING_FOR_DEPOSIT;
      payment.approved_at.reset();
      payment.transaction_key = std::move(transaction_key);
      return true;
  }
  return false;
}

Result<void, Error> confirm(Payment& payment, const ConfirmRequest& request, ConfirmNames names,
                            Timestamp now, const Guards& guards) {
  expire(payment, now, guards);
  if (payment.order_id != request.order_id)
    return no(Code::INVALID_REQUEST, "orderId is not the payment's");
  switch (payment.status) {
    case Status::IN_PROGRESS:
      break;
    case Status::READY:
    case Status::EXPIRED:
      return no(Code::NOT_FOUND_PAYMENT_SESSION);
    default:
      return no(Code::ALREADY_PROCESSED_PAYMENT);
  }
  if (payment.total != request.amount)
    return no(Code::INVALID_REQUEST, "amount is not the payment's");
  if (payment.total < minimum(payment.method)) return no(Code::BELOW_MINIMUM_AMOUNT);
  if (payment.refuse) {
    const Code why = payment.method == Method::card || payment.method == Method::phone
                         ? Code::REJECT_CARD_PAYMENT
                         : Code::REJECT_ACCOUNT_PAYMENT;
    payment.status = Status::ABORTED;
    payment.failure = boost::describe::enum_to_string(why, "");
    return no(why);
  }
  payment.transaction_key = std::move(names.transaction_key);
  payment.balance = payment.total;
  payment.secret = std::move(names.secret);
  if (payment.method == Method::virtual_account) {
    payment.status = Status::WAITING_FOR_DEPOSIT;
    payment.due_at = now + kDepositWithin;
    payment.account_number = std::move(names.account_number);
    return {};
  }
  payment.status = Status::DONE;
  payment.approved_at = now;
  payment.approve_number = std::move(names.approve_number);
  return {};
}

Result<void, Error> cancel(Payment& payment, CancelRequest request, std::string transaction_key,
                           Timestamp now, const Guards& guards) {
  expire(payment, now);
  if (const auto why = not_cancelable(payment, request)) return std::unexpected(*why);
  if (guards.pause && !payment.cancels.empty() && now - payment.cancels.back().at < kCancelPause)
    return no(Code::FORBIDDEN_CONSECUTIVE_REQUEST);
  if (guards.refundable && request.refundable && *request.refundable != payment.balance)
    return no(Code::NOT_MATCHES_REFUNDABLE_AMOUNT);
  const std::int64_t amount = request.amount.value_or(payment.balance);
  if (amount <= 0) return no(Code::INVALID_REQUEST, "cancelAmount is above 0");
  if (guards.balance && amount > payment.balance) return no(Code::NOT_CANCELABLE_AMOUNT);
  const bool waiting = payment.status == Status::WAITING_FOR_DEPOSIT;
  if (waiting && amount != payment.balance)
    return no(Code::NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT);
  if (const auto why = wrong_account(payment, request)) return std::unexpected(*why);
  const bool all = amount == payment.balance;
  const std::int64_t tax_free = all ? tax_free_left(payment) : request.tax_free;
  if (tax_free < 0 || tax_free > tax_free_left(payment) || tax_free > amount)
    return no(Code::INVALID_REQUEST, "taxFreeAmount is more than is left");
  if (!within_refund_time(payment, now)) return no(Code::EXCEED_MAX_REFUND_DUE);
  if (payment.cancels.size() >= kCancelsMax) return no(Code::EXCEED_CANCEL_LIMIT);

  payment.balance -= amount;
  payment.status = payment.balance > 0 ? Status::PARTIAL_CANCELED : Status::CANCELED;
  payment.transaction_key = transaction_key;
  if (request.account) payment.refund_account = std::move(request.account);
  payment.cancels.push_back({.amount = amount,
                             .tax_free = tax_free,
                             .refundable = payment.balance,
                             .reason = std::move(request.reason),
                             .at = now,
                             .transaction_key = std::move(transaction_key),
                             .moved_money = !waiting});
  return {};
}

std::int64_t captured(const Payment& payment) {
  if (!paid(payment.status)) return 0;
  const bool never_deposited = !payment.cancels.empty() && !payment.cancels.front().moved_money;
  return never_deposited ? 0 : payment.total;
}

std::int64_t refunded(const Payment& payment) {
  std::int64_t sum = 0;
  for (const Cancel& c : payment.cancels)
    if (c.moved_money) sum += c.amount;
  return sum;
}

}  // namespace onsale::sandbox::toss
