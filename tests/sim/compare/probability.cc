// A model of Akamai Visitor Prioritization: not a line. Every request is let in with a probability;
// who is not sees a waiting page and tries again when its cookie of 30 s is over; who was let in
// may stay for 300 s after the last request. In its favour: the percentage, which an operator sets
// by hand, follows the free slots every five seconds as well as anybody could, from exact numbers
// of who is really inside, and drops to nothing the moment that all slots are taken.
#include <algorithm>
#include <random>

#include "inside.h"

namespace onsale::compare {
namespace {

constexpr Seconds kRetry = 30, kSession = 300, kControl = 5;

class Probability final : public Queue {
 public:
  Probability(const Limits& limits, Court& court)
      : limits_(limits), inside_(court, kSession), random_(limits.seed) {}
  std::string_view name() const override { return "Akamai VP"; }

  Answer arrive(Person person, Seconds now) override { return ask(person, now); }

  Answer ask(Person person, Seconds now) override {
    if (inside_.contains(person)) return {.state = Answer::State::inside};
    ++requests_;
    if (taken() >= limits_.capacity ||
        std::uniform_real_distribution<double>(0, 1)(random_) >= share_) {
      return {.state = Answer::State::waiting, .ask_again = kRetry};
    }
    inside_.grant(person, now);
    return {.state = Answer::State::inside};
  }

  void act(Person person, Seconds now) override { inside_.act(person, now); }
  void finish(Person person, Seconds now) override { inside_.finish(person, now); }

  void tick(Seconds now) override {
    inside_.end_the_silent(now);
    if (now < control_at_) return;
    control_at_ = now + kControl;
    // As many requests as in the last five seconds are expected in the next.
    const double free = static_cast<double>(limits_.capacity - taken());
    const double coming = std::max(1.0, static_cast<double>(requests_));
    share_ = std::clamp(free / coming, 0.0, 1.0);
    requests_ = 0;
  }

  std::int64_t taken() const override { return inside_.count(); }

 private:
  Limits limits_;
  Inside inside_;
  std::mt19937_64 random_;
  double share_ = 1;
  std::int64_t requests_ = 0;
  Seconds control_at_ = 0;
};

}  // namespace

std::unique_ptr<Queue> probability(const Limits& limits, Court& court) {
  return std::make_unique<Probability>(limits, court);
}

}  // namespace onsale::compare
