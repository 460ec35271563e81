// A model of AWS Virtual Waiting Room (v1.1): numbers are given by a function fed from a standard
// message queue, so in any order and now and then twice (the later number stays); a serving counter
// goes up by those who left, as long as fewer than the maximum are inside; whoever's number was
// served takes a token at the next poll (3 to 5 s); numbers not taken up within 15 min are made up
// for by a sweep every minute.
// In its favour: the origin reports everybody who left at once, and those silent for five minutes;
// the sweep that replaces expired numbers is switched on; nothing of it is ever throttled.
#include <algorithm>
#include <deque>
#include <map>
#include <queue>
#include <random>
#include <unordered_map>

#include "inside.h"

namespace onsale::compare {
namespace {

constexpr Seconds kExpiry = 900, kSweep = 60, kSilent = 300, kRedelivery = 30;
constexpr double kTwice = 0.001;  // messages that are delivered again
constexpr Seconds kDeliveryMax = 2;

class BatchCounter final : public Queue {
 public:
  BatchCounter(const Limits& limits, Court& court)
      : limits_(limits), inside_(court, kSilent), random_(limits.seed), serving_(limits.capacity) {
    served_.push_back({.upto = serving_, .at = 0});
  }
  std::string_view name() const override { return "AWS VWR"; }

  Answer arrive(Person person, Seconds now) override {
    messages_.push({now + kDeliveryMax * chance(), person});
    if (chance() < kTwice) messages_.push({now + kRedelivery, person});
    return {.state = Answer::State::waiting, .ask_again = poll()};
  }

  Answer ask(Person person, Seconds now) override {
    if (inside_.contains(person)) return {.state = Answer::State::inside};
    const auto found = numbers_.find(person);
    if (found == numbers_.end()) return {.state = Answer::State::waiting, .ask_again = poll()};
    const std::int64_t number = found->second;
    if (number <= expired_) {  // too late: the number is void, a new request
      numbers_.erase(found);
      return arrive(person, now);
    }
    if (number > serving_) {
      return {.state = Answer::State::waiting,
              .position = static_cast<double>(number - serving_),
              .ask_again = poll()};
    }
    numbers_.erase(found);
    ++taken_up_[slice_of(number)];
    inside_.grant(person, now);
    return {.state = Answer::State::inside};
  }

  void act(Person person, Seconds now) override { inside_.act(person, now); }
  void finish(Person person, Seconds now) override { exited_ += inside_.finish(person, now); }

  void tick(Seconds now) override {
    while (!messages_.empty() && messages_.top().first <= now) {
      numbers_[messages_.top().second] = ++issued_;  // the second delivery overwrites the first
      messages_.pop();
    }
    exited_ += inside_.end_the_silent(now);
    if (now >= inlet_at_ && exited_ > 0) {  // one message a second with everybody who left
      inlet_at_ = now + 1;
      serve(std::min<std::int64_t>(exited_, limits_.capacity - taken()), now);
      exited_ = 0;
    }
    if (now >= sweep_at_) {
      sweep_at_ = now + kSweep;
      sweep(now);
    }
  }

  std::int64_t taken() const override { return inside_.count(); }

 private:
  struct Served {
    std::int64_t upto;
    Seconds at;
  };
  using Due = std::pair<Seconds, Person>;
  using Dues = std::priority_queue<Due, std::vector<Due>, std::greater<>>;

  double chance() { return std::uniform_real_distribution<double>(0, 1)(random_); }
  Seconds poll() { return 3 + 2 * chance(); }

  void serve(std::int64_t count, Seconds now) {
    if (count <= 0) return;
    serving_ += count;
    served_.push_back({.upto = serving_, .at = now});
  }

  // The served range that a number lies in, by its end.
  std::int64_t slice_of(std::int64_t number) const {
    const auto slice = std::ranges::lower_bound(served_, number, {}, &Served::upto);
    return slice == served_.end() ? 0 : slice->upto;
  }

  void sweep(Seconds now) {
    while (served_.size() > 1 || (!served_.empty() && served_.front().upto > expired_)) {
      const Served oldest = served_.front();
      if (now - oldest.at < kExpiry || issued_ < oldest.upto) return;
      const std::int64_t lost = oldest.upto - expired_ - taken_up_[oldest.upto];
      expired_ = oldest.upto;
      taken_up_.erase(oldest.upto);
      served_.pop_front();
      serve(lost, now);
    }
  }

  Limits limits_;
  Inside inside_;
  std::mt19937_64 random_;
  Dues messages_;
  std::unordered_map<Person, std::int64_t> numbers_;
  std::int64_t issued_ = 0, serving_, expired_ = 0, exited_ = 0;
  std::deque<Served> served_;
  std::map<std::int64_t, std::int64_t> taken_up_;
  Seconds inlet_at_ = 0, sweep_at_ = kSweep;
};

}  // namespace

std::unique_ptr<Queue> batch_counter(const Limits& limits, Court& court) {
  return std::make_unique<BatchCounter>(limits, court);
}

}  // namespace onsale::compare
