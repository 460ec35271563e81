// History: what is there, held against what was there.
#include "tests/contract/booking_history.h"

namespace onsale::booking {

namespace {

constexpr int kAskedAtTheEnd = 60;

}  // namespace

std::map<std::string, History::Seat> History::seats_now() {
  const std::string performance = world_.performance.str();
  std::map<std::string, Seat> now;
  for (auto& [seat, account, hold, state, until] :
       sync_wait(world_.database->read([performance](sql::Tx& tx) {
         return tx.query<std::string, std::string, std::string, std::string, Timestamp>(
             "SELECT seat_id, account_id, hold_id, state, expires_at FROM booking_claim WHERE "
             "performance_id = ?",
             performance);
       }))) {
    now[seat] = {.buyer = *AccountId::parse(account),
                 .hold = *HoldId::parse(hold),
                 .sold = state == "sold",
                 .until = until};
  }
  return now;
}

// I1: a seat goes from one to another only when its claim is over, or was let go.
void History::look(const std::vector<Request>& done) {
  const auto now = seats_now();
  const auto let_go = [&](const Seat& seat) {
    return std::ranges::any_of(done, [&](const Request& request) {
      return request.lets_go == seat.hold && (request.sold_too || !seat.sold);
    });
  };
  for (const auto& [name, before] : seats_) {
    if (!live(before) || let_go(before) || called_off_) continue;
    const auto after = now.find(name);
    const bool kept = after != now.end() && after->second.hold == before.hold;
    must(kept, "a live claim of " + name + " is nobody else's");
    must(!before.sold || after->second.sold, "a sold seat stays sold");
  }
  seats_ = now;
  look_at_reservations();
  for (const auto& [name, seat] : seats_) {
    if (known_holds_.insert(seat.hold).second) holds_.emplace_back(seat.hold, seat.buyer);
  }
}

void History::look_at_reservations() {
  reservations_ =
      sync_wait(world_.truth.list({.performance = world_.performance, .limit = 40})).items;
  std::ranges::reverse(reservations_);  // the newest last
}

int History::seats_of(AccountId buyer) const {
  int count = 0;
  for (const auto& [name, seat] : seats_) count += seat.buyer == buyer && live(seat) ? 1 : 0;
  return count;
}

// What was kept and belongs to no valid ticket, to no fee, to no refund that waits for people and
// to none that they settled.
std::int64_t History::surplus() {
  // What others took of what was bought with is on the chargebacks' account.
  std::int64_t surplus = world_.kept_money() - world_.ticket_money() -
                         world_.owed({"fees:", payments::kChargebacksAccount});
  for (const auto& task : sync_wait(world_.payments->refund_tasks(100, {})).items) {
    if (task.refund.state == payments::RefundState::reversed) continue;
    surplus -= task.refund.amount.amount;
  }
  const auto settled = sync_wait(world_.database->read([](sql::Tx& tx) {
    return tx.one<std::int64_t>(
        "SELECT CAST(COALESCE(SUM(amount), 0) AS SIGNED) FROM payments_refund WHERE settled_at IS "
        "NOT NULL AND state IN ('done', 'failed')");
  }));
  return surplus - std::get<0>(*settled);
}

// The valid tickets are the sold seats, and each is paid for at the provider, now.
void History::check_tickets() {
  const std::string performance = world_.performance.str();
  const auto tickets = sync_wait(world_.database->read([performance](sql::Tx& tx) {
    return tx.query<std::string, std::string, std::string, std::int64_t>(
        "SELECT t.seat_id, r.hold_id, r.payment_id, s.price FROM booking_reservation r JOIN "
        "booking_ticket t ON t.reservation_id = r.id JOIN booking_reservation_seat s ON "
        "s.reservation_id = r.id AND s.seat_id = t.seat_id WHERE r.performance_id = ? AND "
        "t.voided = 0",
        performance);
  }));
  std::size_t sold = 0;
  for (const auto& [name, seat] : seats_) sold += seat.sold ? 1U : 0U;
  must(sold == tickets.size(), "as many seats are sold as tickets are valid");
  std::map<std::string, std::int64_t> worth;
  for (const auto& [name, hold, payment, price] : tickets) {
    const auto seat = seats_.find(name);
    must(seat != seats_.end() && seat->second.sold && seat->second.hold.str() == hold,
         "a valid ticket's seat is sold to whoever has the ticket");
    worth[payment] += price;
  }
  for (const auto& [payment, price] : worth) {
    const std::int64_t kept = world_.provider.kept(*PaymentId::parse(payment));
    must(kept + taken_[*PaymentId::parse(payment)] >= price,
         "no ticket is valid without its money");
  }
}

void History::check() {
  check_tickets();
  for (const AccountId buyer : buyers_) {
    must(seats_of(buyer) <= 4, "nobody has more seats than one may");
  }
  const std::string wrong = world_.money_wrong();
  must(wrong.empty(), "the books balance: " + wrong);
  if (!calm_) return;
  std::map<std::string, SeatState> claims;
  for (const auto& [name, seat] : seats_) {
    claims[name] = seat.sold ? SeatState::sold : SeatState::held;
  }
  must(world_.board() == claims, "the board is what the store says");
  must(world_.watched() == claims, "whoever watches sees what the store says");
  must(surplus() == 0, "the kept money is the money of the valid tickets");
  // What people paid back by another way is still at the provider.
  must(world_.owed_to_buyers() + world_.owed({"paid_otherwise"}) ==
           world_.kept_money() - world_.ticket_money() - world_.owed({"fees:"}),
       "what the books owe to buyers is kept, and neither bought with nor given back");
}

void History::settle() {
  if (!calm_) calm_down();
  while (!returns_.empty()) {
    if (auto request = come_back()) run({std::move(*request)});
    check();
  }
  collect_news();
  for (const sql::Event& event : told_) {
    last_ = event.topic + " once more";
    sync_wait(deliver(world_.service, event));
  }
  look({});
  check();
  for (int i = 0; i < kAskedAtTheEnd; ++i) {
    if (auto request = asked_again()) run({std::move(*request)});
    check();
  }
  calm_down();
}

}  // namespace onsale::booking
