#include "tests/contract/booking_history.h"

#include "booking/events.h"

namespace onsale::booking {

using std::chrono::minutes;
using std::chrono::seconds;

namespace {

constexpr int kBuyers = 4;
constexpr int kSeats = 8;  // one row, so that histories collide
constexpr int kSeatsMax = 4;
constexpr std::size_t kRemembered = 400;  // requests and events, each
constexpr int kEvenWithin = 12;           // minutes, after the last fault

// Every request is a coroutine of its own: what it needs is in its frame, and its answer nobody's.
Task<void> holding(World& world, HoldRequest request) {
  (void)co_await world.service.hold(std::move(request));
}
Task<void> holding_for(World& world, HoldRequest request, std::shared_ptr<bool> held) {
  const auto answer = co_await world.service.hold(std::move(request));
  *held = answer.has_value();
}
Task<void> reserving(World& world, ReserveRequest request) {
  (void)co_await world.service.reserve(std::move(request));
}
Task<void> paying(World& world, PayRequest request) {
  (void)co_await world.service.pay(std::move(request));
}
Task<void> returning(World& world, PaymentId payment, payments::ReturnData data) {
  (void)co_await world.service.returned(payment, std::move(data));
}
Task<void> cancelling(World& world, CancelRequest request) {
  (void)co_await world.service.cancel(std::move(request));
}
Task<void> releasing(World& world, HoldId hold, AccountId buyer) {
  (void)co_await world.service.release(hold, buyer);
}
Task<void> reconciling_payments(World& world) { (void)co_await world.payments->reconcile(); }
Task<void> reconciling(World& world) { (void)co_await world.service.reconcile(); }

}  // namespace

History::History(World& world, std::uint64_t seed, Faults faults)
    : world_(world), faults_(faults), dice_(seed) {
  for (int i = 0; i < kBuyers; ++i) buyers_.push_back(world.buyer());
  open_house();
  (void)world.news();  // of the history before
}

void History::must(bool holds, const std::string& promise) const {
  if (!holds) throw Broken(promise + " (after " + last_ + ")");
}

void History::step() {
  ++tally_.steps;
  constexpr std::array kWeights{30, 10, 8, 8, 6, 5, 6, 6, 4, 2, 2, 2, 8, 2, 2, 4, 1, 1, 4, 1};
  std::discrete_distribution<int> which(kWeights.begin(), kWeights.end());
  const auto ask = [&](std::optional<Request> request) {
    if (request) run({std::move(*request)});
  };
  switch (which(dice_)) {
    case 0:
      return ask(any_request());
    case 1:
      return new_hold();
    case 2:
      return decide();
    case 3:
      return ask(asked_again());
    case 4:
      return ask(told_again());
    case 5:
      world_.clock.advance(seconds(draw(0, 4) == 0 ? draw(100, 700) : draw(1, 60)));
      return;
    case 6:
      return ask(job());
    case 7:
      return two_at_once();
    case 8:
      return with_a_broken_store();
    case 9:
      return provider_trouble();
    case 10:
      // Not while a refund may be done that we have not heard of: no provider refuses what it did.
      if (calm_) world_.refuses_refunds = !world_.refuses_refunds;
      return;
    case 11:
      if (!calm_) calm_down();
      return;
    case 12:
      return hurry();
    case 13:
      return operate();
    case 14:
      return rivals();
    case 15:
      return told_cancel();
    case 16:
      return set_fee();
    case 17:
      return call_off();
    case 18:
      return at_the_bank();
    default:  // long enough for whatever is forgotten, short of the performance's start
      last_ = "hours later";
      world_.clock.advance(std::chrono::hours(draw(2, 4)));
      return;
  }
}

// ---- what buyers do

// Two of every kind are the same kind of work for the server: what differs is when they come.
std::optional<History::Request> History::any_request() {
  switch (draw(0, 11)) {
    case 0:
    case 1:
      return reserve();
    case 2:
    case 3:
      return pay();
    case 4:
    case 5:
    case 6:
      return come_back();
    case 7:
    case 8:
    case 9:
      return cancel();
    default:
      return release();
  }
}

History::Request History::hold() {
  std::set<int> picks;
  for (const auto wanted = static_cast<std::size_t>(draw(1, 4)); picks.size() < wanted;) {
    picks.insert(draw(1, kSeats + 1));
  }
  std::vector<std::string> seats;
  for (const int pick : picks) seats.push_back("A-" + std::to_string(pick));
  const HoldRequest wish = world_.wish(one_of(buyers_), std::move(seats));
  return {.what = "a hold", .run = [this, wish] { return holding(world_, wish); }};
}

// By somebody who hears the answer, so that it can be held against the model.
void History::new_hold() {
  HoldRequest wish = world_.wish(one_of(buyers_), {});
  NamedSeats chosen;
  for (int i = draw(1, kSeats + 1), n = draw(1, 4); n > 0 && i <= kSeats; ++i, --n) {
    chosen.seats.push_back("A-" + std::to_string(i));
  }
  bool free = true;
  for (const std::string& seat : chosen.seats) {
    const auto found = seats_.find(seat);
    free = free && (found == seats_.end() || !live(found->second));
  }
  const bool room = seats_of(wish.buyer) + std::ssize(chosen.seats) <= kSeatsMax;
  wish.choice = chosen;
  remember({.what = "a hold", .run = [this, wish] { return holding(world_, wish); }});
  last_ = "a hold whose answer is heard";
  const auto held = sync_wait(world_.service.hold(wish));
  const bool may = free && room && !called_off_;
  must(held.has_value() == may || !calm_, "free seats can be held, others can't");
  must(!held || may, "nobody's seats are held");
  look({});
}

// Two want the same seat at the same moment: whatever the board said, one of them has it.
void History::rivals() {
  const std::string seat = "A-" + std::to_string(draw(1, kSeats + 1));
  const HoldRequest one = world_.wish(buyers_[0], {seat});
  const HoldRequest other = world_.wish(buyers_[1], {seat});
  const auto first = std::make_shared<bool>(false);
  const auto second = std::make_shared<bool>(false);
  run({{.what = "a hold", .run = [this, one, first] { return holding_for(world_, one, first); }},
       {.what = "its rival",
        .run = [this, other, second] { return holding_for(world_, other, second); }}});
  must(!*first || !*second, "of two who want a seat at once, one has it");
}

// Somebody does one thing after the other, as people do, as far as it goes.
void History::hurry() {
  const auto next = [&](std::optional<Request> request) {
    if (request) run({std::move(*request)});
    check();
  };
  for (const auto& [name, seat] : seats_) {
    if (live(seat) && !seat.sold) hurried_ = seat.hold;
  }
  next(reserve());
  next(pay());
  hurried_.reset();
  decide();
  if (draw(0, 4) > 0) next(come_back());
}

std::optional<History::Request> History::reserve() {
  if (holds_.empty()) return {};
  const auto found =
      std::ranges::find(holds_, hurried_, [](const auto& one) { return std::optional(one.first); });
  const auto [hold, buyer] = found == holds_.end() ? one_of(holds_) : *found;
  const ReserveRequest request{.hold = hold, .buyer = buyer};
  return Request{.what = "a reservation",
                 .run = [this, request] { return reserving(world_, request); }};
}

std::optional<History::Request> History::pay() {
  if (reservations_.empty()) return {};
  const auto found = std::ranges::find(reservations_, hurried_,
                                       [](const Reservation& r) { return std::optional(r.hold); });
  const Reservation& r = found == reservations_.end() ? one_of(reservations_) : *found;
  const PayRequest request{.reservation = r.id,
                           .buyer = r.buyer,
                           .provider = "sandbox",
                           .return_url = "http://shop.test/back",
                           .return_address = "/payments/{payment}/return",
                           .locale = "ko"};
  return Request{.what = "a payment", .run = [this, request] { return paying(world_, request); }};
}

// On the pay page, which is the provider's and not ours.
void History::decide() {
  const auto pages = world_.provider.pages(payments::PageState::open);
  if (pages.empty()) return;
  const auto& page = one_of(pages);
  const Paying paying{.payment = page.payment, .redirect_url = "?key=" + page.key};
  const int what = draw(0, 8);
  const auto decision = what == 0   ? payments::Decision::decline
                        : what == 1 ? payments::Decision::leave
                        : what == 2 ? payments::Decision::transfer
                                    : payments::Decision::approve;
  const auto data = world_.decide(paying, decision);
  returns_.push_back({.what = "a return", .run = [this, payment = *paying.payment, data] {
                        return returning(world_, payment, data);
                      }});
  last_ = "a decision";
}

std::optional<History::Request> History::come_back() {
  if (returns_.empty()) return {};
  const auto at = static_cast<std::size_t>(draw(0, static_cast<int>(returns_.size())));
  Request request = std::move(returns_[at]);
  returns_.erase(returns_.begin() + static_cast<std::ptrdiff_t>(at));
  return request;
}

std::optional<History::Request> History::cancel() {
  if (reservations_.empty()) return {};
  const Reservation& r = one_of(reservations_);
  CancelRequest request{.reservation = r.id, .buyer = r.buyer, .reason = "changed my mind"};
  if (draw(0, 4) > 0) request.refund = RefundId::make(world_.clock.now(), world_.random);
  if (draw(0, 2) > 0) request.seats.push_back(one_of(r.seats).seat);
  return Request{.what = "a cancel",
                 .run = [this, request] { return cancelling(world_, request); },
                 .lets_go = r.hold,
                 .sold_too = true};
}

// By somebody who looked at what comes back first, and who gets just that.
void History::told_cancel() {
  if (!calm_ || called_off_ || reservations_.empty()) return;
  const Reservation r = one_of(reservations_);
  if (r.state != ReservationState::confirmed) return;
  CancelRequest request{.reservation = r.id, .buyer = r.buyer};
  if (draw(0, 2) == 0) request.seats.push_back(one_of(r.seats).seat);
  last_ = "a cancel that was told what it costs";
  const auto told = sync_wait(world_.service.cancellation(r.id, r.buyer, request.seats));
  if (told) request.refund_expected = told->refund;
  const auto done = sync_wait(world_.service.cancel(request));
  must(told.has_value() == done.has_value(), "what can be told can be done");
  look({{.what = "it", .run = {}, .lets_go = r.hold, .sold_too = true}});
  if (!told) return;
  const auto sum = [](const Reservation& of) {
    std::int64_t all = 0;
    for (const Refund& refund : of.refunds) all += refund.amount.amount;
    return all;
  };
  ++tally_.cancelled;
  must(sum(*done) - sum(r) == told->refund, "what comes back is what was told");
}

// What happens to money without us: deposits come and are taken out again, somebody else gives
// money back, or the buyer's bank does. The provider tells, be it after a crash.
void History::at_the_bank() {
  if (!calm_) return;
  const bool comes = draw(0, 2) == 0;
  const auto pages =
      world_.provider.pages(comes ? payments::PageState::awaited : payments::PageState::captured);
  if (pages.empty()) return;
  const payments::PayingPage& page = one_of(pages);
  const std::int64_t price = page.order.amount.amount;
  const std::int64_t kept = world_.provider.kept(page.payment);
  // A refund of ours that waits for people, or that they paid another way, may be what went: then
  // nothing is booked, and they have to look.
  const auto ours = sync_wait(world_.payments->find(page.payment));
  if (!comes && (!ours || ours->captured - ours->refunded != kept)) return;
  for (const auto& refund : sync_wait(world_.payments->refunds(page.payment)))
    if (!comes && refund.state == payments::RefundState::failed) return;
  for (const auto& task : sync_wait(world_.payments->refund_tasks(100, {})).items)
    if (!comes && task.refund.payment == page.payment) return;
  std::int64_t& taken = taken_[page.payment];
  if (comes) {
    last_ = "a deposit";
    (void)world_.provider.pay_in(page.payment);
    taken = 0;
  } else if (page.transfer && kept == price && draw(0, 2) == 0) {
    last_ = "a deposit taken out";
    (void)world_.provider.withdraw(page.payment);
    taken += price;
  } else if (kept > 0) {
    last_ = "money taken back";
    const std::int64_t amount = draw(0, 2) == 0 ? kept : kept / 2;
    world_.provider.take_back(page.payment, amount);
    taken += amount;
  }
  if (draw(0, 4) == 0) world_.restart();
  world_.notice(page.payment);
  hear_news();
  look({});
  ++tally_.banked;
}

std::optional<History::Request> History::release() {
  if (holds_.empty()) return {};
  const auto [hold, buyer] = one_of(holds_);
  return Request{.what = "a release",
                 .run = [this, hold, buyer] { return releasing(world_, hold, buyer); },
                 .lets_go = hold};
}

// ---- what the server does

std::optional<History::Request> History::told_again() {
  collect_news();
  if (told_.empty()) return {};
  const sql::Event event = any_of(told_);
  return Request{.what = event.topic,
                 .run = [this, event] { return deliver(world_.service, event); }};
}

History::Request History::job() {
  switch (draw(0, called_off_ ? 9 : 6)) {
    case 6:
    case 7:
    case 8:
      return {.what = "calling off", .run = [this] { return world_.service.work_off(); }};
    case 0:
      return {.what = "the reconciler", .run = [this] { return reconciling(world_); }};
    case 1:
      return {.what = "the payments' reconciler",
              .run = [this] { return reconciling_payments(world_); },
              .captures = true};
    case 2:
      return {.what = "forgetting", .run = [this] { return world_.service.forget(); }};
    case 3:
      return {.what = "the payments' forgetting",
              .run = [this] { return world_.payments->forget(); }};
    default:
      return {.what = "the sweep", .run = [this] { return world_.service.sweep(); }};
  }
}

// Has a refund that was refused asked for again, or settles it. Not before it is known what the
// provider did.
void History::operate() {
  if (!calm_) return;
  const auto tasks = sync_wait(world_.payments->refund_tasks(100, {})).items;
  if (tasks.empty()) return;
  const payments::RefundTask& task = any_of(tasks);
  const RefundId refund = task.refund.id;
  last_ = "an operator";
  if (task.refund.state == payments::RefundState::reversed) return decide_reversal(task);
  if (draw(0, 2) == 0) {
    (void)sync_wait(world_.payments->retry_refund({.refund = refund, .who = "acc_1"}));
    return;
  }
  const auto outcome =
      draw(0, 2) == 0 ? payments::RefundState::done : payments::RefundState::failed;
  const auto settled = sync_wait(world_.payments->settle_refund(
      {.refund = refund, .who = "acc_1", .outcome = outcome, .reason = "by hand"}));
  must(settled.has_value(), "a refund that waits for people can be settled");
}

// Whether a purchase ends with its money.
void History::decide_reversal(const payments::RefundTask& task) {
  payments::ReversalDecision decision{.refund = task.refund.id,
                                      .who = "acc_1",
                                      .purchase_ends = draw(0, 2) == 0,
                                      .reason = "charged back"};
  const auto decided = sync_wait(world_.payments->decide_reversal(std::move(decision)));
  must(decided.has_value(), "what was taken back can be decided");
  hear_news();
  const auto of = std::ranges::find(reservations_, task.subject,
                                    [](const Reservation& r) { return r.id.str(); });
  if (of == reservations_.end()) return look({});
  look({{.what = "it", .run = {}, .lets_go = of->hold, .sold_too = true}});
}

// A show of its own: fees are a show's.
void History::open_house() {
  world_.performance = world_.add_performance(catalogue::small_house(1, kSeats));
  auto sale =
      std::make_shared<catalogue::PerformanceSale>(*world_.catalogue.sale(world_.performance));
  sale->show = catalogue::ShowId::make(world_.clock.now(), world_.random);
  world_.catalogue.add(std::move(sale));
  called_off_.reset();
  seats_.clear();
  holds_.clear();
  reservations_.clear();
}

void History::set_fee() {
  constexpr std::array kPercents{0, 10, 33};
  const int percent = kPercents[static_cast<std::size_t>(draw(0, 3))];
  last_ = "a fee of " + std::to_string(percent) + " percent";
  PolicyChange change{.show = world_.catalogue.sale(world_.performance)->show,
                      .steps = {{.fee_percent = percent}},
                      .who = "acc_1"};
  must(sync_wait(world_.service.set_policy(std::move(change))).has_value(), "fees can be set");
}

// In the middle of everything; once all is paid back, the next performance is sold.
void History::call_off() {
  if (!called_off_) {
    ++tally_.called_off;
    last_ = "a performance is called off";
    CallOff order{.performance = world_.performance, .reason = "flood", .who = "acc_1"};
    called_off_ = sync_wait(world_.service.call_off(std::move(order)))->id;
    return;
  }
  calm_down();
  last_ = "twelve minutes after calling off";
  must(sync_wait(world_.service.job(*called_off_))->over, "calling off ends");
  must(seats_.empty(), "nobody has a seat of what is called off");
  open_house();
}

std::optional<History::Request> History::asked_again() {
  if (asked_.empty()) return {};
  ++tally_.again;
  return any_of(asked_);
}

void History::collect_news() {
  for (sql::Event& event : world_.news()) keep(std::move(event));
}

void History::keep(sql::Event event) {
  if (event.topic == kConfirmedTopic) ++tally_.confirmed;
  if (told_.size() < kRemembered) {
    told_.push_back(std::move(event));
  } else {
    told_[static_cast<std::size_t>(draw(0, kRemembered))] = std::move(event);
  }
}

// As the outbox brings it: money that was captured while nobody came back belongs somewhere then.
void History::hear_news() {
  for (auto fresh = world_.news(); !fresh.empty(); fresh = world_.news()) {
    for (sql::Event& event : fresh) {
      sync_wait(deliver(world_.service, event));
      keep(std::move(event));
    }
  }
}

void History::remember(const Request& request) {
  if (asked_.size() < kRemembered) {
    asked_.push_back(request);
  } else {
    asked_[static_cast<std::size_t>(draw(0, kRemembered))] = request;
  }
}

// ---- what goes wrong

// Between any two units of a request, or in the middle of one.
void History::with_a_broken_store() {
  if (!faults_.any) return;
  std::optional<Request> request = draw(0, 3) == 0 ? asked_again() : any_request();
  if (draw(0, 4) == 0) request = draw(0, 2) == 0 ? hold() : job();
  if (!request) return;
  calm_ = false;
  world_.refuses_refunds = false;
  out_of_order_ = true;
  world_.flaky.breaks_after(draw(0, 9), draw(0, 2) == 0);
  std::vector<Request> at_once(draw(0, 4) == 0 ? 2U : 1U, *request);
  run(std::move(at_once));
  const int how = draw(0, 3);
  if (how == 0) outage();
  world_.flaky.mend();
  out_of_order_ = false;
  if (how == 1) {
    ++tally_.kills;
    last_ += ", killed there";
    world_.restart();
  } else if (how == 2) {
    ++tally_.glitches;
  }
  look({});
}

// Minutes, in which everybody goes on asking.
void History::outage() {
  ++tally_.outages;
  for (int asked = draw(2, 6); asked > 0; --asked) {
    world_.clock.advance(seconds(draw(20, 300)));
    std::optional<Request> request = draw(0, 2) == 0 ? job() : any_request();
    if (request) run({std::move(*request)});
  }
}

void History::two_at_once() {
  const auto some = [&] {
    if (draw(0, 5) == 0) return told_again();
    if (draw(0, 5) == 0) return std::optional(job());
    if (draw(0, 4) == 0) return asked_again();
    return draw(0, 4) == 0 ? std::optional(hold()) : any_request();
  };
  auto first = some();
  auto second = draw(0, 2) == 0 ? first : some();
  if (!first || !second) return;
  ++tally_.pairs;
  run({std::move(*first), std::move(*second)});
}

void History::provider_trouble() {
  if (!faults_.any) return;
  ++tally_.provider_faults;
  calm_ = false;
  world_.refuses_refunds = false;
  world_.provider_fault = draw(0, 2) == 0 ? payments::ProviderFault::drop_before_commit
                                          : payments::ProviderFault::commit_then_drop;
  for (int asked = draw(1, 4); asked > 0; --asked) {
    std::optional<Request> request = draw(0, 3) == 0 ? job() : any_request();
    if (request) run({std::move(*request)});
    check();
    if (draw(0, 2) == 0) world_.clock.advance(seconds(draw(1, 300)));
  }
  world_.provider_fault = payments::ProviderFault::none;
}

// What the server's jobs do in the minutes after a fault.
void History::calm_down() {
  world_.refuses_refunds = false;
  for (int minute = 0; minute < kEvenWithin; ++minute) {
    world_.clock.advance(minutes(1));
    (void)sync_wait(world_.payments->reconcile());
    sync_wait(world_.service.sweep());
    if (called_off_) sync_wait(world_.service.work_off());
    if (faults_.reconciled) (void)sync_wait(world_.service.reconcile());
  }
  collect_news();
  last_ = "twelve calm minutes";
  look({});
  for (const auto& task : sync_wait(world_.payments->refund_tasks(100, {})).items) {
    (void)sync_wait(world_.payments->retry_refund({.refund = task.refund.id, .who = "acc_1"}));
  }
  must(surplus() == 0, "the kept money is the money of the valid tickets once more");
  calm_ = true;
  check();
}

// Both at once, when there are two; each may fail when something is out of order.
void History::run(std::vector<Request> at_once) {
  last_.clear();
  for (const Request& request : at_once) {
    ++tally_.requests;
    last_ += (last_.empty() ? "" : " and ") + request.what;
    remember(request);
  }
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t running = at_once.size();
  std::string failed;
  for (const Request& request : at_once) {
    start(request.run(), [&](std::exception_ptr error) {
      std::lock_guard lock(mutex);
      try {
        if (error) std::rethrow_exception(error);
      } catch (const std::exception& why) {
        failed = why.what();
      }
      if (--running == 0) changed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return running == 0; });
  must(failed.empty() || out_of_order_, "what is asked is answered: " + failed);
  if (calm_ && !out_of_order_ && std::ranges::any_of(at_once, &Request::captures)) hear_news();
  look(at_once);
}

}  // namespace onsale::booking
