// Long random histories against a model of a few lines: who has which seat, and what money is
// where. The model knows nothing of tables, boards, stamps or events.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using std::chrono::seconds;

constexpr int kBuyers = 4;
constexpr int kSeats = 8;  // one row, so that histories collide

struct Model {
  struct Seat {
    std::optional<int> buyer;
    std::optional<HoldId> hold;
    bool sold = false;
    Timestamp until{};
  };
  std::map<std::string, Seat> seats;

  bool live(const Seat& seat, Timestamp now) const {
    return seat.buyer && (seat.sold || seat.until > now);
  }
  int count(int buyer, Timestamp now) const {
    int n = 0;
    for (const auto& [name, seat] : seats) n += seat.buyer == buyer && live(seat, now) ? 1 : 0;
    return n;
  }
};

// One purchase as the test follows it.
struct Purchase {
  int buyer = 0;
  Hold hold;
  std::optional<Reservation> reservation;
  std::optional<Paying> paying;
  std::optional<payments::ReturnData> data;  // approved, not yet back
};

class History {
 public:
  explicit History(World& world) : world_(world) {
    for (int i = 0; i < kBuyers; ++i) buyers_.push_back(world.buyer());
    world.performance = world.add_performance(catalogue::small_house(1, kSeats));
    for (int i = 1; i <= kSeats; ++i) model_.seats["A-" + std::to_string(i)] = {};
  }

  void step() {
    switch (*rc::gen::weightedElement<int>(
        {{6, 0}, {1, 1}, {4, 2}, {4, 3}, {3, 4}, {4, 5}, {2, 6}, {3, 7}, {2, 8}})) {
      case 0:
        return hold();
      case 1:
        return release();
      case 2:
        return reserve();
      case 3:
        return pay();
      case 4:
        return decide();
      case 5:
        return come_back();
      case 6:
        return cancel();
      case 7:
        return world_.clock.advance(seconds(*rc::gen::inRange(1, 400)));
      default:
        return sync_wait(world_.service.sweep());
    }
  }

  void check() {
    const Timestamp now = world_.clock.now();
    const auto claims = world_.claims();
    std::map<std::string, SeatState> expected;
    for (const auto& [name, seat] : model_.seats) {
      if (seat.sold) expected[name] = SeatState::sold;
      if (seat.sold || !model_.live(seat, now)) continue;
      expected[name] = SeatState::held;
    }
    // The tables may still hold what ran out and was not swept, nothing else.
    for (const auto& [name, state] : claims) {
      if (!expected.contains(name)) {
        RC_ASSERT(state == SeatState::held);
      }
    }
    for (const auto& [name, state] : expected) {
      RC_ASSERT(claims.contains(name));
      RC_ASSERT(claims.at(name) == state);
    }
    RC_ASSERT(world_.board() == claims);
    RC_ASSERT(world_.watched() == claims);
    for (int i = 0; i < kBuyers; ++i) RC_ASSERT(model_.count(i, now) <= 4);
  }

  // Events have run and everything that was captured belongs to a ticket.
  void settle() {
    for (Purchase& p : purchases_) {
      if (p.data) come_back(p);
    }
    world_.run_events();
    const auto kept = world_.kept_money();
    RC_ASSERT(kept == world_.ticket_money());
  }

 private:
  Purchase* any() {
    if (purchases_.empty()) return nullptr;
    return &purchases_[*rc::gen::inRange<std::size_t>(0, purchases_.size())];
  }

  void hold() {
    const int buyer = *rc::gen::inRange(0, kBuyers);
    const auto picks = *rc::gen::unique<std::vector<int>>(*rc::gen::inRange<std::size_t>(1, 4),
                                                          rc::gen::inRange(1, kSeats + 1));
    std::vector<std::string> seats;
    for (const int pick : picks) seats.push_back("A-" + std::to_string(pick));
    const Timestamp now = world_.clock.now();
    bool taken = false;
    for (const auto& seat : seats) taken = taken || model_.live(model_.seats[seat], now);
    const bool too_many = model_.count(buyer, now) + std::ssize(seats) > 4;
    const auto held = world_.hold(buyers_[static_cast<std::size_t>(buyer)], seats);
    RC_ASSERT(held.has_value() == (!taken && !too_many));
    if (!held) return;
    for (const auto& seat : seats) {
      model_.seats[seat] = {.buyer = buyer, .hold = held->id, .until = held->expires_at};
    }
    purchases_.push_back({.buyer = buyer, .hold = *held});
  }

  void forget(const Purchase& p) {
    for (auto& [name, seat] : model_.seats) {
      if (seat.hold == p.hold.id) seat = {};
    }
  }

  void release() {
    Purchase* const p = any();
    if (!p) return;
    const bool sold = sold_by(*p);
    const bool released =
        sync_wait(world_.service.release(p->hold.id, buyers_[static_cast<std::size_t>(p->buyer)]));
    if (sold) RC_ASSERT(!released);
    if (released) forget(*p);
  }

  bool sold_by(const Purchase& p) const {
    for (const auto& [name, seat] : model_.seats) {
      if (seat.hold == p.hold.id && seat.sold) return true;
    }
    return false;
  }

  void reserve() {
    Purchase* const p = any();
    if (!p) return;
    const auto made = sync_wait(world_.service.reserve(
        {.hold = p->hold.id, .buyer = buyers_[static_cast<std::size_t>(p->buyer)]}));
    if (made) p->reservation = *made;
  }

  void pay() {
    Purchase* const p = any();
    if (!p || !p->reservation || p->data) return;
    const Timestamp now = world_.clock.now();
    const auto paying = world_.pay(*p->reservation);
    if (!paying) return;
    p->paying = *paying;
    const Reservation r = world_.find(*p->reservation);
    RC_ASSERT(r.pay_by > now);
    for (auto& [name, seat] : model_.seats) {
      if (seat.hold == p->hold.id) seat.until = r.pay_by;
    }
  }

  void decide() {
    Purchase* const p = any();
    if (!p || !p->paying || p->data) return;
    const bool approve = *rc::gen::weightedElement<bool>({{3, true}, {1, false}});
    p->data = world_.decide(*p->paying,
                            approve ? payments::Decision::approve : payments::Decision::decline);
  }

  void come_back() {
    Purchase* const p = any();
    if (p && p->data) come_back(*p);
  }

  void come_back(Purchase& p) {
    const auto back = world_.come_back(*p.paying, *p.data);
    RC_ASSERT(back.has_value());
    const Timestamp now = world_.clock.now();
    const Reservation r = world_.find(*p.reservation);
    if (r.state == ReservationState::confirmed) {
      // It was ours, or free: never over somebody's live claim.
      for (const SeatLine& line : r.seats) {
        if (line.cancelled) continue;
        Model::Seat& seat = model_.seats[line.seat];
        RC_ASSERT(seat.hold == p.hold.id || !model_.live(seat, now));
        seat = {.buyer = p.buyer, .hold = p.hold.id, .sold = true};
      }
    } else if (r.state == ReservationState::expired) {
      forget(p);
    }
    p.data.reset();
    p.paying.reset();
  }

  void cancel() {
    Purchase* const p = any();
    if (!p || !p->reservation) return;
    CancelRequest request{.reservation = p->reservation->id,
                          .buyer = buyers_[static_cast<std::size_t>(p->buyer)]};
    if (*rc::gen::arbitrary<bool>()) request.seats.push_back(p->reservation->seats[0].seat);
    const auto seats = request.seats;
    const auto after = sync_wait(world_.service.cancel(request));
    if (!after) return;
    for (auto& [name, seat] : model_.seats) {
      const bool named = seats.empty() || std::ranges::find(seats, name) != seats.end();
      if (seat.hold == p->hold.id && named) seat = {};
    }
  }

  World& world_;
  std::vector<AccountId> buyers_;
  Model model_;
  std::vector<Purchase> purchases_;
};

class BookingModel : public testing::TestWithParam<sql::Dialect> {};

TEST_P(BookingModel, RandomHistoriesNeverSellASeatTwiceAndMoneyEqualsTickets) {
  World world(GetParam());
  int histories = 0;
  const bool held = rc::check("random histories", [&] {
    History history(world);
    const int steps = *rc::gen::inRange(5, 60);
    for (int i = 0; i < steps; ++i) {
      history.step();
      history.check();
    }
    if (++histories % 10 == 0) history.settle();
  });
  EXPECT_TRUE(held);
}

TEST_P(BookingModel, NegativeControlHistoriesFailWhenAnAccountIsNotCounted) {
  World world(GetParam(), {}, {.quota = false});
  const bool held = rc::check("histories without the quota's guard", [&] {
    History history(world);
    for (int i = 0; i < 60; ++i) {
      history.step();
      history.check();
    }
  });
  EXPECT_FALSE(held);
}

ONSALE_ON_BOTH_DIALECTS(BookingModel);

}  // namespace
}  // namespace onsale::booking
