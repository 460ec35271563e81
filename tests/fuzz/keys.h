// Keys that everybody knows: the same tokens on every machine, in every run.
#pragma once

#include "platform/crypto/fakes.h"
#include "platform/crypto/keys.h"

namespace onsale::fuzz {

inline constexpr std::int64_t kNowS = 1'800'000'000;  // 2027-01-15T08:00:00Z
inline Timestamp now() { return from_unix_ms(kNowS * 1000); }

inline const crypto::KeyRing& known_ring() {
  static crypto::MemoryKeyStore store = [] {
    crypto::MemoryKeyStore one;
    one.keys.push_back({.seed = std::string(crypto::kSeedBytes, 'f'), .created_at = now()});
    return one;
  }();
  static const crypto::KeyRing ring(store, now());
  return ring;
}

}  // namespace onsale::fuzz
