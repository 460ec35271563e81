#include "payments/providers/toss_client.h"

#include "base/encoding.h"
#include "base/origin.h"
#include "payments/providers/toss_answers_client.h"
#include "platform/json/json.h"

namespace onsale::payments {

struct TossConfirmBody {
  std::string paymentKey, orderId;
  std::int64_t amount = 0;
};
BOOST_DESCRIBE_STRUCT(TossConfirmBody, (), (paymentKey, orderId, amount))

struct TossAccountBody {
  std::string bank, accountNumber, holderName;
};
BOOST_DESCRIBE_STRUCT(TossAccountBody, (), (bank, accountNumber, holderName))

struct TossCancelBody {
  std::string cancelReason;
  std::optional<std::int64_t> cancelAmount, refundableAmount;
  std::optional<TossAccountBody> refundReceiveAccount;  // of a deposit
};
BOOST_DESCRIBE_STRUCT(TossCancelBody, (),
                      (cancelReason, cancelAmount, refundableAmount, refundReceiveAccount))

namespace {

std::string value_of(const ReturnData& data, const std::string& name) {
  const auto found = data.find(name);
  return found == data.end() ? std::string() : found->second;
}

// The buyer says that it is off. Only the buyer's word: it counts where Toss knows of no money, and
// tells somebody who left from somebody whose card was refused.
ProviderAnswer buyer_says(const ReturnData& data, ProviderAnswer known) {
  const std::string code = value_of(data, "code");
  const bool nothing = known.verdict == Verdict::open || known.verdict == Verdict::declined;
  if (!nothing || code.empty()) return known;
  const bool left = code == "PAY_PROCESS_CANCELED" || code == "USER_CANCEL";
  known.verdict = left ? Verdict::abandoned : Verdict::declined;
  known.reason = left ? "" : code;
  known.code = code;
  return known;
}

}  // namespace

TossClient::TossClient(net::Client& client, TossConfig config, TossGuards guards)
    : client_(client), config_(std::move(config)), guards_(guards) {}

// Nothing is asked of Toss: its page makes the payment when the buyer comes there.
Task<Result<Started, BeginRefused>> TossClient::begin(Order order) {
  const std::string id = order.payment.str();
  Started started;
  if (config_.pay_page.empty()) {
    // Our own page is where our return is, and knows the payment by the same key.
    started.redirect_url = origin_of(order.return_address) + std::string(kTossPage) + id;
    started.redirect_url += order.return_address.substr(order.return_address.find('?'));
    co_return started;
  }
  const std::string back = percent_encoded(order.return_address);
  started.redirect_url = config_.pay_page + "?clientKey=" + percent_encoded(config_.client_key) +
                         "&orderId=" + id + "&amount=" + std::to_string(order.amount.amount) +
                         "&orderName=" + percent_encoded(order.order_name) + "&successUrl=" + back +
                         "&failUrl=" + back;
  co_return started;
}

Task<ProviderAnswer> TossClient::settle(Charge charge) {
  if (charge.waiting) co_return co_await lookup(std::move(charge));  // confirmed before
  const std::string key = value_of(charge.data, "paymentKey");
  if (!key.empty()) {
    // What the browser brings is the buyer's word; what we capture is what we asked for.
    const bool as_asked =
        !guards_.as_asked ||
        (toss_key_valid(key) && value_of(charge.data, "orderId") == charge.payment.str() &&
         value_of(charge.data, "amount") == std::to_string(charge.amount.amount));
    if (!as_asked) {
      co_return ProviderAnswer{
          .verdict = Verdict::declined, .reason = "amount_mismatch", .code = "not_as_asked"};
    }
    co_return co_await confirm(std::move(charge), key);
  }
  // Nobody came back, or with bad news: Toss knows whether there is something to capture.
  ProviderAnswer known = co_await lookup(charge);
  if (known.verdict != Verdict::authorised) co_return buyer_says(charge.data, std::move(known));
  std::string found = known.receipt;
  co_return co_await confirm(std::move(charge), std::move(found));
}

Task<ProviderAnswer> TossClient::confirm(Charge charge, std::string payment_key) {
  const std::string order = charge.payment.str();
  TossCall call{.path = "/v1/payments/confirm",
                .body = json::write(TossConfirmBody{payment_key, order, charge.amount.amount})};
  // Toss's keys don't look at the body: one key, one payment, one amount, one approval.
  if (guards_.idempotency_key) {
    call.idempotency_key =
        "confirm-" + order + "-" + std::to_string(charge.checks) + "-" + payment_key;
  }
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (said.error.empty()) co_return reachable(toss_answer(said.json, order, charge.amount));
  ProviderAnswer answer{.code = said.error};
  switch (toss_confirm_error(said.error)) {
    case TossError::refused:
      answer.verdict = Verdict::declined;
      answer.reason = said.error;
      break;
    case TossError::expired:
      answer.verdict = Verdict::abandoned;
      break;
    case TossError::uncertain:
    case TossError::absent:
    case TossError::ours:
      break;
  }
  co_return answer;
}

ProviderAnswer TossClient::reachable(ProviderAnswer answer) const {
  if (config_.pages.empty() || !answer.detail) return answer;
  for (std::string* url : {&answer.detail->receipt_url, &answer.detail->cash_receipt_url})
    if (url->starts_with(config_.api)) url->replace(0, config_.api.size(), config_.pages);
  return answer;
}

Task<ProviderAnswer> TossClient::lookup(Charge charge) {
  const std::string order = charge.payment.str();
  TossCall call{.path = charge.receipt.empty() ? "/v1/payments/orders/" + order
                                               : "/v1/payments/" + charge.receipt};
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (said.error.empty()) co_return reachable(toss_answer(said.json, order, charge.amount));
  ProviderAnswer answer{.code = said.error};
  // The buyer has not been there; or they know nothing of what was paid.
  const bool absent = toss_confirm_error(said.error) == TossError::absent;
  answer.absent = absent && !charge.receipt.empty();
  if (absent && !answer.absent) answer.verdict = Verdict::open;
  co_return answer;
}

Task<RefundAnswer> TossClient::refund(GiveBack request) {
  TossCancelBody body{.cancelReason = request.reason.empty() ? "refund" : request.reason,
                      .cancelAmount = request.amount.amount};
  if (guards_.compare) body.refundableAmount = request.refundable_before;
  if (request.account)
    body.refundReceiveAccount =
        TossAccountBody{request.account->bank, request.account->account, request.account->holder};
  TossCall call{.path = "/v1/payments/" + request.receipt + "/cancel", .body = json::write(body)};
  if (guards_.idempotency_key) {
    call.idempotency_key = "refund-" + request.refund.str() + "-" +
                           std::to_string(request.attempt) + "-" + std::to_string(request.checks);
  }
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  const TossSaid said = co_await std::move(asking);
  if (said.error.empty()) co_return RefundAnswer(RefundVerdict::done, said.json.text("status"));
  const bool refused = toss_cancel_error(said.error) == TossError::refused;
  co_return RefundAnswer(refused ? RefundVerdict::refused : RefundVerdict::unknown, said.error);
}

// An account to pay into is closed; a page can't be.
Task<void> TossClient::close(Charge charge) {
  if (!charge.waiting) co_return;
  const ProviderAnswer known = co_await lookup(charge);
  if (known.verdict != Verdict::waiting) co_return;
  TossCall call{.path = "/v1/payments/" + known.receipt + "/cancel",
                .body = json::write(TossCancelBody{.cancelReason = "not wanted any more"})};
  if (guards_.idempotency_key) call.idempotency_key = "close-" + charge.payment.str();
  auto asking =
      ask_toss(client_, config_.api, config_.secret_key, config_.timeout, std::move(call));
  (void)co_await std::move(asking);
}

}  // namespace onsale::payments
