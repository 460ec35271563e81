// The facts that booking publishes, in the same transaction as what they tell. At least once and in
// order. The JSON of the outbox is json::write of these structs.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "booking/booking.h"

namespace onsale::booking {

// Seats are sold and tickets made. room and place: the slot that is free again.
inline constexpr std::string_view kConfirmedTopic = "booking.reservation_confirmed";
struct ReservationConfirmed {
  ReservationId reservation;
  PerformanceId performance;
  AccountId buyer;
  std::vector<std::string> seats;
  std::optional<PaymentId> payment;
  std::optional<std::string> room;
  std::optional<waitroom::PlaceId> place;
};
BOOST_DESCRIBE_STRUCT(ReservationConfirmed, (),
                      (reservation, performance, buyer, seats, payment, room, place))

// Seats are free again. `whole` is false when others of the reservation are kept.
inline constexpr std::string_view kCancelledTopic = "booking.reservation_cancelled";
// A reservation ran out before it was paid.
inline constexpr std::string_view kExpiredTopic = "booking.reservation_expired";
struct ReservationEnded {
  ReservationId reservation;
  PerformanceId performance;
  AccountId buyer;
  std::vector<std::string> seats;
  bool whole = true;
  // The performance is not going to be: whoever tells the buyers says so. Absent in events of
  // before.
  std::optional<bool> called_off{};
};
BOOST_DESCRIBE_STRUCT(ReservationEnded, (),
                      (reservation, performance, buyer, seats, whole, called_off))

// Somebody of the back office decided: for the audit log.
inline constexpr std::string_view kPolicyChangedTopic = "booking.policy_changed";
struct PolicyChanged {
  OfficeActId id;
  catalogue::ShowId show;
  std::string who;
  CancellationPolicy before, after;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(PolicyChanged, (), (id, show, who, before, after, at))

inline constexpr std::string_view kCalledOffTopic = "booking.performance_called_off";
struct PerformanceCalledOff {
  OfficeActId id;
  PerformanceId performance;
  std::string who;
  std::string reason;
  std::int64_t reservations = 0;  // that were bought or being bought
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(PerformanceCalledOff, (), (id, performance, who, reason, reservations, at))

// Money has to go back. For booking itself: it survives a crash before the provider was asked.
inline constexpr std::string_view kRefundRequestedTopic = "booking.refund_requested";
struct RefundRequested {
  RefundId refund;
  ReservationId reservation;
};
BOOST_DESCRIBE_STRUCT(RefundRequested, (), (refund, reservation))

}  // namespace onsale::booking
