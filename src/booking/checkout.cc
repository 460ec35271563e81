// Service: a hold is paid for, and money that cannot be used goes back.
// GCC 12 destroys a braced temporary inside a co_await expression twice: every argument is a name.
#include <algorithm>
#include <stdexcept>

#include "base/log.h"
#include "booking/rules.h"
#include "booking/seat_finder.h"
#include "booking/service.h"

namespace onsale::booking {

namespace {

constexpr int kPaymentTries = 3;

PayRefusal refusal_of(payments::BeginRefusal why) {
  return why == payments::BeginRefusal::provider_unavailable ? PayRefusal::provider_resting
                                                             : PayRefusal::not_payable;
}

// Empty: another payment of the reservation is in the way.
std::optional<PayRefusal> refusal_of(const payments::OpenRefusal& why) {
  if (const auto* begin = std::get_if<payments::BeginRefusal>(&why)) return refusal_of(*begin);
  const auto create = std::get<payments::CreateRefusal>(why);
  if (create == payments::CreateRefusal::subject_busy) return {};
  return create == payments::CreateRefusal::provider_unknown ? PayRefusal::provider_unavailable
                                                             : PayRefusal::not_payable;
}

// Money that is here to stay, as far as the payments know. What went back whole buys nothing.
bool holds_money(payments::PaymentState state) {
  using enum payments::PaymentState;
  return state == paid || state == partially_refunded;
}

Money captured_of(const payments::Payment& payment) {
  return {payment.captured, payment.amount.currency};
}

}  // namespace

Task<Result<Reservation, ReserveRefusal>> Service::reserve(ReserveRequest request) {
  if (request.coupon) co_return std::unexpected(ReserveRefusal::coupon_unknown);
  ReserveOrder order{.hold = request.hold, .buyer = request.buyer, .now = parts_.clock.now()};
  order.id = ReservationId::make(order.now, parts_.random);
  AskParticulars ask = [this](PerformanceId performance) { return particulars_of(performance); };
  auto made = co_await parts_.store.reserve(std::move(order), std::move(ask));
  co_return made;
}

Result<Particulars, ReserveRefusal> Service::particulars_of(PerformanceId performance) const {
  const auto sale = parts_.catalogue.sale(performance);
  if (!sale) return std::unexpected(ReserveRefusal::hold_unknown);
  if (called_off(performance)) return std::unexpected(ReserveRefusal::hold_expired);
  return Particulars{.occasion = {.performance = sale->id,
                                  .show = sale->show,
                                  .title = sale->title,
                                  .hall = sale->hall,
                                  .venue = sale->venue,
                                  .starts_at = sale->starts_at},
                     .terms = policy_of(sale->show, sale->kind).steps};
}

Task<Result<Paying, PayRefusal>> Service::pay(PayRequest request) {
  const std::vector<std::string> ours{request.return_address, "http://" + request.own_origin_host,
                                      "https://" + request.own_origin_host};
  if (!valid_return_url(request.return_url) ||
      !return_allowed(request.return_url, ours, settings_.return_origins)) {
    const auto theirs = co_await find(request.reservation, request.buyer);
    co_return std::unexpected(theirs ? PayRefusal::return_url_invalid
                                     : PayRefusal::reservation_unknown);
  }
  const ExtendOrder order{.reservation = request.reservation,
                          .buyer = request.buyer,
                          .settings = settings_,
                          .now = parts_.clock.now()};
  const auto extended = co_await parts_.store.extend(order);
  if (!extended) co_return std::unexpected(extended.error());
  const Reservation& reservation = extended->reservation;
  if (!extended->until) {
    Money nothing(0, reservation.currency);
    (void)co_await conclude(reservation.id, std::nullopt, std::move(nothing));
    const auto after = co_await parts_.store.standing(reservation.id);
    if (!after || after->state != ReservationState::confirmed) {
      co_return std::unexpected(PayRefusal::not_payable);
    }
    co_return Paying{
        .state = payments::PaymentState::paid,
        .redirect_url = with_query(request.return_url,
                                   "reservation=" + reservation.id.str() + "&state=confirmed")};
  }
  watch_.add(reservation.hold, *extended->until);
  show(extended->held, SeatState::held, *extended->until);

  auto payment = co_await open_payment(reservation, std::move(request));
  if (!payment) co_return std::unexpected(payment.error());
  // Cancelled meanwhile: whoever told the payments may have found none to cancel.
  const auto after = co_await parts_.store.standing(reservation.id);
  if (!after || after->state != ReservationState::pending) {
    (void)co_await parts_.payments.cancel(payment->id);
    co_return std::unexpected(PayRefusal::not_payable);
  }
  co_return Paying{
      .payment = payment->id, .state = payment->state, .redirect_url = payment->redirect_url};
}

Task<Result<payments::Payment, PayRefusal>> Service::open_payment(Reservation reservation,
                                                                  PayRequest request) {
  for (int attempt = 0; attempt < kPaymentTries; ++attempt) {
    payments::NewPayment wanted{.id = PaymentId::make(parts_.clock.now(), parts_.random),
                                .subject = reservation.id.str(),
                                .owner = reservation.buyer,
                                .provider = request.provider,
                                .amount = {reservation.payable, reservation.currency},
                                .order_name = reservation.occasion.title};
    payments::Begin begin{.payment = wanted.id,
                          .return_address = request.return_address,
                          .return_url = request.return_url,
                          .locale = request.locale,
                          .mobile = request.mobile};
    auto opened = co_await parts_.payments.open(std::move(wanted), std::move(begin));
    if (opened) co_return std::move(*opened);
    if (const auto refusal = refusal_of(opened.error())) co_return std::unexpected(*refusal);
    const auto blocked = co_await clear_way(reservation);
    if (blocked) co_return std::unexpected(*blocked);
  }
  co_return std::unexpected(PayRefusal::payment_in_progress);
}

// Ends an earlier attempt in favour of a new one. Says why there can be no new one.
Task<std::optional<PayRefusal>> Service::clear_way(Reservation reservation) {
  const auto live = co_await parts_.payments.find_live(reservation.id.str());
  if (!live) co_return std::nullopt;
  if (holds_money(live->state)) {
    Money captured = captured_of(*live);
    (void)co_await conclude(reservation.id, live->id, std::move(captured));
    co_return PayRefusal::not_payable;
  }
  const auto cancelled = co_await parts_.payments.cancel(live->id);
  if (cancelled) co_return std::nullopt;
  if (cancelled.error() == payments::CancelRefusal::in_progress) {
    co_return PayRefusal::payment_in_progress;
  }
  co_return std::nullopt;  // paid just now: the next look finds it
}

Task<Result<std::string, ReturnRefusal>> Service::returned(PaymentId payment,
                                                           payments::ReturnData data) {
  const auto settled = co_await parts_.payments.settle(payment, std::move(data));
  if (!settled) {
    co_return std::unexpected(settled.error() == payments::SettleRefusal::key_invalid
                                  ? ReturnRefusal::key_invalid
                                  : ReturnRefusal::payment_unknown);
  }
  const auto id = ReservationId::parse(settled->subject);
  if (!id) co_return std::unexpected(ReturnRefusal::payment_unknown);
  co_await keep_for_deposit(*settled);
  const bool here = holds_money(settled->state);
  bool confirmed = false;
  if (here) {
    Money captured = captured_of(*settled);
    confirmed = co_await conclude(*id, payment, std::move(captured));
  }
  std::string_view state = payments::to_string(settled->state);
  if (confirmed) {
    concluded_.add(payment);
    state = to_string(ReservationState::confirmed);
  } else {
    const auto reservation = co_await parts_.store.standing(*id);
    const bool came = here || settled->state == payments::PaymentState::refunded;
    if (reservation && (came || reservation->state == ReservationState::confirmed)) {
      state = to_string(reservation->state);
    }
  }
  co_return with_query(settled->return_url,
                       "reservation=" + id->str() + "&state=" + std::string(state));
}

// True when this made it a purchase.
Task<bool> Service::conclude(ReservationId reservation, std::optional<PaymentId> payment,
                             Money captured) {
  const Timestamp now = parts_.clock.now();
  ConfirmOrder order{.reservation = reservation,
                     .payment = payment,
                     .captured = captured.amount,
                     .seats_max = settings_.seats_per_account,
                     .now = now};
  for (std::size_t i = 0; i < kGroupMax; ++i) {
    order.tickets.push_back(TicketId::make(now, parts_.random));
  }
  const Confirmed confirmed = co_await parts_.store.confirm(std::move(order));
  switch (confirmed.state) {
    case ConfirmState::confirmed:
      watch_.remove(confirmed.sold.hold);
      show(confirmed.sold, SeatState::sold);
      break;
    case ConfirmState::repeated:
      break;
    case ConfirmState::unknown:
      log::error("booking", "a payment names a reservation that does not exist",
                 {{"reservation", reservation.str()}});
      break;
    case ConfirmState::refused:
      if (payment) co_await give_back(reservation, *payment, captured, confirmed.why);
      break;
  }
  co_return confirmed.state == ConfirmState::confirmed;
}

Task<void> Service::give_back(ReservationId reservation, PaymentId payment, Money captured,
                              std::string why) {
  const Timestamp now = parts_.clock.now();
  WriteOffOrder order{.reservation = reservation,
                      .refund = {.id = refund_of(payment),
                                 .reservation = reservation,
                                 .payment = payment,
                                 .amount = captured,
                                 .reason = std::move(why),
                                 .created_at = now},
                      .now = now};
  const WrittenOff written = co_await parts_.store.write_off(std::move(order));
  if (!written.freed.seats.empty()) {
    watch_.remove(written.freed.hold);
    show(written.freed, SeatState::free);
  }
  if (written.refund) co_await try_refund(*written.refund);
}

// Asks the payments; throws when they could not be asked, or say no: only what the provider refused
// has failed. The event asks again, and is parked for people when it asks in vain.
Task<void> Service::send_refund(Refund refund) {
  if (refund.state != payments::RefundState::requested) co_return;
  payments::RefundRequest request{
      .payment = refund.payment, .id = refund.id, .amount = refund.amount, .reason = refund.reason};
  const auto answer = co_await parts_.payments.refund(std::move(request));
  if (!answer) {
    throw std::runtime_error("the payments turn a refund down: " + refund.id.str() + ", reason " +
                             std::to_string(static_cast<int>(answer.error())));
  }
  if (answer->state == payments::RefundState::requested) co_return;
  co_await parts_.store.refund_ended(refund.id, answer->state);
}

// What was taken for failed, and the payments know better: two may have asked at once.
Task<void> Service::learn_refunds() {
  const std::vector<Refund> failed = co_await parts_.store.failed_refunds();
  for (const Refund& refund : failed) {
    const auto known = co_await parts_.payments.refunds(refund.payment);
    const auto same = std::ranges::find(known, refund.id, &payments::Refund::id);
    if (same == known.end() || same->state != payments::RefundState::done) continue;
    co_await parts_.store.refund_ended(refund.id, same->state);
  }
}

// The same at once, for the buyer who is waiting; the event asks again when this fails.
Task<void> Service::try_refund(Refund refund) {
  try {
    co_await send_refund(refund);
  } catch (const std::exception& error) {
    log::warn("booking", "a refund will be asked for again",
              {{"refund", refund.id.str()}, {"why", error.what()}});
  }
}

Task<Result<void, CancelRefusal>> Service::give_up(CancelOrder order) {
  if (!order.only_pending && !order.reversal) {
    const auto before = co_await parts_.store.find(order.reservation);
    const bool theirs = before && (order.called_off || before->buyer == order.buyer);
    const bool again = theirs && std::ranges::any_of(before->refunds, [&](const Refund& r) {
                         return r.id == order.refund;
                       });
    if (theirs && !again && before->payment) {
      const std::int64_t amount = co_await taken_back(*before->payment);
      // Its money is gone: people decide what becomes of the purchase.
      if (amount > 0 && !order.called_off)
        co_return std::unexpected(CancelRefusal::not_cancellable);
      if (amount > 0) order.reversal = Reversal{*before->payment, amount};
    }
  }
  const auto cancelled = co_await parts_.store.cancel(std::move(order));
  if (!cancelled) co_return std::unexpected(cancelled.error());
  if (cancelled->was_pending) watch_.remove(cancelled->freed.hold);
  show(cancelled->freed, SeatState::free);
  if (cancelled->refund) co_await try_refund(*cancelled->refund);
  co_return Result<void, CancelRefusal>{};
}

Task<Result<Reservation, CancelRefusal>> Service::cancel(CancelRequest request) {
  const Timestamp now = parts_.clock.now();
  std::ranges::sort(request.seats);
  if (std::ranges::adjacent_find(request.seats) != request.seats.end()) {
    co_return std::unexpected(CancelRefusal::seat_unknown);
  }
  // Before the refund: it survives a crash in between, and alone it moves nothing.
  if (request.refund_account) {
    payments::RefundAccount account = std::move(*request.refund_account);
    const auto given =
        co_await give_refund_account(request.reservation, request.buyer, std::move(account));
    if (!given && given.error() == RefundAccountRefusal::account_invalid)
      co_return std::unexpected(CancelRefusal::account_invalid);
  }
  CancelOrder order{.reservation = request.reservation,
                    .buyer = request.buyer,
                    .seats = std::move(request.seats),
                    .refund = request.refund.value_or(RefundId::make(now, parts_.random)),
                    .reason = std::move(request.reason),
                    .refund_expected = request.refund_expected,
                    .now = now};
  const auto given_up = co_await give_up(std::move(order));
  if (!given_up) co_return std::unexpected(given_up.error());
  auto after = co_await parts_.store.find(request.reservation);
  if (!after) co_return std::unexpected(CancelRefusal::reservation_unknown);
  co_return std::move(*after);
}

Task<void> Service::on_payment_settled(payments::Settled event) {
  if (event.state != payments::PaymentState::paid) co_return;
  const auto reservation = ReservationId::parse(event.subject);
  if (!reservation) co_return;  // somebody else's subject
  // The buyer's way back was here first, as a rule.
  if (concluded_.take(event.payment)) co_return;
  const auto known = co_await parts_.store.standing(*reservation);
  if (known && known->payment == event.payment) co_return;
  // What stands counts, not what stood when this was told.
  const auto payment = co_await parts_.payments.find(event.payment);
  if (!payment || !holds_money(payment->state)) co_return;
  Money captured = captured_of(*payment);
  (void)co_await conclude(*reservation, event.payment, std::move(captured));
}

Task<void> Service::on_refunded(payments::Refunded event) {
  if (!ReservationId::parse(event.subject)) co_return;
  co_await parts_.store.refund_ended(event.refund, payments::RefundState::done);
}

Task<void> Service::on_refund_failed(payments::RefundFailed event) {
  if (!ReservationId::parse(event.subject)) co_return;
  co_await parts_.store.refund_ended(event.refund, payments::RefundState::failed);
}

Task<void> Service::on_reservation_confirmed(std::optional<Slot> slot) {
  if (!slot) co_return;
  const auto room = waitroom::RoomId::parse(slot->room);
  if (!room) co_return;
  co_await parts_.rooms.complete(*room, slot->place);
}

// Nobody should pay for what is gone. A capture that is under way ends in payments.settled.
Task<void> Service::on_reservation_ended(ReservationId reservation) {
  const auto live = co_await parts_.payments.find_live(reservation.str());
  if (!live || holds_money(live->state)) co_return;
  (void)co_await parts_.payments.cancel(live->id);
}

Task<void> Service::on_refund_requested(RefundId refund) {
  const auto stored = co_await parts_.store.refund(refund);
  if (stored) co_await send_refund(*stored);
}

}  // namespace onsale::booking
