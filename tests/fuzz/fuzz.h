// What the fuzz targets share. A target is a function of some bytes that stops the process when
// something is wrong with what the product made of them; it keeps nothing from one call to the
// next.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace onsale::fuzz {

struct Target {
  std::string_view name;
  void (*run)(std::string_view bytes);
};

// All of this program: one in a fuzzer, every one in the regression test.
inline std::vector<Target>& targets() {
  static std::vector<Target> all;
  return all;
}

struct Declare {
  Declare(std::string_view name, void (*run)(std::string_view)) {
    targets().push_back({name, run});
  }
};

// Reads decisions off the front of the bytes; zeros when they are used up.
class Choices {
 public:
  explicit Choices(std::string_view bytes) : rest_(bytes) {}

  bool done() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const auto taken = static_cast<std::uint8_t>(rest_.front());
    rest_.remove_prefix(1);
    return taken;
  }
  std::uint64_t number(int bytes) {
    std::uint64_t value = 0;
    for (int i = 0; i < bytes; ++i) value = value << 8 | byte();
    return value;
  }
  std::string_view bytes(std::size_t count) {
    const std::string_view taken = rest_.substr(0, count);
    rest_.remove_prefix(taken.size());
    return taken;
  }
  std::string_view rest() { return bytes(rest_.size()); }

 private:
  std::string_view rest_;
};

}  // namespace onsale::fuzz
