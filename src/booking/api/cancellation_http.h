// What giving seats back costs: for the buyer before it is done, and a show's policy for the back
// office. Included by this module's *http.cc only.
#pragma once

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "booking/booking.h"
#include "platform/http/router.h"

namespace onsale::booking {

// What is absent is no condition.
struct CancellationStepView {
  std::optional<json::Int<0, kDaysMax>> within_days;        // of the day of buying
  std::optional<json::Int<0, kDaysMax>> days_before;        // at least; days of Korea
  std::optional<json::Int<0, kMinutesMax>> minutes_before;  // at least
  json::Int<0, 100> fee_percent;
};
BOOST_DESCRIBE_STRUCT(CancellationStepView, (),
                      (within_days, days_before, minutes_before, fee_percent))

struct SeatRefundView {
  std::string seat;
  std::int64_t paid = 0, fee = 0, refund = 0;
  std::optional<CancellationStepView> rule;  // the step that says so; none while nothing is paid
};
BOOST_DESCRIBE_STRUCT(SeatRefundView, (), (seat, paid, fee, refund, rule))
struct CancellationView {
  std::int64_t refund = 0, fee = 0;
  std::string currency;
  Timestamp valid_until{};  // the amounts change then at the earliest
  std::vector<SeatRefundView> lines;
};
BOOST_DESCRIBE_STRUCT(CancellationView, (), (refund, fee, currency, valid_until, lines))

CancellationView view(const Cancellation& cancellation);
std::vector<CancellationStepView> view(const CancellationPolicy& policy);

void cancellation_routes(http::Router& router, Booking& booking);

}  // namespace onsale::booking
