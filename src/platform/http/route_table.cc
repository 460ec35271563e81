#include "platform/http/route_table.h"

#include <algorithm>

#include "base/check.h"
#include "base/encoding.h"

namespace onsale::http {
namespace {

// Cuts the first segment off "/a/b".
std::string_view next_segment(std::string_view& rest) {
  rest.remove_prefix(1);
  const auto segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(segment.size());
  return segment;
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

// Without the escapes of letters, digits and "-._~", which mean the same without (RFC 3986, 2.3).
std::string plainly_escaped(std::string_view segment) {
  std::string out;
  for (std::size_t i = 0; i < segment.size(); ++i) {
    const bool escape = segment[i] == '%' && i + 2 < segment.size() &&
                        hex_digit(segment[i + 1]) >= 0 && hex_digit(segment[i + 2]) >= 0;
    if (!escape) {
      out += segment[i];
      continue;
    }
    const char c = static_cast<char>(hex_digit(segment[i + 1]) * 16 + hex_digit(segment[i + 2]));
    const std::string_view one(&c, 1);
    out += percent_encoded(one) == one ? one : segment.substr(i, 3);
    i += 2;
  }
  return out;
}

}  // namespace

std::string_view method_name(Method method) {
  constexpr std::array<std::string_view, 5> kNames{"GET", "POST", "PATCH", "PUT", "DELETE"};
  return kNames[static_cast<std::size_t>(method)];
}

void Router::add(RouteEntry entry) {
  if (entry.path.starts_with("//"))
    entry.path.erase(0, 1);
  else
    entry.path.insert(0, "/api/v1");
  entries_.push_back(std::move(entry));
}

// Few children: a sorted list of words beats a hash.
struct RouteTable::Segment {
  std::vector<std::pair<std::string, std::unique_ptr<Segment>>> words;
  std::unique_ptr<Segment> param;
  PathNode* node = nullptr;

  const Segment* word(std::string_view text) const {
    for (const auto& [name, next] : words)
      if (name == text) return next.get();
    return nullptr;
  }
};

RouteTable::~RouteTable() = default;

RouteTable::RouteTable(const Router& router) : root_(std::make_unique<Segment>()) {
  for (const auto& entry : router.entries()) {
    Segment* at = root_.get();
    std::vector<std::string> names;
    for (std::string_view rest = entry.path; !rest.empty();) {
      const auto segment = next_segment(rest);
      std::unique_ptr<Segment>* next = &at->param;
      if (segment.starts_with('{') && segment.ends_with('}')) {
        names.emplace_back(segment.substr(1, segment.size() - 2));
      } else {
        auto& words = at->words;
        auto found = std::ranges::find_if(words, [&](auto& w) { return w.first == segment; });
        if (found == words.end()) found = words.emplace(words.end(), segment, nullptr);
        next = &found->second;
      }
      if (!*next) *next = std::make_unique<Segment>();
      at = next->get();
    }
    check(names.size() <= kParamsMax, "a path has at most six parameters: " + entry.path);
    if (at->node == nullptr) {
      at->node = nodes_.emplace_back(std::make_unique<PathNode>()).get();
      at->node->param_names = names;
      if (names.empty()) fixed_.emplace(entry.path, at->node);
    }
    check(at->node->param_names == names, "a path is spelled the same way twice: " + entry.path);
    auto& place = at->node->by_method[static_cast<std::size_t>(entry.method)];
    check(place == nullptr, "a route is declared once: " + entry.path);
    place = &entry;
  }
  for (auto& node : nodes_) {
    node->allow = "OPTIONS";
    for (const auto method : {Method::get, Method::post, Method::patch, Method::put, Method::del}) {
      if (node->find(method) == nullptr) continue;
      node->allow.append(", ").append(method_name(method));
      if (method == Method::get) node->allow += ", HEAD";
    }
  }
}

const PathNode* RouteTable::match(std::string_view path, Exchange& x) const {
  x.param_count = 0;
  if (const auto found = fixed_.find(path); found != fixed_.end()) return found->second;
  if (!path.starts_with('/')) return nullptr;
  return walk(*root_, path, x);
}

const PathNode* RouteTable::walk(const Segment& at, std::string_view rest, Exchange& x) {
  if (rest.empty()) return at.node;
  const auto segment = next_segment(rest);
  if (const auto* next = at.word(segment))
    if (const auto* found = walk(*next, rest, x)) return found;
  if (!at.param || segment.empty() || x.param_count == kParamsMax) return nullptr;
  x.params[x.param_count++] = segment;
  const auto* found = walk(*at.param, rest, x);
  if (found == nullptr) --x.param_count;
  return found;
}

std::string RouteTable::canonical(std::string_view path) const {
  if (!path.starts_with('/')) return {};
  std::vector<std::string> segments;
  while (!path.empty()) {
    const auto segment = next_segment(path);
    if (!segment.empty()) segments.push_back(plainly_escaped(segment));
  }
  std::string out;
  if (segments.empty()) return fixed_.contains("/") ? "/" : out;
  if (!spell(*root_, segments, out)) out.clear();
  return out;
}

bool RouteTable::spell(const Segment& at, std::span<const std::string> rest, std::string& out) {
  if (rest.empty()) return at.node != nullptr;
  const std::size_t size = out.size();
  for (const auto& [name, next] : at.words) {
    if (!same_word(name, rest.front())) continue;
    if (spell(*next, rest.subspan(1), out.append("/").append(name))) return true;
    out.resize(size);
  }
  if (!at.param) return false;
  if (spell(*at.param, rest.subspan(1), out.append("/").append(rest.front()))) return true;
  out.resize(size);
  return false;
}

}  // namespace onsale::http
