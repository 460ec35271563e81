// SqlStore: seats are sold, written off, given back.
#include <memory>

#include "booking/events.h"
#include "booking/refund_reasons.h"
#include "booking/rules.h"
#include "booking/store/ledger_store.h"
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"
#include "platform/json/json.h"

namespace onsale::booking {

using rows::count_seats;
using rows::find_hold;
using rows::find_refund;
using rows::find_reservation;
using rows::free_claims;
using rows::hold_of;
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
  if (rows == 0) throw SeatLost{std::string(reasons::kSeatsSold)};
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

// What was decided about `r` under its lock; the statement names the state that was seen.
void move(sql::Tx& tx, const Reservation& r, ReservationState to, Timestamp now) {
  const auto rows =
      tx.exec("UPDATE booking_reservation SET state = ?, ended_at = ? WHERE id = ? AND state = ?",
              to_string(to), now, r.id.str(), to_string(r.state));
  if (rows != 1) throw sql::Failure("a reservation changed under its lock");
}

void buy(sql::Tx& tx, const Reservation& r, const ConfirmOrder& order) {
  std::optional<std::string> payment;
  if (order.payment) payment = order.payment->str();
  const auto rows = tx.exec(
      "UPDATE booking_reservation SET state = 'confirmed', ended_at = ?, payment_id = ?, "
      "bought_at = ? WHERE id = ? AND state = ?",
      order.now, payment, order.now, r.id.str(), to_string(r.state));
  if (rows != 1) throw sql::Failure("a reservation changed under its lock");
}

Confirmed confirm_in(sql::Tx& tx, const ConfirmOrder& order, bool book) {
  const auto of = hold_of(tx, order.reservation);
  if (!of) return {.state = ConfirmState::unknown};
  (void)find_hold(tx, *of, Lock::yes);  // same order of locks as extend and expire
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  const bool goes_back = order.payment && find_refund(tx, refund_of(*order.payment)).has_value();
  auto verdict = may_confirm(*r, order, goes_back);
  if (verdict.state != ConfirmState::confirmed) {
    return {.state = verdict.state, .why = std::move(verdict.why)};
  }
  const std::string performance = r->occasion.performance.str();
  Confirmed out{.state = ConfirmState::confirmed};
  out.sold = {.performance = r->occasion.performance, .hold = r->hold, .seats = kept_seats(*r)};
  if (r->pay_by <= order.now) {  // its claims count no more, swept or not
    lock_quota(tx, performance, r->buyer.str(), order.now);
    const auto others = count_seats(tx, performance, r->buyer.str(), r->hold.str(), order.now);
    if (others + std::ssize(out.sold.seats) > order.seats_max) {
      throw SeatLost{std::string(reasons::kSeatsMax)};
    }
  }
  for (const std::string& seat : out.sold.seats) sell(tx, *r, seat, order.now);
  buy(tx, *r, order);
  if (order.payment && book) books::confirmed(tx, *r, *order.payment, order.now);
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
  const auto of = hold_of(tx, order.reservation);
  if (!of) return {};
  (void)find_hold(tx, *of, Lock::yes);
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  if (!may_write_off(*r, order.refund.payment)) return {};  // it was confirmed after all
  if (auto stored = find_refund(tx, order.refund.id)) return {.refund = std::move(stored)};
  WrittenOff out{.refund = order.refund};
  out.freed = {.performance = r->occasion.performance, .hold = r->hold};
  if (r->state == ReservationState::pending) {
    out.freed.seats = free_claims(tx, r->occasion.performance, r->hold, r->seats);
    tx.exec("DELETE FROM booking_hold WHERE id = ?", r->hold.str());
    move(tx, *r, ReservationState::expired, order.now);
    publish_ended(tx, kExpiredTopic, *r, out.freed.seats, true);
  }
  insert_refund(tx, order.refund);
  publish_refund(tx, order.refund);
  return out;
}

Result<Cancelled, CancelRefusal> cancel_in(sql::Tx& tx, const CancelOrder& order) {
  const auto of = hold_of(tx, order.reservation);
  if (!of) return std::unexpected(CancelRefusal::reservation_unknown);
  (void)find_hold(tx, *of, Lock::yes);
  const auto r = find_reservation(tx, order.reservation, Lock::yes);
  auto known = find_refund(tx, order.refund);
  if (known && known->reservation == r->id && r->buyer == order.buyer) {
    return Cancelled{.refund = std::move(known)};  // the same once more: the answer was lost
  }
  auto verdict = may_cancel(*r, order);
  if (!verdict) return std::unexpected(verdict.error());

  Cancelled out{.refund = std::move(verdict->refund), .was_pending = verdict->pending};
  out.freed = {.performance = r->occasion.performance, .hold = r->hold};
  out.freed.seats = free_claims(tx, r->occasion.performance, r->hold, verdict->seats);
  for (const SeatLine& line : verdict->seats) {
    tx.exec(
        "UPDATE booking_reservation_seat SET cancelled = 1 WHERE reservation_id = ? AND seat_id = "
        "?",
        r->id.str(), line.seat);
    tx.exec("UPDATE booking_ticket SET voided = 1 WHERE reservation_id = ? AND seat_id = ?",
            r->id.str(), line.seat);
  }
  if (verdict->pending) tx.exec("DELETE FROM booking_hold WHERE id = ?", r->hold.str());
  if (verdict->whole) move(tx, *r, ReservationState::cancelled, order.now);
  books::cancelled(tx, *r, verdict->seats, verdict->cost, order.now);
  publish_ended(tx, kCancelledTopic, *r, out.freed.seats, verdict->whole);
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
    Confirmed confirmed = confirm_in(tx, *shared, bool(guards_.book_sales));
    confirmed.sold.stamp = next_stamp();
    return confirmed;
  };
  auto task = change(std::move(unit));
  try {
    out = co_await std::move(task);
  } catch (SeatLost& lost) {
    out = {.state = ConfirmState::refused, .why = std::move(lost.why)};
  }
  co_return out;
}

Task<WrittenOff> SqlStore::write_off(WriteOffOrder order) {
  auto shared = std::make_shared<const WriteOffOrder>(std::move(order));
  return change([this, shared](sql::Tx& tx) {
    WrittenOff out = write_off_in(tx, *shared);
    out.freed.stamp = next_stamp();
    return out;
  });
}

Task<Result<Cancelled, CancelRefusal>> SqlStore::cancel(CancelOrder order) {
  auto shared = std::make_shared<const CancelOrder>(std::move(order));
  return change([this, shared](sql::Tx& tx) {
    auto out = cancel_in(tx, *shared);
    if (out) out->freed.stamp = next_stamp();
    return out;
  });
}

Task<std::optional<Refund>> SqlStore::refund(RefundId id) {
  return db_.read([id](sql::Tx& tx) { return find_refund(tx, id); });
}

// Money that is back is back; a failure may still be made good.
Task<void> SqlStore::refund_ended(RefundId id, payments::RefundState state) {
  return db_.write([id, state](sql::Tx& tx) {
    tx.exec("UPDATE booking_refund SET state = ? WHERE id = ? AND state <> 'done'",
            payments::to_string(state), id.str());
  });
}

Task<std::vector<Refund>> SqlStore::failed_refunds() {
  return db_.read([](sql::Tx& tx) { return rows::refunds_in(tx, payments::RefundState::failed); });
}

}  // namespace onsale::booking
