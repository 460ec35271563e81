// Things to do every so often, on one loop. A run that takes longer than its period delays the next
// one; runs of one job never overlap. A job that throws, be it
// before it returns its task, is logged and runs again next time.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/task.h"
#include "base/time.h"

namespace onsale::exec {

class Loop;

// Thread: any. Jobs run on the loop.
class Scheduler {
 public:
  explicit Scheduler(Loop& loop);
  // Only when the loop has stopped, or on its thread; before the loop itself goes.
  ~Scheduler();
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // First run after one `period`.
  void every(Millis period, std::string name, std::function<Task<void>()> job);
  // No run starts once the loop has handled this; one that is under way finishes.
  void stop();
  // Stops, and finishes when no run is under way any more. The loop must be running.
  Task<void> stopped();

 private:
  struct Shared;
  struct Job;
  std::shared_ptr<Shared> shared_;
};

}  // namespace onsale::exec
