// A fingerprint of content: 64 bits, for versions, ETags and tables in memory. Not against somebody
// who looks for a collision.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace onsale::catalogue {

class ContentHash {
 public:
  void add(std::uint64_t value) {
    state_ = std::rotl(state_ ^ (value * 0x9E3779B97F4A7C15ULL), 29) * 0xBF58476D1CE4E5B9ULL;
  }
  void add(std::int64_t value) { add(static_cast<std::uint64_t>(value)); }
  // The size is part of it: "ab","c" is not "a","bc".
  void add(std::string_view text) {
    add(static_cast<std::uint64_t>(text.size()));
    while (!text.empty()) {
      std::uint64_t word = 0;
      const std::size_t n = text.size() < sizeof word ? text.size() : sizeof word;
      std::memcpy(&word, text.data(), n);
      add(word);
      text.remove_prefix(n);
    }
  }
  std::uint64_t value() const {
    const std::uint64_t mixed = (state_ ^ (state_ >> 31)) * 0x94D049BB133111EBULL;
    return mixed ^ (mixed >> 32);
  }
  std::string hex() const {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string out(16, '0');
    std::uint64_t rest = value();
    for (auto at = out.rbegin(); at != out.rend(); ++at, rest >>= 4) *at = kDigits[rest & 15];
    return out;
  }

 private:
  std::uint64_t state_ = 0x243F6A8885A308D3ULL;
};

}  // namespace onsale::catalogue
