#include "identity/account.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/unicode.h"
#include "identity/identity.h"

namespace onsale::identity {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ascii(char c) { return static_cast<unsigned char>(c) < 0x80; }

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto first = text.find_first_not_of(kBlank);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kBlank) - first + 1);
}

bool dotted_atoms(std::string_view text, std::string_view extra) {
  bool after_dot = true;
  for (const char c : text) {
    if (c == '.') {
      if (after_dot) return false;
      after_dot = true;
    } else {
      if (!alphanumeric(c) && extra.find(c) == extra.npos) return false;
      after_dot = false;
    }
  }
  return !after_dot;
}

bool host_labels(std::string_view host) {
  if (host.size() > 253 || !dotted_atoms(host, "-")) return false;
  while (!host.empty()) {
    const std::string_view label = host.substr(0, host.find('.'));
    if (label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
    host.remove_prefix(std::min(host.size(), label.size() + 1));
  }
  return true;
}

// Code points of well-formed UTF-8; empty otherwise.
std::optional<std::vector<char32_t>> code_points(std::string_view text) {
  std::vector<char32_t> out;
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const int more = lead < 0x80   ? 0
                     : lead < 0xC2 ? -1
                     : lead < 0xE0 ? 1
                     : lead < 0xF0 ? 2
                     : lead < 0xF5 ? 3
                                   : -1;
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return {};
    char32_t point = more == 0 ? lead : lead & (0x3Fu >> more);
    for (int k = 1; k <= more; ++k) {
      const auto next = static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]);
      if ((next & 0xC0) != 0x80) return {};
      point = (point << 6) | (next & 0x3Fu);
    }
    constexpr std::array<char32_t, 4> kSmallest = {0, 0x80, 0x800, 0x10000};
    if (point < kSmallest[static_cast<std::size_t>(more)] || point > 0x10FFFF ||
        (point >= 0xD800 && point <= 0xDFFF))
      return {};
    out.push_back(point);
    i += static_cast<std::size_t>(more) + 1;
  }
  return out;
}

std::string without_outer_blanks(std::string_view text) {
  const auto points = code_points(text);
  if (!points) return {};
  const auto first = std::ranges::find_if_not(*points, is_blank);
  auto last = points->end();
  while (last != first && is_blank(*(last - 1))) --last;
  const auto bytes = [](auto from, auto to) {
    std::size_t sum = 0;
    for (; from != to; ++from)
      sum += *from < 0x80 ? 1 : *from < 0x800 ? 2 : *from < 0x10000 ? 3 : 4;
    return sum;
  };
  return std::string(text.substr(bytes(points->begin(), first), bytes(first, last)));
}

// The most guessed passwords of eight and more characters, lower case, sorted.
constexpr std::array<std::string_view, 62> kCommon = {
    "00000000",     "0987654321", "11111111",   "1111111111",  "11223344",   "12121212",
    "123123123",    "12341234",   "1234512345", "123454321",   "12345678",   "123456789",
    "1234567890",   "123456789a", "1234qwer",   "123qweasd",   "147258369",  "1q2w3e4r",
    "1q2w3e4r5t",   "1qaz2wsx",   "22222222",   "33333333",    "55555555",   "66666666",
    "77777777",     "87654321",   "88888888",   "987654321",   "99999999",   "a1234567",
    "a12345678",    "aa123456",   "abc12345",   "abcd1234",    "abcdefgh",   "administrator",
    "asdf1234",     "asdfasdf",   "asdfghjk",   "asdfghjkl",   "baseball",   "computer",
    "dkssudgktpdy", "football",   "iloveyou",   "iloveyou1",   "internet",   "letmein1",
    "password",     "password1",  "password12", "password123", "princess",   "q1w2e3r4",
    "qlalfqjsgh",   "qwer1234",   "qwerty12",   "qwerty123",   "qwertyuiop", "starwars",
    "superman",     "whatever"};
static_assert(std::ranges::is_sorted(kCommon));

bool monotonous(const std::vector<char32_t>& points) {
  bool same = true, up = true, down = true;
  for (std::size_t i = 1; i < points.size(); ++i) {
    same &= points[i] == points[i - 1];
    up &= points[i] == points[i - 1] + 1;
    down &= points[i] + 1 == points[i - 1];
  }
  return same || up || down;
}

Obstacle weak(std::string_view code, std::string_view message) {
  return {"password", std::string(code), std::string(message)};
}

}  // namespace

std::string_view to_string(Role role) { return role == Role::admin ? "admin" : "buyer"; }

std::optional<Role> parse_role(std::string_view text) {
  if (text == "buyer") return Role::buyer;
  if (text == "admin") return Role::admin;
  return {};
}

std::optional<std::string> normalise_email(std::string_view text) {
  text = trimmed(text);
  if (text.size() > kEmailLengthMax) return {};
  const auto at = text.find('@');
  if (at == text.npos || at == 0 || at > 64) return {};
  if (!dotted_atoms(text.substr(0, at), "!#$%&'*+-/=?^_`{|}~")) return {};
  std::string host(text.substr(at + 1));
  if (!std::ranges::all_of(host, ascii)) host = ascii_domain(host).value_or("");
  if (!host_labels(host)) return {};
  std::string out = std::string(text.substr(0, at + 1)) + host;
  if (out.size() > kEmailLengthMax) return {};
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

std::optional<std::string> normalise_name(std::string_view text) {
  const auto whole = composed(trimmed(text));
  if (!whole) return {};
  std::string name = without_outer_blanks(*whole);
  const auto points = code_points(name);
  if (!points || points->size() > kNameLengthMax) return {};
  if (std::ranges::none_of(*points, leaves_ink)) return {};
  for (const char32_t p : *points) {
    const bool control = p < 0x20 || (p >= 0x7F && p < 0xA0);
    const bool turns_text = (p >= 0x202A && p <= 0x202E) || (p >= 0x2066 && p <= 0x2069);
    if (control || turns_text) return {};
  }
  return name;
}

std::vector<std::string> spellings(std::string_view password) {
  std::vector<std::string> out;
  const auto add = [&out](std::optional<std::string> one) {
    if (one && std::ranges::find(out, *one) == out.end()) out.push_back(std::move(*one));
  };
  add(composed(password));
  add(std::string(password));
  add(decomposed(password));
  return out;
}

std::optional<Obstacle> weakness(std::string_view password, std::string_view email) {
  const auto points = code_points(password);
  if (!points) return weak("malformed", "not UTF-8");
  if (points->size() < kPasswordLengthMin) {
    return weak("too_short", "at least " + std::to_string(kPasswordLengthMin) + " characters");
  }
  if (points->size() > kPasswordLengthMax) {
    return weak("too_long", "at most " + std::to_string(kPasswordLengthMax) + " characters");
  }
  if (monotonous(*points)) return weak("too_common", "too easy to guess");
  std::string low(password);
  std::ranges::transform(low, low.begin(), lower);
  if (std::ranges::binary_search(kCommon, std::string_view(low)))
    return weak("too_common", "one of the most guessed passwords");
  if (low == email || low == email.substr(0, email.find('@')))
    return weak("same_as_email", "must differ from the e-mail address");
  return {};
}

}  // namespace onsale::identity
