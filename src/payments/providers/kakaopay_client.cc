#include "payments/providers/kakaopay_client.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "platform/json/json.h"

namespace onsale::payments {

struct KakaoPayReadyBody {
  std::string cid, partner_order_id, partner_user_id, item_name;
  int quantity = 1;
  std::int64_t total_amount = 0;
  std::int64_t tax_free_amount = 0;
  std::string approval_url, cancel_url, fail_url;
};
BOOST_DESCRIBE_STRUCT(KakaoPayReadyBody, (),
                      (cid, partner_order_id, partner_user_id, item_name, quantity, total_amount,
                       tax_free_amount, approval_url, cancel_url, fail_url))

struct KakaoPayApproveBody {
  std::string cid, tid, partner_order_id, partner_user_id, pg_token;
  std::int64_t total_amount = 0;
};
BOOST_DESCRIBE_STRUCT(KakaoPayApproveBody, (),
                      (cid, tid, partner_order_id, partner_user_id, pg_token, total_amount))

struct KakaoPayOrderBody {
  std::string cid, tid;
};
BOOST_DESCRIBE_STRUCT(KakaoPayOrderBody, (), (cid, tid))

struct KakaoPayCancelBody {
  std::string cid, tid;
  std::int64_t cancel_amount = 0;
  std::int64_t cancel_tax_free_amount = 0;
  std::int64_t cancel_available_amount = 0;
};
BOOST_DESCRIBE_STRUCT(KakaoPayCancelBody, (),
                      (cid, tid, cancel_amount, cancel_tax_free_amount, cancel_available_amount))

namespace {

constexpr std::size_t kAnswerBytesMax = 256 * 1024;
constexpr std::size_t kUrlMax = 255;
constexpr std::size_t kTokenMax = 200;
constexpr int kApproveTries = 4;

std::string value_of(const ReturnData& data, const std::string& name) {
  const auto found = data.find(name);
  return found == data.end() ? std::string() : found->second;
}

// The pg_token is what approve needs: without it an approval is as good as none.
Verdict verdict_of(std::string_view status, bool can_approve) {
  if (status == "SUCCESS_PAYMENT" || status == "PART_CANCEL_PAYMENT") return Verdict::captured;
  if (status == "CANCEL_PAYMENT") return Verdict::reversed;
  if (status == "FAIL_PAYMENT" || status == "FAIL_AUTH_PASSWORD") return Verdict::declined;
  if (status == "QUIT_PAYMENT") return Verdict::abandoned;
  if (status == "AUTH_PASSWORD") return can_approve ? Verdict::authorised : Verdict::open;
  constexpr std::array kOpen{"READY", "SEND_TMS", "OPEN_PAYMENT", "SELECT_METHOD", "ARS_WAITING"};
  const bool open = std::ranges::any_of(kOpen, [&](const char* one) { return status == one; });
  return open ? Verdict::open : Verdict::unknown;
}

bool is_ours(const ProviderJson& said, const Charge& charge) {
  return said.text("tid") == charge.reference &&
         said.text("partner_order_id") == charge.payment.str();
}

// The buyer says that it is off. Only the buyer's word: it counts where KakaoPay knows nothing
// else.
ProviderAnswer buyer_says(const ReturnData& data, ProviderAnswer known) {
  const std::string result = value_of(data, "result");
  if (known.verdict != Verdict::open || (result != "cancel" && result != "fail")) return known;
  known.verdict = result == "cancel" ? Verdict::abandoned : Verdict::declined;
  if (result == "fail") known.reason = "failed";
  return known;
}

}  // namespace

Task<KakaoPaySaid> ask_kakaopay(net::Client& client, KakaoPayConfig config, std::string step,
                                std::string body) {
  net::Request request{.url = config.api + "/online/v1/payment/" + step,
                       .method = "POST",
                       .content_type = "application/json",
                       .body = std::move(body),
                       .timeout = config.timeout,
                       .answer_max = kAnswerBytesMax};
  request.headers.emplace_back("Authorization", "SECRET_KEY " + config.secret_key);
  net::Answer answer;
  std::string silent;
  try {
    auto asking = client.ask(std::move(request));
    answer = co_await std::move(asking);
  } catch (const net::Unreachable& error) {
    silent = error.what();
  }
  if (!silent.empty()) throw Unanswered(silent);
  KakaoPaySaid said{.json = ProviderJson(answer.body)};
  const bool done = answer.status >= 200 && answer.status < 300;
  if (done && said.json.ok()) co_return said;
  if (const auto code = said.json.number("error_code")) said.error = std::to_string(*code);
  said.method = said.json.inner("extras").text("method_result_code");
  if (answer.status == 401 || answer.status == 403)
    log::error("payments", "KakaoPay does not take our key", {{"status", answer.status}});
  if (done || answer.status >= 500 || said.error.empty()) throw Unanswered(status_code(answer));
  co_return said;
}

KakaoPayClient::KakaoPayClient(net::Client& client, KakaoPayConfig config)
    : client_(client), config_(std::move(config)) {}

Task<Result<Started, BeginRefused>> KakaoPayClient::begin(Order order) {
  KakaoPayReadyBody body{.cid = config_.cid,
                         .partner_order_id = order.payment.str(),
                         .partner_user_id = order.owner.str(),
                         .item_name = order.order_name,
                         .total_amount = order.amount.amount,
                         .approval_url = order.return_address,
                         .cancel_url = order.return_address + "&result=cancel",
                         .fail_url = order.return_address + "&result=fail"};
  if (body.cancel_url.size() > kUrlMax || order.amount.currency != "KRW")
    co_return std::unexpected(BeginRefused(BeginFailure::rejected, "not_as_they_take_it"));
  auto asking = ask_kakaopay(client_, config_, "ready", json::write(body));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty())
    co_return std::unexpected(BeginRefused(BeginFailure::rejected, said.error));
  Started started{.reference = said.json.text("tid"),
                  .redirect_url = said.json.text(order.mobile ? "next_redirect_mobile_url"
                                                              : "next_redirect_pc_url")};
  if (started.reference.empty() || started.redirect_url.empty())
    co_return std::unexpected(BeginRefused(BeginFailure::unavailable, "no_tid"));
  if (!config_.pages.empty() && started.redirect_url.starts_with(config_.api))
    started.redirect_url.replace(0, config_.api.size(), config_.pages);
  co_return started;
}

Task<ProviderAnswer> KakaoPayClient::settle(Charge charge) {
  const std::string token = value_of(charge.data, "pg_token");
  if (token.empty() || token.size() > kTokenMax) {
    ProviderAnswer known = co_await lookup(charge);
    co_return buyer_says(charge.data, std::move(known));
  }
  const KakaoPayApproveBody body{.cid = config_.cid,
                                 .tid = charge.reference,
                                 .partner_order_id = charge.payment.str(),
                                 .partner_user_id = charge.owner.str(),
                                 .pg_token = token,
                                 .total_amount = charge.amount.amount};
  auto asking = ask_kakaopay(client_, config_, "approve", json::write(body));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty()) {
    // No error says whether it was captured: it is looked up. Whoever was told no again and again,
    // and was found not captured before each, is told so.
    ProviderAnswer answer{.code = said.method.empty() ? said.error : said.method};
    if (charge.checks < kApproveTries) co_return answer;
    answer.verdict = Verdict::declined;
    answer.reason = answer.code;
    co_return answer;
  }
  const auto total = said.json.total("amount");
  if (!is_ours(said.json, charge) || !total) co_return ProviderAnswer{.code = "not_our_order"};
  PaymentDetail detail{.method = said.json.text("payment_method_type")};
  co_return ProviderAnswer{.verdict = Verdict::captured,
                           .captured = *total,
                           .receipt = said.json.text("aid"),
                           .code = "approved",
                           .refundable = *total,
                           .detail = std::move(detail)};
}

Task<ProviderAnswer> KakaoPayClient::lookup(Charge charge) {
  if (charge.reference.empty()) co_return ProviderAnswer{.verdict = Verdict::open};
  auto asking = ask_kakaopay(client_, config_, "order",
                             json::write(KakaoPayOrderBody{config_.cid, charge.reference}));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty()) co_return ProviderAnswer{.code = said.error};
  ProviderAnswer answer{.code = said.json.text("status")};
  const auto left = said.json.total("cancel_available_amount");
  if (!is_ours(said.json, charge)) {
    answer.code = "not_our_order";
    co_return answer;
  }
  answer.verdict = verdict_of(answer.code, !value_of(charge.data, "pg_token").empty());
  answer.refundable = left;
  const auto total = said.json.total("amount");
  if (answer.verdict == Verdict::captured && (left || total)) {
    answer.captured = left.value_or(total.value_or(0));
    answer.receipt = charge.reference;  // an order names no one aid
    answer.detail = PaymentDetail{.method = said.json.text("payment_method_type")};
  } else if (answer.verdict == Verdict::captured) {
    answer.verdict = Verdict::unknown;  // how much?
  }
  co_return answer;
}

Task<RefundAnswer> KakaoPayClient::refund(GiveBack request) {
  const KakaoPayCancelBody body{.cid = config_.cid,
                                .tid = request.reference,
                                .cancel_amount = request.amount.amount,
                                .cancel_available_amount = request.refundable_before};
  auto asking = ask_kakaopay(client_, config_, "cancel", json::write(body));
  const KakaoPaySaid said = co_await std::move(asking);
  if (!said.error.empty()) {
    // A definite no, but who knows of what: the next look tells whether anything moved.
    const bool repeated = request.checks > 0;
    co_return RefundAnswer(repeated ? RefundVerdict::refused : RefundVerdict::unknown,
                           said.method.empty() ? said.error : said.method);
  }
  const auto back = said.json.total("approved_cancel_amount");
  const bool as_asked = said.json.text("tid") == request.reference &&
                        back == std::optional<std::int64_t>(request.amount.amount);
  co_return RefundAnswer(as_asked ? RefundVerdict::done : RefundVerdict::unknown,
                         said.json.text("status"));
}

}  // namespace onsale::payments
