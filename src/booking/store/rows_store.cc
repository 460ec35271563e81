#include "booking/store/rows_store.h"

#include <array>
#include <charconv>
#include <unordered_map>

#include "booking/events.h"
#include "platform/json/json.h"

namespace onsale::booking::rows {

namespace {

constexpr std::string_view kHoldColumns =
    "id, performance_id, account_id, seats, total, currency, created_at, expires_at, room_id, "
    "place_id";

using ReservationRow =
    std::tuple<std::string, std::string, std::string, std::string, std::string, std::string,
               std::int64_t, std::int64_t, std::int64_t, std::string, Timestamp, Timestamp,
               std::optional<std::string>, std::optional<std::string>, std::optional<std::string>,
               std::string, std::string, std::string, std::string, Timestamp,
               std::optional<std::string>, std::optional<Timestamp>, std::optional<Timestamp>>;
const std::string kReservationColumns =
    "SELECT id, number, hold_id, account_id, performance_id, state, list_amount, discount, "
    "payable, currency, pay_by, created_at, payment_id, room_id, place_id, show_id, title, hall, "
    "venue, starts_at, terms, bought_at, (SELECT c.at FROM booking_called_off c WHERE "
    "c.performance_id = booking_reservation.performance_id) FROM booking_reservation WHERE ";
constexpr std::string_view kSeatColumns = "s.seat_id, s.label, s.grade, s.price, s.cancelled";

Reservation from_row(ReservationRow row) {
  auto& [rid, number, hold, account, performance, state, list, discount, payable, currency, pay_by,
         created_at, payment, room, place, show, title, hall, venue, starts_at, terms, bought_at,
         called_off_at] = row;
  Reservation out{.id = id<ReservationId>(rid),
                  .number = std::move(number),
                  .state = state_of(state),
                  .buyer = id<AccountId>(account),
                  .hold = id<HoldId>(hold),
                  .occasion = {.performance = id<PerformanceId>(performance),
                               .show = id<catalogue::ShowId>(show),
                               .title = std::move(title),
                               .hall = std::move(hall),
                               .venue = std::move(venue),
                               .starts_at = starts_at},
                  .list = list,
                  .discount = discount,
                  .payable = payable,
                  .currency = std::move(currency),
                  .pay_by = pay_by,
                  .created_at = created_at,
                  .slot = slot_of(room, place),
                  .called_off = called_off_at.has_value(),
                  .called_off_at = called_off_at,
                  .bought_at = bought_at};
  if (payment) out.payment = id<PaymentId>(*payment);
  if (terms) out.terms = unpack_policy(*terms);
  return out;
}

template <class... A>
std::vector<ReservationRow> reservation_rows(sql::Tx& tx, const std::string& sql,
                                             const A&... args) {
  // The tuple's members as a pack.
  return [&]<class... C>(std::type_identity<std::tuple<C...>>) {
    return tx.query<C...>(sql, args...);
  }(std::type_identity<ReservationRow>{});
}

std::vector<ReservationRow> reservation_rows_with(sql::Tx& tx, const std::string& sql,
                                                  std::span<const sql::Param> params) {
  return [&]<class... C>(std::type_identity<std::tuple<C...>>) {
    return tx.query_with<C...>(sql, params);
  }(std::type_identity<ReservationRow>{});
}

std::optional<Reservation> only(sql::Tx& tx, std::vector<ReservationRow> rows) {
  if (rows.empty()) return {};
  Reservation out = from_row(std::move(rows.front()));
  for (auto& [seat, label, grade, price, cancelled] :
       tx.query<std::string, std::string, std::string, std::int64_t, bool>(
           "SELECT s.seat_id, s.label, s.grade, s.price, s.cancelled FROM "
           "booking_reservation_seat s WHERE s.reservation_id = ? ORDER BY s.place",
           out.id.str())) {
    out.seats.push_back({std::move(seat), std::move(label), std::move(grade), price, cancelled});
  }
  return out;
}

std::string_view next_field(std::string_view& text, char end) {
  const auto at = text.find(end);
  if (at == std::string_view::npos) throw sql::Failure("booking_hold holds malformed seats");
  const std::string_view field = text.substr(0, at);
  text.remove_prefix(at + 1);
  return field;
}

using RefundRow = std::tuple<std::string, std::string, std::string, std::int64_t, std::string,
                             std::string, std::string, Timestamp>;
constexpr std::string_view kRefundColumns =
    "SELECT id, reservation_id, payment_id, amount, currency, reason, state, created_at FROM "
    "booking_refund WHERE ";

Refund from_row(RefundRow row) {
  auto& [rid, reservation, payment, amount, currency, reason, state, created_at] = row;
  Refund out{.id = id<RefundId>(rid),
             .reservation = id<ReservationId>(reservation),
             .payment = id<PaymentId>(payment),
             .amount = {amount, std::move(currency)},
             .reason = std::move(reason),
             .created_at = created_at};
  for (const auto each : {payments::RefundState::requested, payments::RefundState::done,
                          payments::RefundState::failed}) {
    if (payments::to_string(each) == state) out.state = each;
  }
  return out;
}

std::vector<Refund> refunds_with(sql::Tx& tx, const std::string& condition,
                                 std::span<const sql::Param> params) {
  std::vector<Refund> out;
  for (auto& row :
       tx.query_with<std::string, std::string, std::string, std::int64_t, std::string, std::string,
                     std::string, Timestamp>(std::string(kRefundColumns) + condition, params)) {
    out.push_back(from_row(std::move(row)));
  }
  return out;
}

template <class... A>
std::vector<Refund> refunds_where(sql::Tx& tx, const std::string& condition, const A&... args) {
  const std::array params{sql::detail::to_param(args)...};
  return refunds_with(tx, condition, params);
}

// A page of reservations with their seats and refunds.
std::vector<Reservation> whole_reservations(sql::Tx& tx, const std::string& where,
                                            std::span<const sql::Param> params) {
  std::vector<Reservation> out;
  std::unordered_map<std::string, std::size_t> at;
  for (auto& row : reservation_rows_with(tx, kReservationColumns + where, params)) {
    at[std::get<0>(row)] = out.size();
    out.push_back(from_row(std::move(row)));
  }
  if (out.empty()) return out;
  const std::string same = "(SELECT id FROM booking_reservation WHERE " + where + ") r";
  const std::string seats = "SELECT s.reservation_id, " + std::string(kSeatColumns) +
                            " FROM booking_reservation_seat s JOIN " + same +
                            " ON r.id = s.reservation_id ORDER BY s.reservation_id, s.place";
  for (auto& [rid, seat, label, grade, price, cancelled] :
       tx.query_with<std::string, std::string, std::string, std::string, std::int64_t, bool>(
           seats, params)) {
    const auto found = at.find(rid);
    if (found == at.end()) continue;
    out[found->second].seats.push_back(
        {std::move(seat), std::move(label), std::move(grade), price, cancelled});
  }
  const std::string theirs =
      "reservation_id IN (SELECT r.id FROM " + same + ") ORDER BY created_at, id";
  for (Refund& refund : refunds_with(tx, theirs, params)) {
    const auto found = at.find(refund.reservation.str());
    if (found != at.end()) out[found->second].refunds.push_back(std::move(refund));
  }
  return out;
}

}  // namespace

std::string pack_seats(const std::vector<SeatLine>& seats) {
  std::string out;
  for (const SeatLine& line : seats) {
    out += line.seat;
    out += '\t';
    out += line.label;
    out += '\t';
    out += line.grade;
    out += '\t';
    out += std::to_string(line.price);
    out += '\n';
  }
  return out;
}

std::vector<SeatLine> unpack_seats(std::string_view text) {
  std::vector<SeatLine> seats;
  while (!text.empty()) {
    SeatLine line;
    line.seat = next_field(text, '\t');
    line.label = next_field(text, '\t');
    line.grade = next_field(text, '\t');
    const std::string_view price = next_field(text, '\n');
    std::from_chars(price.data(), price.data() + price.size(), line.price);
    seats.push_back(std::move(line));
  }
  return seats;
}

std::string pack_policy(const CancellationPolicy& policy) { return json::write(policy); }

CancellationPolicy unpack_policy(std::string_view text) {
  auto steps = json::read<CancellationPolicy>(text);
  if (!steps) throw sql::Failure("a booking table holds a malformed cancellation policy");
  return std::move(*steps);
}

std::optional<std::string> room_of(const std::optional<Slot>& slot) {
  if (!slot) return {};
  return slot->room;
}
std::optional<std::string> place_of(const std::optional<Slot>& slot) {
  if (!slot) return {};
  return slot->place.str();
}
std::optional<Slot> slot_of(const std::optional<std::string>& room,
                            const std::optional<std::string>& place) {
  if (!room || !place) return {};
  return Slot{*room, id<waitroom::PlaceId>(*place)};
}

ReservationState state_of(const std::string& text) {
  const auto parsed = parse_reservation_state(text);
  if (!parsed) throw sql::Failure("booking_reservation holds an unknown state");
  return *parsed;
}

std::optional<HoldId> hold_of(sql::Tx& tx, ReservationId reservation) {
  const auto row = tx.one<std::string>("SELECT hold_id FROM booking_reservation WHERE id = ?",
                                       reservation.str());
  if (!row) return {};
  return id<HoldId>(std::get<0>(*row));
}

std::optional<Hold> find_hold(sql::Tx& tx, HoldId hold, Lock lock) {
  static const std::string kPlain =
      "SELECT " + std::string(kHoldColumns) + " FROM booking_hold WHERE id = ?";
  static const std::string kLocked = kPlain + " FOR UPDATE";
  auto row = tx.one<std::string, std::string, std::string, std::string, std::int64_t, std::string,
                    Timestamp, Timestamp, std::optional<std::string>, std::optional<std::string>>(
      lock == Lock::yes ? kLocked : kPlain, hold.str());
  if (!row) return {};
  auto& [hid, performance, account, seats, total, currency, created_at, expires_at, room, place] =
      *row;
  return Hold{.id = id<HoldId>(hid),
              .performance = id<PerformanceId>(performance),
              .buyer = id<AccountId>(account),
              .seats = unpack_seats(seats),
              .total = {total, std::move(currency)},
              .created_at = created_at,
              .expires_at = expires_at,
              .slot = slot_of(room, place)};
}

std::optional<Reservation> find_reservation(sql::Tx& tx, ReservationId reservation, Lock lock) {
  static const std::string kPlain = kReservationColumns + "id = ?";
  static const std::string kLocked = kPlain + " FOR UPDATE";
  return only(tx, reservation_rows(tx, lock == Lock::yes ? kLocked : kPlain, reservation.str()));
}

std::optional<Reservation> find_reservation_of(sql::Tx& tx, HoldId hold, Lock lock) {
  static const std::string kPlain = kReservationColumns + "hold_id = ?";
  static const std::string kLocked = kPlain + " FOR UPDATE";
  return only(tx, reservation_rows(tx, lock == Lock::yes ? kLocked : kPlain, hold.str()));
}

std::vector<Reservation> list_reservations(sql::Tx& tx, const ReservationQuery& query,
                                           std::int64_t limit) {
  std::string where = "1 = 1";
  std::vector<std::string> values;
  const auto also = [&](std::string_view condition, std::string value) {
    where += condition;
    values.push_back(std::move(value));
  };
  if (query.buyer) also(" AND account_id = ?", query.buyer->str());
  if (query.performance) also(" AND performance_id = ?", query.performance->str());
  if (query.state) also(" AND state = ?", std::string(to_string(*query.state)));
  if (!query.number.empty()) also(" AND number = ?", query.number);
  if (query.before) also(" AND id < ?", query.before->str());
  std::vector<sql::Param> params;
  for (const std::string& value : values) params.emplace_back(std::string_view(value));
  params.emplace_back(limit);
  return whole_reservations(tx, where + " ORDER BY id DESC LIMIT ?", params);
}

std::vector<Reservation> reservations_after(sql::Tx& tx, const std::string& after, int limit) {
  const std::array<sql::Param, 2> params{std::string_view(after), std::int64_t{limit}};
  return whole_reservations(tx, "id > ? ORDER BY id LIMIT ?", params);
}

std::vector<Refund> refunds_of(sql::Tx& tx, ReservationId reservation) {
  return refunds_where(tx, "reservation_id = ? ORDER BY created_at, id", reservation.str());
}

std::vector<Refund> refunds_waiting(sql::Tx& tx, Timestamp before, const std::string& after,
                                    int limit) {
  return refunds_where(tx, "state = 'requested' AND id > ? AND created_at <= ? ORDER BY id LIMIT ?",
                       after, before, limit);
}

std::vector<Refund> refunds_in(sql::Tx& tx, payments::RefundState state) {
  return refunds_where(tx, "state = ? ORDER BY id", std::string(payments::to_string(state)));
}

std::optional<Refund> find_refund(sql::Tx& tx, RefundId refund) {
  auto found = refunds_where(tx, "id = ?", refund.str());
  if (found.empty()) return {};
  return std::move(found.front());
}

void insert_refund(sql::Tx& tx, const Refund& refund) {
  tx.exec(
      "INSERT INTO booking_refund (id, reservation_id, payment_id, amount, currency, reason, "
      "state, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      refund.id.str(), refund.reservation.str(), refund.payment.str(), refund.amount.amount,
      refund.amount.currency, refund.reason, payments::to_string(refund.state), refund.created_at);
}

std::vector<std::string> free_claims(sql::Tx& tx, PerformanceId performance, HoldId hold,
                                     const std::vector<SeatLine>& seats) {
  const std::string performance_id = performance.str();
  const std::string hold_id = hold.str();
  std::vector<std::string> freed;
  for (const SeatLine& line : seats) {
    const auto rows = tx.exec(
        "DELETE FROM booking_claim WHERE performance_id = ? AND seat_id = ? AND hold_id = ?",
        performance_id, line.seat, hold_id);
    if (rows > 0) freed.push_back(line.seat);
  }
  return freed;
}

std::int64_t count_seats(sql::Tx& tx, const std::string& performance, const std::string& account,
                         const std::string& besides, Timestamp now) {
  const auto row = tx.one<std::int64_t>(
      "SELECT COUNT(*) FROM booking_claim WHERE performance_id = ? AND account_id = ? AND "
      "hold_id <> ? AND (state = 'sold' OR expires_at > ?)",
      performance, account, besides, now);
  return std::get<0>(*row);
}

void lock_quota(sql::Tx& tx, const std::string& performance, const std::string& account,
                Timestamp now) {
  if (tx.dialect() == sql::Dialect::sqlite) return;
  tx.exec(
      "INSERT INTO booking_quota (performance_id, account_id, counted_at) VALUES (?, ?, ?) ON "
      "DUPLICATE KEY UPDATE counted_at = VALUES(counted_at)",
      performance, account, now);
}

void publish_ended(sql::Tx& tx, std::string_view topic, const Reservation& reservation,
                   const std::vector<std::string>& seats, bool whole) {
  tx.publish(topic, reservation.id.str(),
             json::write(ReservationEnded{.reservation = reservation.id,
                                          .performance = reservation.occasion.performance,
                                          .buyer = reservation.buyer,
                                          .seats = seats,
                                          .whole = whole,
                                          .called_off = reservation.called_off}));
}

void publish_refund(sql::Tx& tx, const Refund& refund) {
  tx.publish(kRefundRequestedTopic, refund.reservation.str(),
             json::write(RefundRequested{refund.id, refund.reservation}));
}

}  // namespace onsale::booking::rows
