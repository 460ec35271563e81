// When which hold runs out. Thread: any.
#pragma once

#include <map>
#include <mutex>
#include <set>
#include <vector>

#include "booking/booking.h"

namespace onsale::booking {

class HoldWatch {
 public:
  // Also moves one that is watched already.
  void add(HoldId hold, Timestamp at) {
    std::lock_guard lock(mutex_);
    const auto [place, fresh] = when_.try_emplace(hold, at);
    if (!fresh) {
      order_.erase({place->second, hold});
      place->second = at;
    }
    order_.emplace(at, hold);
  }
  void remove(HoldId hold) {
    std::lock_guard lock(mutex_);
    const auto found = when_.find(hold);
    if (found == when_.end()) return;
    order_.erase({found->second, hold});
    when_.erase(found);
  }
  // Unless it was put off meanwhile, or is another hold of the same id.
  void remove_due(HoldId hold, Timestamp now) {
    std::lock_guard lock(mutex_);
    const auto found = when_.find(hold);
    if (found == when_.end() || found->second > now) return;
    order_.erase({found->second, hold});
    when_.erase(found);
  }
  bool contains(HoldId hold) const {
    std::lock_guard lock(mutex_);
    return when_.contains(hold);
  }
  std::vector<HoldId> due(Timestamp now, std::size_t most) const {
    std::lock_guard lock(mutex_);
    std::vector<HoldId> out;
    for (const auto& [at, hold] : order_) {
      if (at > now || out.size() == most) break;
      out.push_back(hold);
    }
    return out;
  }

 private:
  mutable std::mutex mutex_;
  std::map<HoldId, Timestamp> when_;
  std::set<std::pair<Timestamp, HoldId>> order_;
};

}  // namespace onsale::booking
