// The settlement of a day, for operators, on screen and as a table.
#pragma once

#include "booking/booking.h"
#include "ops/settlement.h"
#include "platform/http/router.h"

namespace onsale::ops {

// Everything but the rates must outlive the router.
struct SettlementParts {
  payments::Payments& payments;
  booking::Booking& booking;
  const catalogue::Catalogue& catalogue;
  const Clock& clock;
  FeeRates rates;
};
void settlement_routes(http::Router& router, SettlementParts parts);

}  // namespace onsale::ops
