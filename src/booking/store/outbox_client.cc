#include "booking/store/outbox_client.h"

#include <array>
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

Task<void> give_slot_back(Booking& booking, const sql::Event& event) {
  const auto fact = parsed<ReservationConfirmed>(event);
  std::optional<Slot> slot;
  if (fact.room && fact.place) slot = Slot{*fact.room, *fact.place};
  return booking.on_reservation_confirmed(std::move(slot));
}

struct Consumer {
  std::string_view name;
  std::string_view topic;
  Task<void> (*handle)(Booking& booking, const sql::Event& event);
};
// One consumer for each way on, so that a slow one holds up only itself.
constexpr std::array kConsumers{
    Consumer{"booking.payments", payments::kSettledTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_payment_settled(parsed<payments::Settled>(event));
             }},
    Consumer{"booking.payments", payments::kRefundedTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_refunded(parsed<payments::Refunded>(event));
             }},
    Consumer{"booking.payments", payments::kRefundFailedTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_refund_failed(parsed<payments::RefundFailed>(event));
             }},
    Consumer{"booking.deposits", payments::kDepositAwaitedTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_deposit_awaited(parsed<payments::DepositAwaited>(event));
             }},
    Consumer{"booking.reversals", payments::kReversalDecidedTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_reversal_decided(parsed<payments::ReversalDecided>(event));
             }},
    Consumer{"booking.slots", kConfirmedTopic, give_slot_back},
    Consumer{"booking.endings", kCancelledTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_reservation_ended(parsed<ReservationEnded>(event).reservation);
             }},
    Consumer{"booking.endings", kExpiredTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_reservation_ended(parsed<ReservationEnded>(event).reservation);
             }},
    Consumer{"booking.refunds", kRefundRequestedTopic,
             [](Booking& booking, const sql::Event& event) {
               return booking.on_refund_requested(parsed<RefundRequested>(event).refund);
             }},
};

}  // namespace

void subscribe(sql::Outbox& outbox, Booking& booking) {
  for (const Consumer& consumer : kConsumers) {
    outbox.subscribe(
        std::string(consumer.name), std::string(consumer.topic),
        [&booking, &consumer](sql::Event event) { return consumer.handle(booking, event); });
  }
}

Task<void> deliver(Booking& booking, sql::Event event) {
  for (const Consumer& consumer : kConsumers) {
    if (consumer.topic == event.topic) co_await consumer.handle(booking, event);
  }
}

}  // namespace onsale::booking
