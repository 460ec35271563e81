// Settings: typed, bounded, self-describing. A module binds each of its settings to a member of
// its own struct, whose present value is the default; later sources override earlier ones: file,
// environment, command line. Unknown keys and values out of bounds are refused in one line that
// says what to do. Thread: one, at start-up; afterwards the structs are read-only.
//
//   settings.number("booking.hold_seconds", "How long seats stay held.", config.hold_seconds,
//                   30, 3600);
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace onsale::config {

// What a source says: a typed TOML value, or text from an environment or a command line.
using Given = std::variant<bool, std::int64_t, double, std::string>;

// A one-line reason, without the source.
using Outcome = Result<void, std::string>;

class Settings {
 public:
  // Names are `section.key_with_unit`. The bound values must outlive the loading.
  void text(std::string name, std::string description, std::string& value);
  // Shown masked.
  void secret(std::string name, std::string description, std::string& value);
  void choice(std::string name, std::string description, std::string& value,
              std::vector<std::string> allowed);
  void flag(std::string name, std::string description, bool& value);
  void real(std::string name, std::string description, double& value, double low, double high);

  // Any integer, or a std::chrono duration counted in its own unit; bounds are inclusive.
  template <class N>
  void number(std::string name, std::string description, N& value, std::int64_t low,
              std::int64_t high) {
    if constexpr (requires { value.count(); }) {
      integer(std::move(name), std::move(description), low, high, value.count(),
              [&value](std::int64_t given) { value = N(given); });
    } else {
      integer(std::move(name), std::move(description), low, high, value,
              [&value](std::int64_t given) { value = static_cast<N>(given); });
    }
  }

  // Sources, in this order. Each stops at the first thing it must refuse.
  Outcome load_file(const std::string& path);                    // TOML; [section] key = value
  Outcome load_toml(std::string_view toml, std::string origin);  // the same from memory
  // ONSALE_<SECTION>_<KEY>=value. A variable that only looks like a mistyped setting is refused;
  // other ONSALE_ variables are none of our business.
  Outcome load_environment(const char* const* environment);
  Outcome set(std::string_view name, std::string_view value, std::string origin = "command line");

  // The effective settings as TOML, each with its description and origin; secrets masked.
  std::string print() const;
  // Name and description of each, for a table in the documentation.
  struct Line {
    std::string name, description, value, origin, bounds;
  };
  std::vector<Line> list() const;

 private:
  struct Setting {
    std::string name, description, bounds;
    std::function<Outcome(const Given&)> assign;
    std::function<std::string()> show;  // as TOML
    std::string origin = "default";
  };

  void add(Setting setting);
  void integer(std::string name, std::string description, std::int64_t low, std::int64_t high,
               std::int64_t initial, std::function<void(std::int64_t)> assign);
  Setting* find(std::string_view name);
  std::string nearest(std::string_view name) const;
  Outcome assign(std::string_view name, const Given& given, const std::string& origin);

  std::vector<Setting> settings_;
};

}  // namespace onsale::config
