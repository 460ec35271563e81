#include "booking/outbox_client.h"

#include <stdexcept>

#include "booking/events.h"
#include "platform/json/json.h"

namespace onsale::booking {

namespace {

// What another version of us wrote and we cannot read is a failure: it is tried again, then parked.
template <class T>
T parsed(const sql::Event& event) {
  auto out = json::read<T>(event.json);
  if (!out) throw std::runtime_error("an event of " + event.topic + " cannot be read");
  return std::move(*out);
}

}  // namespace

void subscribe(sql::Outbox& outbox, Booking& booking) {
  // One consumer for each way on, so that a slow one holds up only itself.
  outbox.subscribe("booking.payments", std::string(payments::kSettledTopic),
                   [&booking](sql::Event event) {
                     return booking.on_payment_settled(parsed<payments::Settled>(event));
                   });
  outbox.subscribe("booking.payments", std::string(payments::kRefundedTopic),
                   [&booking](sql::Event event) {
                     return booking.on_refunded(parsed<payments::Refunded>(event));
                   });
  outbox.subscribe("booking.payments", std::string(payments::kRefundFailedTopic),
                   [&booking](sql::Event event) {
                     return booking.on_refund_failed(parsed<payments::RefundFailed>(event));
                   });
  outbox.subscribe("booking.slots", std::string(kConfirmedTopic), [&booking](sql::Event event) {
    const auto fact = parsed<ReservationConfirmed>(event);
    std::optional<Slot> slot;
    if (fact.room && fact.place) slot = Slot{*fact.room, *fact.place};
    return booking.on_reservation_confirmed(std::move(slot));
  });
  for (const std::string_view topic : {kCancelledTopic, kExpiredTopic}) {
    outbox.subscribe("booking.endings", std::string(topic), [&booking](sql::Event event) {
      return booking.on_reservation_ended(parsed<ReservationEnded>(event).reservation);
    });
  }
  outbox.subscribe("booking.refunds", std::string(kRefundRequestedTopic),
                   [&booking](sql::Event event) {
                     return booking.on_refund_requested(parsed<RefundRequested>(event).refund);
                   });
}

}  // namespace onsale::booking
