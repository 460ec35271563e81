// A long random history at a checkout, with every fault that a checkout meets: the store goes away
// between any two steps, for minutes of the clock or for good (the process is killed there),
// answers of the provider are lost, it refuses refunds, requests come two at a time, and whatever
// was asked or told once is asked and told again at any later moment. Cancelling costs a fee that
// changes, and performances are called off.
//
// After every step (check()), whatever is out of order at the time: no seat is anybody's but by a
// claim that was free, nobody has more seats than one may, the sold seats are the valid tickets,
// and no ticket is without its money at the provider. As long as nothing was out of order: the kept
// money is the money of the valid tickets and the fees, and boards and feed are what the store
// says. After a fault that has to be true again within twelve minutes of the clock (calm_down()).
//
// The model knows nothing of tables, boards, stamps or events: who had which seat, until when.
#pragma once

#include <functional>
#include <random>
#include <stdexcept>

#include "tests/contract/booking_world.h"

namespace onsale::booking {

// A promise that did not hold.
struct Broken : std::runtime_error {
  using std::runtime_error::runtime_error;
};

struct Faults {
  bool any = true;         // of store and provider
  bool reconciled = true;  // false takes away what repairs: a negative control
};

struct Tally {
  std::int64_t steps = 0, requests = 0, again = 0, pairs = 0, glitches = 0, outages = 0, kills = 0,
               provider_faults = 0, confirmed = 0, cancelled = 0, called_off = 0, banked = 0;
};

class History {
 public:
  History(World& world, std::uint64_t seed, Faults faults = {});
  // Both throw Broken.
  void step();
  void check();
  // Everybody comes back, everything is told once more, and all is even.
  void settle();
  const Tally& tally() const { return tally_; }

 private:
  // Something that a buyer, or the server, does; done again at any later moment.
  struct Request {
    std::string what;
    std::function<Task<void>()> run;
    std::optional<HoldId> lets_go{};  // whose seats may be free afterwards
    bool sold_too = false;            // also those that were bought
    bool captures = false;            // what it tells is heard at once, while all is even
  };
  struct Seat {
    AccountId buyer;
    HoldId hold;
    bool sold = false;
    Timestamp until{};
  };

  // What buyers do.
  std::optional<Request> any_request();
  Request hold();
  std::optional<Request> reserve();
  std::optional<Request> pay();
  std::optional<Request> come_back();
  std::optional<Request> cancel();
  std::optional<Request> release();
  void decide();
  void new_hold();
  void rivals();
  void hurry();
  void told_cancel();
  void at_the_bank();

  // What the server does.
  std::optional<Request> told_again();
  Request job();
  void operate();
  void decide_reversal(const payments::RefundTask& task);
  void open_house();
  void set_fee();
  void call_off();

  // What goes wrong.
  void with_a_broken_store();
  void outage();
  void two_at_once();
  void provider_trouble();
  void calm_down();
  std::int64_t surplus();

  void run(std::vector<Request> at_once);
  void remember(const Request& request);
  std::optional<Request> asked_again();
  void collect_news();
  void hear_news();
  void keep(sql::Event event);
  void look(const std::vector<Request>& done);
  void look_at_reservations();
  std::map<std::string, Seat> seats_now();
  bool live(const Seat& seat) const { return seat.sold || seat.until > world_.clock.now(); }
  int seats_of(AccountId buyer) const;
  void check_tickets();
  void must(bool holds, const std::string& promise) const;

  // Low to high - 1.
  int draw(int low, int high) { return std::uniform_int_distribution(low, high - 1)(dice_); }
  // Mostly one of the newest: old ones are over, as a rule.
  template <class T>
  const T& one_of(const std::vector<T>& all) {
    const auto size = static_cast<int>(all.size());
    if (draw(0, 4) > 0) return all[static_cast<std::size_t>(draw(std::max(0, size - 3), size))];
    return any_of(all);
  }
  template <class T>
  const T& any_of(const std::vector<T>& all) {
    return all[static_cast<std::size_t>(draw(0, static_cast<int>(all.size())))];
  }

  World& world_;
  const Faults faults_;
  std::mt19937_64 dice_;
  std::vector<AccountId> buyers_;
  std::map<std::string, Seat> seats_;                // claimed, as of the last look
  std::vector<std::pair<HoldId, AccountId>> holds_;  // that ever were
  std::set<HoldId> known_holds_;
  std::vector<Reservation> reservations_;    // as of the last look
  std::optional<HoldId> hurried_;            // see hurry()
  std::vector<Request> returns_;             // decided, not yet back
  std::map<PaymentId, std::int64_t> taken_;  // by others than us, of what was captured
  std::vector<Request> asked_;               // by buyers, so far
  std::vector<sql::Event> told_;
  std::optional<JobId> called_off_;  // of the performance; another follows when that is over
  bool out_of_order_ = false;        // right now: whatever is asked may fail
  bool calm_ = true;                 // nothing was out of order since all was even
  std::string last_;                 // what was done last, for the report
  Tally tally_;
};

}  // namespace onsale::booking
