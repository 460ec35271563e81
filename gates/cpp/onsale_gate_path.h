// Which addresses a gate guards, whatever way they are written. One header, C++20, nothing else.
// Origins read a path in different ways: with or without resolving dots, decoding once or twice,
// cutting parameters (";x"), streams ("::$DATA") or trailing dots. So:
//   - what no browser sends and origins disagree about is refused, at every address: say 400;
//   - everything else is guarded when any reading of it is.
// The rule in words: gates/README.md. Its cases: "paths" in gates/vectors.json. Pure; any thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onsale_gate {

namespace detail {

inline int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Once, as origins do; empty for a broken escape.
inline std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || hex_digit(text[i + 1]) < 0 || hex_digit(text[i + 2]) < 0) return {};
    out.push_back(static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2])));
    i += 2;
  }
  return out;
}

// A segment in small letters, without parameters, streams, trailing dots and spaces. Nothing is
// left of ".." and the like.
inline std::string bare(std::string_view segment) {
  segment = segment.substr(0, segment.find_first_of(";:"));
  while (segment.ends_with('.') || segment.ends_with(' ')) segment.remove_suffix(1);
  std::string out(segment);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

// "/a//B;x" -> {a, b}; empty for what is refused.
inline std::optional<std::vector<std::string>> segments(std::string_view path) {
  std::vector<std::string> out;
  for (const char c : path)
    if (c == '\\' || c == '\x7f' || (c >= '\0' && c < ' ')) return {};
  while (!path.empty()) {
    const std::string_view segment = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(segment.size() + 1, path.size()));
    if (segment.empty()) continue;
    if (out.emplace_back(bare(segment)).empty()) return {};
  }
  return out;
}

}  // namespace detail

enum class Reading { free, guarded, refused };

// Every reading of a path: as it came, decoded once, and twice.
class Path {
 public:
  // `path` is as it came in the request line, from its first slash to the question mark.
  explicit Path(std::string_view path) {
    if (!path.starts_with('/')) return;
    const auto once = detail::unescaped(path);
    if (!once) return;
    const auto twice = detail::unescaped(*once);
    for (const std::string_view text :
         {path, std::string_view(*once), std::string_view(twice ? *twice : *once)}) {
      auto reading = detail::segments(text);
      if (!reading) {
        readings_.clear();
        return;
      }
      readings_.push_back(std::move(*reading));
    }
  }

  bool refused() const { return readings_.empty(); }

  // `prefix` is plain (is_prefix). It ends where a segment ends: "/buy" guards /buy and /buy/seats,
  // not /buyers. What is refused is under everything.
  bool under(std::string_view prefix) const {
    const auto guarded = detail::segments(prefix);
    if (!guarded || refused()) return true;
    return std::any_of(readings_.begin(), readings_.end(), [&](const auto& path) {
      return path.size() >= guarded->size() &&
             std::equal(guarded->begin(), guarded->end(), path.begin());
    });
  }

 private:
  std::vector<std::vector<std::string>> readings_;
};

template <class Prefixes>
Reading read_path(std::string_view text, const Prefixes& prefixes) {
  const Path path(text);
  if (path.refused()) return Reading::refused;
  for (const auto& prefix : prefixes)
    if (path.under(prefix)) return Reading::guarded;
  return Reading::free;
}

// Whether `text` can be a prefix: "/", or segments that are their own bare form but for capitals.
inline bool is_prefix(std::string_view text) {
  if (!text.starts_with('/') || text.find_first_of("%?#;: ") != text.npos) return false;
  const auto plain = detail::segments(text);
  if (!plain) return false;
  std::size_t size = 1;
  for (const std::string& segment : *plain) size += segment.size() + 1;
  if (!plain->empty() && !text.ends_with('/')) --size;
  return size == text.size();
}

}  // namespace onsale_gate
