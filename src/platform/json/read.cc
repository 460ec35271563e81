#include <charconv>
#include <cmath>

#include "base/check.h"
#include "platform/json/json.h"
#include "platform/json/tape.h"

namespace onsale::json {
namespace {

// Where we are, as a chain on the stack; becomes a string only when something is wrong there.
struct Path {
  const Path* up = nullptr;
  std::string_view name{};
  std::size_t index = 0;  // used when `name` has no data

  std::string str() const {
    std::string out = up ? up->str() : std::string();
    if (!up) return out;
    if (name.data() == nullptr) return out + '[' + std::to_string(index) + ']';
    if (!out.empty()) out += '.';
    return out.append(name);
  }
};

std::string quoted_names(const Type& type) {
  std::string out;
  for (std::size_t i = 0; i < type.name_count; ++i) {
    if (i > 0) out += ", ";
    out.append(type.names[i]);
  }
  return out;
}

constexpr std::string_view kind_name(Kind kind) {
  switch (kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "an integer";
    case Kind::number:
      return "a number";
    case Kind::array:
      return "an array";
    case Kind::map:
    case Kind::object:
      return "an object";
    default:
      return "a string";
  }
}

// The length in code points, or -1 when the bytes are not UTF-8 or hold a control character.
std::int64_t text_length(std::string_view text) {
  std::int64_t length = 0;
  for (std::size_t i = 0; i < text.size(); ++length) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20 && c != '\t' && c != '\n' && c != '\r') return -1;
    if (c == 0x7F) return -1;
    const std::size_t size = c < 0x80 ? 1 : c >= 0xF0 ? 4 : c >= 0xE0 ? 3 : 2;
    if ((c >= 0x80 && c < 0xC2) || c > 0xF4 || i + size > text.size()) return -1;
    std::uint32_t code = size == 1 ? c : c & (0xFFU >> (size + 1));
    for (std::size_t k = 1; k < size; ++k) {
      const auto follow = static_cast<unsigned char>(text[i + k]);
      if ((follow & 0xC0) != 0x80) return -1;
      code = (code << 6) | (follow & 0x3FU);
    }
    const bool overlong = (size == 3 && code < 0x800) || (size == 4 && code < 0x10000);
    if (overlong || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return -1;
    i += size;
  }
  return length;
}

class Reader {
 public:
  explicit Reader(const Tape& tape) : tape_(tape) {}

  // Returns the index behind what `index` starts.
  void read(std::size_t index, const Type& type, void* out, const Path& path) {
    const Node& node = tape_.nodes[index];
    switch (type.kind) {
      case Kind::boolean:
        if (node.kind != NodeKind::boolean) return wrong_type(type, path);
        return type.set_int(out, node.integer);
      case Kind::integer:
        return integer(node, type, out, path);
      case Kind::number:
        return number(node, type, out, path);
      case Kind::text:
      case Kind::enumeration:
      case Kind::time:
      case Kind::id:
        if (node.kind != NodeKind::text) return wrong_type(type, path);
        return text(node.text, type, out, path);
      case Kind::optional:
        // Null stands for nothing; only inside a Nullable is that something by itself.
        if (node.kind == NodeKind::null && type.element->kind != Kind::optional) return;
        return read(index, *type.element, type.emplace(out, {}), path);
      case Kind::array:
        return array(index, type, out, path);
      case Kind::map:
        return map(index, type, out, path);
      case Kind::object:
        return object(index, type, out, path);
      case Kind::raw:
        return wrong_type(type, path);
    }
  }

  // One value of a query string.
  void read_text(std::string_view value, const Type& type, void* out, const Path& path) {
    switch (type.kind) {
      case Kind::optional:
        if (!value.empty()) read_text(value, *type.element, type.emplace(out, {}), path);
        return;
      case Kind::array:
        return read_text(value, *type.element, type.emplace(out, {}), path);
      case Kind::boolean:
        if (value != "true" && value != "false") return wrong_type(type, path);
        return type.set_int(out, value == "true");
      case Kind::integer:
      case Kind::number:
        return read_number(value, type, out, path);
      case Kind::text:
      case Kind::enumeration:
      case Kind::time:
      case Kind::id:
        return text(value, type, out, path);
      default:
        return wrong_type(type, path);
    }
  }

  void fail(const Path& path, std::string_view code, std::string message) {
    if (errors.size() < kErrorsMax)
      errors.push_back({path.str(), std::string(code), std::move(message)});
  }

  Errors errors;

 private:
  void wrong_type(const Type& type, const Path& path) {
    fail(path, "wrong_type", "expected " + std::string(kind_name(type.kind)));
  }

  void integer(const Node& node, const Type& type, void* out, const Path& path) {
    std::int64_t value = node.integer;
    if (node.kind == NodeKind::number) {  // 3.0 is an integer too
      if (std::trunc(node.number) != node.number) return wrong_type(type, path);
      if (std::abs(node.number) > 9007199254740992.0) return out_of_range(type, path);
      value = static_cast<std::int64_t>(node.number);
    } else if (node.kind == NodeKind::huge) {
      return out_of_range(type, path);
    } else if (node.kind != NodeKind::integer) {
      return wrong_type(type, path);
    }
    if (value < type.min || value > type.max) return out_of_range(type, path);
    type.set_int(out, value);
  }

  void number(const Node& node, const Type& type, void* out, const Path& path) {
    if (node.kind == NodeKind::integer)
      return type.set_double(out, static_cast<double>(node.integer));
    if (node.kind == NodeKind::huge) return out_of_range(type, path);
    if (node.kind != NodeKind::number) return wrong_type(type, path);
    if (!std::isfinite(node.number)) return out_of_range(type, path);  // 1e999
    type.set_double(out, node.number);
  }

  void out_of_range(const Type& type, const Path& path) {
    if (type.kind == Kind::number) return fail(path, "out_of_range", "too large a number");
    fail(path, "out_of_range",
         "must be from " + std::to_string(type.min) + " to " + std::to_string(type.max));
  }

  void read_number(std::string_view value, const Type& type, void* out, const Path& path) {
    Node node;
    const char* const end = value.data() + value.size();
    auto result = std::from_chars(value.data(), end, node.integer);
    if (result.ec == std::errc() && result.ptr == end) {
      node.kind = NodeKind::integer;
    } else if (result.ec == std::errc::result_out_of_range && result.ptr == end) {
      node.kind = NodeKind::huge;
    } else if (type.kind == Kind::number) {
      result = std::from_chars(value.data(), end, node.number);
      if (result.ec == std::errc() && result.ptr == end && std::isfinite(node.number))
        node.kind = NodeKind::number;
    }
    if (type.kind == Kind::integer) return integer(node, type, out, path);
    number(node, type, out, path);
  }

  void text(std::string_view value, const Type& type, void* out, const Path& path) {
    switch (type.kind) {
      case Kind::text:
        return plain_text(value, type, out, path);
      case Kind::enumeration:
        for (std::size_t i = 0; i < type.name_count; ++i)
          if (type.names[i] == value) return type.set_int(out, type.values[i]);
        return fail(path, "unknown_value", "must be one of " + quoted_names(type));
      case Kind::time:
        if (const auto time = parse_rfc3339(value)) return type.set_int(out, to_unix_ms(*time));
        return fail(path, "malformed", "must be an RFC 3339 time");
      default:
        if (!type.parse(out, value))
          fail(path, "malformed", "is not an id of this kind (" + std::string(type.name) + "_…)");
    }
  }

  void plain_text(std::string_view value, const Type& type, void* out, const Path& path) {
    const auto length = text_length(value);
    if (length < 0) return fail(path, "malformed", "must be UTF-8 without control characters");
    if (type.bounded && length < type.min)
      return fail(path, "too_short",
                  "must be at least " + std::to_string(type.min) + " characters");
    if (type.bounded && length > type.max)
      return fail(path, "too_long", "must be at most " + std::to_string(type.max) + " characters");
    type.get_text(out).assign(value);
  }

  void array(std::size_t index, const Type& type, void* out, const Path& path) {
    const Node& node = tape_.nodes[index];
    if (node.kind != NodeKind::array) return wrong_type(type, path);
    std::size_t position = 0;
    for (std::size_t i = index + 1; i < node.end; i = tape_.nodes[i].end)
      read(i, *type.element, type.emplace(out, {}), Path{&path, {}, position++});
  }

  void map(std::size_t index, const Type& type, void* out, const Path& path) {
    const Node& node = tape_.nodes[index];
    if (node.kind != NodeKind::object) return wrong_type(type, path);
    for (std::size_t i = index + 1; i < node.end; i = tape_.nodes[i].end) {
      const Path here{&path, key_of(i)};
      void* const place = type.emplace(out, key_of(i));
      if (place == nullptr)
        fail(here, "duplicate_field", "appears twice");
      else
        read(i, *type.element, place, here);
    }
  }

  void object(std::size_t index, const Type& type, void* out, const Path& path) {
    const Node& node = tape_.nodes[index];
    if (node.kind != NodeKind::object) return wrong_type(type, path);
    std::uint64_t seen = 0;
    check(type.field_count <= 64, "a described struct has at most 64 members");
    std::size_t expected = 0;  // members usually come in the order of declaration
    for (std::size_t i = index + 1; i < node.end; i = tape_.nodes[i].end) {
      const auto key = key_of(i);
      const Path here{&path, key};
      std::size_t f = find(type, key, expected);
      if (f == type.field_count) {
        fail(here, "unknown_field", "is not a field of this object");
        continue;
      }
      expected = f + 1;
      if ((seen >> f & 1) != 0) {
        fail(here, "duplicate_field", "appears twice");
        continue;
      }
      seen |= std::uint64_t{1} << f;
      read(i, *type.fields[f].type, type.fields[f].get(out), here);
    }
    missing(type, seen, path);
  }

 public:
  static std::size_t find(const Type& type, std::string_view key, std::size_t expected) {
    if (expected < type.field_count && type.fields[expected].name == key) return expected;
    std::size_t f = 0;
    while (f < type.field_count && type.fields[f].name != key) ++f;
    return f;
  }

  void missing(const Type& type, std::uint64_t seen, const Path& path) {
    for (std::size_t f = 0; f < type.field_count; ++f) {
      if ((seen >> f & 1) != 0 || type.fields[f].type->kind == Kind::optional) continue;
      fail(Path{&path, type.fields[f].name}, "required", "is missing");
    }
  }

 private:
  // Never without data, so that a Path knows a key from an index.
  std::string_view key_of(std::size_t i) const {
    const auto key = tape_.nodes[i].key;
    return key.data() != nullptr ? key : std::string_view("");
  }

  const Tape& tape_;
};

}  // namespace

Errors read_into(std::string_view text, const Type& type, void* out) {
  static thread_local Tape tape;  // keeps its memory from call to call
  if (!parse(text, tape)) return {{"", "malformed_json", tape.error}};
  Reader reader(tape);
  reader.read(0, type, out, Path{});
  if (tape.bytes.capacity() > 1 << 20) tape = {};
  return std::move(reader.errors);
}

Errors read_pairs(std::span<const std::pair<std::string, std::string>> pairs, const Type& type,
                  void* out) {
  check(type.kind == Kind::object && type.field_count <= 64, "a query is read into a struct");
  const Tape none;
  Reader reader(none);
  const Path root{};
  std::uint64_t seen = 0;
  for (const auto& [name, value] : pairs) {
    const Path here{&root, name};
    const auto f = Reader::find(type, name, 0);
    if (f == type.field_count) {
      reader.fail(here, "unknown_field", "is not a parameter of this call");
      continue;
    }
    if ((seen >> f & 1) != 0 && type.fields[f].type->kind != Kind::array) {
      reader.fail(here, "duplicate_field", "appears twice");
      continue;
    }
    seen |= std::uint64_t{1} << f;
    reader.read_text(value, *type.fields[f].type, type.fields[f].get(out), here);
  }
  for (std::size_t f = 0; f < type.field_count; ++f)
    if (type.fields[f].type->kind == Kind::array) seen |= std::uint64_t{1} << f;
  reader.missing(type, seen, root);
  return std::move(reader.errors);
}

}  // namespace onsale::json
