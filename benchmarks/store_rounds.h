// Rounds that alternate between raw SQLite and our Database on the same disk.
#pragma once

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "base/task.h"
#include "platform/sql/database.h"
#include "platform/sql/worker.h"
#include "raw_sqlite.h"

namespace onsale::bench {

struct Ours {
  double rate = 0;        // units per second
  double per_commit = 0;  // units
};

// `units` of work done by kUnitsPerCommit coroutines on one executor: `worker(first)` does every
// kUnitsPerCommit-th unit from `first` on.
template <class Worker>
Ours rate_of(sql::Database& database, int units, Worker worker) {
  const auto before = database.statistics();
  std::promise<void> done;
  int running = kUnitsPerCommit;
  const auto began = std::chrono::steady_clock::now();
  sql::Worker executor;
  executor.post([&] {
    for (int first = 0; first < kUnitsPerCommit; ++first) {
      start(worker(first), [&](std::exception_ptr error) {
        if (error) std::abort();
        if (--running == 0) done.set_value();
      });
    }
  });
  done.get_future().wait();
  const double rate = units / seconds_since(began);
  const auto after = database.statistics();
  return {rate, static_cast<double>(after.writes - before.writes) /
                    static_cast<double>(after.commits - before.commits)};
}

// `raw(path)` gives units per second, `ours(path)` an Ours. Prints each round and the median ratio.
template <class Raw, class Us>
void compare(const std::string& what, Raw raw, Us ours) {
  constexpr int kRounds = 5;
  namespace fs = std::filesystem;
  const fs::path folder =
      fs::temp_directory_path() / ("onsale-" + what + "-" + std::to_string(getpid()));
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    fs::create_directories(folder);
    const double reference = raw((folder / "raw.db").string());
    const Ours us = ours((folder / "ours.db").string());
    fs::remove_all(folder);
    ratios.push_back(us.rate / reference);
    std::printf("%s: raw SQLite %.0f/s, ours %.0f/s (%.0f a commit), ratio %.2f\n", what.c_str(),
                reference, us.rate, us.per_commit, ratios.back());
  }
  std::ranges::sort(ratios);
  std::printf("%s: median ratio %.2f\n", what.c_str(), ratios[ratios.size() / 2]);
}

}  // namespace onsale::bench
