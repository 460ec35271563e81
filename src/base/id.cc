#include "base/id.h"

namespace onsale {
namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kDigits = 26;  // 130 bits for 128: the first digit is at most 7

constexpr std::array<std::int8_t, 256> make_values() {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}
constexpr auto kValues = make_values();

}  // namespace

std::string format_id(std::string_view prefix, RawId id) {
  std::string out(prefix.size() + 1 + kDigits, '_');
  prefix.copy(out.data(), prefix.size());
  for (std::size_t i = 0; i < kDigits; ++i) {
    out[out.size() - 1 - i] = kAlphabet[id.low & 31];
    id.low = (id.low >> 5) | (id.high << 59);
    id.high >>= 5;
  }
  return out;
}

std::optional<RawId> parse_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 1 + kDigits || !text.starts_with(prefix) ||
      text[prefix.size()] != '_')
    return {};
  const auto digits = text.substr(prefix.size() + 1);
  if (digits[0] > '7') return {};
  RawId id;
  for (const char c : digits) {
    const auto value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return {};
    id.high = (id.high << 5) | (id.low >> 59);
    id.low = (id.low << 5) | static_cast<std::uint64_t>(value);
  }
  return id;
}

RawId make_raw_id(Timestamp now, Random& random) {
  std::array<std::uint64_t, 2> bits{};
  random.fill(std::as_writable_bytes(std::span(bits)));
  return {(static_cast<std::uint64_t>(to_unix_ms(now)) << 16) | (bits[0] & 0xFFFF), bits[1]};
}

}  // namespace onsale
