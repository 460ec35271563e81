#include "loadtool/histogram.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace onsale::load {

std::size_t Histogram::bucket_of(std::int64_t micros) {
  const auto value = static_cast<std::uint64_t>(std::max<std::int64_t>(micros, 0));
  if (value < 128) return value;
  const auto shift = static_cast<std::size_t>(std::bit_width(value)) - 7;
  return std::min(shift * 64 + (value >> shift), kBuckets - 1);
}

std::int64_t Histogram::highest_in(std::size_t bucket) {
  if (bucket < 128) return static_cast<std::int64_t>(bucket);
  const std::size_t shift = bucket / 64 - 1;
  const std::size_t step = bucket - shift * 64;
  return static_cast<std::int64_t>((step + 1) << shift) - 1;
}

void Histogram::record(std::int64_t micros) {
  ++buckets_[bucket_of(micros)];
  ++count_;
  max_ = std::max(max_, micros);
  sum_ += static_cast<double>(micros);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < kBuckets; ++i) buckets_[i] += other.buckets_[i];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
  sum_ += other.sum_;
}

std::int64_t Histogram::at(double share) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(highest_in(i), max_);
  }
  return max_;
}

}  // namespace onsale::load
