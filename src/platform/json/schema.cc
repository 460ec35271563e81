#include <cctype>

#include "platform/json/json.h"

namespace onsale::json {
namespace {

// "onsale::Page<onsale::catalogue::ShowView>" -> {"Page", "ShowView"}
std::vector<std::string> last_words(std::string_view name) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_') {
      word += c;
    } else if (c == ':') {
      word.clear();
    } else if (c == '<' || c == ',' || c == '>') {
      if (!word.empty()) words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

std::string short_name(std::string_view name) {
  std::string out;
  for (const auto& word : last_words(name)) out += word;
  return out;
}

// "onsale::catalogue::View" -> "Catalogue"
std::string module_of(std::string_view name) {
  constexpr std::string_view kRoot = "onsale::";
  if (!name.starts_with(kRoot)) return {};
  name.remove_prefix(kRoot.size());
  std::string module(name.substr(0, name.find("::")));
  if (!module.empty())
    module[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(module[0])));
  return module;
}

void add(std::string& out, std::string_view name, std::int64_t value) {
  out += ",\"";
  out.append(name);
  out += "\":";
  out += std::to_string(value);
}

std::string integer_schema(const Type& type) {
  std::string out = R"({"type":"integer","format":"int64")";
  if (type.bounded || type.min == 0) add(out, "minimum", type.min);
  if (type.bounded) add(out, "maximum", type.max);
  return out + '}';
}

std::string text_schema(const Type& type) {
  std::string out = R"({"type":"string")";
  if (type.bounded) {
    add(out, "minLength", type.min);
    add(out, "maxLength", type.max);
  }
  return out + '}';
}

// `{"type":"string",…}` -> `{"type":["string","null"],…}`; what refers elsewhere needs a choice.
std::string nullable(const std::string& schema) {
  constexpr std::string_view kStart = R"({"type":")";
  if (!schema.starts_with(kStart)) return R"({"anyOf":[)" + schema + R"(,{"type":"null"}]})";
  const auto end = schema.find('"', kStart.size());
  const auto word = schema.substr(kStart.size(), end - kStart.size());
  return R"({"type":[")" + word + R"(","null"])" + schema.substr(end + 1);
}

}  // namespace

std::string SchemaBook::name_for(const Type& type) {
  const auto taken = [this](const std::string& name) {
    for (const auto& entry : entries_)
      if (entry.name == name) return true;
    return false;
  };
  std::string name = short_name(type.name);
  if (taken(name)) name = module_of(type.name) + name;
  const std::string base = name;
  for (int i = 2; taken(name); ++i) name = base + std::to_string(i);
  return name;
}

std::string SchemaBook::describe(const Type& type) {
  if (type.kind == Kind::enumeration) {
    std::string out = R"({"type":"string","enum":[)";
    for (std::size_t i = 0; i < type.name_count; ++i) {
      if (i > 0) out += ',';
      write_text(out, type.names[i]);
    }
    return out + "]}";
  }
  std::string properties;
  std::string required;
  for (const auto& field : type.members()) {
    if (!properties.empty()) properties += ',';
    write_text(properties, field.name);
    const bool optional = field.type->kind == Kind::optional;
    properties += ':';
    properties += reference(optional ? *field.type->element : *field.type);
    if (optional) continue;
    if (!required.empty()) required += ',';
    write_text(required, field.name);
  }
  std::string out = R"({"type":"object","properties":{)" + properties + '}';
  if (!required.empty()) out += R"(,"required":[)" + required + ']';
  return out + R"(,"additionalProperties":false})";
}

std::string SchemaBook::reference(const Type& type) {
  switch (type.kind) {
    case Kind::boolean:
      return R"({"type":"boolean"})";
    case Kind::integer:
      return integer_schema(type);
    case Kind::number:
      return R"({"type":"number"})";
    case Kind::text:
      return text_schema(type);
    case Kind::optional:
      return nullable(reference(*type.element));
    case Kind::array:
      return R"({"type":"array","items":)" + reference(*type.element) + '}';
    case Kind::map:
      return R"({"type":"object","additionalProperties":)" + reference(*type.element) + '}';
    case Kind::time:
      return R"({"type":"string","format":"date-time"})";
    case Kind::id:
      return R"({"type":"string","maxLength":40,"pattern":"^)" + std::string(type.name) +
             R"(_[0-7][0-9A-HJKMNP-TV-Z]{25}$"})";
    case Kind::raw:
      return type.element != nullptr ? reference(*type.element) : "{}";
    case Kind::enumeration:
    case Kind::object:
      break;
  }
  std::size_t at = 0;
  while (at < entries_.size() && entries_[at].type != &type) ++at;
  if (at == entries_.size()) {
    entries_.push_back({&type, name_for(type), {}});  // before describing: types may be recursive
    std::string schema = describe(type);
    entries_[at].schema = std::move(schema);
  }
  return R"({"$ref":"#/components/schemas/)" + entries_[at].name + R"("})";
}

std::string SchemaBook::components() const {
  std::string out;
  for (const auto& entry : entries_) {
    if (!out.empty()) out += ',';
    write_text(out, entry.name);
    out += ':' + entry.schema;
  }
  return out;
}

}  // namespace onsale::json
