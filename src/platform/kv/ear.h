// Who hears news: told on one thread at a time, and never again once it has stopped.
#pragma once

#include <functional>
#include <mutex>

#include "platform/kv/kv.h"

namespace onsale::kv {

// Thread: any. stop() from within what is told is fine.
class Ear {
 public:
  explicit Ear(std::function<void(const News&)> heard) : heard_(std::move(heard)) {}
  void tell(const News& news) {
    std::lock_guard lock(mutex_);
    if (open_) heard_(news);
  }
  void stop() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }

 private:
  std::recursive_mutex mutex_;
  const std::function<void(const News&)> heard_;
  bool open_ = true;  // guarded by mutex_
};

}  // namespace onsale::kv
