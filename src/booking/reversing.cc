// Service: a provider took money back that a reservation was bought with, and people decided what
// that means.
#include "base/log.h"
#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

Task<std::int64_t> Service::taken_back(PaymentId payment) {
  std::int64_t amount = 0;
  const auto refunds = co_await parts_.payments.refunds(payment);
  for (const payments::Refund& refund : refunds) {
    if (refund.state == payments::RefundState::reversed) amount += refund.amount.amount;
  }
  co_return amount;
}

// The tickets are void and the seats free; what the provider left goes back by us. Whatever was
// decided meanwhile about the reservation stands.
Task<void> Service::on_reversal_decided(payments::ReversalDecided event) {
  const auto reservation = ReservationId::parse(event.subject);
  if (!reservation || !event.purchase_ends) co_return;
  const std::int64_t amount = co_await taken_back(event.payment);
  CancelOrder order{.reservation = *reservation,
                    .refund = refund_of(event.refund),
                    .reason = event.reason,
                    .reversal = Reversal{event.payment, amount},
                    .now = parts_.clock.now()};
  if (amount > 0) {
    const auto ended = co_await give_up(std::move(order));
    if (ended) co_return;
  }
  const auto stored = co_await parts_.store.find(*reservation);
  const bool bought = stored && stored->payment == event.payment;
  if (!bought) co_await parts_.payments.reversal_unbought(event.refund);
}

}  // namespace onsale::booking
