// Calling a performance off, and how far that is. Included by this module's *http.cc only.
#pragma once

#include "booking/booking.h"
#include "platform/http/router.h"

namespace onsale::booking {

void called_off_routes(http::Router& router, Booking& booking);

}  // namespace onsale::booking
