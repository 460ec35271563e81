#include "payments/providers/toss_answers_client.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "platform/crypto/bytes.h"

namespace onsale::payments {
namespace {

constexpr std::size_t kKeyMax = 200;
constexpr std::size_t kAnswerBytesMax = 256 * 1024;
constexpr std::size_t kListBytesMax = 4 * 1024 * 1024;

// May have happened, may happen yet, or is being done at this moment.
constexpr std::array kUncertain{"PROVIDER_ERROR",
                                "ALREADY_PROCESSED_PAYMENT",
                                "IDEMPOTENT_REQUEST_PROCESSING",
                                "FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING",
                                "FAILED_INTERNAL_SYSTEM_PROCESSING",
                                "UNKNOWN_PAYMENT_ERROR",
                                "FAILED_REFUND_PROCESS",
                                "FAILED_PARTIAL_REFUND",
                                "COMMON_ERROR",
                                "FORBIDDEN_CONSECUTIVE_REQUEST",
                                "NOT_MATCHES_REFUNDABLE_AMOUNT"};
constexpr std::array kOurs{"INVALID_API_KEY",         "UNAUTHORIZED_KEY",
                           "FORBIDDEN_REQUEST",       "INCORRECT_BASIC_AUTH_FORMAT",
                           "INVALID_IDEMPOTENCY_KEY", "INVALID_REQUEST"};
// The buyer's means of payment was refused: what these words begin with is final.
constexpr std::array kDeclineStarts{"REJECT_",          "INVALID_REJECT_", "INVALID_CARD_",
                                    "INVALID_STOPPED_", "EXCEED_MAX_",     "BELOW_MINIMUM_",
                                    "NOT_AVAILABLE_",   "NOT_ALLOWED_",    "NOT_SUPPORTED_",
                                    "RESTRICTED_",      "UNAPPROVED_",     "FDS_"};
template <std::size_t N>
bool one_of(const std::array<const char*, N>& codes, std::string_view code) {
  return std::ranges::any_of(codes, [code](const char* one) { return code == one; });
}

template <std::size_t N>
bool starts_with_one(const std::array<const char*, N>& starts, std::string_view code) {
  return std::ranges::any_of(starts, [code](const char* one) { return code.starts_with(one); });
}

Verdict verdict_of(std::string_view status) {
  if (status == "DONE" || status == "PARTIAL_CANCELED") return Verdict::captured;
  if (status == "READY") return Verdict::open;
  if (status == "IN_PROGRESS") return Verdict::authorised;
  if (status == "WAITING_FOR_DEPOSIT") return Verdict::waiting;
  if (status == "ABORTED") return Verdict::declined;
  if (status == "EXPIRED") return Verdict::abandoned;
  if (status == "CANCELED") return Verdict::reversed;
  return Verdict::unknown;
}

PaymentDetail detail_of(const ProviderJson& payment) {
  PaymentDetail detail{.method = payment.text("method"),
                       .receipt_url = payment.inner("receipt").text("url"),
                       .cash_receipt_url = payment.inner("cashReceipt").text("receiptUrl")};
  const ProviderJson account = payment.inner("virtualAccount");
  if (account.ok()) {
    detail.deposit = Deposit{.bank = account.text("bankCode"),
                             .account = account.text("accountNumber"),
                             .holder = account.text("customerName"),
                             .until = parse_rfc3339(account.text("dueDate"))};
  }
  return detail;
}

}  // namespace

TossError toss_confirm_error(std::string_view code) {
  if (one_of(kUncertain, code)) return TossError::uncertain;
  if (one_of(kOurs, code)) return TossError::ours;
  if (code == "NOT_FOUND_PAYMENT_SESSION") return TossError::expired;
  if (code == "NOT_FOUND_PAYMENT") return TossError::absent;
  return starts_with_one(kDeclineStarts, code) ? TossError::refused : TossError::uncertain;
}

// An error that the documents don't name is final here: people look at it, and a repeat looks
// first.
TossError toss_cancel_error(std::string_view code) {
  if (one_of(kUncertain, code)) return TossError::uncertain;
  if (one_of(kOurs, code)) return TossError::ours;
  if (code == "NOT_FOUND_PAYMENT") return TossError::absent;
  return TossError::refused;
}

ProviderAnswer toss_answer(const ProviderJson& payment, const std::string& order,
                           const Money& amount) {
  ProviderAnswer answer{.code = payment.text("status")};
  const auto total = payment.number("totalAmount");
  if (payment.text("orderId") != order || !total) {
    answer.code = "not_our_order";
    return answer;
  }
  answer.verdict = verdict_of(answer.code);
  const std::int64_t left = payment.number("balanceAmount").value_or(*total);
  answer.refundable = left;
  answer.receipt = payment.text("paymentKey");
  answer.detail = detail_of(payment);
  const bool ours = *total == amount.amount && payment.text("currency") == amount.currency;
  switch (answer.verdict) {
    case Verdict::captured:
      answer.captured = left;
      break;
    case Verdict::authorised:
    case Verdict::waiting:
      // Somebody approved another amount: it is never captured.
      if (!ours) answer.verdict = Verdict::declined;
      if (!ours) answer.reason = "amount_mismatch";
      break;
    case Verdict::declined:
      answer.reason = payment.inner("failure").text("code");
      break;
    default:
      break;
  }
  return answer;
}

bool toss_key_valid(std::string_view key) {
  constexpr std::string_view kMarks = "-_.=~";
  return !key.empty() && key.size() <= kKeyMax && std::ranges::all_of(key, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           kMarks.find(c) != kMarks.npos;
  });
}

Task<TossSaid> ask_toss(net::Client& client, std::string api, std::string secret_key,
                        Millis timeout, TossCall call) {
  net::Request request{.url = api + call.path,
                       .timeout = timeout,
                       .answer_max = call.list ? kListBytesMax : kAnswerBytesMax};
  request.headers.emplace_back("Authorization", "Basic " + crypto::base64(secret_key + ":"));
  if (!call.idempotency_key.empty())
    request.headers.emplace_back("Idempotency-Key", std::move(call.idempotency_key));
  if (!call.body.empty()) {
    request.method = "POST";
    request.content_type = "application/json";
    request.body = std::move(call.body);
  }
  if (!call.method.empty()) request.method = std::move(call.method);
  net::Answer answer;
  std::string silent;
  try {
    auto asking = client.ask(std::move(request));
    answer = co_await std::move(asking);
  } catch (const net::Unreachable& error) {
    silent = error.what();
  }
  if (!silent.empty()) throw Unanswered(silent);
  const bool done = answer.status >= 200 && answer.status < 300;
  if (done && call.list) {
    auto list = provider_list(answer.body);
    if (!list) throw Unanswered(status_code(answer));
    co_return TossSaid{.json = ProviderJson(""), .list = std::move(*list), .status = answer.status};
  }
  TossSaid said{.json = ProviderJson(answer.body), .status = answer.status};
  if (done && said.json.ok()) co_return said;
  said.error = said.json.text("code");
  if (said.error.empty() || done) throw Unanswered(status_code(answer));
  if (one_of(kOurs, said.error))
    log::error("payments", "Toss does not take our keys or our request", {{"code", said.error}});
  // Its own faults count against it, whatever they call themselves.
  if (answer.status >= 500) throw Unanswered(said.error);
  co_return said;
}

}  // namespace onsale::payments
