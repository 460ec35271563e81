#include "sandbox/texts.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/korea.h"

namespace onsale::sandbox {

std::string korean_time(Timestamp at) { return korean_time_text(at); }

int korean_month(Timestamp at) {
  const std::chrono::year_month_day day(korean_day(at));
  return static_cast<int>(day.year()) * 100 + static_cast<int>(static_cast<unsigned>(day.month()));
}

std::string random_text(Random& random, std::size_t length, std::string_view alphabet) {
  std::string out;
  out.reserve(length);
  // Bytes at or above the last whole multiple would make the first characters likelier.
  const std::size_t fair = 256 - 256 % alphabet.size();
  std::array<std::byte, 64> bytes;
  while (out.size() < length) {
    random.fill(bytes);
    for (const std::byte b : bytes) {
      const auto value = static_cast<std::size_t>(b);
      if (value < fair && out.size() < length) out += alphabet[value % alphabet.size()];
    }
  }
  return out;
}

std::string with_query(std::string_view address, std::initializer_list<Pair> pairs) {
  const auto hash = std::min(address.find('#'), address.size());
  std::string out(address.substr(0, hash));
  char separator = out.find('?') == std::string::npos ? '?' : '&';
  if (out.ends_with('?') || out.ends_with('&')) separator = '\0';
  for (const auto& [name, value] : pairs) {
    if (separator != '\0') out += separator;
    out.append(name).append("=").append(percent_encoded(value));
    separator = '&';
  }
  return out.append(address.substr(hash));
}

bool is_address(std::string_view text) {
  const std::size_t scheme = text.starts_with("https://") ? 8 : text.starts_with("http://") ? 7 : 0;
  if (scheme == 0 || text.size() > 2048) return false;
  const auto rest = text.substr(scheme);
  if (rest.empty() || rest.front() == '/' || rest.front() == '?' || rest.front() == '#')
    return false;
  return std::ranges::all_of(rest, [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte > 0x20 && byte < 0x7F && c != '"' && c != '<' && c != '>' && c != '\\' && c != '`';
  });
}

std::size_t length_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::int64_t vat_of(std::int64_t taxed) { return (2 * taxed + 11) / 22; }

}  // namespace onsale::sandbox
