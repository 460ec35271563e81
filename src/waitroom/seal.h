// A checksum behind bytes that are kept: what a bad disk made of them is noticed before anybody
// reads it. It keeps no stranger out; the log's links do.
#pragma once

#include <boost/crc.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::waitroom {

inline constexpr std::size_t kSealBytes = 4;

// CRC-32C, its low byte first.
inline std::string seal_of(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> crc;
  crc.process_bytes(bytes.data(), bytes.size());
  std::uint32_t sum = crc.checksum();
  std::string seal(kSealBytes, '\0');
  for (char& byte : seal) {
    byte = static_cast<char>(sum & 0xFF);
    sum >>= 8;
  }
  return seal;
}

// What is in front of the seal; empty when the seal does not fit.
inline std::optional<std::string_view> unsealed(std::string_view bytes) {
  if (bytes.size() < kSealBytes) return {};
  const std::string_view inner = bytes.substr(0, bytes.size() - kSealBytes);
  if (bytes.substr(inner.size()) != seal_of(inner)) return {};
  return inner;
}

}  // namespace onsale::waitroom
