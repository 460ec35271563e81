// The shape of a C++ type as data: what the reader, the writer and the OpenAPI schema walk.
// Building it is the only template code; everything that uses it is compiled once.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "base/id.h"
#include "base/time.h"

namespace onsale::json {

// A string of `Min` to `Max` characters (Unicode code points, not bytes), without control
// characters other than tab and line ends.
template <std::size_t Min, std::size_t Max>
struct Text {
  std::string value;
  bool operator==(const Text&) const = default;
};

// An integer from `Min` to `Max`.
template <std::int64_t Min, std::int64_t Max>
struct Int {
  std::int64_t value = Min;
  bool operator==(const Int&) const = default;
};

// A member of a change that can also be cleared: empty when absent, holds an empty optional when
// null.
template <class T>
using Nullable = std::optional<std::optional<T>>;

// JSON that was made elsewhere, e.g. a cached body. Written as it is; cannot be read.
struct Raw {
  std::string text;
};

// The same, and it says what T would: for the schema.
template <class T>
struct RawOf : Raw {};

enum class Kind : std::uint8_t {
  boolean,
  integer,
  number,
  text,
  enumeration,
  optional,
  array,
  map,
  object,
  time,
  id,
  raw,
};

struct Type;

struct Field {
  std::string_view name;
  const Type* type;
  void* (*get)(void* object);
};

// Plain data without a destructor, so that every Type is a constant. Only the members that `kind`
// names are set.
struct Type {
  Kind kind{};
  std::string_view name{};        // object, enumeration: the full C++ name; id: the prefix
  std::int64_t min = 0, max = 0;  // integer: the range; text: the length
  bool bounded = false;           // integer, text: the limits are a promise of the API
  const Type* element = nullptr;  // optional, array, map; raw: what it says, if that is known
  const Field* fields = nullptr;  // object
  std::size_t field_count = 0;
  const std::string_view* names = nullptr;  // enumeration
  const std::int64_t* values = nullptr;
  std::size_t name_count = 0;
  std::int64_t (*get_int)(const void*) = nullptr;  // boolean, integer, enumeration, time
  void (*set_int)(void*, std::int64_t) = nullptr;
  double (*get_double)(const void*) = nullptr;  // number
  void (*set_double)(void*, double) = nullptr;
  std::string& (*get_text)(void*) = nullptr;           // text, raw
  bool (*parse)(void*, std::string_view) = nullptr;    // id
  void (*print)(const void*, std::string&) = nullptr;  // id
  void* (*emplace)(void*, std::string_view) =
      nullptr;  // optional, array, map: a new element; map: null when there
  const void* (*get)(const void*) = nullptr;  // optional: null when empty
  void (*each)(const void*, void* context,    // array, map
               void (*visit)(void* context, std::string_view key, const void* element)) = nullptr;

  std::span<const Field> members() const { return {fields, field_count}; }
};

template <class T>
struct TypeOf;

// The description of T. The address identifies the type.
template <class T>
inline constexpr Type kTypeOf = TypeOf<T>::make();

namespace detail {

template <class T>
constexpr std::string_view type_name() {
  std::string_view name = __PRETTY_FUNCTION__;  // … [with T = onsale::booking::HoldBody; …]
  name.remove_prefix(name.find("T = ") + 4);
  return name.substr(0, name.find_first_of(";]"));
}

template <class T>
constexpr Type integer_type(std::int64_t min, std::int64_t max) {
  Type type{.kind = Kind::integer, .min = min, .max = max};
  type.get_int = [](const void* p) { return static_cast<std::int64_t>(*static_cast<const T*>(p)); };
  type.set_int = [](void* p, std::int64_t v) { *static_cast<T*>(p) = static_cast<T>(v); };
  return type;
}

template <class T>
using MembersOf = boost::describe::describe_members<T, boost::describe::mod_public |
                                                           boost::describe::mod_inherited>;

template <class T, class List>
struct FieldTable;
template <class T, template <class...> class List, class... D>
struct FieldTable<T, List<D...>> {
  template <class M>
  static void* get(void* object) {
    return &(static_cast<T*>(object)->*M::pointer);
  }
  static constexpr std::array<Field, sizeof...(D)> kFields{
      Field{D::name, &kTypeOf<std::remove_cvref_t<decltype(std::declval<T&>().*D::pointer)>>,
            &FieldTable::template get<D>}...};
};

template <class T, class List>
struct EnumTable;
template <class T, template <class...> class List, class... D>
struct EnumTable<T, List<D...>> {
  static constexpr std::array<std::string_view, sizeof...(D)> kNames{D::name...};
  static constexpr std::array<std::int64_t, sizeof...(D)> kValues{
      static_cast<std::int64_t>(D::value)...};
};

}  // namespace detail

template <class T>
  requires boost::describe::has_describe_members<T>::value
struct TypeOf<T> {
  using Table = detail::FieldTable<T, detail::MembersOf<T>>;
  static constexpr Type make() {
    return {.kind = Kind::object,
            .name = detail::type_name<T>(),
            .fields = Table::kFields.data(),
            .field_count = Table::kFields.size()};
  }
};

template <class T>
  requires boost::describe::has_describe_enumerators<T>::value
struct TypeOf<T> {
  using Table = detail::EnumTable<T, boost::describe::describe_enumerators<T>>;
  static constexpr Type make() {
    Type type = detail::integer_type<T>(0, 0);
    type.kind = Kind::enumeration;
    type.name = detail::type_name<T>();
    type.names = Table::kNames.data();
    type.values = Table::kValues.data();
    type.name_count = Table::kNames.size();
    return type;
  }
};

template <>
struct TypeOf<bool> {
  static constexpr Type make() {
    Type type = detail::integer_type<bool>(0, 1);
    type.kind = Kind::boolean;
    return type;
  }
};

template <std::integral T>
  requires(!std::same_as<T, bool>)
struct TypeOf<T> {
  static constexpr Type make() {
    constexpr auto kTop = std::numeric_limits<std::int64_t>::max();
    const auto max = std::numeric_limits<T>::max();
    return detail::integer_type<T>(
        static_cast<std::int64_t>(std::numeric_limits<T>::min()),
        std::cmp_greater(max, kTop) ? kTop : static_cast<std::int64_t>(max));
  }
};

template <std::int64_t Min, std::int64_t Max>
struct TypeOf<Int<Min, Max>> {
  static constexpr Type make() {
    Type type{.kind = Kind::integer, .min = Min, .max = Max, .bounded = true};
    type.get_int = [](const void* p) { return static_cast<const Int<Min, Max>*>(p)->value; };
    type.set_int = [](void* p, std::int64_t v) { static_cast<Int<Min, Max>*>(p)->value = v; };
    return type;
  }
};

template <>
struct TypeOf<double> {
  static constexpr Type make() {
    Type type{.kind = Kind::number};
    type.get_double = [](const void* p) { return *static_cast<const double*>(p); };
    type.set_double = [](void* p, double v) { *static_cast<double*>(p) = v; };
    return type;
  }
};

template <>
struct TypeOf<std::string> {
  static constexpr Type make() {
    Type type{.kind = Kind::text};
    type.get_text = [](void* p) -> std::string& { return *static_cast<std::string*>(p); };
    return type;
  }
};

template <std::size_t Min, std::size_t Max>
struct TypeOf<Text<Min, Max>> {
  static constexpr Type make() {
    Type type{.kind = Kind::text,
              .min = static_cast<std::int64_t>(Min),
              .max = static_cast<std::int64_t>(Max),
              .bounded = true};
    type.get_text = [](void* p) -> std::string& { return static_cast<Text<Min, Max>*>(p)->value; };
    return type;
  }
};

template <>
struct TypeOf<Raw> {
  static constexpr Type make() {
    Type type{.kind = Kind::raw};
    type.get_text = [](void* p) -> std::string& { return static_cast<Raw*>(p)->text; };
    return type;
  }
};

template <class T>
struct TypeOf<RawOf<T>> {
  static constexpr Type make() {
    Type type{.kind = Kind::raw, .element = &kTypeOf<T>};
    type.get_text = [](void* p) -> std::string& { return static_cast<RawOf<T>*>(p)->text; };
    return type;
  }
};

template <>
struct TypeOf<Timestamp> {
  static constexpr Type make() {
    Type type{.kind = Kind::time};
    type.get_int = [](const void* p) { return to_unix_ms(*static_cast<const Timestamp*>(p)); };
    type.set_int = [](void* p, std::int64_t v) { *static_cast<Timestamp*>(p) = from_unix_ms(v); };
    return type;
  }
};

template <class K>
struct TypeOf<Id<K>> {
  static constexpr Type make() {
    Type type{.kind = Kind::id, .name = K::prefix};
    type.parse = [](void* p, std::string_view text) {
      const auto id = Id<K>::parse(text);
      if (id) *static_cast<Id<K>*>(p) = *id;
      return id.has_value();
    };
    type.print = [](const void* p, std::string& out) {
      out += static_cast<const Id<K>*>(p)->str();
    };
    return type;
  }
};

template <class T>
struct TypeOf<std::optional<T>> {
  static constexpr Type make() {
    Type type{.kind = Kind::optional, .element = &kTypeOf<T>};
    type.emplace = [](void* p, std::string_view) -> void* {
      return &static_cast<std::optional<T>*>(p)->emplace();
    };
    type.get = [](const void* p) -> const void* {
      const auto& value = *static_cast<const std::optional<T>*>(p);
      return value ? &*value : nullptr;
    };
    return type;
  }
};

template <class T>
struct TypeOf<std::vector<T>> {
  static_assert(!std::same_as<T, bool>, "std::vector<bool> has no elements to point to");
  static constexpr Type make() {
    Type type{.kind = Kind::array, .element = &kTypeOf<T>};
    type.emplace = [](void* p, std::string_view) -> void* {
      return &static_cast<std::vector<T>*>(p)->emplace_back();
    };
    type.each = [](const void* p, void* context,
                   void (*visit)(void*, std::string_view, const void*)) {
      for (const auto& e : *static_cast<const std::vector<T>*>(p)) visit(context, {}, &e);
    };
    return type;
  }
};

template <class T, class Less>
struct TypeOf<std::map<std::string, T, Less>> {
  using Map = std::map<std::string, T, Less>;
  static constexpr Type make() {
    Type type{.kind = Kind::map, .element = &kTypeOf<T>};
    type.emplace = [](void* p, std::string_view key) -> void* {
      const auto [place, fresh] = static_cast<Map*>(p)->try_emplace(std::string(key));
      return fresh ? &place->second : nullptr;
    };
    type.each = [](const void* p, void* context,
                   void (*visit)(void*, std::string_view, const void*)) {
      for (const auto& [key, e] : *static_cast<const Map*>(p)) visit(context, key, &e);
    };
    return type;
  }
};

}  // namespace onsale::json
