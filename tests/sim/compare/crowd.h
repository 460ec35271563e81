// The same people in front of every contender, in virtual time, and what happened to them: counted
// from outside, by somebody who knows who is really there. Everything follows from the seed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "queue.h"

namespace onsale::compare {

struct Scenario {
  std::string name, title;
  Limits limits{};
  Person people = 1'000;
  Seconds arrive_within = 10;   // the first ones, evenly
  double later_per_second = 0;  // the rest, at random
  double bots = 0;              // of the first ones: never come back, keep no cookie
  double abandons = 0;          // of the people: give up within abandon_within in line
  Seconds abandon_within = 900;
  double silently = 0.7;   // of those: just close the page
  double walk_away = 0.1;  // of those inside: leave without a word
  Seconds held_mean = 90;  // log-normal, at most 240 s
  Seconds crash_at = 0;    // 0: never
  Seconds horizon = 7'200;
};

struct Result {
  std::string queue;
  std::int64_t admitted = 0;    // people who got in and were there
  std::int64_t unserved = 0;    // live people still in line at the end
  double used = 0;              // share of slots with somebody live inside, while live people wait
  double given = 0;             // share of slots given to anybody, while live people wait
  std::int64_t inversions = 0;  // pairs: somebody live was in line, a later one got in
  double overtaken = 0;         // share of the live who were overtaken at least once
  bool shows_position = false, shows_wait = false;
  std::int64_t backward = 0;  // times that a shown position rose
  Seconds stall = 0;          // longest time nobody got in, with a free slot and live people
  std::int64_t over = 0;      // most people inside beyond the capacity
  double wait_error = -1;     // median of |shown - real| / real, of waits over 30 s
  Seconds told_p99 = -1;      // from a slot coming free to the next one knowing, while full
  Seconds last_in = 0;        // when the last live person got in
  std::vector<std::pair<Seconds, double>> use_over_time;  // by minute, while live people wait
};

using Contender = std::function<std::unique_ptr<Queue>(const Limits&, Court&)>;
Result run(const Scenario& scenario, const Contender& contender);

// calm, stampede, half abandon, bots, skew, crash; `size` scales the number of people (1 = full).
std::vector<Scenario> scenarios(double size);

}  // namespace onsale::compare
