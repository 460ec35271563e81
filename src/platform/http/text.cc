#include <algorithm>

#include "platform/http/exchange.h"

namespace onsale::http {
namespace {

struct Reason {
  int status;
  std::string_view phrase;
};

constexpr Reason kReasons[] = {
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
};

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

// One code point at `text[i]`; its size, or 0 when it is not UTF-8 or a control character.
std::size_t code_point_size(std::string_view text, std::size_t i) {
  const auto byte = [&](std::size_t k) {
    return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0U;
  };
  const auto follows = [&](std::size_t k, unsigned from = 0x80, unsigned to = 0xBF) {
    return byte(k) >= from && byte(k) <= to;
  };
  const unsigned c = byte(0);
  if (c < 0x80) return c >= 0x20 && c != 0x7F ? 1 : 0;
  if (c >= 0xC2 && c <= 0xDF) return follows(1) ? 2 : 0;
  if (c >= 0xE0 && c <= 0xEF) {
    const unsigned from = c == 0xE0 ? 0xA0 : 0x80;  // no overlong forms
    const unsigned to = c == 0xED ? 0x9F : 0xBF;    // no surrogates
    return follows(1, from, to) && follows(2) ? 3 : 0;
  }
  if (c >= 0xF0 && c <= 0xF4) {
    const unsigned from = c == 0xF0 ? 0x90 : 0x80;
    const unsigned to = c == 0xF4 ? 0x8F : 0xBF;
    return follows(1, from, to) && follows(2) && follows(3) ? 4 : 0;
  }
  return 0;
}

bool clean_utf8(std::string_view text, bool lines) {
  for (std::size_t i = 0; i < text.size();) {
    if (lines && (text[i] == '\n' || text[i] == '\r' || text[i] == '\t')) {
      ++i;
      continue;
    }
    const auto size = code_point_size(text, i);
    if (size == 0) return false;
    i += size;
  }
  return true;
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Whether every pair could be decoded; those that could are in `out`.
bool decode_pairs(std::string_view text, Pairs& out) {
  bool all = true;
  while (!text.empty()) {
    const auto part = text.substr(0, text.find('&'));
    text.remove_prefix(std::min(text.size(), part.size() + 1));
    if (part.empty()) continue;
    const auto equals = part.find('=');
    auto name = percent_decoded(part.substr(0, equals), true);
    auto value =
        equals == part.npos ? std::string() : percent_decoded(part.substr(equals + 1), true);
    if (name && value)
      out.emplace_back(std::move(*name), std::move(*value));
    else
      all = false;
  }
  return all;
}

}  // namespace

bool same_word(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return {};
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return {};
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += c == '+' && plus_is_space ? ' ' : c;
    }
  }
  if (!clean_utf8(out, plus_is_space)) return {};
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> parse_pairs(std::string_view text) {
  Pairs pairs;
  if (!decode_pairs(text, pairs)) return {};
  return pairs;
}

std::vector<std::pair<std::string, std::string>> readable_pairs(std::string_view text) {
  Pairs pairs;
  (void)decode_pairs(text, pairs);
  return pairs;
}

std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    auto part = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(header.size(), part.size() + 1));
    while (part.starts_with(' ')) part.remove_prefix(1);
    if (part.size() > name.size() && part.starts_with(name) && part[name.size()] == '=')
      return part.substr(name.size() + 1);
  }
  return {};
}

std::string_view reason_phrase(int status) {
  const auto* const found = std::ranges::find(kReasons, status, &Reason::status);
  if (found != std::end(kReasons)) return found->phrase;
  return status < 400 ? "OK" : "Error";
}

}  // namespace onsale::http
