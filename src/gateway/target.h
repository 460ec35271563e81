// What a request asks for, read the way the most lenient origin might read it: what could be a
// guarded address is one. Pure.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace onsale::gateway {

inline constexpr std::string_view kPassParameter = "onsale_pass";

struct Target {
  std::string path;   // as sent, from the first slash
  std::string query;  // as sent, without the question mark and without the pass
  std::string pass;   // of the query; empty when there is none
  // For the origin, and for the way back: path and query.
  std::string plain() const { return query.empty() ? path : path + '?' + query; }
};

// Empty for what is no address of a page: another form, control characters, a broken escape.
std::optional<Target> parse_target(std::string_view text);

// The prefix of `prefixes` that the path is under, or null. A prefix ends where a segment ends:
// "/buy" guards /buy, /buy/seats and /BUY;x=1, not /buyers. Escapes, dots, double slashes,
// backslashes and path parameters hide nothing.
const std::string* guard_of(std::string_view path, std::span<const std::string> prefixes);

// Whether `text` can be a prefix: begins with a slash, and is its own plain form.
bool is_prefix(std::string_view text);

}  // namespace onsale::gateway
