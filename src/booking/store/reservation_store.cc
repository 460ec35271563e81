// SqlStore: a hold becomes a reservation, is kept long enough to pay, and is read.
#include <algorithm>
#include <memory>

#include "booking/rules.h"
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"

namespace onsale::booking {

using rows::find_hold;
using rows::find_reservation;
using rows::find_reservation_of;
using rows::hold_of;
using rows::id;
using rows::list_reservations;
using rows::Lock;
using rows::place_of;
using rows::refunds_of;
using rows::room_of;

namespace {

constexpr std::uint64_t kNumberTries = 4;
constexpr std::size_t kAtOnce = 500;  // ids in one statement

struct ClaimLost {};

// What does not change from one try for a number to the next.
struct Reserving {
  ReserveOrder order;
  AskParticulars ask;
};

void insert_reservation(sql::Tx& tx, const Reservation& r) {
  tx.exec(
      "INSERT INTO booking_reservation (id, number, hold_id, account_id, performance_id, state, "
      "list_amount, discount, payable, currency, pay_by, created_at, room_id, place_id, show_id, "
      "title, hall, venue, starts_at, terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
      "?, ?, ?, ?, ?, ?)",
      r.id.str(), r.number, r.hold.str(), r.buyer.str(), r.occasion.performance.str(),
      to_string(r.state), r.list, r.discount, r.payable, r.currency, r.pay_by, r.created_at,
      room_of(r.slot), place_of(r.slot), r.occasion.show.str(), r.occasion.title, r.occasion.hall,
      r.occasion.venue, r.occasion.starts_at, rows::pack_policy(r.terms));
  for (std::size_t i = 0; i < r.seats.size(); ++i) {
    tx.exec(
        "INSERT INTO booking_reservation_seat (reservation_id, place, seat_id, label, grade, "
        "price, cancelled) VALUES (?, ?, ?, ?, ?, ?, 0)",
        r.id.str(), i, r.seats[i].seat, r.seats[i].label, r.seats[i].grade, r.seats[i].price);
  }
}

using TicketRow = std::tuple<std::string, std::string, std::string, std::string, std::string,
                             std::string, std::int64_t, std::string>;
constexpr std::string_view kTicketColumns =
    "SELECT t.id, t.reservation_id, r.performance_id, t.seat_id, s.label, s.grade, s.price, "
    "r.account_id FROM booking_ticket t JOIN booking_reservation r ON r.id = t.reservation_id "
    "JOIN booking_reservation_seat s ON s.reservation_id = t.reservation_id AND s.seat_id = "
    "t.seat_id WHERE t.voided = 0 AND ";

std::vector<TicketRow> ticket_rows(sql::Tx& tx, std::string_view condition,
                                   const std::string& key) {
  return tx.query<std::string, std::string, std::string, std::string, std::string, std::string,
                  std::int64_t, std::string>(
      std::string(kTicketColumns) + std::string(condition) + " ORDER BY s.place", key);
}

Ticket from_row(const TicketRow& row) {
  const auto& [tid, reservation, performance, seat, label, grade, price, account] = row;
  return {.id = id<TicketId>(tid),
          .reservation = id<ReservationId>(reservation),
          .performance = id<PerformanceId>(performance),
          .seat = seat,
          .label = label,
          .grade = grade,
          .price = price};
}

Extended lengthen(sql::Tx& tx, const ExtendOrder& order, Reservation reservation,
                  const Hold& hold) {
  const Timestamp until =
      order.deposit ? deposit_until(order.settings, hold.created_at, hold.expires_at,
                                    order.deposit->until, reservation.occasion.starts_at)
                    : extended_until(order.settings, hold.created_at, hold.expires_at, order.now);
  Extended out{.reservation = std::move(reservation), .until = until};
  out.held.performance = hold.performance;
  out.held.hold = hold.id;
  if (until > hold.expires_at) {
    tx.exec("UPDATE booking_hold SET expires_at = ? WHERE id = ?", until, hold.id.str());
    for (const SeatLine& line : hold.seats) {
      const auto rows = tx.exec(
          "UPDATE booking_claim SET expires_at = ? WHERE performance_id = ? AND seat_id = ? AND "
          "hold_id = ? AND state = 'held'",
          until, hold.performance.str(), line.seat, hold.id.str());
      if (rows != 1) throw ClaimLost{};
    }
    tx.exec("UPDATE booking_reservation SET pay_by = ? WHERE id = ?", until,
            out.reservation.id.str());
  }
  for (const SeatLine& line : hold.seats) out.held.seats.push_back(line.seat);
  return out;
}

Result<Extended, PayRefusal> extend_in(sql::Tx& tx, const ExtendOrder& order) {
  const auto of = hold_of(tx, order.reservation);
  if (!of) return std::unexpected(PayRefusal::reservation_unknown);
  const auto hold = find_hold(tx, *of, Lock::yes);
  auto reservation = find_reservation(tx, order.reservation, Lock::yes);
  if (!reservation || reservation->buyer != order.buyer)
    return std::unexpected(PayRefusal::reservation_unknown);
  if (reservation->state != ReservationState::pending)
    return std::unexpected(PayRefusal::not_payable);
  if (reservation->payable == 0) return Extended{.reservation = std::move(*reservation)};
  if (!hold || hold->expires_at <= order.now || reservation->called_off)
    return std::unexpected(PayRefusal::not_payable);
  return lengthen(tx, order, std::move(*reservation), *hold);
}

Result<Reservation, ReserveRefusal> reserve_in(sql::Tx& tx, const Reserving& reserving,
                                               const std::string& number) {
  const ReserveOrder& order = reserving.order;
  auto hold = find_hold(tx, order.hold, Lock::yes);
  if (auto made = find_reservation_of(tx, order.hold, Lock::no)) {
    if (made->buyer != order.buyer) return std::unexpected(ReserveRefusal::hold_unknown);
    return std::move(*made);
  }
  if (!hold || hold->buyer != order.buyer) return std::unexpected(ReserveRefusal::hold_unknown);
  if (hold->expires_at <= order.now) return std::unexpected(ReserveRefusal::hold_expired);
  auto particulars = reserving.ask(hold->performance);
  if (!particulars) return std::unexpected(particulars.error());
  Reservation made{.id = order.id,
                   .number = number,
                   .buyer = order.buyer,
                   .hold = order.hold,
                   .occasion = std::move(particulars->occasion),
                   .seats = std::move(hold->seats),
                   .list = hold->total.amount,
                   .payable = hold->total.amount,
                   .currency = std::move(hold->total.currency),
                   .pay_by = hold->expires_at,
                   .created_at = order.now,
                   .slot = std::move(hold->slot),
                   .terms = std::move(particulars->terms)};
  insert_reservation(tx, made);
  return made;
}

}  // namespace

Task<Result<Reservation, ReserveRefusal>> SqlStore::reserve(ReserveOrder order,
                                                            AskParticulars ask) {
  auto shared = std::make_shared<const Reserving>(std::move(order), std::move(ask));
  std::optional<Result<Reservation, ReserveRefusal>> made;
  for (std::uint64_t attempt = 0; !made; ++attempt) {
    // The numbers come from the id's random bits; one that is taken asks for another.
    auto number = reservation_number(shared->order.id.raw().low + attempt * 0x9E3779B97F4A7C15ULL);
    // GCC 12 destroys a temporary unit twice: it has a name.
    auto unit = [shared, number](sql::Tx& tx) { return reserve_in(tx, *shared, number); };
    auto task = db_.write(std::move(unit));
    try {
      made = co_await std::move(task);
    } catch (const sql::UniqueViolation&) {
      if (attempt == kNumberTries) throw;
    }
  }
  co_return std::move(*made);
}

Task<std::optional<Reservation>> SqlStore::find(ReservationId id) {
  return db_.read([id](sql::Tx& tx) {
    auto found = find_reservation(tx, id, Lock::no);
    if (found) found->refunds = refunds_of(tx, id);
    return found;
  });
}

// Among the writes: on SQLite a row that was just written is in the writer's memory, and a reader
// of its own would fetch it from the log for ten times the price.
Task<std::optional<Standing>> SqlStore::standing(ReservationId id) {
  return db_.write([id](sql::Tx& tx) -> std::optional<Standing> {
    const auto row = tx.one<std::string, std::optional<std::string>>(
        "SELECT state, payment_id FROM booking_reservation WHERE id = ?", id.str());
    if (!row) return {};
    const auto& [state, payment] = *row;
    Standing out{.state = rows::state_of(state)};
    if (payment) out.payment = rows::id<PaymentId>(*payment);
    return out;
  });
}

Task<std::optional<Reservation>> SqlStore::find_by_hold(HoldId id) {
  return db_.read([id](sql::Tx& tx) { return find_reservation_of(tx, id, Lock::no); });
}

Task<ReservationPage> SqlStore::list(ReservationQuery query) {
  auto shared = std::make_shared<const ReservationQuery>(std::move(query));
  return db_.read([shared](sql::Tx& tx) {
    ReservationPage page;
    page.items = list_reservations(tx, *shared, std::int64_t{shared->limit} + 1);
    if (std::ssize(page.items) > shared->limit) {
      page.items.pop_back();
      page.next = page.items.back().id;
    }
    return page;
  });
}

Task<Result<Extended, PayRefusal>> SqlStore::extend(ExtendOrder order) {
  Result<Extended, PayRefusal> extended = std::unexpected(PayRefusal::not_payable);
  auto unit = [this, order](sql::Tx& tx) {
    auto out = extend_in(tx, order);
    if (out && out->until) out->held.stamp = next_stamp();
    return out;
  };
  auto task = change(std::move(unit));
  try {
    extended = co_await std::move(task);
  } catch (const ClaimLost&) {
    extended = std::unexpected(PayRefusal::not_payable);
  }
  co_return extended;
}

Task<std::optional<std::vector<Ticket>>> SqlStore::tickets(ReservationId id, AccountId buyer) {
  return db_.read([id, buyer](sql::Tx& tx) -> std::optional<std::vector<Ticket>> {
    const auto theirs = tx.one<std::int64_t>(
        "SELECT 1 FROM booking_reservation WHERE id = ? AND account_id = ?", id.str(), buyer.str());
    if (!theirs) return {};
    std::vector<Ticket> out;
    for (const auto& row : ticket_rows(tx, "t.reservation_id = ?", id.str())) {
      out.push_back(from_row(row));
    }
    return out;
  });
}

Task<std::optional<std::pair<Ticket, AccountId>>> SqlStore::ticket(TicketId id) {
  return db_.read([id](sql::Tx& tx) -> std::optional<std::pair<Ticket, AccountId>> {
    const auto found = ticket_rows(tx, "t.id = ?", id.str());
    if (found.empty()) return {};
    return std::pair(from_row(found.front()), rows::id<AccountId>(std::get<7>(found.front())));
  });
}

Task<std::map<std::string, SoldAs>> SqlStore::shows_of(std::vector<std::string> reservations) {
  return db_.read([ids = std::move(reservations)](sql::Tx& tx) {
    std::map<std::string, SoldAs> out;
    for (std::size_t from = 0; from < ids.size(); from += kAtOnce) {
      const auto count = static_cast<std::ptrdiff_t>(std::min(kAtOnce, ids.size() - from));
      const auto first = ids.begin() + static_cast<std::ptrdiff_t>(from);
      const std::vector<sql::Param> params(first, first + count);
      std::string marks = "?";
      for (std::ptrdiff_t i = 1; i < count; ++i) marks += ",?";
      for (auto& [reservation, show, title] : tx.query_with<std::string, std::string, std::string>(
               "SELECT id, show_id, title FROM booking_reservation WHERE id IN (" + marks + ")",
               params)) {
        out[reservation] = {rows::id<catalogue::ShowId>(show), std::move(title)};
      }
    }
    return out;
  });
}

}  // namespace onsale::booking
