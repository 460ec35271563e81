// The seat maps of the demo: a theatre, a cinema and a stadium.
#pragma once

#include "catalogue/catalogue.h"

namespace onsale::app {

// Rows A to J with seats 1 to 14: 140 seats, grades VIP, R, S, A, two aisles. Ids like A-12.
catalogue::SeatMap demo_theatre();

// Rows A to O with seats 1 to 20: 300 seats, grades STANDARD, PRIME, ECONOMY, two aisles.
catalogue::SeatMap demo_cinema();

// 20 sections on the floor and two tiers of 40 in a horseshoe around it: 60,000 seats, grades VIP,
// R, S, A. Ids like S101-12-8: section, row, seat.
catalogue::SeatMap demo_stadium();

}  // namespace onsale::app
