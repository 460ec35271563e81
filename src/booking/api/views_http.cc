#include "booking/api/views_http.h"

#include <algorithm>

#include "base/check.h"

namespace onsale::booking {

using http::Problem;

HoldView view(const Hold& hold) {
  HoldView out{.id = hold.id,
               .performance_id = hold.performance,
               .total = hold.total.amount,
               .currency = hold.total.currency,
               .expires_at = hold.expires_at};
  for (const SeatLine& line : hold.seats) {
    out.seats.push_back({line.seat, line.label, line.grade, line.price});
  }
  return out;
}

ReservationView view(const Reservation& r) {
  ReservationView out{.id = r.id,
                      .number = r.number,
                      .state = r.state,
                      .performance = {.id = r.occasion.performance,
                                      .show_id = r.occasion.show,
                                      .show_title = r.occasion.title,
                                      .hall = {r.occasion.hall, r.occasion.venue},
                                      .starts_at = r.occasion.starts_at},
                      .amount = {r.list, r.discount, r.payable},
                      .currency = r.currency,
                      .created_at = r.created_at,
                      .payment_id = r.payment,
                      .called_off = r.called_off};
  const bool any_kept = std::ranges::any_of(r.seats, [](const auto& s) { return !s.cancelled; });
  for (const SeatLine& line : r.seats) {
    if (line.cancelled && any_kept) continue;
    out.seats.push_back({line.seat, line.label, line.grade, line.price,
                         line.cancelled ? BoughtSeatState::cancelled : BoughtSeatState::kept});
  }
  if (r.state == ReservationState::pending) out.pay_by = r.pay_by;
  if (r.state == ReservationState::pending || r.state == ReservationState::confirmed) {
    out.cancellation_steps = view(r.terms);
  }
  for (const Refund& refund : r.refunds) {
    const bool off = r.called_off_at && refund.created_at >= *r.called_off_at;
    out.refunds.push_back({refund.id, refund.amount.amount, refund.state,
                           refund_why(refund.reason, off), refund.created_at});
  }
  return out;
}

AccountId caller(const http::Call& call) {
  const auto& principal = call.principal();
  std::optional<AccountId> account;
  if (principal) account = AccountId::parse(principal->account);
  if (!account) throw Problem(401, "unauthenticated", "Log in first.");
  return *account;
}

Problem problem(const Refused<HoldRefusal>& refusal) {
  const auto& errors = refusal.obstacles;
  switch (refusal.why) {
    case HoldRefusal::performance_unknown:
      return {404, "not_found", "There is no such performance."};
    case HoldRefusal::not_on_sale:
      return {409, "not_on_sale", "The sale is not open."};
    case HoldRefusal::pass_required:
      return {403, "pass_required", "This show has a waiting room; bring a pass."};
    case HoldRefusal::pass_invalid:
      return {403, "pass_invalid", "This pass is not valid (any more) for you."};
    case HoldRefusal::choice_invalid:
      return {422, "invalid", "Some fields are not valid.", errors};
    case HoldRefusal::seat_unknown:
      return {422, "seat_unknown", "The hall has no such seat.", errors};
    case HoldRefusal::grade_unknown:
      return {422, "grade_unknown", "The hall has no such grade.", errors};
    case HoldRefusal::too_many_seats:
      return {422, "too_many_seats", "You cannot have that many seats here.", errors};
    case HoldRefusal::held_too_often:
      return {409, "held_too_often", "You held these seats often without buying; let others.",
              errors, refusal.retry_after_s};
    case HoldRefusal::orphan_seat:
      return {422, "orphan_seat", "This leaves a single seat alone.", errors};
    case HoldRefusal::seat_unavailable:
      return {409, "seat_unavailable", "Somebody else was faster.", errors};
    case HoldRefusal::sold_out:
      return {409, "sold_out", "There is nothing left that fits."};
  }
  check_failed("a hold is refused for a reason", std::source_location::current());
}

Problem problem(ReserveRefusal refusal) {
  switch (refusal) {
    case ReserveRefusal::hold_unknown:
      return {404, "hold_not_found", "You have no such hold."};
    case ReserveRefusal::hold_expired:
      return {409, "hold_expired", "The hold ran out."};
    case ReserveRefusal::coupon_unknown:
      return {422,
              "coupon_unknown",
              "There is no such coupon.",
              {{"coupon_id", "coupon_unknown", "there is no such coupon"}}};
  }
  check_failed("a reservation is refused for a reason", std::source_location::current());
}

Problem problem(PayRefusal refusal) {
  switch (refusal) {
    case PayRefusal::reservation_unknown:
      return {404, "not_found", "You have no such reservation."};
    case PayRefusal::not_payable:
      return {409, "not_payable", "This reservation cannot be paid (any more)."};
    case PayRefusal::return_url_invalid:
      return {422,
              "invalid",
              "Some fields are not valid.",
              {{"return_url", "malformed", "an http(s) address or a path of this site"}}};
    case PayRefusal::provider_unavailable:
      return {422,
              "provider_unavailable",
              "This payment provider is not available.",
              {{"provider", "provider_unavailable", "choose another one"}}};
    case PayRefusal::provider_resting:
      return {503,
              "provider_unavailable",
              "This payment provider does not answer at the moment.",
              {{"provider", "provider_unavailable", "choose another one, or try again"}},
              5};
    case PayRefusal::payment_in_progress:
      return {409, "payment_in_progress", "A payment is being captured right now.", {}, 2};
  }
  check_failed("a payment is refused for a reason", std::source_location::current());
}

Problem problem(CancelRefusal refusal) {
  switch (refusal) {
    case CancelRefusal::reservation_unknown:
      return {404, "not_found", "You have no such reservation."};
    case CancelRefusal::seat_unknown:
      return {422,
              "seat_unknown",
              "The reservation has no such seat.",
              {{"seats", "seat_unknown", "name seats of the reservation, each once"}}};
    case CancelRefusal::not_cancellable:
      return {409, "not_cancellable", "This cannot be cancelled (any more)."};
    case CancelRefusal::account_invalid:
      return {422,
              "refund_account_invalid",
              "No bank would know this account.",
              {{"refund_account", "invalid", "a bank's code, a number of 6 to 20 digits, a name"}}};
    case CancelRefusal::refund_changed:
      return {409, "refund_changed", "Another amount comes back by now."};
  }
  check_failed("a cancellation is refused for a reason", std::source_location::current());
}

}  // namespace onsale::booking
