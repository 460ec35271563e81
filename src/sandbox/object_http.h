// JSON objects written member by member, in the provider's order. Null is written, not left out:
// that is how both providers do it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "platform/json/json.h"

namespace onsale::sandbox {

// Appends to `out`; the brace closes with close().
class ObjectText {
 public:
  explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }

  ObjectText& text(std::string_view name, std::string_view value) {
    begin(name);
    json::write_text(out_, value);
    return *this;
  }
  // Null when empty.
  ObjectText& text_or_null(std::string_view name, std::string_view value) {
    return value.empty() ? null(name) : text(name, value);
  }
  ObjectText& number(std::string_view name, std::int64_t value) {
    begin(name);
    out_ += std::to_string(value);
    return *this;
  }
  ObjectText& boolean(std::string_view name, bool value) {
    begin(name);
    out_ += value ? "true" : "false";
    return *this;
  }
  ObjectText& null(std::string_view name) {
    begin(name);
    out_ += "null";
    return *this;
  }
  // The caller appends the member's value to the text that comes back.
  std::string& member(std::string_view name) {
    begin(name);
    return out_;
  }
  void close() { out_ += '}'; }

 private:
  void begin(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    out_.append("\"").append(name).append("\":");
  }

  std::string& out_;
  bool first_ = true;
};

}  // namespace onsale::sandbox
