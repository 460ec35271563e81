// A whole run: processes, loops, the observer of the room, and the end of it all.
#pragma once

#include <vector>

#include "loadtool/crowd.h"
#include "loadtool/report.h"

namespace onsale::load {

struct RunOptions {
  int processes = 1;
  int loops = 1;  // of each process
  bool quiet = false;
  std::string admin_token;  // empty: the room is watched as anybody sees it
};

struct RunResult {
  Tally tally;
  std::vector<RoomSample> samples;
  double seconds = 0;
  bool interrupted = false;
  std::string trouble;  // a process died: what there is, is not all
};

// Forks, so call it before any thread was started. Returns when everybody is done, the scenario's
// time is over, or SIGINT or SIGTERM came.
RunResult run_all(Run& run, const RunOptions& options);

// The part of one process, from 0 to `parts` - 1.
Tally run_part(const Run& run, Live& live, int part, int parts, int loops);

}  // namespace onsale::load
