// Seats for everybody who looks: GET /performances/{performance}/availability and the topic
// /topic/performances/{performance}/seats.
#pragma once

#include "booking/ports.h"
#include "platform/http/live/hub.h"
#include "platform/http/router.h"

namespace onsale::booking {

// Sends changes to the topic: {from_version, version, changes}. Whoever missed a version sees that
// from_version is not the one they know, and fetches the whole picture.
class HubSeatFeed final : public SeatFeed {
 public:
  explicit HubSeatFeed(http::Hub& hub) : hub_(hub) {}
  void changed(PerformanceId performance, std::uint64_t from_version, std::uint64_t version,
               const std::vector<SeatChange>& changes) override;

 private:
  http::Hub& hub_;
};

// Declares the route, and the topic, which begins with the whole picture (from_version 0). All must
// outlive the router and the hub.
void seat_routes(http::Router& router, http::Hub& hub, Booking& booking, const Clock& clock,
                 std::int64_t seats_per_account);

}  // namespace onsale::booking
