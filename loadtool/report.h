// What a run comes down to. Pure: from tallies and samples to JSON, Markdown and a picture.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "loadtool/answer.h"
#include "loadtool/scenario.h"
#include "loadtool/tally.h"

namespace onsale::load {

// The room, as its observer saw it.
struct RoomSample {
  Micros at = 0;
  RoomAnswer room;
};

struct RunInfo {
  std::string server, room, started_at;  // RFC 3339
  std::uint64_t seed = 0;
  int processes = 1, loops = 1;
  double seconds = 0;
  bool interrupted = false;
  std::string note;  // what limits the meaning of the figures, in one line
};

struct RoomUse {
  double watched_s = 0;  // in which somebody waited and the room let people in
  double slot_use = 0;   // of capacity, over that time
  double steady_s = 0;   // the part after the slots were first full
  double steady_use = 0;
  // Of capacity, by people of this run while other such people waited; -1 = not measured.
  double live_use = -1;
  double rate_use = 0;  // of admit_per_minute, from what people saw; 0 = not measured
  std::int64_t capacity = 0, most_inside = 0, most_waiting = 0;
  std::vector<Breach> breaches;
};
RoomUse room_use(const std::vector<RoomSample>& samples);

struct Row {  // of the series: one second
  int second = 0;
  std::uint32_t arrived = 0, joined = 0, admitted = 0, ended = 0, errors = 0;
  std::int64_t waiting = -1, inside = -1, capacity = -1;  // -1: not seen
  double p50_ms = -1, p99_ms = -1;                        // of joins and looks
};

struct Report {
  Scenario scenario;
  RunInfo info;
  Tally tally;
  Verdict verdict;
  Coverage waits, halfway;  // by the first estimate, and by that of halfway
  RoomUse room;
  std::vector<Row> series;
  std::uint64_t breaches[kBreachKinds]{};
  std::vector<Breach> examples;
  std::uint64_t outcomes[kOutcomes]{};  // of people
  bool passed = false;
};

Report make_report(const Scenario& scenario, RunInfo info, Tally tally,
                   const std::vector<RoomSample>& samples);

std::string to_json(const Report& report);      // for programs
std::string to_markdown(const Report& report);  // for people, and the terminal
std::string to_svg(const Report& report);       // light and dark

}  // namespace onsale::load
