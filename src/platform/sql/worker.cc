#include "platform/sql/worker.h"

namespace onsale::sql {

Worker::Worker() : thread_([this] { run(); }) {}

Worker::~Worker() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Worker::post(Work work) {
  // Told under the lock: once the work has run, this may be gone.
  std::lock_guard lock(mutex_);
  ready_.push_back(std::move(work));
  changed_.notify_one();
}

void Worker::post_after(Millis delay, Work work) {
  std::lock_guard lock(mutex_);
  later_.emplace(now() + delay, std::move(work));
  changed_.notify_one();
}

void Worker::skip(Millis time) {
  std::lock_guard lock(mutex_);
  skipped_ += time.count();
  changed_.notify_one();
}

void Worker::run() {
  current_ = this;
  Work work;
  while (take(work)) {
    work();
    work = nullptr;  // its captures go before the next wait
  }
  current_ = nullptr;
}

bool Worker::take(Work& work) {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!later_.empty() && later_.begin()->first <= now()) {
      ready_.push_back(std::move(later_.begin()->second));
      later_.erase(later_.begin());
    }
    if (!ready_.empty()) {
      work = std::move(ready_.front());
      ready_.pop_front();
      return true;
    }
    if (stopping_) return false;
    if (later_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, later_.begin()->first - Millis(skipped_));
    }
  }
}

}  // namespace onsale::sql
