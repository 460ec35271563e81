// A token that is shown every two seconds should cost one hash, not one Ed25519 verification. The
// cache maps a keyed 128-bit hash of the whole token to what it said; only good tokens are in it,
// and their time is checked at every look. Bounded: two generations per shard, the older one
// dropped when the younger is full. Thread: any.
#pragma once

#include <array>
#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/token.h"

namespace onsale::crypto {

template <class T>
struct Verified {
  std::shared_ptr<const T> value;
  Timestamp good_until = Timestamp::max();  // the value counts while now < good_until
};

template <class T>
class VerifiedCache {
 public:
  using Value = std::shared_ptr<const T>;

  // Never holds more than `entries_max` (at least 2 * kShards) tokens.
  explicit VerifiedCache(std::size_t entries_max)
      : generation_max_(std::max<std::size_t>(1, entries_max / kShards / 2)) {}

  // What `token` says. `verify` runs on a miss and when the time of a known token is over, so the
  // refusal always has its proper name: () -> Result<Verified<T>, TokenRefusal>.
  template <class Verify>
  Result<Value, TokenRefusal> get(std::string_view token, Timestamp now, Verify verify) {
    const Hash128 hash = key_.hash128(token);
    Shard& shard = shards_[hash.high % kShards];
    if (Value known = shard.find(hash, now, generation_max_)) return known;
    Result<Verified<T>, TokenRefusal> fresh = verify();
    if (!fresh) return std::unexpected(fresh.error());
    Value value = fresh->value;
    shard.put(hash, std::move(*fresh), generation_max_);
    return value;
  }

  // For a token that we signed ourselves a moment ago.
  void put(std::string_view token, Verified<T> said) {
    const Hash128 hash = key_.hash128(token);
    shards_[hash.high % kShards].put(hash, std::move(said), generation_max_);
  }

  // Forgets everything, for when a key is withdrawn before its time.
  void clear() {
    for (Shard& shard : shards_) shard.clear();
  }

  std::size_t size() const {
    std::size_t sum = 0;
    for (const Shard& shard : shards_) sum += shard.size();
    return sum;
  }

  static constexpr std::size_t kShards = 16;

 private:
  class Shard {
   public:
    Value find(const Hash128& hash, Timestamp now, std::size_t generation_max) {
      std::lock_guard lock(mutex_);
      if (const auto young = young_.find(hash); young != young_.end())
        return now < young->second.good_until ? young->second.value : nullptr;
      const auto old = old_.find(hash);
      if (old == old_.end() || now >= old->second.good_until) return nullptr;
      Verified<T> entry = std::move(old->second);
      Value value = entry.value;
      old_.erase(old);
      put_locked(hash, std::move(entry), generation_max);
      return value;
    }
    void put(const Hash128& hash, Verified<T> entry, std::size_t generation_max) {
      std::lock_guard lock(mutex_);
      put_locked(hash, std::move(entry), generation_max);
    }
    void clear() {
      std::lock_guard lock(mutex_);
      young_.clear();
      old_.clear();
    }
    std::size_t size() const {
      std::lock_guard lock(mutex_);
      return young_.size() + old_.size();
    }

   private:
    using Map = boost::unordered_flat_map<Hash128, Verified<T>, std::hash<Hash128>>;

    void put_locked(const Hash128& hash, Verified<T> entry, std::size_t generation_max) {
      if (young_.size() >= generation_max && !young_.contains(hash)) {
        old_ = std::move(young_);
        young_ = Map();
      }
      young_.insert_or_assign(hash, std::move(entry));
    }

    mutable std::mutex mutex_;
    Map young_;
    Map old_;
  };

  const HashKey key_;
  const std::size_t generation_max_;
  std::array<Shard, kShards> shards_;
};

// verify_jwt behind a cache. Keep one per kind of token. `ring` must outlive it.
class JwtVerifier {
 public:
  JwtVerifier(const KeyRing& ring, Expected expected, std::size_t entries_max)
      : ring_(ring), expected_(std::move(expected)), cache_(entries_max) {}
  Result<std::shared_ptr<const Claims>, TokenRefusal> verify(std::string_view token, Timestamp now);

 private:
  const KeyRing& ring_;
  const Expected expected_;
  VerifiedCache<Claims> cache_;
};

// verify_bytes behind a cache. Keep one per purpose. `ring` must outlive it.
class BytesVerifier {
 public:
  BytesVerifier(const KeyRing& ring, std::string purpose, std::size_t entries_max)
      : ring_(ring), purpose_(std::move(purpose)), cache_(entries_max) {}
  Result<std::shared_ptr<const std::string>, TokenRefusal> verify(std::string_view token,
                                                                  Timestamp now);
  // `token` is what we just signed over `payload`.
  void trust(std::string_view token, std::string payload, Timestamp now);

 private:
  const KeyRing& ring_;
  const std::string purpose_;
  VerifiedCache<std::string> cache_;
};

}  // namespace onsale::crypto
