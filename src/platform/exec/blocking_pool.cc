#include "platform/exec/blocking_pool.h"

#include <pthread.h>

#include "base/check.h"
#include "base/overload.h"

namespace onsale::exec {

BlockingPool::BlockingPool(std::string name, int threads, std::size_t queue_max)
    : name_(std::move(name)), queue_max_(queue_max) {
  check(threads >= 1 && threads <= 64, "a blocking pool has 1 to 64 threads");
  for (int i = 0; i < threads; ++i) threads_.emplace_back([this, i] { serve(i); });
}

BlockingPool::~BlockingPool() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void BlockingPool::post(std::move_only_function<void()> work) {
  {
    std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) throw Overloaded(name_ + " is busy");
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void BlockingPool::serve(int index) {
  // The kernel keeps 15 characters of a thread's name.
  pthread_setname_np(pthread_self(), (name_ + "-" + std::to_string(index)).substr(0, 15).c_str());
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    auto work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

}  // namespace onsale::exec
