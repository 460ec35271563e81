// The routes of holds, reservations and tickets. Seats: seats_http.h.
#pragma once

#include <string>

#include "booking/booking.h"
#include "platform/http/router.h"

namespace onsale::booking {

struct RouteOptions {
  // Where providers find this server from outside, without a slash at the end; empty for addresses
  // relative to this origin, which is enough for the sandbox.
  std::string public_url;
};

// `booking` must outlive the router.
void routes(http::Router& router, Booking& booking, RouteOptions options = {});

// The SVG of a QR code that says `text`; `title` is read to those who do not see it.
std::string qr_svg(std::string_view text, std::string_view title);

}  // namespace onsale::booking
