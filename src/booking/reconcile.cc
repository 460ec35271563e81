// Service: the books are brought in order from what is stored, whatever events did or did not.
// Every step is one that an event or the buyer's way back takes as well, under the same locks.
#include "base/log.h"
#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

namespace {

constexpr Millis kWayBack{30'000};   // the buyer's browser and the event come first
constexpr Millis kAnswered{60'000};  // a provider says within this what became of a refund
constexpr int kPage = 100;

}  // namespace

Task<Reconciliation> Service::reconcile() {
  adrift_ = co_await account_for_money();
  waiting_ = co_await ask_again_for_refunds();
  co_await learn_refunds();
  co_return reconciliation();
}

// How much is adrift still. One that can't be brought in order stands in nobody's way.
Task<std::int64_t> Service::account_for_money() {
  const Timestamp before = parts_.clock.now() - kWayBack;
  std::int64_t adrift = 0;
  std::optional<PaymentId> after;
  for (;;) {
    const auto page = co_await parts_.payments.unaccounted(before, after, kPage);
    std::vector<PaymentId> settled;
    for (const payments::Payment& payment : page) {
      bool known = false;
      try {
        known = co_await account_for(payment);
      } catch (const std::exception& error) {
        log::warn("booking", "a payment can't be accounted for now",
                  {{"payment", payment.id.str()}, {"why", error.what()}});
      }
      if (known) settled.push_back(payment.id);
    }
    adrift += std::ssize(page) - std::ssize(settled);
    if (!settled.empty()) co_await parts_.payments.accounted(std::move(settled));
    if (std::ssize(page) < kPage) co_return adrift;
    after = page.back().id;
  }
}

// True when the money has its place: a purchase, or a refund that is asked for.
Task<bool> Service::account_for(payments::Payment payment) {
  if (payment.captured <= payment.refunding) co_return true;  // all of it goes back already
  const auto reservation = ReservationId::parse(payment.subject);
  if (!reservation) co_return false;  // somebody else's subject
  const bool known = co_await on_the_books(*reservation, payment.id);
  if (known) co_return true;
  log::warn("booking", "money came and neither an event nor the buyer brought it here",
            {{"payment", payment.id.str()}, {"reservation", reservation->str()}});
  Money captured(payment.captured, payment.amount.currency);
  (void)co_await conclude(*reservation, payment.id, captured);
  const auto stored = co_await parts_.store.standing(*reservation);
  if (stored) {
    const bool done = co_await on_the_books(*reservation, payment.id);
    co_return done;
  }
  // The payments remember such a refund by themselves.
  payments::RefundRequest request{.payment = payment.id,
                                  .id = refund_of(payment.id),
                                  .amount = std::move(captured),
                                  .reason = "the reservation does not exist"};
  const auto asked = co_await parts_.payments.refund(std::move(request));
  co_return asked.has_value();
}

Task<bool> Service::on_the_books(ReservationId reservation, PaymentId payment) {
  const auto stored = co_await parts_.store.standing(reservation);
  if (stored && stored->payment == payment) co_return true;
  const auto refund = co_await parts_.store.refund(refund_of(payment));
  co_return refund.has_value();
}

Task<std::int64_t> Service::ask_again_for_refunds() {
  const Timestamp before = parts_.clock.now() - kAnswered;
  std::int64_t waiting = 0;
  std::optional<RefundId> after;
  for (;;) {
    const auto page = co_await parts_.store.refunds_waiting(before, after, kPage);
    for (const Refund& refund : page) {
      co_await try_refund(refund);
      const auto now = co_await parts_.store.refund(refund.id);
      if (now && now->state == payments::RefundState::requested) ++waiting;
    }
    if (std::ssize(page) < kPage) co_return waiting;
    after = page.back().id;
  }
}

}  // namespace onsale::booking
