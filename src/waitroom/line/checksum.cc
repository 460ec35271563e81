#include "waitroom/seal.h"

#include <array>
#include <cstring>

namespace onsale::waitroom {

namespace {

constexpr std::uint32_t kPolynomial = 0x82F63B78;  // 0x1EDC6F41, its bits in reverse
constexpr std::size_t kStep = 8;
using Tables = std::array<std::array<std::uint32_t, 256>, kStep>;

// tables[k][b]: what byte b comes to when k bytes follow it, so that eight are taken at once.
constexpr Tables make_tables() {
  Tables tables{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1U) * kPolynomial);
    tables[0][byte] = sum;
  }
  for (std::size_t k = 1; k < kStep; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xFF];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  std::uint32_t sum = 0xFFFFFFFF;
  for (; bytes.size() >= kStep; bytes.remove_prefix(kStep)) {
    std::array<std::uint8_t, kStep> eight{};
    std::memcpy(eight.data(), bytes.data(), kStep);
    for (std::size_t i = 0; i < 4; ++i) eight[i] ^= static_cast<std::uint8_t>(sum >> (8 * i));
    sum = 0;
    for (std::size_t i = 0; i < kStep; ++i) sum ^= kTables[kStep - 1 - i][eight[i]];
  }
  for (const char byte : bytes) {
    sum = (sum >> 8) ^ kTables[0][(sum ^ static_cast<std::uint8_t>(byte)) & 0xFF];
  }
  return ~sum;
}

std::string seal_of(std::string_view bytes) {
  std::uint32_t sum = crc32c(bytes);
  std::string seal(kSealBytes, '\0');
  for (char& byte : seal) {
    byte = static_cast<char>(sum & 0xFF);
    sum >>= 8;
  }
  return seal;
}

std::optional<std::string_view> unsealed(std::string_view bytes) {
  if (bytes.size() < kSealBytes) return {};
  const std::string_view inner = bytes.substr(0, bytes.size() - kSealBytes);
  if (bytes.substr(inner.size()) != seal_of(inner)) return {};
  return inner;
}

}  // namespace onsale::waitroom
