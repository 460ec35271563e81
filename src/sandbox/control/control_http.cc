#include "sandbox/control/control_http.h"

#include <algorithm>
#include <boost/url.hpp>
#include <charconv>
#include <memory>

#include "sandbox/control/views_http.h"
#include "sandbox/names.h"
#include "sandbox/texts.h"

namespace onsale::sandbox {
namespace {

using http::Answer;
using http::Call;
using http::Problem;

constexpr std::int64_t kPageDefault = 100;
constexpr std::size_t kDeliveriesShown = 100;

Problem invalid(std::string field, std::string message) {
  return Problem(422, "invalid", "Some fields are not valid.",
                 {{std::move(field), "out_of_range", std::move(message)}});
}

FaultsView faults_view(const Faults& faults) {
  FaultsView out;
  for (const auto& s : faults.rules())
    out.faults.push_back({.path = s.rule.path,
                          .fault = s.rule.fault,
                          .probability = s.rule.probability,
                          .seed = static_cast<std::int64_t>(s.rule.seed),
                          .min_ms = s.rule.min_ms,
                          .max_ms = s.rule.max_ms,
                          .status = s.rule.status,
                          .after = s.rule.after,
                          .times = s.rule.times,
                          .calls = s.calls,
                          .hits = s.hits});
  return out;
}

Answer<FaultsView> set_fault(ControlParts& parts, const FaultBody& body) {
  const double probability = body.probability.value_or(1);
  if (!(probability >= 0 && probability <= 1)) return invalid("probability", "must be from 0 to 1");
  const std::int64_t min_ms = body.min_ms ? body.min_ms->value : 0;
  const bool set =
      parts.faults.set({.path = body.path.value,
                        .fault = body.fault,
                        .probability = probability,
                        .seed = static_cast<std::uint64_t>(body.seed.value_or(1)),
                        .min_ms = min_ms,
                        .max_ms = std::max(min_ms, body.max_ms ? body.max_ms->value : 0),
                        .status = body.status ? static_cast<int>(body.status->value) : 500,
                        .after = body.after.value_or(false),
                        .times = body.times ? body.times->value : 0});
  if (!set) return Problem(409, "too_many", "There are 64 rules: take some away.");
  return faults_view(parts.faults);
}

ClockView clock_view(const SandboxClock& clock) { return {clock.now(), clock.rate()}; }

Task<Answer<ClockView>> set_clock(ControlParts& parts, ClockBody body) {
  if (body.rate && !(*body.rate >= 0 && *body.rate <= SandboxClock::kRateMax))
    co_return invalid("rate", "must be from 0 to 1000000");
  if (body.now) parts.clock.set(*body.now);
  if (body.rate) parts.clock.set_rate(*body.rate);
  parts.clock_changed();
  if (!parts.records.settled()) {
    co_await parts.records.flush();
  }
  co_return clock_view(parts.clock);
}

std::int64_t whole(const std::string& text) {
  std::int64_t out = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, out);
  return read.ec == std::errc() && read.ptr == end ? out : 0;
}

// A payment that nobody has opened yet: as if a browser had gone to this address.
Result<std::string, toss::Error> open_at(toss::Toss& toss, const std::string& address) {
  const auto url = boost::urls::parse_uri_reference(address);
  if (!url) return std::unexpected(toss::Error{toss::Code::INVALID_REQUEST, "no address"});
  const auto all = url->params();
  const auto value = [&](std::string_view name) {
    const auto found = all.find(name);
    return found == all.end() ? std::string() : std::string((*found).value);
  };
  const auto payment = toss.open({.client_key = value("clientKey"),
                                  .order_id = value("orderId"),
                                  .order_name = value("orderName"),
                                  .customer_name = value("customerName"),
                                  .success_url = value("successUrl"),
                                  .fail_url = value("failUrl"),
                                  .amount = whole(value("amount")),
                                  .tax_free = whole(value("taxFreeAmount"))});
  if (!payment) return std::unexpected(payment.error());
  return (*payment)->payment_key;
}

std::optional<std::string> address_or_none(std::string address) {
  if (address.empty()) return {};
  return address;
}

Answer<DecidedView> decide_toss(toss::Toss& toss, const std::string& key, const DecideBody& body) {
  const auto method = value_of<toss::Method>(body.method.value_or("card"));
  if (!method) return invalid("method", "must be card, virtual_account, transfer or phone");
  auto decided =
      toss.decide(key, {.decision = body.decision,
                        .method = *method,
                        .cash_receipt = body.cash_receipt.value_or(toss::CashReceipt::none)});
  const toss::Payment& payment = *decided.payment;
  return DecidedView{.provider = std::string(kTossName),
                     .payment = payment.payment_key,
                     .order = payment.order_id,
                     .status = std::string(name_of(payment.status)),
                     .changed = decided.changed,
                     .redirect_url = address_or_none(std::move(decided.address))};
}

Answer<DecidedView> decide_kakaopay(kakaopay::KakaoPay& kakaopay, const std::string& tid,
                                    const DecideBody& body) {
  const auto method = value_of<kakaopay::Method>(body.method.value_or("MONEY"));
  if (!method) return invalid("method", "must be MONEY or CARD");
  const auto decision = value_of<kakaopay::Decision>(name_of(body.decision));
  if (!decision) return invalid("decision", "must be approve, decline, leave or refuse");
  auto decided = kakaopay.decide(tid, *decision, *method);
  const kakaopay::Payment& payment = *decided.payment;
  return DecidedView{.provider = std::string(kKakaoPayName),
                     .payment = payment.tid,
                     .order = payment.order,
                     .status = std::string(name_of(payment.status)),
                     .changed = decided.changed,
                     .redirect_url = address_or_none(std::move(decided.address))};
}

Answer<DecidedView> decide_now(ControlParts& parts, const DecideBody& body) {
  const std::string& name = body.payment.value;
  if (name.find("/toss/pay?") != std::string::npos) {
    const auto key = open_at(parts.toss, name);
    if (!key) return Problem(422, "invalid", std::string(key.error().about));
    return decide_toss(parts.toss, *key, body);
  }
  if (const auto* payment = parts.toss.find(name))
    return decide_toss(parts.toss, payment->payment_key, body);
  if (const auto* payment = parts.toss.find_any_order(name))
    return decide_toss(parts.toss, payment->payment_key, body);
  if (const auto* payment = parts.kakaopay.find(name))
    return decide_kakaopay(parts.kakaopay, payment->tid, body);
  if (const auto* payment = parts.kakaopay.find_order(name))
    return decide_kakaopay(parts.kakaopay, payment->tid, body);
  return Problem(404, "payment_unknown",
                 "Name a paymentKey, an orderId, a tid, a partner_order_id, or the address of "
                 "Toss's pay page.");
}

Task<Answer<DecidedView>> decide(ControlParts& parts, DecideBody body) {
  Answer<DecidedView> out = decide_now(parts, body);
  if (!parts.records.settled()) {
    co_await parts.records.flush();
  }
  co_return out;
}

std::optional<std::string> some(const std::string& text) {
  if (text.empty()) return {};
  return text;
}

CallView call_view(const RecordedCall& call) {
  return {.number = call.number,
          .at = call.at,
          .method = call.method,
          .path = call.path,
          .status = call.status,
          .code = some(call.code),
          .payment = some(call.payment),
          .idempotency_key = some(call.idempotency_key),
          .fault = some(call.fault),
          .replayed = call.replayed,
          .took_ms = call.took_ms,
          .body = call.body};
}

// The newest ones, or with `after` those that follow it; in the order of their numbers.
CallsView calls(const Calls& kept, const CallsQuery& query) {
  const auto limit = query.limit ? query.limit->value : kPageDefault;
  CallsView out{.total = kept.total(), .calls = {}};
  const auto fits = [&](const RecordedCall& call) {
    return call.number > query.after.value_or(0) &&
           (!query.path || call.path.starts_with(*query.path)) &&
           (!query.payment || call.payment == *query.payment);
  };
  const auto add = [&](const RecordedCall& call) {
    if (fits(call)) out.calls.push_back(call_view(call));
    return std::ssize(out.calls) < limit;
  };
  if (query.after) {
    for (const auto& call : kept.kept())
      if (!add(call)) break;
    return out;
  }
  for (auto at = kept.kept().rbegin(); at != kept.kept().rend(); ++at)
    if (!add(*at)) break;
  std::ranges::reverse(out.calls);
  return out;
}

template <class P>
BookedView booked(std::string_view provider, const P& payment, std::string name, std::string order,
                  std::int64_t refunded) {
  return {.provider = std::string(provider),
          .payment = std::move(name),
          .order = std::move(order),
          .status = std::string(name_of(payment.status)),
          .captured = captured(payment),
          .refunded = refunded};
}

Answer<BookedListView> booked_list(const ControlParts& parts, const BooksQuery& query) {
  const auto most = static_cast<std::size_t>(query.limit ? query.limit->value : kPageDefault);
  std::int64_t from = query.from.value_or(1);
  BookedListView out;
  if (query.provider == kTossName) {
    for (const auto* p : parts.toss.with_money(from, most))
      out.payments.push_back(booked(kTossName, *p, p->payment_key, p->order_id, refunded(*p)));
  } else if (query.provider == kKakaoPayName) {
    for (const auto* p : parts.kakaopay.with_money(from, most))
      out.payments.push_back(booked(kKakaoPayName, *p, p->tid, p->order, p->canceled.total));
  } else {
    return invalid("provider", "must be toss or kakaopay");
  }
  if (from > 0) out.next = from;
  return out;
}

WebhookView webhook_view(const WebhookDesk& desk) {
  WebhookView out{.url = desk.url(),
                  .delivered = desk.webhooks.delivered_count(),
                  .given_up = desk.webhooks.given_up(),
                  .waiting = std::ssize(desk.webhooks.waiting()),
                  .next = {}};
  for (const auto& [number, delivery] : desk.webhooks.waiting()) {
    if (out.next.size() == kDeliveriesShown) break;
    out.next.push_back({.id = delivery.id,
                        .event = delivery.event,
                        .payment = delivery.payment,
                        .tries = delivery.tries,
                        .next_at = delivery.next_at});
  }
  return out;
}

Answer<WebhookView> set_webhook(const WebhookDesk& desk, const WebhookBody& body) {
  if (!body.url.value.empty() && !is_address(body.url.value))
    return invalid("url", "must be http(s)://HOST…, or empty");
  desk.send_to(body.url.value);
  return webhook_view(desk);
}

http::Route route(std::string_view summary) {
  return {.summary = summary, .csrf_exempt = true, .hidden = true};
}

void books_routes(http::Router& router, const std::shared_ptr<ControlParts>& parts) {
  router.get("//control/calls", route("The newest calls"),
             [parts](CallsQuery query, Call&) { return http::ok(calls(parts->calls, query)); });
  router.get("//control/books", route("What was captured and given back"), [parts](Call&) {
    return http::ok(BooksView{parts->toss.sums(), parts->kakaopay.sums()});
  });
  router.get("//control/books/payments", route("The same by payment"),
             [parts](BooksQuery query, Call&) { return booked_list(*parts, query); });
  router.get("//control/webhook", route("Where webhooks go, and those that wait"),
             [parts](Call&) { return http::ok(webhook_view(parts->webhook)); });
  router.put("//control/webhook", route("Send webhooks there from now on"),
             [parts](WebhookBody body, Call&) { return set_webhook(parts->webhook, body); });
}

}  // namespace

void control_routes(http::Router& router, ControlParts given) {
  const auto parts = std::make_shared<ControlParts>(std::move(given));
  router.get("//control/faults", route("The faults"),
             [parts](Call&) { return http::ok(faults_view(parts->faults)); });
  router.put("//control/faults", route("Set a fault; probability 0 takes it away"),
             [parts](FaultBody body, Call&) { return set_fault(*parts, body); });
  router.del("//control/faults", route("No faults"), [parts](Call&) {
    parts->faults.clear();
    return http::ok(faults_view(parts->faults));
  });
  router.get("//control/clock", route("The stand-in's time"),
             [parts](Call&) { return http::ok(clock_view(parts->clock)); });
  router.put("//control/clock", route("Set its time and how fast it runs"),
             [parts](ClockBody body, Call&) { return set_clock(*parts, std::move(body)); });
  router.post("//control/decide", route("Decide as the buyer, or at the bank"),
              [parts](DecideBody body, Call&) { return decide(*parts, std::move(body)); });
  books_routes(router, parts);
}

}  // namespace onsale::sandbox
