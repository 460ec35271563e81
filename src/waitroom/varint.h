// Numbers as bytes: seven bits each, low ones first; signed ones folded so that small stays short.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace onsale::waitroom {

inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(value | 0x80));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

inline void put_signed(std::string& out, std::int64_t value) {
  put_varint(out,
             (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
}

// Later and earlier than this is no time of ours; a period added to one in between overflows
// nothing.
inline constexpr std::int64_t kStoredMsMax = std::int64_t{1} << 53;
inline bool storable(std::int64_t unix_ms) {
  return unix_ms >= -kStoredMsMax && unix_ms <= kStoredMsMax;
}

inline void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

// Reads what the functions above wrote; after a failure everything reads as empty.
class ByteReader {
 public:
  explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64 && !rest_.empty(); shift += 7) {
      const auto byte = static_cast<std::uint8_t>(rest_.front());
      rest_.remove_prefix(1);
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if (byte < 0x80) return value;
    }
    fail();
    return 0;
  }
  std::int64_t signed_varint() {
    const std::uint64_t folded = varint();
    return static_cast<std::int64_t>((folded >> 1) ^ (~(folded & 1) + 1));
  }
  // How many follow, each of at least `bytes`: no more than there is room for.
  std::uint64_t count(std::size_t bytes) {
    const std::uint64_t many = varint();
    if (many > rest_.size() / bytes) fail();
    return failed_ ? 0 : many;
  }
  Timestamp time() {
    const std::int64_t unix_ms = signed_varint();
    if (!storable(unix_ms)) fail();
    return failed_ ? Timestamp{} : from_unix_ms(unix_ms);
  }
  std::string_view bytes(std::size_t count) {
    if (count > rest_.size()) {
      fail();
      return {};
    }
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return taken;
  }
  std::string_view text() { return bytes(varint()); }

  bool done() const { return rest_.empty(); }
  bool failed() const { return failed_; }

 private:
  void fail() {
    failed_ = true;
    rest_ = {};
  }

  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace onsale::waitroom
