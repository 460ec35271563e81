// The admissions of the last minute, for the rate limit. A window is closed at both ends, so that
// no 60 s seen from outside holds more than the limit.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "base/time.h"

namespace onsale::waitroom {

class AdmissionHistory {
 public:
  struct Entry {
    Timestamp at;
    std::int64_t count;
  };
  static constexpr Millis kKept{60'000};

  // `at` never goes back.
  void add(Timestamp at) {
    if (!entries_.empty() && entries_.back().at == at) {
      ++entries_.back().count;
    } else {
      entries_.push_back({at, 1});
    }
    ++total_;
    forget(at);
  }
  // As they were kept: in any order when the clock was set back in between.
  void put(Entry entry) {
    entries_.push_back(entry);
    total_ += entry.count;
  }
  // Admissions in [now - window, now]; window <= kKept.
  std::int64_t within(Timestamp now, Millis window) {
    forget(now);
    if (window == kKept) return total_;
    std::int64_t sum = 0;
    for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
      if (entry->at < now - window) break;
      sum += entry->count;
    }
    return sum;
  }
  // No entry stays in the future.
  void not_after(Timestamp now) {
    for (Entry& entry : entries_) entry.at = std::min(entry.at, now);
  }
  const std::deque<Entry>& entries() const { return entries_; }

 private:
  void forget(Timestamp now) {
    while (!entries_.empty() && entries_.front().at < now - kKept) {
      total_ -= entries_.front().count;
      entries_.pop_front();
    }
  }

  std::deque<Entry> entries_;
  std::int64_t total_ = 0;
};

}  // namespace onsale::waitroom
