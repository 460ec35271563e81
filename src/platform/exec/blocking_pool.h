// Threads for calls that block: SQL, password hashing, files. Bounded, so that a slow disk makes
// "busy" answers instead of memory.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <type_traits>
#include <vector>

#include "base/task.h"

namespace onsale::exec {

// Thread: any.
class BlockingPool {
 public:
  // `threads` 1..64; `queue_max` calls may wait besides the running ones.
  BlockingPool(std::string name, int threads, std::size_t queue_max);
  // Finishes what was accepted, then joins.
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  // Runs `work()` on a pool thread; the awaiter resumes on its own executor. Throws Overloaded when
  // the queue is full, and whatever `work` throws.
  template <class F>
  Task<std::invoke_result_t<F&>> run(F work) {
    using R = std::invoke_result_t<F&>;
    using Stored = std::conditional_t<std::is_void_v<R>, std::monostate, R>;
    OneShot<Stored> done;
    post([work = std::move(work), done]() mutable {
      try {
        if constexpr (std::is_void_v<R>) {
          work();
          done.set({});
        } else {
          done.set(work());
        }
      } catch (...) {
        done.fail(std::current_exception());
      }
    });
    if constexpr (std::is_void_v<R>) {
      co_await done.wait();
    } else {
      co_return co_await done.wait();
    }
  }

  // The same for work that nobody waits for; it must not throw.
  void post(std::move_only_function<void()> work);

 private:
  void serve(int index);

  const std::string name_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::move_only_function<void()>> queue_;  // guarded by mutex_
  bool stopping_ = false;                              // guarded by mutex_
  std::vector<std::jthread> threads_;
};

}  // namespace onsale::exec
