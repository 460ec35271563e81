// Brings events to booking: the payments' and its own.
#pragma once

#include "booking/booking.h"
#include "platform/sql/outbox.h"

namespace onsale::booking {

// Before outbox.start(). `booking` must outlive the outbox.
void subscribe(sql::Outbox& outbox, Booking& booking);

}  // namespace onsale::booking
