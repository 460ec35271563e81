#include "gateway/target.h"

#include <vector>

namespace onsale::gateway {
namespace {

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// Once, as origins do. Empty for a broken escape or an escaped NUL.
std::optional<std::string> decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (i + 2 >= text.size() || hex(text[i + 1]) < 0 || hex(text[i + 2]) < 0) return {};
    const char c = static_cast<char>(hex(text[i + 1]) * 16 + hex(text[i + 2]));
    if (c == '\0') return {};
    out.push_back(c);
    i += 2;
  }
  return out;
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

enum class Parameters { keep, cut };

// Segments with dots resolved, in small letters; "/a//b/../C;x" -> {a, c}.
std::vector<std::string> segments(std::string_view path, Parameters parameters) {
  std::vector<std::string> out;
  std::string segment;
  const auto close = [&] {
    if (parameters == Parameters::cut) segment.resize(std::min(segment.find(';'), segment.size()));
    if (segment == "..") {
      if (!out.empty()) out.pop_back();
    } else if (!segment.empty() && segment != ".") {
      out.push_back(segment);
    }
    segment.clear();
  };
  for (const char c : path) {
    if (c == '/' || c == '\\') {
      close();
    } else {
      segment.push_back(lower(c));
    }
  }
  close();
  return out;
}

bool under(const std::vector<std::string>& path, const std::vector<std::string>& prefix) {
  return path.size() >= prefix.size() && std::equal(prefix.begin(), prefix.end(), path.begin());
}

bool printable(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c == '\x7f') return false;
  return true;
}

// Takes the pass out of the query; of several, the first counts and none goes on.
void take_pass(std::string_view query, Target& out) {
  std::size_t at = 0;
  while (at <= query.size()) {
    const std::size_t end = std::min(query.find('&', at), query.size());
    const std::string_view pair = query.substr(at, end - at);
    const std::size_t equals = std::min(pair.find('='), pair.size());
    if (pair.substr(0, equals) == kPassParameter) {
      if (out.pass.empty() && equals < pair.size()) out.pass = pair.substr(equals + 1);
    } else if (!pair.empty()) {
      if (!out.query.empty()) out.query += '&';
      out.query += pair;
    }
    at = end + 1;
  }
}

}  // namespace

std::optional<Target> parse_target(std::string_view text) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (text.size() < scheme.size() || !std::equal(scheme.begin(), scheme.end(), text.begin(),
                                                   [](char a, char b) { return a == lower(b); }))
      continue;
    const std::size_t slash = std::min(text.find_first_of("/?", scheme.size()), text.size());
    text.remove_prefix(slash);
    break;
  }
  if (text.empty() || text.front() != '/' || !printable(text)) return {};
  const std::size_t question = std::min(text.find('?'), text.size());
  Target target{.path = std::string(text.substr(0, question)), .query = {}, .pass = {}};
  if (target.path.find('#') != std::string::npos || !decoded(target.path)) return {};
  if (question < text.size()) take_pass(text.substr(question + 1), target);
  return target;
}

const std::string* guard_of(std::string_view path, std::span<const std::string> prefixes) {
  const auto plain = decoded(path);
  // An origin may decode twice, or resolve dots before it decodes: every reading counts.
  const std::string once = plain.value_or(std::string(path));
  const std::string twice = decoded(once).value_or(once);
  for (const std::string& prefix : prefixes) {
    const auto guarded = segments(prefix, Parameters::keep);
    for (const std::string_view reading : {path, std::string_view(once), std::string_view(twice)}) {
      for (const Parameters parameters : {Parameters::keep, Parameters::cut})
        if (under(segments(reading, parameters), guarded)) return &prefix;
    }
  }
  return nullptr;
}

bool is_prefix(std::string_view text) {
  if (text.empty() || text.front() != '/' || !printable(text)) return false;
  if (text.find_first_of("%\\;?#") != text.npos) return false;
  std::string plain;
  for (const std::string& segment : segments(text, Parameters::keep)) plain += '/' + segment;
  std::string given;
  for (const char c : text) given.push_back(lower(c));
  if (given.size() > 1 && given.back() == '/') given.pop_back();
  return given == (plain.empty() ? "/" : plain);
}

}  // namespace onsale::gateway
