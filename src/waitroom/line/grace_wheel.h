// Whose silence may have lasted too long? One bucket per second of falling due. A sign of life does
// not move anybody: whoever falls due is asked for the true time and put back. So a sign of life is
// one store, and a place is touched once per grace period. Four bytes a place.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "waitroom/line/line_index.h"

namespace onsale::waitroom {

class GraceWheel {
 public:
  void put(std::uint32_t due_s, Sequence sequence) {
    buckets_[due_s].push_back(static_cast<std::uint32_t>(sequence));
  }
  void clear() { buckets_.clear(); }

  // Calls visit(low 32 bits of the sequence) for at most `limit` entries due at `now_s`.
  template <class F>
  void take_due(std::uint32_t now_s, std::size_t limit, F visit) {
    while (limit > 0 && !buckets_.empty() && buckets_.begin()->first <= now_s) {
      std::vector<std::uint32_t>& bucket = buckets_.begin()->second;
      while (limit > 0 && !bucket.empty()) {
        const std::uint32_t low = bucket.back();
        bucket.pop_back();
        --limit;
        visit(low);
      }
      if (bucket.empty()) buckets_.erase(buckets_.begin());
    }
  }

  std::size_t memory_bytes() const {
    std::size_t sum = 0;
    for (const auto& [due_s, bucket] : buckets_) sum += bucket.capacity() * 4 + 64;
    return sum;
  }

 private:
  std::map<std::uint32_t, std::vector<std::uint32_t>> buckets_;
};

}  // namespace onsale::waitroom
