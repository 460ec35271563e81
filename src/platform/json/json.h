// JSON in and out of described structs (BOOST_DESCRIBE_STRUCT, BOOST_DESCRIBE_ENUM): bool,
// integers, double, std::string, enums by name, std::optional (absent or null; omitted when empty),
// Nullable<T> (absent and null differ), std::vector, std::map<std::string, T>, nested structs,
// Timestamp, Id<Kind>, Text<min, max>, Int<min, max>. Every other member is required. Thread: any.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "platform/json/type.h"

namespace onsale::json {

inline constexpr std::size_t kDepthMax = 16;   // nested arrays and objects
inline constexpr std::size_t kErrorsMax = 20;  // obstacles reported for one text
inline constexpr std::size_t kTextBytesMax = 8 << 20;

using Errors = std::vector<Obstacle>;

// Fills `out`, whose type `type` describes. Each obstacle has a path like `seats[1].price` and a
// code: malformed_json, unknown_field, duplicate_field, required, wrong_type, out_of_range,
// too_short, too_long, unknown_value (an enum), malformed (an id, a time, a control character).
Errors read_into(std::string_view text, const Type& type, void* out);
// The same from names and values of a query string; numbers and booleans are written as text.
Errors read_pairs(std::span<const std::pair<std::string, std::string>> pairs, const Type& type,
                  void* out);
void write_value(std::string& out, const Type& type, const void* value);
void write_text(std::string& out, std::string_view text);  // quoted and escaped

template <class T>
Result<T, Errors> read(std::string_view text) {
  T value{};
  if (auto errors = read_into(text, kTypeOf<T>, &value); !errors.empty())
    return std::unexpected(std::move(errors));
  return value;
}

// Appends to `out`.
template <class T>
void write(std::string& out, const T& value) {
  write_value(out, kTypeOf<T>, &value);
}

template <class T>
std::string write(const T& value) {
  std::string out;
  write(out, value);
  return out;
}

// JSON Schema (2020-12, as OpenAPI 3.1 uses it) of described types. Structs and enums become named
// components; a name taken by another type gets its module in front.
class SchemaBook {
 public:
  // A schema, `{"$ref":"#/components/schemas/HoldBody"}` for structs and enums.
  std::string reference(const Type& type);
  // `"HoldBody":{…},…` for everything referred to so far.
  std::string components() const;

 private:
  std::string name_for(const Type& type);
  std::string describe(const Type& type);

  struct Entry {
    const Type* type;
    std::string name, schema;
  };
  std::vector<Entry> entries_;
};

}  // namespace onsale::json
