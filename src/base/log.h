// The log facade: what a module says, without knowing where it goes. One line is one fact, with
// fields for what a search needs. Never put a secret, a token or an e-mail address in a field.
// Thread: any. Before install(), lines go to standard error.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace onsale::log {

enum class Level { debug, info, warn, error };

struct Field {
  std::string_view key;
  std::string value;
  bool quoted = true;  // false for numbers and booleans

  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const std::string& v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(v) {}
  Field(std::string_view k, bool v) : key(k), value(v ? "true" : "false"), quoted(false) {}
  template <class N>
    requires std::is_arithmetic_v<N>
  Field(std::string_view k, N v) : key(k), value(std::to_string(v)), quoted(false) {}
};

class Sink {
 public:
  virtual ~Sink() = default;
  // `module` is the vocabulary word of the module that speaks. Must not throw.
  virtual void write(Level level, std::string_view module, std::string_view what,
                     const std::vector<Field>& fields) = 0;
};

// `sink` must outlive the last line; null brings standard error back.
void install(Sink* sink);
void write(Level level, std::string_view module, std::string_view what, std::vector<Field> fields);

inline void debug(std::string_view module, std::string_view what, std::vector<Field> fields = {}) {
  write(Level::debug, module, what, std::move(fields));
}
inline void info(std::string_view module, std::string_view what, std::vector<Field> fields = {}) {
  write(Level::info, module, what, std::move(fields));
}
inline void warn(std::string_view module, std::string_view what, std::vector<Field> fields = {}) {
  write(Level::warn, module, what, std::move(fields));
}
inline void error(std::string_view module, std::string_view what, std::vector<Field> fields = {}) {
  write(Level::error, module, what, std::move(fields));
}

}  // namespace onsale::log
