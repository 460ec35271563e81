// A checksum behind bytes that are kept: what a bad disk made of them is noticed before anybody
// reads it. It keeps no stranger out; the log's links do.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::waitroom {

inline constexpr std::size_t kChecksumBytes = 4;

// CRC-32C (RFC 3720, B.4); some nanoseconds a byte.
std::uint32_t crc32c(std::string_view bytes);
// The same as bytes, low ones first.
std::string checksum_of(std::string_view bytes);
// What is in front of the checksum; empty when it does not fit.
std::optional<std::string_view> without_checksum(std::string_view bytes);

}  // namespace onsale::waitroom
