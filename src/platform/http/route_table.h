// From method and path to route. Built once; matching allocates nothing. Private to http.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "platform/http/exchange.h"

namespace onsale::http {

std::string_view method_name(Method method);  // "GET"

// One path and what may be done with it.
struct PathNode {
  std::array<const RouteEntry*, 5> by_method{};  // indexed by Method
  std::vector<std::string> param_names;
  std::string allow;  // "GET, HEAD, OPTIONS, POST"

  const RouteEntry* find(Method method) const {
    return by_method[static_cast<std::size_t>(method)];
  }
};

class RouteTable {
 public:
  // `router` must outlive the table. Two routes that differ only in a parameter's name share a path
  // and must spell it the same; anything else stops the process.
  explicit RouteTable(const Router& router);
  ~RouteTable();

  // The path's node or null; fills x.params and x.param_count. Fixed words win over parameters.
  const PathNode* match(std::string_view path, Exchange& x) const;
  // The address that `path` is another spelling of: words in small letters, one slash between
  // segments and none at the end, nothing escaped that need not be. Empty when there is none.
  std::string canonical(std::string_view path) const;

 private:
  struct Segment;
  static const PathNode* walk(const Segment& at, std::string_view rest, Exchange& x);
  static bool spell(const Segment& at, std::span<const std::string> rest, std::string& out);

  struct ViewHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  std::vector<std::unique_ptr<PathNode>> nodes_;
  std::unordered_map<std::string, const PathNode*, ViewHash, std::equal_to<>> fixed_;
  std::unique_ptr<Segment> root_;
};

}  // namespace onsale::http
