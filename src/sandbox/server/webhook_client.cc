#include "sandbox/server/webhook_client.h"

#include "base/log.h"
#include "platform/exec/loop.h"
#include "platform/net/fetch.h"
#include "sandbox/texts.h"
#include "sandbox/toss/payment_text_http.h"

namespace onsale::sandbox {
namespace {

constexpr int kAtOnce = 4;
constexpr Millis kAnswerWithin = std::chrono::seconds(10);
constexpr Millis kReorder{1000};  // how long one that is to be overtaken waits, unless told

}  // namespace

WebhookClient::WebhookClient(WebhookParts parts, std::string url)
    : parts_(parts), url_(std::move(url)), pool_("webhook", kAtOnce, kAtOnce) {}

void WebhookClient::status_changed(const toss::Payment& payment) {
  if (url_.empty()) return;
  add("PAYMENT_STATUS_CHANGED", payment.payment_key,
      toss::status_news(payment, site_, parts_.clock.now()));
}

void WebhookClient::deposit_changed(const toss::Payment& payment) {
  if (url_.empty()) return;
  add("DEPOSIT_CALLBACK", payment.payment_key, toss::deposit_news(payment, parts_.clock.now()));
}

void WebhookClient::billing_deleted(const toss::BillingKey& key) {
  if (url_.empty()) return;
  add("BILLING_DELETED", key.billing_key, toss::billing_news(key, parts_.clock.now()));
}

void WebhookClient::add(std::string event, std::string payment, std::string body) {
  const Timestamp now = parts_.clock.now();
  const auto number =
      parts_.webhooks.add({.id = "whtrans_" + random_text(parts_.random, 24, kLettersAndDigits),
                           .event = std::move(event),
                           .payment = std::move(payment),
                           .body = std::move(body),
                           .made_at = now,
                           .next_at = now});
  if (number == 0) return log::warn("sandbox", "too many webhooks wait: one is lost", {});
  parts_.keeper.keep(*parts_.webhooks.find(number));
}

void WebhookClient::tick() {
  if (url_.empty() || under_way_ >= kAtOnce) return;
  const auto most = static_cast<std::size_t>(kAtOnce - under_way_);
  for (auto& delivery : parts_.webhooks.take_due(parts_.clock.now(), most)) {
    const FaultVerdict verdict = parts_.desk.judge(kWebhookPath);
    ++under_way_;
    start(send(std::move(delivery), verdict), [this](std::exception_ptr error) {
      --under_way_;
      if (error) log::error("sandbox", "a webhook could not be sent", {});
      tick();  // the next one
    });
  }
}

Task<void> WebhookClient::stop(Millis deadline) {
  constexpr Millis kLook{5};
  url_.clear();
  for (Millis waited{0}; under_way_ > 0 && waited < deadline; waited += kLook) {
    co_await exec::Loop::current()->sleep(kLook);
  }
}

Task<bool> WebhookClient::post(const toss::Delivery& delivery) {
  net::Request request{.url = url_,
                       .method = "POST",
                       .content_type = "application/json",
                       .body = delivery.body,
                       .headers = {{"tosspayments-webhook-transmission-id", delivery.id},
                                   {"tosspayments-webhook-transmission-time",
                                    korean_time(parts_.clock.now()) + "+09:00"},
                                   {"tosspayments-webhook-transmission-retried-count",
                                    std::to_string(delivery.tries - 1)}},
                       .timeout = kAnswerWithin};
  auto asked = pool_.run([request = std::move(request)] {
    try {
      return net::fetch(request).status == 200;
    } catch (const net::Unreachable&) {
      return false;
    }
  });
  const bool taken = co_await std::move(asked);
  co_return taken;
}

Task<void> WebhookClient::send(toss::Delivery delivery, FaultVerdict verdict) {
  Millis pause = verdict.delay;
  if (verdict.reorder) pause += verdict.reorder_max.count() > 0 ? verdict.reorder_max : kReorder;
  if (pause.count() > 0) {
    co_await exec::Loop::current()->sleep(pause);
  }
  bool taken = false;
  if (!verdict.drop_before && verdict.status == 0) {
    taken = co_await post(delivery);
    if (verdict.duplicate) {
      taken = co_await post(delivery);
    }
    if (verdict.drop_after) taken = false;
  }
  if (taken) {
    parts_.webhooks.delivered(delivery.number);
    parts_.keeper.forget(delivery);
  } else if (parts_.webhooks.failed(delivery.number, parts_.clock.now())) {
    if (const auto* waiting = parts_.webhooks.find(delivery.number)) parts_.keeper.keep(*waiting);
  } else {
    log::warn("sandbox", "a webhook was given up", {{"event", delivery.event}});
    parts_.keeper.forget(delivery);
  }
  if (!parts_.records.settled()) {
    co_await parts_.records.flush();
  }
}

}  // namespace onsale::sandbox
