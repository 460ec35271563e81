// Latencies in bounded memory, as HdrHistogram keeps them: 64 steps for every power of two, so a
// percentile is at most 1.6 % too high and never too low. Thread: one at a time.
#pragma once

#include <array>
#include <cstdint>

namespace onsale::load {

class Histogram {
 public:
  static constexpr std::size_t kBuckets = 64 * 30 + 128;  // up to 2^36 us: 19 hours

  void record(std::int64_t micros);
  void merge(const Histogram& other);
  // The value that `share` of all do not exceed; 0 when there is none.
  std::int64_t at(double share) const;
  std::uint64_t count() const { return count_; }
  std::int64_t max() const { return max_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }

  static std::size_t bucket_of(std::int64_t micros);
  static std::int64_t highest_in(std::size_t bucket);

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  std::int64_t max_ = 0;
  double sum_ = 0;
};

}  // namespace onsale::load
