// What booking's routes read and answer. Included by its *http.cc only.
#pragma once

#include <boost/describe.hpp>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "booking/api/cancellation_http.h"
#include "booking/booking.h"
#include "booking/refund_reasons.h"
#include "platform/http/router.h"

namespace onsale::booking {

BOOST_DESCRIBE_ENUM(ReservationState, pending, confirmed, cancelled, expired)
BOOST_DESCRIBE_ENUM(SeatState, free, held, sold)
BOOST_DESCRIBE_ENUM(RefundWhy, cancelled, seats_gone, too_late, after_cancel, paid_twice, seats_max,
                    other_amount, called_off)
enum class BoughtSeatState { kept, cancelled };
BOOST_DESCRIBE_ENUM(BoughtSeatState, kept, cancelled)

// Longer than any rule allows, so that the rules name what is wrong.
using SeatName = json::Text<0, 64>;

struct BestBody {
  json::Int<1, 1000> quantity;
  std::optional<json::Text<1, 64>> grade;
};
BOOST_DESCRIBE_STRUCT(BestBody, (), (quantity, grade))
struct HoldBody {
  std::optional<std::vector<SeatName>> seats;
  std::optional<BestBody> best;
};
BOOST_DESCRIBE_STRUCT(HoldBody, (), (seats, best))

struct ReserveBody {
  HoldId hold_id;
  std::optional<json::Text<1, 64>> coupon_id;
};
BOOST_DESCRIBE_STRUCT(ReserveBody, (), (hold_id, coupon_id))

struct PayBody {
  payments::ProviderName provider = payments::ProviderName::sandbox;
  json::Text<0, 2000> return_url;
};
BOOST_DESCRIBE_STRUCT(PayBody, (), (provider, return_url))

// The buyer's own account, for what was deposited. Nothing of it is ever shown again.
struct RefundAccountBody {
  json::Text<1, 20> bank;  // its code: "20"
  json::Text<6, 30> account;
  json::Text<1, 60> holder;
};
BOOST_DESCRIBE_STRUCT(RefundAccountBody, (), (bank, account, holder))

struct CancelBody {
  std::optional<std::vector<SeatName>> seats;
  // What the caller was told that comes back; nothing is done when it is another amount by now.
  std::optional<json::Int<0, std::numeric_limits<std::int64_t>::max()>> refund_expected;
  std::optional<json::Text<0, 200>> reason;
  std::optional<RefundAccountBody> refund_account;  // see refund_account_needed of the payment
};
BOOST_DESCRIBE_STRUCT(CancelBody, (), (seats, refund_expected, reason, refund_account))

struct ListQuery {
  std::optional<ReservationState> state;
  std::optional<json::Int<1, 100>> limit;
  std::optional<ReservationId> cursor;
};
BOOST_DESCRIBE_STRUCT(ListQuery, (), (state, limit, cursor))
struct AdminListQuery {
  std::optional<ReservationState> state;
  std::optional<PerformanceId> performance_id;
  std::optional<AccountId> account_id;
  std::optional<json::Text<8, 8>> number;
  std::optional<json::Int<1, 100>> limit;
  std::optional<ReservationId> cursor;
};
BOOST_DESCRIBE_STRUCT(AdminListQuery, (),
                      (state, performance_id, account_id, number, limit, cursor))

struct HeldSeatView {
  std::string id, label, grade;
  std::int64_t price = 0;
};
BOOST_DESCRIBE_STRUCT(HeldSeatView, (), (id, label, grade, price))
struct HoldView {
  HoldId id;
  PerformanceId performance_id;
  std::vector<HeldSeatView> seats;
  std::int64_t total = 0;
  std::string currency;
  Timestamp expires_at{};
};
BOOST_DESCRIBE_STRUCT(HoldView, (), (id, performance_id, seats, total, currency, expires_at))

struct HallView {
  std::string name, venue;
};
BOOST_DESCRIBE_STRUCT(HallView, (), (name, venue))
struct OccasionView {
  PerformanceId id;
  catalogue::ShowId show_id;
  std::string show_title;
  HallView hall;
  Timestamp starts_at{};
};
BOOST_DESCRIBE_STRUCT(OccasionView, (), (id, show_id, show_title, hall, starts_at))
struct BoughtSeatView {
  std::string id, label, grade;
  std::int64_t price = 0;
  BoughtSeatState state = BoughtSeatState::kept;
};
BOOST_DESCRIBE_STRUCT(BoughtSeatView, (), (id, label, grade, price, state))
struct AmountView {
  std::int64_t list = 0, discount = 0, payable = 0;
};
BOOST_DESCRIBE_STRUCT(AmountView, (), (list, discount, payable))
struct RefundView {
  RefundId id;
  std::int64_t amount = 0;
  payments::RefundState state = payments::RefundState::requested;
  RefundWhy why = RefundWhy::cancelled;
  Timestamp created_at{};
};
BOOST_DESCRIBE_STRUCT(RefundView, (), (id, amount, state, why, created_at))
struct ReservationView {
  ReservationId id;
  std::string number;
  ReservationState state = ReservationState::pending;
  OccasionView performance;
  std::vector<BoughtSeatView> seats;  // those that are kept; all of one that is over
  AmountView amount;
  std::string currency;
  std::optional<Timestamp> pay_by;  // while pending
  Timestamp created_at{};
  std::optional<PaymentId> payment_id;
  std::optional<AccountId> account_id;  // for the back office
  std::vector<RefundView> refunds;
  // What giving seats back costs: the first step that holds. None once it is over.
  std::optional<std::vector<CancellationStepView>> cancellation_steps;
  bool called_off = false;  // the performance is not going to be
};
BOOST_DESCRIBE_STRUCT(ReservationView, (),
                      (id, number, state, performance, seats, amount, currency, pay_by, created_at,
                       payment_id, account_id, refunds, cancellation_steps, called_off))
struct ReservationListView {
  std::vector<ReservationView> items;
  std::optional<ReservationId> next_cursor;
};
BOOST_DESCRIBE_STRUCT(ReservationListView, (), (items, next_cursor))

struct PayingView {
  std::optional<PaymentId> payment_id;
  payments::PaymentState state = payments::PaymentState::pending;
  std::string redirect_url;
};
BOOST_DESCRIBE_STRUCT(PayingView, (), (payment_id, state, redirect_url))

struct TicketView {
  TicketId id;
  HeldSeatView seat;
  std::string qr_svg_url, token;
};
BOOST_DESCRIBE_STRUCT(TicketView, (), (id, seat, qr_svg_url, token))

HoldView view(const Hold& hold);
ReservationView view(const Reservation& reservation);
AccountId caller(const http::Call& call);

http::Problem problem(const Refused<HoldRefusal>& refusal);
// The return from a pay page can't be answered: a page, in every case, for it is a person who comes
// back and not a program. It says that nothing has to be paid again, leads to the reservations and,
// where waiting helps (429 and 5xx), asks again by itself.
http::Raw return_trouble(const http::Call& call, const http::Problem& problem);
http::Problem problem(ReserveRefusal refusal);
http::Problem problem(PayRefusal refusal);
http::Problem problem(CancelRefusal refusal);

}  // namespace onsale::booking
