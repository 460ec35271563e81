#include "loadtool/plan.h"

#include <algorithm>

namespace onsale::load {
namespace {

Transport choose(const People& people, double at) {
  at *= people.websocket + people.sse + people.polling;
  if (at < people.websocket) return Transport::websocket;
  return at < people.websocket + people.sse ? Transport::sse : Transport::polling;
}

// Evenly spread over the curve with a little noise: the counts of a run are exact, not merely
// expected. The noise keeps neighbours from coming in step.
double position_on_curve(int place, int count, Dice& dice) {
  return (place + dice.unit()) / std::max(count, 1);
}

}  // namespace

Plan plan_of(const Scenario& scenario, std::uint64_t seed, std::uint32_t index) {
  const People& people = scenario.behaviour;
  Dice dice(seed, index);
  Plan plan{.index = index};
  const int place = static_cast<int>(index);
  plan.dice = dice.next();
  if (place >= scenario.people) {
    plan.kind = Kind::bot;
    plan.arrives_s =
        arrival_s(scenario.bots.arrivals,
                  position_on_curve(place - scenario.people, scenario.bots.count, dice));
    plan.joins = static_cast<std::uint16_t>(std::max(1, dice.whole(scenario.bots.joins)));
    plan.every_s = dice.between(scenario.bots.every_s);
    return plan;
  }
  plan.arrives_s = arrival_s(scenario.arrivals, position_on_curve(place, scenario.people, dice));
  plan.transport = choose(people, dice.unit());
  plan.think_s = dice.between(people.think_s);
  plan.loses_answer = dice.chance(people.lost_answers);
  const bool gives_up = dice.chance(people.drop_outs);
  const double patience = dice.between(people.drop_out_after_s);
  plan.gives_up_after_s = gives_up ? std::max(patience, 0.001) : 0;
  plan.vanishes = dice.chance(people.vanish);
  plan.by_token = dice.chance(people.by_token);
  const bool breaks = dice.chance(people.reconnects);
  const int times = dice.whole(people.reconnect_times);
  plan.reconnects = static_cast<std::uint8_t>(
      breaks ? std::clamp<int>(times, 0, static_cast<int>(kReconnectsMax)) : 0);
  for (std::size_t i = 0; i < kReconnectsMax; ++i) {
    plan.reconnect_after_s[i] = dice.between(people.reconnect_after_s);
    plan.away_s[i] = dice.between(people.away_s);
  }
  plan.inside_s = dice.between(people.inside_s);
  plan.leaves = dice.chance(people.leave);
  plan.buys = dice.chance(scenario.purchase.share);
  plan.seats = static_cast<std::uint8_t>(std::max(1, dice.whole(scenario.purchase.seats)));
  plan.hold_s = dice.between(scenario.purchase.hold_s);
  plan.account = static_cast<std::uint32_t>(
      dice.whole({0, static_cast<double>(std::max(scenario.purchase.accounts, 1) - 1)}));
  return plan;
}

}  // namespace onsale::load
