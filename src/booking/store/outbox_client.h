// Brings events to booking: the payments' and its own.
#pragma once

#include "booking/booking.h"
#include "platform/sql/outbox.h"

namespace onsale::booking {

// Before outbox.start(). `booking` must outlive the outbox.
void subscribe(sql::Outbox& outbox, Booking& booking);

// Brings one event, as the outbox does. Other topics than booking's are nothing.
Task<void> deliver(Booking& booking, sql::Event event);

}  // namespace onsale::booking
