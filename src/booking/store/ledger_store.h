// What booking writes into the ledger, and whether its rows and the ledger say the same. Every
// function runs in the transaction that changes the reservation, behind its lock.
//   confirmed   buyers -> revenue:<show>
//   cancelled   revenue:<show> -> buyers, what goes back; revenue:<show> -> fees:<show>, the rest;
//               revenue:<show> -> chargebacks, what the provider took back before
// What is written off was never bought with: it stays with the buyers until payments gives it back.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "booking/ports.h"
#include "platform/sql/database.h"

namespace onsale::booking::books {

// `payment`: what was captured is the reservation's payable.
void confirmed(sql::Tx& tx, const Reservation& reservation, PaymentId payment, Timestamp at);
// `seats`: those that go, in the reservation's order; each goes once, so that the first one tells
// this cancellation from every other.
void cancelled(sql::Tx& tx, const Reservation& reservation, const std::vector<SeatLine>& seats,
               const Cancellation& cost, Timestamp at);

// The first reservation that the ledger contradicts, in plain words; empty when everything fits.
// Reads all of them, a page at a time.
std::string check(sql::Tx& tx);

}  // namespace onsale::booking::books
