#include "booking/store/ledger_store.h"

#include <algorithm>

#include "booking/rules.h"
#include "booking/store/rows_store.h"
#include "platform/ledger/ledger.h"

namespace onsale::booking::books {

namespace {

constexpr int kPage = 500;
constexpr std::size_t kNoteMax = 200;

std::string buyers() { return std::string(payments::kBuyersAccount); }
std::string chargebacks() { return std::string(payments::kChargebacksAccount); }
std::string revenue_of(const Reservation& r) { return "revenue:" + r.occasion.show.str(); }
std::string fees_of(const Reservation& r) { return "fees:" + r.occasion.show.str(); }

ledger::Transfer confirmed_of(const Reservation& r, PaymentId payment) {
  return {.id = r.id.str() + ":confirmed",
          .debit = buyers(),
          .credit = revenue_of(r),
          .amount = {r.payable, r.currency},
          .subject = payment.str()};
}

std::string names_of(const std::vector<SeatLine>& seats) {
  std::string out;
  for (const SeatLine& line : seats) {
    if (out.size() + line.seat.size() >= kNoteMax) break;
    if (!out.empty()) out += ',';
    out += line.seat;
  }
  return out;
}

// ---- checking

// What cancelled seats cost is what went back for them, by us or by the provider, and the fees that
// were kept.
struct Given {
  std::int64_t back = 0;
  std::int64_t fees = 0;
  std::int64_t reversed = 0;
};

std::string check_bought(const Reservation& r, const std::vector<ledger::Entry>& there) {
  Given given;
  std::vector<ledger::Entry> rest;
  for (const ledger::Entry& entry : there) {
    const ledger::Transfer& t = entry.transfer;
    const bool ours = t.debit == revenue_of(r) && t.amount.currency == r.currency && r.payment &&
                      t.subject == r.payment->str();
    if (ours && t.credit == buyers()) {
      given.back += t.amount.amount;
    } else if (ours && t.credit == fees_of(r)) {
      given.fees += t.amount.amount;
    } else if (ours && t.credit == chargebacks()) {
      given.reversed += t.amount.amount;
    } else {
      rest.push_back(entry);
    }
  }
  std::vector<ledger::Transfer> expected;
  if (r.payment && r.payable > 0) expected.push_back(confirmed_of(r, *r.payment));
  if (std::string wrong = ledger::difference(expected, rest); !wrong.empty()) return wrong;
  if (!r.payment) return {};
  const std::int64_t gone = refund_share(r.list, r.payable, 0, r.list - total_of(r.seats));
  std::int64_t refunds = 0;
  for (const Refund& refund : r.refunds) {
    if (refund.payment == *r.payment) refunds += refund.amount.amount;
  }
  const std::string said = "the reservation " + r.id.str() + " gives back ";
  if (given.back != refunds) {
    return said + std::to_string(refunds) + ", and the ledger says " + std::to_string(given.back);
  }
  if (given.back + given.fees + given.reversed != gone) {
    return said + std::to_string(given.back + given.reversed) + " and keeps " +
           std::to_string(given.fees) + " of the " + std::to_string(gone) +
           " that its cancelled seats cost";
  }
  return {};
}

}  // namespace

void confirmed(sql::Tx& tx, const Reservation& reservation, PaymentId payment, Timestamp at) {
  if (reservation.payable > 0) ledger::post(tx, confirmed_of(reservation, payment), at);
}

void cancelled(sql::Tx& tx, const Reservation& reservation, const std::vector<SeatLine>& seats,
               const Cancellation& cost, Timestamp at) {
  if (!reservation.payment || seats.empty()) return;
  ledger::Transfer transfer{.debit = revenue_of(reservation),
                            .subject = reservation.payment->str(),
                            .note = names_of(seats)};
  const auto post = [&](std::string_view what, std::string account, std::int64_t amount) {
    if (amount == 0) return;
    transfer.id = reservation.id.str() + ':' + std::string(what) + ':' + seats.front().seat;
    transfer.credit = std::move(account);
    transfer.amount = {amount, reservation.currency};
    ledger::post(tx, transfer, at);
  };
  post("cancelled", buyers(), cost.refund);
  post("fee", fees_of(reservation), cost.fee);
  post("reversed", chargebacks(), cost.reversed);
}

std::string check(sql::Tx& tx) {
  ledger::Walk walk(tx, ReservationKind::prefix);
  std::string after;
  for (;;) {
    const auto page = rows::reservations_after(tx, after, kPage);
    const bool last = std::ssize(page) < kPage;
    if (!page.empty()) after = page.back().id.str();
    if (std::string wrong = walk.turn(last ? "" : after); !wrong.empty()) return wrong;
    for (const Reservation& reservation : page) {
      std::string wrong = check_bought(reservation, walk.take(reservation.id.str()));
      if (!wrong.empty()) return wrong;
    }
    if (last) return walk.left();
  }
}

}  // namespace onsale::booking::books
