// What a request asks for. What origins read in different ways is refused, and what could be a
// guarded address is one: by gates/cpp/onsale_gate_path.h, the rule that all our gates share. Pure.
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

// Empty for what is no address of a page: another form, control characters, a broken escape, dots
// to be resolved, backslashes.
std::optional<Target> parse_target(std::string_view text);

// The prefix of `prefixes` that the path is under, or null. A prefix ends where a segment ends:
// "/buy" guards /buy, /buy/seats, /BUY;x=1 and /buy::$DATA, not /buyers. `path` is of a target.
const std::string* guard_of(std::string_view path, std::span<const std::string> prefixes);

// Whether `text` can be a prefix: begins with a slash, and can be read in one way only.
bool is_prefix(std::string_view text);

}  // namespace onsale::gateway
