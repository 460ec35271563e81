// Service: a buyer who was given an account to pay into is waited for, and says where the money
// goes back.
#include <algorithm>

#include "booking/rules.h"
#include "booking/service.h"

namespace onsale::booking {

// What stands counts, not what stood when it was told: a payment that is off keeps no seats.
Task<void> Service::on_deposit_awaited(payments::DepositAwaited event) {
  const auto payment = co_await parts_.payments.find(event.payment);
  if (payment) co_await keep_for_deposit(*payment);
}

// An account that is open longer than the seats are kept is closed with them
// (on_reservation_ended()).
Task<void> Service::keep_for_deposit(payments::Payment payment) {
  using enum payments::PaymentState;
  const bool waits = payment.state == pending || payment.state == unknown;
  if (!waits || !payment.detail || !payment.detail->deposit) co_return;
  const auto reservation = ReservationId::parse(payment.subject);
  if (!reservation) co_return;
  ExtendOrder order{.reservation = *reservation,
                    .buyer = payment.owner,
                    .settings = settings_,
                    .deposit = payment.detail->deposit,
                    .now = parts_.clock.now()};
  const auto extended = co_await parts_.store.extend(std::move(order));
  if (!extended || !extended->until) co_return;  // not pending any more: it is closed, or paid into
  watch_.add(extended->held.hold, *extended->until);
  show(extended->held, SeatState::held, *extended->until);
}

Task<Result<void, RefundAccountRefusal>> Service::give_refund_account(
    ReservationId id, AccountId buyer, payments::RefundAccount account) {
  const auto reservation = co_await find(id, buyer);
  if (!reservation) co_return std::unexpected(RefundAccountRefusal::reservation_unknown);
  std::vector<PaymentId> paid;  // late ones go back, too
  if (reservation->payment) paid.push_back(*reservation->payment);
  for (const Refund& refund : reservation->refunds) {
    if (std::ranges::find(paid, refund.payment) == paid.end()) paid.push_back(refund.payment);
  }
  bool taken = false;
  for (const PaymentId payment : paid) {
    payments::RefundAccount to = account;
    const auto given = co_await parts_.payments.give_account(payment, std::move(to));
    if (!given && given.error() == payments::AccountRefusal::account_invalid)
      co_return std::unexpected(RefundAccountRefusal::account_invalid);
    taken = taken || given.has_value();
  }
  if (!taken) co_return std::unexpected(RefundAccountRefusal::not_needed);
  co_return Result<void, RefundAccountRefusal>{};
}

}  // namespace onsale::booking
