#include <charconv>
#include <cmath>

#include "platform/json/json.h"

namespace onsale::json {
namespace {

constexpr char kHex[] = "0123456789abcdef";

constexpr std::array<bool, 256> make_plain() {
  std::array<bool, 256> plain{};
  for (int c = 0x20; c < 256; ++c) plain[static_cast<std::size_t>(c)] = c != '"' && c != '\\';
  return plain;
}
constexpr auto kPlain = make_plain();

void escape(std::string& out, unsigned char c) {
  out += '\\';
  switch (c) {
    case '"':
    case '\\':
      out += static_cast<char>(c);
      return;
    case '\n':
      out += 'n';
      return;
    case '\r':
      out += 'r';
      return;
    case '\t':
      out += 't';
      return;
    default:
      out += "u00";
      out += kHex[c >> 4];
      out += kHex[c & 15];
  }
}

template <class N>
void number(std::string& out, N value) {
  char digits[32];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

struct List {
  std::string& out;
  const Type& element;
  bool first = true;
};

void visit(void* context, std::string_view key, const void* element, bool keyed) {
  auto& list = *static_cast<List*>(context);
  if (!list.first) list.out += ',';
  list.first = false;
  if (keyed) {
    write_text(list.out, key);
    list.out += ':';
  }
  write_value(list.out, list.element, element);
}

void write_object(std::string& out, const Type& type, const void* value) {
  out += '{';
  bool first = true;
  for (const auto& field : type.members()) {
    const void* member = field.get(const_cast<void*>(value));
    const Type* shape = field.type;
    if (shape->kind == Kind::optional) {
      member = shape->get(member);
      if (member == nullptr) continue;
      shape = shape->element;
    }
    out += first ? "\"" : ",\"";
    first = false;
    out.append(field.name);
    out += "\":";
    write_value(out, *shape, member);
  }
  out += '}';
}

void write_enum(std::string& out, const Type& type, const void* value) {
  const auto number = type.get_int(value);
  for (std::size_t i = 0; i < type.name_count; ++i)
    if (type.values[i] == number) return write_text(out, type.names[i]);
  out += "null";
}

void write_number(std::string& out, double value) {
  if (!std::isfinite(value))
    out += "null";
  else
    number(out, value);
}

}  // namespace

void write_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t done = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (kPlain[c]) continue;
    out.append(text.substr(done, i - done));
    escape(out, c);
    done = i + 1;
  }
  out.append(text.substr(done));
  out += '"';
}

void write_value(std::string& out, const Type& type, const void* value) {
  switch (type.kind) {
    case Kind::boolean:
      out += type.get_int(value) != 0 ? "true" : "false";
      return;
    case Kind::integer:
      return number(out, type.get_int(value));
    case Kind::number:
      return write_number(out, type.get_double(value));
    case Kind::text:
      return write_text(out, type.get_text(const_cast<void*>(value)));
    case Kind::enumeration:
      return write_enum(out, type, value);
    case Kind::optional:
      value = type.get(value);
      if (value == nullptr)
        out += "null";
      else
        write_value(out, *type.element, value);
      return;
    case Kind::array:
    case Kind::map: {
      const bool keyed = type.kind == Kind::map;
      List list{out, *type.element};
      out += keyed ? '{' : '[';
      type.each(
          value, &list,
          keyed ? [](void* c, std::string_view k, const void* e) { visit(c, k, e, true); }
                : [](void* c, std::string_view k, const void* e) { visit(c, k, e, false); });
      out += keyed ? '}' : ']';
      return;
    }
    case Kind::object:
      return write_object(out, type, value);
    case Kind::time:
      out += '"';
      out += to_rfc3339(from_unix_ms(type.get_int(value)));
      out += '"';
      return;
    case Kind::id:
      out += '"';
      type.print(value, out);
      out += '"';
      return;
    case Kind::raw: {
      const auto& text = type.get_text(const_cast<void*>(value));
      out += text.empty() ? "null" : text;
      return;
    }
  }
}

}  // namespace onsale::json
