#include "waitroom/line/checksum.h"

#include <boost/crc.hpp>

namespace onsale::waitroom {

std::uint32_t crc32c(std::string_view bytes) {
  boost::crc_optimal<32, 0x1EDC6F41, 0xFFFFFFFF, 0xFFFFFFFF, true, true> sum;
  sum.process_bytes(bytes.data(), bytes.size());
  return sum.checksum();
}

std::string checksum_of(std::string_view bytes) {
  std::uint32_t sum = crc32c(bytes);
  std::string bytes_of_sum(kChecksumBytes, '\0');
  for (char& byte : bytes_of_sum) {
    byte = static_cast<char>(sum & 0xFF);
    sum >>= 8;
  }
  return bytes_of_sum;
}

std::optional<std::string_view> without_checksum(std::string_view bytes) {
  if (bytes.size() < kChecksumBytes) return {};
  const std::string_view inner = bytes.substr(0, bytes.size() - kChecksumBytes);
  if (bytes.substr(inner.size()) != checksum_of(inner)) return {};
  return inner;
}

}  // namespace onsale::waitroom
