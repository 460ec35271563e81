#include "sandbox/kakaopay/kakaopay_http.h"

#include "sandbox/fields_http.h"
#include "sandbox/kakaopay/payment_text_http.h"

namespace onsale::sandbox::kakaopay {
namespace {

using http::Call;
using http::Raw;

Reply refusal(const Refusal& why, std::string payment = {}) {
  const RefusalText text = text_of(why.why);
  return {.raw = json_raw(text.status, error_text(why)),
          .code = std::to_string(text.number),
          .payment = std::move(payment)};
}

// The key of `Authorization: SECRET_KEY …`.
Result<std::string, Refusal> shown_key(const Call& call) {
  constexpr std::string_view kScheme = "SECRET_KEY ";
  const auto header = call.header("Authorization");
  if (header.starts_with("KakaoAK ")) return std::unexpected(Refusal{Why::key_legacy});
  if (!header.starts_with(kScheme)) return std::unexpected(Refusal{Why::key_unknown});
  const auto key = header.substr(kScheme.size());
  if (key.size() < 8 || key.size() > 100 || key.find_first_of(" \t,") != key.npos)
    return std::unexpected(Refusal{Why::key_unknown});
  return std::string(key);
}

// What a route does once it is known who asks and what.
using Work = Reply (*)(KakaoPay& kakaopay, const Caller& caller, const Fields& body,
                       const Call& call);

// Numbers may come as texts, and texts as numbers: the documented samples do both.
constexpr bool kLoose = true;

Reply answer(KakaoPay& kakaopay, const Call& call, Work work) {
  auto key = shown_key(call);
  if (!key) return refusal(key.error());
  const Fields body(call.body());
  if (!body.whole()) return refusal({Why::field_invalid, "the body is no JSON object"});
  Caller caller{.key = std::move(*key), .cid = body.text("cid")};
  if (caller.cid != kOneTimeCid && caller.cid != kRecurringCid) return refusal({Why::cid_unknown});
  return work(kakaopay, caller, body, call);
}

// A number that is there must be one.
std::optional<Refusal> malformed(const Fields& body, std::initializer_list<const char*> names) {
  for (const auto* name : names)
    if (body.has(name) && !body.number(name, kLoose)) return Refusal{Why::field_invalid, name};
  return {};
}

Reply ready(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call& call) {
  if (const auto why = malformed(body, {"vat_amount", "green_deposit", "install_month"}))
    return refusal(*why);
  const auto payment =
      kakaopay.ready(caller, {.order = body.text("partner_order_id", kLoose),
                              .user = body.text("partner_user_id", kLoose),
                              .item_name = body.text("item_name", kLoose),
                              .item_code = body.text("item_code", kLoose),
                              .quantity = body.number("quantity", kLoose),
                              .total = body.number("total_amount", kLoose),
                              .tax_free = body.number("tax_free_amount", kLoose),
                              .vat = body.number("vat_amount", kLoose),
                              .green_deposit = body.number("green_deposit", kLoose).value_or(0),
                              .install_month = body.number("install_month", kLoose).value_or(0),
                              .approval_url = body.text("approval_url"),
                              .cancel_url = body.text("cancel_url"),
                              .fail_url = body.text("fail_url"),
                              .method = body.text("payment_method_type")});
  if (!payment) return refusal(payment.error());
  return {.raw = json_raw(200, ready_text(**payment, call.site())), .payment = (*payment)->tid};
}

Reply approve(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  std::string tid = body.text("tid");
  if (const auto why = malformed(body, {"total_amount"})) return refusal(*why, std::move(tid));
  const auto payment = kakaopay.approve(caller, tid,
                                        {.order = body.text("partner_order_id", kLoose),
                                         .user = body.text("partner_user_id", kLoose),
                                         .pg_token = body.text("pg_token", kLoose),
                                         .payload = body.text("payload", kLoose).substr(0, 200),
                                         .total = body.number("total_amount", kLoose)});
  if (!payment) return refusal(payment.error(), std::move(tid));
  return {.raw = json_raw(200, approve_text(**payment)), .payment = std::move(tid)};
}

Reply cancel(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  std::string tid = body.text("tid");
  if (const auto why = malformed(body, {"cancel_vat_amount", "cancel_available_amount"}))
    return refusal(*why, std::move(tid));
  const auto amount = body.number("cancel_amount", kLoose);
  const auto tax_free = body.number("cancel_tax_free_amount", kLoose);
  if (!amount) return refusal({Why::field_invalid, "cancel_amount"}, std::move(tid));
  if (!tax_free) return refusal({Why::field_invalid, "cancel_tax_free_amount"}, std::move(tid));
  const auto done = kakaopay.cancel(caller, tid,
                                    {.total = *amount,
                                     .tax_free = *tax_free,
                                     .vat = body.number("cancel_vat_amount", kLoose),
                                     .available = body.number("cancel_available_amount", kLoose),
                                     .payload = body.text("payload", kLoose).substr(0, 200)});
  if (!done) return refusal(done.error(), std::move(tid));
  return {.raw = json_raw(200, cancel_text(*done->payment, done->now)), .payment = std::move(tid)};
}

Reply look(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  std::string tid = body.text("tid");
  const auto payment = kakaopay.look(caller, tid);
  if (!payment) return refusal(payment.error(), std::move(tid));
  return {.raw = json_raw(200, order_text(**payment)), .payment = std::move(tid)};
}

Reply subscribe(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  if (const auto why = malformed(body, {"vat_amount"})) return refusal(*why);
  const auto payment =
      kakaopay.subscribe(caller, {.sid = body.text("sid"),
                                  .order = body.text("partner_order_id", kLoose),
                                  .user = body.text("partner_user_id", kLoose),
                                  .item_name = body.text("item_name", kLoose),
                                  .quantity = body.number("quantity", kLoose),
                                  .total = body.number("total_amount", kLoose),
                                  .tax_free = body.number("tax_free_amount", kLoose),
                                  .vat = body.number("vat_amount", kLoose)});
  if (!payment) return refusal(payment.error());
  return {.raw = json_raw(200, approve_text(**payment)), .payment = (*payment)->tid};
}

Reply sid_status(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  const auto found = kakaopay.subscription(caller, body.text("sid"));
  if (!found) return refusal(found.error());
  return {.raw = json_raw(200, subscription_text(**found, true)), .payment = (*found)->sid};
}

Reply sid_inactive(KakaoPay& kakaopay, const Caller& caller, const Fields& body, const Call&) {
  const auto found = kakaopay.end_subscription(caller, body.text("sid"));
  if (!found) return refusal(found.error());
  return {.raw = json_raw(200, subscription_text(**found, false)), .payment = (*found)->sid};
}

// What the server itself refuses (a body too large, say), in KakaoPay's shape.
Raw trouble(const Call&, const http::Problem& problem) {
  const Why why = problem.status >= 500 ? Why::broken : Why::field_invalid;
  return json_raw(problem.status, error_text({why, problem.code}));
}

}  // namespace

void api_routes(http::Router& router, HttpParts parts) {
  const auto post = [&](std::string_view path, std::string_view summary, Work work) {
    router.post("/" + std::string(path),
                {.summary = summary,
                 .csrf_exempt = true,
                 .any_body = true,
                 .hidden = true,
                 .trouble = trouble},
                [kakaopay = &parts.kakaopay, desk = &parts.desk, path, work](Call& call) {
                  return desk->serve(
                      call,
                      {.pattern = path,
                       .work = [kakaopay, &call, work] { return answer(*kakaopay, call, work); },
                       .trouble =
                           [](int status) {
                             Reply reply = refusal({Why::broken});
                             reply.raw.status = status;
                             return reply;
                           }});
                });
  };
  post("/kakaopay/online/v1/payment/ready", "Make a payment ready", ready);
  post("/kakaopay/online/v1/payment/approve", "Capture what the buyer approved", approve);
  post("/kakaopay/online/v1/payment/cancel", "Give money back", cancel);
  post("/kakaopay/online/v1/payment/order", "A payment", look);
  post("/kakaopay/online/v1/payment/subscription", "Charge a SID", subscribe);
  post("/kakaopay/online/v1/payment/manage/subscription/status", "A SID", sid_status);
  post("/kakaopay/online/v1/payment/manage/subscription/inactive", "End a SID", sid_inactive);
}

}  // namespace onsale::sandbox::kakaopay
