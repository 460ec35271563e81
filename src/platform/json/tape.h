// A parsed text as a flat list in document order: children follow their parent. Private to json.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::json {

enum class NodeKind : std::uint8_t { null, boolean, integer, huge, number, text, array, object };

struct Node {
  NodeKind kind = NodeKind::null;
  std::uint32_t end = 0;     // index behind the last descendant
  std::int64_t integer = 0;  // boolean, integer
  double number = 0;         // number
  std::string_view text;     // text
  std::string_view key;      // of a member
};

// Views point into `bytes`, which never grows past what clear() reserved.
struct Tape {
  std::vector<Node> nodes;
  std::string bytes;
  std::string error;  // why the text is not JSON; empty when it is

  void clear(std::size_t text_size) {
    nodes.clear();
    bytes.clear();
    bytes.reserve(text_size);
    error.clear();
  }
};

// False, and `error` says why, for anything that is not one JSON value within the limits.
bool parse(std::string_view text, Tape& tape);

}  // namespace onsale::json
