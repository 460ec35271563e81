#include "base/encoding.h"

#include <array>

namespace onsale {

std::string percent_encoded(std::string_view text, std::string_view spared) {
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    if (kPlain.find(c) != kPlain.npos || spared.find(c) != spared.npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::optional<std::string> hex_decoded(std::string_view text) {
  const auto digit = [](char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  if (text.size() % 2 != 0) return {};
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes.push_back(static_cast<char>(high * 16 + low));
  }
  return bytes;
}

std::string hex_encoded(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text.push_back(kDigits[static_cast<unsigned char>(c) >> 4]);
    text.push_back(kDigits[static_cast<unsigned char>(c) & 15]);
  }
  return text;
}

std::string random_hex(Random& random) {
  std::array<char, 16> bytes{};
  random.fill(std::as_writable_bytes(std::span(bytes)));
  return hex_encoded({bytes.data(), bytes.size()});
}

void put_csv_field(std::string& out, std::string_view text) {
  std::string plain;
  if (!text.empty() && std::string_view("=+-@\t\r").find(text.front()) != text.npos) plain = "'";
  plain += text;
  if (plain.find_first_of(",\"\r\n") == plain.npos) {
    out += plain;
    return;
  }
  out += '"';
  for (const char c : plain) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace onsale
