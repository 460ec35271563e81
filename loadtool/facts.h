// What became of every person: the material of the report.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "loadtool/plan.h"
#include "loadtool/watch.h"

namespace onsale::load {

enum class Outcome : std::uint8_t {
  under_way,      // the run ended in the middle of something
  never_came,     // the run ended before
  no_answer,      // never got a place: errors until the end
  refused,        // the room was closed, or wanted a proof that was not given
  gave_up,        // left the line and said so
  vanished,       // left the line without a word
  done,           // was inside, left
  still_waiting,  // waited until the end of the run; the place was there
  still_inside,
  expired,  // over by its owner's silence or the end of the session
  lost,     // over without a reason
};
inline constexpr std::size_t kOutcomes = 11;
const char* name_of(Outcome outcome);

// What somebody was told about the wait.
struct Estimate {
  Micros at = -1;  // -1 = never
  std::int32_t p50_s = -1, p80_s = -1, p90_s = -1;
};

struct Facts {
  std::uint32_t index = 0;
  Kind kind = Kind::person;
  Outcome outcome = Outcome::under_way;
  std::string lane;
  std::int64_t number = -1;
  std::uint64_t token_hash = 0, place_id_hash = 0;  // 0 = never seen
  Micros join_sent = -1, joined = -1;               // first request; first answer with a place
  Micros waiting_at = -1;  // the latest moment at which the server surely had it waiting
  Micros admitted = -1;    // when its owner learned of it
  Micros left = -1;        // when its owner was done with it, whatever became of it
  std::int64_t called_at_ms = -1;
  std::int64_t first_position = -1;
  Estimate first, halfway;  // when half of those ahead at first had gone
  bool missed_turn = false;
  std::uint16_t came_back = 0;  // times that the place was found again after its line broke
};

// What can only be seen with all facts at hand.
struct Verdict {
  std::uint64_t counts[kBreachKinds]{};
  std::vector<Breach> examples;
  // The longest that somebody earlier surely still waited after somebody later knew to be in.
  Micros worst_overtaking = 0;
  bool exact_order = false;  // judged by numbers and times of call, else by what clients saw when
  std::int64_t numbers_unclaimed = -1;  // places that nobody knows of; -1 = no numbers
};

inline constexpr std::size_t kExamplesMax = 10;  // of each kind

// `order`: whether places are called in order of joining.
Verdict judge(const std::vector<Facts>& facts, bool order);

// Real waits from an estimate on: the share that waited no longer.
struct Coverage {
  std::uint64_t people = 0;
  double p50 = 0, p80 = 0, p90 = 0;
  double median_error = 0;  // of p50, relative to the real wait
};
Coverage coverage(const std::vector<Facts>& facts, Estimate Facts::* told);

}  // namespace onsale::load
