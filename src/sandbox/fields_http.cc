#include "sandbox/fields_http.h"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <cmath>

namespace onsale::sandbox {

namespace boost_json = boost::json;

struct Fields::Parsed {
  boost_json::value value;
};

Fields::Fields(std::unique_ptr<Parsed> parsed) : parsed_(std::move(parsed)) {}
Fields::~Fields() = default;
Fields::Fields(Fields&&) noexcept = default;
Fields& Fields::operator=(Fields&&) noexcept = default;

Fields::Fields(std::string_view text) : parsed_(std::make_unique<Parsed>()) {
  boost::system::error_code error;
  boost_json::parse_options options;
  options.max_depth = 8;
  parsed_->value = boost_json::parse(text, error, {}, options);
  if (error) parsed_->value = nullptr;
}

bool Fields::whole() const { return parsed_->value.is_object(); }

namespace {

const boost_json::value* find(const boost_json::value& in, std::string_view name) {
  const boost_json::object* object = in.if_object();
  const boost_json::value* value = object != nullptr ? object->if_contains(name) : nullptr;
  return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::int64_t> whole_number(const boost_json::value& value) {
  if (const auto* integer = value.if_int64()) return *integer;
  if (const auto* real = value.if_double()) {
    if (std::trunc(*real) != *real || std::abs(*real) > 9e15) return {};
    return static_cast<std::int64_t>(*real);
  }
  return {};
}

}  // namespace

bool Fields::has(std::string_view name) const { return find(parsed_->value, name) != nullptr; }

std::string Fields::text(std::string_view name, bool loose) const {
  const boost_json::value* value = find(parsed_->value, name);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string()) {
    std::string out(text->data(), text->size());
    for (char& c : out)
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
    return out;
  }
  const auto number = loose ? whole_number(*value) : std::nullopt;
  return number ? std::to_string(*number) : std::string();
}

std::optional<std::int64_t> Fields::number(std::string_view name, bool loose) const {
  const boost_json::value* value = find(parsed_->value, name);
  if (value == nullptr) return {};
  if (const auto* text = value->if_string(); text != nullptr && loose) {
    std::int64_t out = 0;
    const char* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, out);
    if (read.ec != std::errc() || read.ptr != end) return {};
    return out;
  }
  return whole_number(*value);
}

Fields Fields::inner(std::string_view name) const {
  auto parsed = std::make_unique<Parsed>();
  if (const boost_json::value* value = find(parsed_->value, name)) parsed->value = *value;
  return Fields(std::move(parsed));
}

}  // namespace onsale::sandbox
