#include "gateway/target.h"

#include <onsale_gate_path.h>

namespace onsale::gateway {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

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
  if (target.path.find('#') != std::string::npos || onsale_gate::Path(target.path).refused())
    return {};
  if (question < text.size()) take_pass(text.substr(question + 1), target);
  return target;
}

const std::string* guard_of(std::string_view path, std::span<const std::string> prefixes) {
  const onsale_gate::Path readings(path);
  for (const std::string& prefix : prefixes)
    if (readings.under(prefix)) return &prefix;
  return nullptr;
}

bool is_prefix(std::string_view text) { return printable(text) && onsale_gate::is_prefix(text); }

}  // namespace onsale::gateway
