#include "sandbox/toss/toss_http.h"

#include <algorithm>
#include <charconv>

#include "base/korea.h"
#include "platform/crypto/bytes.h"
#include "sandbox/fields_http.h"
#include "sandbox/names.h"
#include "sandbox/texts.h"
#include "sandbox/toss/keys.h"
#include "sandbox/toss/payment_text_http.h"

namespace onsale::sandbox::toss {
namespace {

using http::Call;
using http::Raw;

constexpr std::string_view kTestCode = "TossPayments-Test-Code";
constexpr std::string_view kIdempotencyKey = "Idempotency-Key";

// Korean for everybody who does not ask for English.
http::Language language_of(const Call& call) {
  const auto accepted = call.header("Accept-Language");
  return accepted.starts_with("en") ? http::Language::en : http::Language::ko;
}

Reply refusal(const Call& call, Error error, std::string payment = {}) {
  return {.raw = json_raw(text_of(error.code).status, error_text(error, language_of(call))),
          .code = std::string(name_of(error.code)),
          .payment = std::move(payment)};
}

// The secret key that the call shows.
Result<std::string, Error> shown_key(const Call& call) {
  constexpr std::string_view kBasic = "Basic ";
  const auto header = call.header("Authorization");
  if (header.empty()) return std::unexpected(Error{Code::UNAUTHORIZED_KEY});
  if (!header.starts_with(kBasic))
    return std::unexpected(Error{Code::INCORRECT_BASIC_AUTH_FORMAT, "Authorization is Basic"});
  std::string text(header.substr(kBasic.size()));
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) c = c == '+' ? '-' : c == '/' ? '_' : c;
  auto plain = crypto::from_base64url(text);
  if (!plain || !plain->ends_with(':'))
    return std::unexpected(Error{Code::INCORRECT_BASIC_AUTH_FORMAT});
  plain->pop_back();
  return std::move(*plain);
}

struct Caller {
  std::string key, merchant;
};

Result<Caller, Error> caller_of(const Call& call) {
  auto shown = shown_key(call);
  if (!shown) return std::unexpected(shown.error());
  const auto key = parse_key(*shown);
  if (!key) return std::unexpected(Error{Code::UNAUTHORIZED_KEY});
  if (key->live)
    return std::unexpected(Error{Code::INVALID_API_KEY, "this is a stand-in: it takes test keys"});
  if (!key->secret)
    return std::unexpected(Error{Code::INVALID_API_KEY, "this is the client key of the pair"});
  std::string merchant = key->merchant();
  return Caller{std::move(*shown), std::move(merchant)};
}

// What a route does once it is known who asks.
using Work = Reply (*)(Toss& toss, const Caller& caller, const Call& call);

Reply told(const Call& call, const Result<const Payment*, Error>& outcome,
           std::string_view payment_key = {}) {
  if (!outcome) return refusal(call, outcome.error(), std::string(payment_key));
  return {.raw = json_raw(200, payment_text(**outcome, call.site())),
          .payment = (*outcome)->payment_key};
}

// One call on its way: who asks and under which scope its first answer is kept.
struct Visit {
  const HttpParts& parts;
  const Call& call;
  Work work;
  Caller caller{};
  std::string scope{};

  std::optional<Reply> enter() {
    auto known = caller_of(call);
    if (!known) return refusal(call, known.error());
    caller = std::move(*known);
    const auto key = call.header(kIdempotencyKey);
    scope.clear();
    if (call.method() != "POST" || key.empty() || !parts.guards.idempotency) return {};
    if (length_of(key) > kIdempotencyKeyMax) return refusal(call, {Code::INVALID_IDEMPOTENCY_KEY});
    scope = Idempotency::scope_of(key, caller.key, call.method(), call.path());
    const FirstAnswer* first = parts.answers.begin(scope, parts.clock.now());
    if (first == nullptr) return {};
    if (first->status == 0) return refusal(call, {Code::IDEMPOTENT_REQUEST_PROCESSING});
    return Reply{.raw = json_raw(first->status, first->body),
                 .code = first->code,
                 .payment = first->payment,
                 .replayed = true};
  }

  Reply answer() const {
    const auto forced = call.header(kTestCode);
    if (forced.empty()) return work(parts.toss, caller, call);
    if (const auto code = value_of<Code>(forced)) return refusal(call, {*code});
    return refusal(call, {Code::INVALID_REQUEST, "TossPayments-Test-Code is none that is known"});
  }

  Reply run() const {
    Reply reply = answer();
    if (scope.empty()) return reply;
    parts.keeper.keep(parts.answers.finish(scope, {.status = reply.raw.status,
                                                   .body = reply.raw.body,
                                                   .code = reply.code,
                                                   .payment = reply.payment,
                                                   .at = parts.clock.now()}));
    return reply;
  }
};

Task<Raw> serve(const HttpParts& parts, Call& call, std::string_view pattern, Work work) {
  const auto visit = std::make_shared<Visit>(Visit{.parts = parts, .call = call, .work = work});
  return parts.desk.serve(
      call, {.pattern = pattern,
             .enter = [visit] { return visit->enter(); },
             .work = [visit] { return visit->run(); },
             .trouble =
                 [&call](int status) {
                   const Error error{status < 500 ? Code::PROVIDER_ERROR
                                                  : Code::FAILED_INTERNAL_SYSTEM_PROCESSING};
                   Reply reply = refusal(call, error);
                   reply.raw.status = status;
                   return reply;
                 }});
}

Reply confirm(Toss& toss, const Caller& caller, const Call& call) {
  const Fields body(call.body());
  const std::string payment_key = body.text("paymentKey");
  const auto amount = body.number("amount");
  if (payment_key.empty() || payment_key.size() > 200 || !amount || !body.has("orderId"))
    return refusal(call, {Code::INVALID_REQUEST, "paymentKey, orderId and amount are required"});
  const auto done = toss.confirm(caller.merchant, payment_key,
                                 {.order_id = body.text("orderId"), .amount = *amount});
  return told(call, done, payment_key);
}

Reply look(Toss& toss, const Caller& caller, const Call& call) {
  const std::string payment_key(call.param("paymentKey"));
  return told(call, toss.look(caller.merchant, payment_key), payment_key);
}

Reply look_order(Toss& toss, const Caller& caller, const Call& call) {
  return told(call, toss.look_order(caller.merchant, call.param("orderId")));
}

Reply cancel(Toss& toss, const Caller& caller, const Call& call) {
  const Fields body(call.body());
  const std::string payment_key(call.param("paymentKey"));
  CancelRequest request{.reason = body.text("cancelReason"),
                        .amount = body.number("cancelAmount"),
                        .tax_free = body.number("taxFreeAmount").value_or(0),
                        .refundable = body.number("refundableAmount")};
  for (const auto name : {"cancelAmount", "taxFreeAmount", "refundableAmount"})
    if (body.has(name) && !body.number(name))
      return refusal(call, {Code::INVALID_REQUEST, "amounts are whole numbers"}, payment_key);
  if (body.has("refundReceiveAccount")) {
    const Fields account = body.inner("refundReceiveAccount");
    request.account = {.bank = account.text("bank"),
                       .number = account.text("accountNumber"),
                       .holder = account.text("holderName")};
  }
  if (body.has("currency") && body.text("currency") != "KRW")
    return refusal(call, {Code::INVALID_REQUEST, "currency is KRW"}, payment_key);
  return told(call, toss.cancel(caller.merchant, payment_key, std::move(request)), payment_key);
}

// Those of `rows` from the one behind `skip` on, as one array.
Reply listed(const std::vector<Transaction>& rows, std::size_t skip, std::size_t most,
             std::string (*text)(const Transaction&)) {
  std::string out = "[";
  for (std::size_t i = skip; i < rows.size() && i - skip < most; ++i) {
    if (i > skip) out += ',';
    out += text(rows[i]);
  }
  return {.raw = json_raw(200, out + "]")};
}

// A number of the query from 1 to `max`; `otherwise` when it is absent.
std::optional<std::size_t> count_of(std::string_view text, std::size_t otherwise, std::size_t max) {
  if (text.empty()) return otherwise;
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value < 1 || value > max)
    return {};
  return value;
}

constexpr std::size_t kListMax = 5'000;

// By the time it happened, both ends included to the second; startingAfter is a transactionKey.
Reply transactions(Toss& toss, const Caller& caller, const Call& call) {
  const auto from = parse_rfc3339(std::string(call.query("startDate")) + "+09:00");
  const auto to = parse_rfc3339(std::string(call.query("endDate")) + "+09:00");
  const auto limit = count_of(call.query("limit"), 100, kListMax);
  if (!from || !to || *to < *from || !limit)
    return refusal(call, {Code::INVALID_REQUEST, "startDate, endDate, limit up to 5000"});
  const auto rows = toss.transactions(caller.merchant, *from, *to + std::chrono::seconds(1));
  std::size_t skip = 0;
  if (const auto after = call.query("startingAfter"); !after.empty()) {
    const auto last = std::ranges::find(rows, after, &Transaction::key);
    if (last == rows.end())
      return refusal(call, {Code::INVALID_REQUEST, "startingAfter is not in the list"});
    skip = static_cast<std::size_t>(last - rows.begin()) + 1;
  }
  return listed(rows, skip, *limit, transaction_text);
}

// By the day of the sale, which is the day itself: this shop is settled daily.
Reply settlements(Toss& toss, const Caller& caller, const Call& call) {
  const auto from = parse_date(call.query("startDate"));
  const auto to = parse_date(call.query("endDate"));
  const auto page = count_of(call.query("page"), 1, 1'000'000);
  const auto size = count_of(call.query("size"), 100, kListMax);
  const auto type = call.query("dateType");
  if (!from || !to || *to < *from || !page || !size || (!type.empty() && type != "soldDate"))
    return refusal(call, {Code::INVALID_REQUEST, "startDate, endDate, dateType soldDate, page"});
  const auto rows = toss.transactions(caller.merchant, begin_of_korean_day(*from),
                                      begin_of_korean_day(*to + std::chrono::days(1)));
  return listed(rows, (*page - 1) * *size, *size, settlement_text);
}

Reply issue(Toss& toss, const Caller& caller, const Call& call) {
  const Fields body(call.body());
  const auto key = toss.issue(caller.merchant, body.text("authKey"), body.text("customerKey"));
  if (!key) return refusal(call, key.error());
  return {.raw = json_raw(200, billing_text(**key)), .payment = (*key)->billing_key};
}

Reply charge(Toss& toss, const Caller& caller, const Call& call) {
  const Fields body(call.body());
  const auto done = toss.charge(caller.merchant, call.param("billingKey"),
                                {.customer_key = body.text("customerKey"),
                                 .order_id = body.text("orderId"),
                                 .order_name = body.text("orderName"),
                                 .amount = body.number("amount").value_or(0),
                                 .tax_free = body.number("taxFreeAmount").value_or(0)});
  return told(call, done);
}

Reply remove_key(Toss& toss, const Caller& caller, const Call& call) {
  const auto done = toss.remove_key(caller.merchant, call.param("billingKey"));
  if (!done) return refusal(call, done.error());
  return {.raw = json_raw(200, "{}")};
}

// What the server itself refuses (a body too large, say), in Toss's words.
Raw trouble(const Call& call, const http::Problem& problem) {
  const Code code =
      problem.status >= 500 ? Code::FAILED_INTERNAL_SYSTEM_PROCESSING : Code::INVALID_REQUEST;
  return json_raw(problem.status, error_text({code, problem.code}, language_of(call)));
}

http::Route route(std::string_view summary) {
  return {.summary = summary,
          .csrf_exempt = true,
          .any_body = true,
          .hidden = true,
          .trouble = trouble};
}

}  // namespace

void api_routes(http::Router& router, HttpParts parts) {
  const auto shared = std::make_shared<const HttpParts>(parts);
  const auto post = [&](std::string_view path, std::string_view summary, Work work) {
    router.post("/" + std::string(path), route(summary),
                [shared, path, work](Call& call) { return serve(*shared, call, path, work); });
  };
  const auto get = [&](std::string_view path, std::string_view summary, Work work) {
    router.get("/" + std::string(path), route(summary),
               [shared, path, work](Call& call) { return serve(*shared, call, path, work); });
  };
  post("/toss/v1/payments/confirm", "Capture what the buyer authorised", confirm);
  get("/toss/v1/payments/{paymentKey}", "A payment", look);
  get("/toss/v1/payments/orders/{orderId}", "The payment of an order", look_order);
  post("/toss/v1/payments/{paymentKey}/cancel", "Give money back", cancel);
  get("/toss/v1/transactions", "What moved, by its time", transactions);
  get("/toss/v1/settlements", "What is kept of it, by the day of the sale", settlements);
  post("/toss/v1/billing/authorizations/issue", "A billing key for an authKey", issue);
  post("/toss/v1/billing/{billingKey}", "Charge a billing key", charge);
  router.del("//toss/v1/billing/{billingKey}", route("Delete a billing key"), [shared](Call& call) {
    return serve(*shared, call, "/toss/v1/billing/{billingKey}", remove_key);
  });
}

}  // namespace onsale::sandbox::toss
