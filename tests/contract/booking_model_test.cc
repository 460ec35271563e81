// Long random histories against a model of a few lines: who has which seat, and what money is
// where. The model knows nothing of tables, boards, stamps or events. Everything that happened once
// happens again at any later moment: pay pages' returns, events, keys of holds; after every step
// the money that was kept is the money of the valid tickets.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

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
  std::optional<payments::ReturnData> data;  // decided, not yet back
};
struct Return {
  std::size_t purchase = 0;
  Paying paying;
  payments::ReturnData data;
};

class History {
 public:
  History(World& world, std::uint64_t seed) : world_(world), dice_(seed) {
    for (int i = 0; i < kBuyers; ++i) buyers_.push_back(world.buyer());
    world.performance = world.add_performance(catalogue::small_house(1, kSeats));
    for (int i = 1; i <= kSeats; ++i) model_.seats["A-" + std::to_string(i)] = {};
    (void)world.news();  // of the history before
    world.refuses_refunds = false;
    retry_refunds();
    unbalanced_ = surplus();  // by a history that failed
  }

  void step() {
    constexpr std::array kWeights{6, 1, 4, 4, 3, 4, 2, 3, 2, 2, 2, 2, 1, 1};
    std::discrete_distribution<int> which(kWeights.begin(), kWeights.end());
    switch (which(dice_)) {
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
        return world_.clock.advance(seconds(draw(1, 400)));
      case 8:
        return sync_wait(world_.service.sweep());
      case 9:
        return return_again();
      case 10:
        return news_again();
      case 11:
        return reconcile();
      case 12:
        world_.refuses_refunds = !world_.refuses_refunds;
        return;
      default:
        return retry_refunds();
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
    RC_ASSERT(surplus() == unbalanced_);
  }

  // Everybody comes back, and then everything comes again.
  void settle() {
    for (std::size_t i = 0; i < purchases_.size(); ++i) {
      if (purchases_[i].data) come_back(i);
    }
    reconcile();
    check();
    for (const Return& back : returns_) (void)world_.come_back(back.paying, back.data);
    for (const sql::Event& event : told_) sync_wait(deliver(world_.service, event));
    learn();
    check();
  }

 private:
  // Money that was kept and belongs to no valid ticket and to no refund that waits for people.
  std::int64_t surplus() {
    std::int64_t surplus = world_.kept_money() - world_.ticket_money();
    for (const auto& task : tasks()) surplus -= task.refund.amount.amount;
    return surplus;
  }
  std::vector<payments::RefundTask> tasks() {
    return sync_wait(world_.payments->refund_tasks(100, {})).items;
  }
  // What an operator does.
  void retry_refunds() {
    for (const auto& task : tasks()) {
      (void)sync_wait(world_.payments->retry_refund({.refund = task.refund.id, .who = "acc_1"}));
    }
  }

  // Low to high - 1.
  int draw(int low, int high) { return std::uniform_int_distribution(low, high - 1)(dice_); }
  template <class T>
  T& one_of(std::vector<T>& all) {
    return all[static_cast<std::size_t>(draw(0, static_cast<int>(all.size())))];
  }

  Purchase* any() {
    if (purchases_.empty()) return nullptr;
    return &one_of(purchases_);
  }
  void collect() {
    for (sql::Event& event : world_.news()) told_.push_back(std::move(event));
  }

  void hold() {
    const int buyer = draw(0, kBuyers);
    std::set<int> picks;
    for (const auto wanted = static_cast<std::size_t>(draw(1, 4)); picks.size() < wanted;) {
      picks.insert(draw(1, kSeats + 1));
    }
    std::vector<std::string> seats;
    for (const int pick : picks) seats.push_back("A-" + std::to_string(pick));
    const Timestamp now = world_.clock.now();
    bool taken = false;
    for (const auto& seat : seats) taken = taken || model_.live(model_.seats[seat], now);
    const bool too_many = model_.count(buyer, now) + std::ssize(seats) > 4;
    HoldRequest request = world_.wish(buyers_[static_cast<std::size_t>(buyer)], seats);
    const auto bought = key_of_old(buyer);
    if (bought) request.id = *bought;
    const auto held = sync_wait(world_.service.hold(request));
    RC_ASSERT(held.has_value() == (!taken && !too_many));
    if (!held) return;
    if (bought) RC_ASSERT(held->id != *bought);
    for (const auto& seat : seats) {
      model_.seats[seat] = {.buyer = buyer, .hold = held->id, .until = held->expires_at};
    }
    purchases_.push_back({.buyer = buyer, .hold = *held});
  }

  // Now and then the key of a purchase that is over or bought, and that was not used again.
  std::optional<HoldId> key_of_old(int buyer) {
    Purchase* const p = any();
    if (!p || p->buyer != buyer || !p->reservation || reused_.contains(p->hold.id)) return {};
    if (world_.find(*p->reservation).state == ReservationState::pending) return {};
    reused_.insert(p->hold.id);
    return p->hold.id;
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
    const bool approve = draw(0, 4) > 0;
    p->data = world_.decide(*p->paying,
                            approve ? payments::Decision::approve : payments::Decision::decline);
  }

  void come_back() {
    if (purchases_.empty()) return;
    const auto at = static_cast<std::size_t>(draw(0, static_cast<int>(purchases_.size())));
    if (purchases_[at].data) come_back(at);
  }

  void come_back(std::size_t at) {
    Purchase& p = purchases_[at];
    const auto back = world_.come_back(*p.paying, *p.data);
    RC_ASSERT(back.has_value());
    returns_.push_back({at, *p.paying, *p.data});
    learn(p);
    p.data.reset();
    p.paying.reset();
  }

  // What the reservations say now, when something outside the model may have moved them.
  void learn() {
    for (const Purchase& p : purchases_) learn(p);
  }
  void learn(const Purchase& p) {
    if (!p.reservation) return;
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
  }

  void return_again() {
    if (returns_.empty()) return;
    const Return& back = one_of(returns_);
    RC_ASSERT(world_.come_back(back.paying, back.data).has_value());
    learn(purchases_[back.purchase]);
  }

  // Any event that ever was, told again or for the first time.
  void news_again() {
    collect();
    if (told_.empty()) return;
    sync_wait(deliver(world_.service, one_of(told_)));
    learn();
  }

  // Captures what was approved by buyers who did not come back; its news belongs to it.
  void reconcile() {
    collect();
    sync_wait(world_.payments->reconcile());
    for (sql::Event& event : world_.run_news()) told_.push_back(std::move(event));
    learn();
  }

  void cancel() {
    Purchase* const p = any();
    if (!p || !p->reservation) return;
    CancelRequest request{.reservation = p->reservation->id,
                          .buyer = buyers_[static_cast<std::size_t>(p->buyer)]};
    if (draw(0, 2) > 0) request.seats.push_back(p->reservation->seats[0].seat);
    const auto seats = request.seats;
    const auto after = sync_wait(world_.service.cancel(request));
    if (!after) return;
    for (auto& [name, seat] : model_.seats) {
      const bool named = seats.empty() || std::ranges::find(seats, name) != seats.end();
      if (seat.hold == p->hold.id && named) seat = {};
    }
  }

  World& world_;
  // Its own, not rapidcheck's: a world has many histories, so that one shrinks to its first steps,
  // never to others.
  std::mt19937_64 dice_;
  std::vector<AccountId> buyers_;
  Model model_;
  std::vector<Purchase> purchases_;
  std::vector<Return> returns_;
  std::vector<sql::Event> told_;
  std::set<HoldId> reused_;
  std::int64_t unbalanced_ = 0;
};

class BookingModel : public testing::TestWithParam<sql::Dialect> {};

TEST_P(BookingModel, RandomHistoriesNeverSellASeatTwiceAndMoneyEqualsTickets) {
  World world(GetParam());
  int histories = 0;
  const bool held = rc::check("random histories", [&] {
    History history(world, *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>()));
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
    History history(world, *rc::gen::noShrink(rc::gen::arbitrary<std::uint64_t>()));
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
