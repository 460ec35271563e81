// Token buckets by key (a client's address, an account), in bounded memory. Private to http.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <mutex>
#include <string_view>
#include <unordered_map>

namespace onsale::http {

// Thread: any.
class RateLimiter {
 public:
  // `keys_max` are remembered, the longest idle are forgotten first: forgetting is forgiving.
  RateLimiter(double per_second, double burst, std::size_t keys_max);

  struct Verdict {
    bool allowed;
    int limit;      // the burst
    int remaining;  // whole requests left
    int reset_s;    // until the bucket is full, or, when refused, until the next request may come
  };
  Verdict take(std::string_view key, std::int64_t now_ms);
  // Takes `cost` requests whether there are any or not: up to another burst may be owed.
  void charge(std::string_view key, std::int64_t now_ms, double cost);
  std::size_t size() const;

 private:
  struct Bucket {
    std::uint64_t key;
    double tokens;
    std::int64_t at_ms;
  };
  struct Shard {
    mutable std::mutex mutex;
    std::list<Bucket> recent;  // newest first; guarded by mutex
    std::unordered_map<std::uint64_t, std::list<Bucket>::iterator> by_key;  // guarded by mutex
  };

  // The bucket as of now. The shard is locked.
  Bucket& refreshed(Shard& shard, std::uint64_t hash, std::int64_t now_ms) const;

  static constexpr std::size_t kShards = 16;
  const double per_ms_;
  const double burst_;
  const std::size_t keys_max_;
  const std::uint64_t seed_;
  std::array<Shard, kShards> shards_;
};

}  // namespace onsale::http
