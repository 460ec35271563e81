// Bytes and their encodings, hashes and comparisons. Bytes travel as std::string(_view), which may
// hold anything. Thread: any; nothing here blocks or keeps state.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::crypto {

// RFC 4648 section 5 without padding.
std::string base64url(std::string_view bytes);
// Strict: empty for padding, white space, another alphabet, or stray bits in the last character,
// so that every value has exactly one spelling.
std::optional<std::string> from_base64url(std::string_view text);

// RFC 4648 section 4, padded: for what others read (HTTP Basic).
std::string base64(std::string_view bytes);

std::string hex(std::string_view bytes);

using Sha256 = std::array<std::uint8_t, 32>;
Sha256 sha256_digest(std::string_view bytes);
// RFC 2104.
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);
// 32 raw bytes.
std::string sha256(std::string_view bytes);

// Takes the same time wherever the first difference is. The lengths are not secret.
bool equal_constant_time(std::string_view a, std::string_view b);

// `count` bytes from the kernel's generator.
std::string random_bytes(std::size_t count);
// A fresh secret as text: base64url of `count` random bytes.
std::string random_token(std::size_t count = 32);

struct Hash128 {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  bool operator==(const Hash128&) const = default;
};

// A secret for keyed hashes (BLAKE2b): without it nobody can find two texts of one hash.
class HashKey {
 public:
  static constexpr std::size_t kBytes = 32;
  HashKey();                                      // random, of this process
  explicit HashKey(std::string_view secret);      // any length; the same secret, the same hashes
  Hash128 hash128(std::string_view bytes) const;  // for bounded caches and buckets
  std::string mac(std::string_view bytes) const;  // 32 raw bytes; proves who wrote them

 private:
  std::array<unsigned char, kBytes> key_;
};

}  // namespace onsale::crypto

template <>
struct std::hash<onsale::crypto::Hash128> {
  std::size_t operator()(const onsale::crypto::Hash128& hash) const noexcept { return hash.low; }
};
