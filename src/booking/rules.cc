#include "booking/rules.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <unordered_set>

#include "base/check.h"
#include "base/origin.h"
#include "booking/refund_reasons.h"

namespace onsale::booking {

namespace {

__extension__ using Wide = __int128;  // a price times a price

template <class E, std::size_t N>
std::optional<E> parse_name(std::string_view text, const std::array<E, N>& all) {
  for (const E each : all) {
    if (to_string(each) == text) return each;
  }
  return {};
}

void within(std::int64_t value, std::int64_t low, std::int64_t high, const char* name) {
  if (value >= low && value <= high) return;
  throw std::invalid_argument(std::string("booking.") + name + " must be " + std::to_string(low) +
                              " to " + std::to_string(high));
}

// Visible ASCII only: what a Location header can carry without a second thought.
bool plain(std::string_view url) {
  return std::ranges::all_of(url, [](char c) { return c > 0x20 && c < 0x7F && c != '\\'; });
}

// The entries of a list with commas, without blanks around them and without empty ones.
std::vector<std::string_view> listed(std::string_view text) {
  std::vector<std::string_view> entries;
  while (!text.empty()) {
    std::string_view entry = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), entry.size() + 1));
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (!entry.empty()) entries.push_back(entry);
  }
  return entries;
}

// The lines of `r` that the order names, or all that are kept.
Result<std::vector<SeatLine>, CancelRefusal> wanted_seats(const Reservation& r,
                                                          const CancelOrder& order) {
  std::vector<SeatLine> wanted;
  for (const SeatLine& line : r.seats) {
    const bool named =
        order.seats.empty() || std::ranges::find(order.seats, line.seat) != order.seats.end();
    if (!named) continue;
    if (line.cancelled && !order.seats.empty()) {
      return std::unexpected(CancelRefusal::not_cancellable);
    }
    if (!line.cancelled) wanted.push_back(line);
  }
  if (!order.seats.empty() && wanted.size() != order.seats.size()) {
    return std::unexpected(CancelRefusal::seat_unknown);
  }
  return wanted;
}

bool by_the_house(const CancelOrder& order) { return order.called_off || order.reversal; }

// What giving `wanted` back brings; empty when the terms allow it no more.
std::optional<Cancellation> cost_of(const Reservation& r, const std::vector<SeatLine>& wanted,
                                    const CancelOrder& order) {
  const Timestamp now = order.now;
  Cancellation out{.currency = r.currency, .valid_until = r.pay_by};
  if (r.state == ReservationState::pending) {  // nothing is paid yet
    for (const SeatLine& line : wanted) out.seats.push_back({.seat = line.seat});
    return out;
  }
  const Occurrence of{.bought_at = r.bought_at.value_or(r.created_at),
                      .starts_at = r.occasion.starts_at};
  std::optional<CancellationStep> step = CancellationStep{};
  // Called off, it costs nothing, whoever is first: the house, or a buyer who has heard of it.
  const bool off = by_the_house(order) || r.called_off;
  if (!off) step = step_at(r.terms, of, now);
  if (!step) return {};
  out.valid_until = off ? r.occasion.starts_at : costs_until(r.terms, of, now);
  std::int64_t before = r.list - total_of(r.seats);
  for (const SeatLine& line : wanted) {
    SeatRefund seat{.seat = line.seat, .rule = step};
    if (r.payment) seat.paid = refund_share(r.list, r.payable, before, line.price);
    seat.fee = fee_of(seat.paid, step->fee_percent);
    seat.refund = seat.paid - seat.fee;
    before += line.price;
    out.fee += seat.fee;
    out.refund += seat.refund;
    out.seats.push_back(std::move(seat));
  }
  if (order.reversal) out.reversed = std::min(out.refund, order.reversal->amount);
  out.refund -= out.reversed;
  return out;
}

std::optional<Refund> refund_for(const Reservation& r, const CancelOrder& order,
                                 std::int64_t amount) {
  if (!r.payment || amount == 0) return {};
  return Refund{.id = order.refund,
                .reservation = r.id,
                .payment = *r.payment,
                .amount = {amount, r.currency},
                .reason = order.reason,
                .created_at = order.now};
}

// Why this payment cannot confirm the reservation; empty when it can.
std::string_view obstacle(const Reservation& r, const ConfirmOrder& order, bool goes_back) {
  if (goes_back) return reasons::kGoesBack;
  switch (r.state) {
    case ReservationState::confirmed:
      return reasons::kPaidAlready;
    case ReservationState::cancelled:
      return reasons::kCancelled;
    case ReservationState::pending:
    case ReservationState::expired:
      break;
  }
  if (std::ranges::all_of(r.seats, &SeatLine::cancelled)) return reasons::kNoSeats;
  if (r.called_off) return reasons::kCalledOff;
  if (order.captured != r.payable) return reasons::kOtherAmount;
  if (order.now >= r.occasion.starts_at) return reasons::kStarted;
  return {};
}

}  // namespace

std::string_view to_string(ReservationState state) {
  switch (state) {
    case ReservationState::pending:
      return "pending";
    case ReservationState::confirmed:
      return "confirmed";
    case ReservationState::cancelled:
      return "cancelled";
    case ReservationState::expired:
      return "expired";
  }
  return {};
}

std::optional<ReservationState> parse_reservation_state(std::string_view text) {
  return parse_name(text, std::array{ReservationState::pending, ReservationState::confirmed,
                                     ReservationState::cancelled, ReservationState::expired});
}

std::string_view to_string(SeatState state) {
  switch (state) {
    case SeatState::free:
      return "free";
    case SeatState::held:
      return "held";
    case SeatState::sold:
      return "sold";
  }
  return {};
}

void check_settings(const Settings& settings) {
  within(settings.hold_seconds, 60, 1800, "hold_seconds");
  within(settings.seats_per_account, 1, 10, "seats_per_account");
  within(settings.payment_seconds, kPaymentSecondsMin, 3600, "payment_seconds");
  within(settings.deposit_hours, 0, 168, "deposit_hours");
  within(settings.holds_of_a_seat, 0, 100, "holds_of_a_seat");
  within(settings.hold_seconds_total,
         std::max(settings.payment_seconds, settings.hold_seconds + kPaymentSecondsMin), 7200,
         "hold_seconds_total");
  for (const std::string_view entry : listed(settings.return_origins)) {
    if (entry == "*" || (valid_return_url(entry) && !origin_of(entry).empty())) continue;
    throw std::invalid_argument(
        "booking.return_origins must be * or origins like https://shop.test, not " +
        std::string(entry));
  }
}

SeatLine line_of(const catalogue::PerformanceSale& sale, const catalogue::SeatInfo& seat) {
  return {.seat = std::string(seat.id),
          .label = std::string(seat.label),
          .grade = sale.grade(seat),
          .price = sale.price(seat)};
}

Result<std::vector<SeatLine>, Refused<HoldRefusal>> lines_of(const catalogue::PerformanceSale& sale,
                                                             const std::vector<std::string>& seats,
                                                             std::int64_t seats_max) {
  if (seats.empty()) {
    return refused(HoldRefusal::choice_invalid, {{"seats", "required", "name at least one seat"}});
  }
  if (std::ssize(seats) > seats_max) {
    return refused(HoldRefusal::too_many_seats,
                   {{"seats", "too_many_seats",
                     "at most " + std::to_string(seats_max) + " seats per account"}});
  }
  std::vector<SeatLine> lines;
  std::vector<Obstacle> twice;
  std::vector<Obstacle> unknown;
  std::unordered_set<std::string_view> seen;
  for (std::size_t i = 0; i < seats.size(); ++i) {
    const std::string field = "seats[" + std::to_string(i) + "]";
    if (!seen.insert(seats[i]).second) {
      twice.push_back({field, "duplicate", "the same seat twice"});
    } else if (const auto* seat = sale.find_seat(seats[i])) {
      lines.push_back(line_of(sale, *seat));
    } else {
      unknown.push_back({field, "seat_unknown", "the hall has no such seat"});
    }
  }
  if (!twice.empty()) return refused(HoldRefusal::choice_invalid, std::move(twice));
  if (!unknown.empty()) return refused(HoldRefusal::seat_unknown, std::move(unknown));
  return lines;
}

std::int64_t total_of(const std::vector<SeatLine>& lines) {
  std::int64_t total = 0;
  for (const SeatLine& line : lines) {
    if (line.cancelled) continue;
    check(!__builtin_add_overflow(total, line.price, &total), "a total fits 64 bits");
  }
  return total;
}

Timestamp extended_until(const Settings& settings, Timestamp created_at, Timestamp expires_at,
                         Timestamp now) {
  const Timestamp wanted = now + std::chrono::seconds(settings.payment_seconds);
  const Timestamp last = created_at + std::chrono::seconds(settings.hold_seconds_total);
  return std::max(expires_at, std::min(wanted, last));
}

Timestamp deposit_until(const Settings& settings, Timestamp created_at, Timestamp expires_at,
                        std::optional<Timestamp> due, Timestamp starts_at) {
  constexpr Millis kBeforeStart = std::chrono::hours(1);  // there is time to sell them otherwise
  Timestamp last = created_at + std::chrono::hours(settings.deposit_hours);
  last = std::min(last, starts_at - kBeforeStart);
  if (due) last = std::min(last, *due);
  return std::max(expires_at, last);
}

std::int64_t refund_share(std::int64_t list, std::int64_t payable, std::int64_t before_cancelled,
                          std::int64_t now_cancelled) {
  check(0 <= before_cancelled && 0 <= now_cancelled && before_cancelled + now_cancelled <= list &&
            0 <= payable && payable <= list,
        "a refund is a part of what was paid");
  if (list == 0) return 0;
  const auto share = [&](std::int64_t part) {
    return static_cast<std::int64_t>(static_cast<Wide>(payable) * part / list);
  };
  return share(before_cancelled + now_cancelled) - share(before_cancelled);
}

bool valid_return_url(std::string_view url) {
  if (url.empty() || url.size() > kReturnUrlMax || !plain(url)) return false;
  if (url[0] == '/') return url.size() == 1 || url[1] != '/';
  std::string_view rest;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (url.starts_with(scheme)) rest = url.substr(scheme.size());
  }
  const std::string_view host = rest.substr(0, rest.find_first_of("/?#"));
  return !host.empty() && host[0] != ':' && host.find('@') == std::string_view::npos;
}

bool return_allowed(std::string_view url, const std::vector<std::string>& ours,
                    std::string_view return_origins) {
  if (url.starts_with('/')) return true;
  const std::string origin = origin_of(url);
  if (origin.empty()) return false;
  const auto same = [&](std::string_view address) { return origin_of(address) == origin; };
  return std::ranges::any_of(ours, same) ||
         std::ranges::any_of(listed(return_origins),
                             [&](std::string_view entry) { return entry == "*" || same(entry); });
}

std::string with_query(std::string_view url, std::string_view query) {
  const auto hash = url.find('#');
  const std::string_view base = url.substr(0, hash);
  const std::string_view fragment =
      hash == std::string_view::npos ? std::string_view{} : url.substr(hash);
  std::string out(base);
  if (base.find('?') == std::string_view::npos) {
    out += '?';
  } else if (base.back() != '?' && base.back() != '&') {
    out += '&';
  }
  out += query;
  out += fragment;
  return out;
}

std::string reservation_number(std::uint64_t random) {
  static constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  std::string out(kNumberSize, '0');
  for (char& c : out) {
    c = kAlphabet[random & 31];
    random >>= 5;
  }
  return out;
}

HoldId hold_after(HoldId used) {
  const RawId raw = used.raw();
  return HoldId(RawId{raw.high, raw.low * 0x9E3779B97F4A7C15ULL + 1});
}

std::vector<std::string> kept_seats(const Reservation& reservation) {
  std::vector<std::string> seats;
  for (const SeatLine& line : reservation.seats) {
    if (!line.cancelled) seats.push_back(line.seat);
  }
  std::ranges::sort(seats);
  return seats;
}

ConfirmVerdict may_confirm(const Reservation& reservation, const ConfirmOrder& order,
                           bool goes_back) {
  const bool ended_by_this =
      reservation.payment == order.payment &&
      (reservation.state == ReservationState::confirmed ||
       (reservation.state == ReservationState::cancelled && reservation.payment));
  if (ended_by_this) return {.state = ConfirmState::repeated};
  std::string why(obstacle(reservation, order, goes_back));
  if (why.empty()) return {};
  return {.state = ConfirmState::refused, .why = std::move(why)};
}

bool may_write_off(const Reservation& reservation, PaymentId payment) {
  return reservation.payment != payment;
}

Result<CancelVerdict, CancelRefusal> may_cancel(const Reservation& reservation,
                                                const CancelOrder& order) {
  if (reservation.buyer != order.buyer && !by_the_house(order))
    return std::unexpected(CancelRefusal::reservation_unknown);
  if (order.reversal && reservation.payment != order.reversal->payment)
    return std::unexpected(CancelRefusal::not_cancellable);
  const bool pending = reservation.state == ReservationState::pending;
  const bool bought = reservation.state == ReservationState::confirmed && !order.only_pending;
  const bool late = order.now >= reservation.occasion.starts_at && !by_the_house(order);
  if ((!pending && !bought) || late) {
    return std::unexpected(CancelRefusal::not_cancellable);
  }
  auto wanted = wanted_seats(reservation, order);
  if (!wanted) return std::unexpected(wanted.error());
  const bool whole = wanted->size() == kept_seats(reservation).size();
  // An amount that is being paid does not change: all or nothing before that.
  if (pending && !whole) return std::unexpected(CancelRefusal::not_cancellable);
  auto cost = cost_of(reservation, *wanted, order);
  if (!cost) return std::unexpected(CancelRefusal::not_cancellable);
  if (order.refund_expected && *order.refund_expected != cost->refund) {
    return std::unexpected(CancelRefusal::refund_changed);
  }
  auto refund = refund_for(reservation, order, cost->refund);
  return CancelVerdict{.seats = std::move(*wanted),
                       .whole = whole,
                       .pending = pending,
                       .cost = std::move(*cost),
                       .refund = std::move(refund)};
}

RefundId refund_of(PaymentId payment) { return RefundId(payment.raw()); }

RefundId refund_of(RefundId reversal) {
  const RawId raw = reversal.raw();
  return RefundId(RawId{raw.high, raw.low * 0x9E3779B97F4A7C15ULL + 1});
}

std::string ticket_payload(const Ticket& ticket) {
  std::string out;
  for (const RawId id : {ticket.id.raw(), ticket.performance.raw()}) {
    for (const std::uint64_t word : {id.high, id.low}) {
      for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(word >> shift);
    }
  }
  return out + ticket.seat;
}

}  // namespace onsale::booking
