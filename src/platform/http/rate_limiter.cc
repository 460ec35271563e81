#include "platform/http/rate_limiter.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "platform/http/message/encode.h"

namespace onsale::http {

RateLimiter::RateLimiter(double per_second, double burst, std::size_t keys_max)
    : per_ms_(per_second / 1000),
      burst_(std::max(1.0, burst)),
      keys_max_(std::max<std::size_t>(1, keys_max / kShards)),
      seed_(SystemRandom().next_u64()) {}

RateLimiter::Bucket& RateLimiter::refreshed(Shard& shard, std::uint64_t hash,
                                            std::int64_t now_ms) const {
  auto found = shard.by_key.find(hash);
  if (found == shard.by_key.end()) {
    if (shard.by_key.size() >= keys_max_) {
      shard.by_key.erase(shard.recent.back().key);
      shard.recent.pop_back();
    }
    shard.recent.push_front({hash, burst_, now_ms});
    shard.by_key.emplace(hash, shard.recent.begin());
  } else {
    shard.recent.splice(shard.recent.begin(), shard.recent, found->second);
  }
  Bucket& bucket = shard.recent.front();
  const auto passed = static_cast<double>(std::max<std::int64_t>(0, now_ms - bucket.at_ms));
  bucket.tokens = std::min(burst_, bucket.tokens + passed * per_ms_);
  bucket.at_ms = std::max(bucket.at_ms, now_ms);
  return bucket;
}

void RateLimiter::charge(std::string_view key, std::int64_t now_ms, double cost) {
  const std::uint64_t hash = hash64(key, seed_);
  Shard& shard = shards_[hash % kShards];
  std::lock_guard lock(shard.mutex);
  Bucket& bucket = refreshed(shard, hash, now_ms);
  bucket.tokens = std::max(-burst_, bucket.tokens - cost);
}

RateLimiter::Verdict RateLimiter::take(std::string_view key, std::int64_t now_ms) {
  const std::uint64_t hash = hash64(key, seed_);
  Shard& shard = shards_[hash % kShards];
  std::lock_guard lock(shard.mutex);
  Bucket& bucket = refreshed(shard, hash, now_ms);
  const bool allowed = bucket.tokens >= 1;
  if (allowed) bucket.tokens -= 1;
  const double missing = allowed ? burst_ - bucket.tokens : 1 - bucket.tokens;
  const double wait_s = per_ms_ > 0 ? std::ceil(missing / per_ms_ / 1000) : 3600;
  return {allowed, static_cast<int>(burst_), std::max(0, static_cast<int>(bucket.tokens)),
          static_cast<int>(std::clamp(wait_s, 1.0, 86400.0))};
}

std::size_t RateLimiter::size() const {
  std::size_t total = 0;
  for (const auto& shard : shards_) {
    std::lock_guard lock(shard.mutex);
    total += shard.by_key.size();
  }
  return total;
}

}  // namespace onsale::http
