// An executor with a thread and timers of its own, for work that has no event loop to go to.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <thread>

#include "base/task.h"
#include "base/time.h"

namespace onsale::sql {

class Worker final : public Executor {
 public:
  using Work = std::move_only_function<void()>;

  Worker();
  // Runs what was posted, drops what waits for its time. Never on its own thread.
  ~Worker() override;
  void post(Work work) override;
  void post_after(Millis delay, Work work);

  using Steady = std::chrono::steady_clock;
  Steady::time_point now() const { return Steady::now() + Millis(skipped_); }
  // For tests: as if so much time had gone by. Any thread.
  void skip(Millis time);

 private:
  void run();
  bool take(Work& work);

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> ready_;
  std::multimap<Steady::time_point, Work> later_;
  bool stopping_ = false;
  std::atomic<std::int64_t> skipped_ = 0;
  std::thread thread_;
};

}  // namespace onsale::sql
