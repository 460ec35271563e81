// SqlStore: seats are sold, written off, given back.
#include <algorithm>
#include <memory>

#include "booking/events.h"
#include "booking/rows_store.h"
#include "booking/rules.h"
#include "booking/sql_store.h"
#include "platform/json/json.h"

namespace onsale::booking {

using rows::count_seats;
using rows::find_hold;
using rows::find_refund;
using rows::find_reservation;
using rows::free_claims;
using rows::insert_refund;
using rows::kNever;
using rows::Lock;
using rows::lock_quota;
using rows::publish_ended;
using rows::publish_refund;

namespace {

struct SeatLost {
  std::string why;
};

// One statement sells a seat: it is free, ours, or its claim has run out. `?` are performance,
// seat, account, hold, the end of time, now.
constexpr std::string_view kSellSqlite =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "VALUES (?, ?, ?, ?, 'sold', ?) "
    "ON CONFLICT (performance_id, seat_id) DO UPDATE SET account_id = excluded.account_id, "
    "hold_id = excluded.hold_id, state = 'sold', expires_at = excluded.expires_at "
    "WHERE booking_claim.state = 'held' AND "
    "(booking_claim.hold_id = excluded.hold_id OR booking_claim.expires_at <= ?)";
// Left to right: once hold_id is ours, the later conditions hold because of it; state comes last.
constexpr std::string_view kSellMysql =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "VALUES (?, ?, ?, ?, 'sold', ?) ON DUPLICATE KEY UPDATE "
    "account_id = IF(state = 'held' AND (hold_id = VALUES(hold_id) OR expires_at <= ?), "
    "VALUES(account_id), account_id), "
    "hold_id = IF(state = 'held' AND (hold_id = VALUES(hold_id) OR expires_at <= ?), "
    "VALUES(hold_id), hold_id), "
    "expires_at = IF(state = 'held' AND hold_id = VALUES(hold_id), VALUES(expires_at), "
    "expires_at), "
    "state = IF(hold_id = VALUES(hold_id), 'sold', state)";

void sell(sql::Tx& tx, const Reservation& r, const std::string& seat, Timestamp now) {
  const std::string performance = r.occasion.performance.str();
  const std::string hold = r.hold.str();
  const auto rows =
      tx.dialect() == sql::Dialect::sqlite
          ? tx.exec(kSellSqlite, performance, seat, r.buyer.str(), hold, kNever, now)
          : tx.exec(kSellMysql, performance, seat, r.buyer.str(), hold, kNever, now, now);
  if (rows == 0) throw SeatLost{"the seats were sold to somebody else"};
}

std::vector<std::string> kept_seats(const Reservation& r) {
  std::vector<std::string> seats;
  for (const SeatLine& line : r.seats) {
    if (!line.cancelled) seats.push_back(line.seat);
  }
  std::ranges::sort(seats);
  return seats;
}

void issue_tickets(sql::Tx& tx, const Reservation& r, const ConfirmOrder& order) {
  std::size_t next = 0;
  for (const SeatLine& line : r.seats) {
    if (line.cancelled) continue;
    tx.exec(
        "INSERT INTO booking_ticket (id, reservation_id, seat_id, issued_at, voided) VALUES (?, ?, "
        "?, ?, 0)",
        order.tickets.at(next++).str(), r.id.str(), line.seat, order.now);
  }
}

// Why this payment cannot confirm the reservation as it stands; empty when it can.
std::string obstacle(const Reservation& r, const ConfirmOrder& order) {
  switch (r.state) {
    case ReservationState::confirmed:
      return "the reservation is paid already";
    case ReservationState::cancelled:
      return "the reservation was cancelled";
    case ReservationState::pending:
    case ReservationState::expired:
      break;
  }
  if (std::ranges::all_of(r.seats, &SeatLine::cancelled)) return "the reservation has no seats";
  if (order.captured != r.payable) return "another amount was paid";
  if (order.now >= r.occasion.starts_at) return "the performance has started";
  return {};
}

Confirmed confirm_in(sql::Tx& tx, const ConfirmOrder& order) {
  const auto plain = find_reservation(tx, order.reservation, Lock::no);
  if (!plain) return {.state = ConfirmState::unknown};
  (void)find_hold(tx, plain->hold, Lock::yes);  // same order of locks as extend and expire
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  const bool ended_by_this =
      r->payment == order.payment && (r->state == ReservationState::confirmed ||
                                      (r->state == ReservationState::cancelled && r->payment));
  if (ended_by_this) return {.state = ConfirmState::repeated};
  if (auto why = obstacle(*r, order); !why.empty()) {
    return {.state = ConfirmState::refused, .why = std::move(why)};
  }
  const std::string performance = r->occasion.performance.str();
  Confirmed out{.state = ConfirmState::confirmed};
  out.sold = {.performance = r->occasion.performance, .hold = r->hold, .seats = kept_seats(*r)};
  if (r->pay_by <= order.now) {  // its claims count no more, swept or not
    lock_quota(tx, performance, r->buyer.str(), order.now);
    const auto others = count_seats(tx, performance, r->buyer.str(), r->hold.str(), order.now);
    if (others + std::ssize(out.sold.seats) > order.seats_max) {
      throw SeatLost{"the account has its seats already"};
    }
  }
  for (const std::string& seat : out.sold.seats) sell(tx, *r, seat, order.now);
  std::optional<std::string> payment;
  if (order.payment) payment = order.payment->str();
  tx.exec(
      "UPDATE booking_reservation SET state = 'confirmed', payment_id = ?, ended_at = ? WHERE id = "
      "?",
      payment, order.now, r->id.str());
  issue_tickets(tx, *r, order);
  tx.exec("DELETE FROM booking_hold WHERE id = ?", r->hold.str());
  ReservationConfirmed event{.reservation = r->id,
                             .performance = r->occasion.performance,
                             .buyer = r->buyer,
                             .seats = out.sold.seats,
                             .payment = order.payment};
  if (r->slot) {
    event.room = r->slot->room;
    event.place = r->slot->place;
  }
  tx.publish(kConfirmedTopic, r->id.str(), json::write(event));
  return out;
}

WrittenOff write_off_in(sql::Tx& tx, const WriteOffOrder& order) {
  const auto plain = find_reservation(tx, order.reservation, Lock::no);
  if (!plain) return {};
  (void)find_hold(tx, plain->hold, Lock::yes);
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  if (r->payment == order.refund.payment) return {};  // it was confirmed after all
  if (auto stored = find_refund(tx, order.refund.id)) return {.refund = std::move(stored)};
  WrittenOff out{.refund = order.refund};
  out.freed = {.performance = r->occasion.performance, .hold = r->hold};
  if (r->state == ReservationState::pending) {
    out.freed.seats = free_claims(tx, r->occasion.performance, r->hold, r->seats);
    tx.exec("DELETE FROM booking_hold WHERE id = ?", r->hold.str());
    tx.exec("UPDATE booking_reservation SET state = 'expired', ended_at = ? WHERE id = ?",
            order.now, r->id.str());
    publish_ended(tx, kExpiredTopic, *r, out.freed.seats, true);
  }
  insert_refund(tx, order.refund);
  publish_refund(tx, order.refund);
  return out;
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

std::optional<Refund> refund_for(const Reservation& r, const CancelOrder& order,
                                 const std::vector<SeatLine>& wanted) {
  if (!r.payment) return {};
  const std::int64_t before = r.list - total_of(r.seats);
  const std::int64_t amount = refund_share(r.list, r.payable, before, total_of(wanted));
  if (amount == 0) return {};
  return Refund{.id = order.refund,
                .reservation = r.id,
                .payment = *r.payment,
                .amount = {amount, r.currency},
                .reason = order.reason,
                .created_at = order.now};
}

Result<Cancelled, CancelRefusal> cancel_in(sql::Tx& tx, const CancelOrder& order) {
  const auto plain = find_reservation(tx, order.reservation, Lock::no);
  if (!plain || plain->buyer != order.buyer) {
    return std::unexpected(CancelRefusal::reservation_unknown);
  }
  (void)find_hold(tx, plain->hold, Lock::yes);
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  const bool pending = r->state == ReservationState::pending;
  if ((!pending && r->state != ReservationState::confirmed) || order.now >= r->occasion.starts_at) {
    return std::unexpected(CancelRefusal::not_cancellable);
  }
  const auto wanted = wanted_seats(*r, order);
  if (!wanted) return std::unexpected(wanted.error());
  const bool whole = std::ssize(*wanted) == std::ssize(kept_seats(*r));
  // An amount that is being paid does not change: all or nothing before that.
  if (pending && !whole) return std::unexpected(CancelRefusal::not_cancellable);

  Cancelled out{.refund = refund_for(*r, order, *wanted), .was_pending = pending};
  out.freed = {.performance = r->occasion.performance, .hold = r->hold};
  out.freed.seats = free_claims(tx, r->occasion.performance, r->hold, *wanted);
  for (const SeatLine& line : *wanted) {
    tx.exec(
        "UPDATE booking_reservation_seat SET cancelled = 1 WHERE reservation_id = ? AND seat_id = "
        "?",
        r->id.str(), line.seat);
    tx.exec("UPDATE booking_ticket SET voided = 1 WHERE reservation_id = ? AND seat_id = ?",
            r->id.str(), line.seat);
  }
  if (pending) tx.exec("DELETE FROM booking_hold WHERE id = ?", r->hold.str());
  if (whole) {
    tx.exec("UPDATE booking_reservation SET state = 'cancelled', ended_at = ? WHERE id = ?",
            order.now, r->id.str());
  }
  publish_ended(tx, kCancelledTopic, *r, out.freed.seats, whole);
  if (out.refund) {
    insert_refund(tx, *out.refund);
    publish_refund(tx, *out.refund);
  }
  return out;
}

}  // namespace

Task<Confirmed> SqlStore::confirm(ConfirmOrder order) {
  auto shared = std::make_shared<const ConfirmOrder>(std::move(order));
  Confirmed out;
  auto unit = [this, shared](sql::Tx& tx) {
    Confirmed confirmed = confirm_in(tx, *shared);
    confirmed.sold.stamp = next_stamp();
    return confirmed;
  };
  auto task = db_.write(std::move(unit));
  try {
    out = co_await std::move(task);
  } catch (SeatLost& lost) {
    out = {.state = ConfirmState::refused, .why = std::move(lost.why)};
  }
  co_return out;
}

Task<WrittenOff> SqlStore::write_off(WriteOffOrder order) {
  auto shared = std::make_shared<const WriteOffOrder>(std::move(order));
  return db_.write([this, shared](sql::Tx& tx) {
    WrittenOff out = write_off_in(tx, *shared);
    out.freed.stamp = next_stamp();
    return out;
  });
}

Task<Result<Cancelled, CancelRefusal>> SqlStore::cancel(CancelOrder order) {
  auto shared = std::make_shared<const CancelOrder>(std::move(order));
  return db_.write([this, shared](sql::Tx& tx) {
    auto out = cancel_in(tx, *shared);
    if (out) out->freed.stamp = next_stamp();
    return out;
  });
}

Task<std::optional<Refund>> SqlStore::refund(RefundId id) {
  return db_.read([id](sql::Tx& tx) { return find_refund(tx, id); });
}

Task<void> SqlStore::refund_ended(RefundId id, payments::RefundState state) {
  return db_.write([id, state](sql::Tx& tx) {
    tx.exec("UPDATE booking_refund SET state = ? WHERE id = ? AND state = 'requested'",
            payments::to_string(state), id.str());
  });
}

}  // namespace onsale::booking
