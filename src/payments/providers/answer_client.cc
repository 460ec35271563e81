#include "payments/providers/answer_client.h"

#include <charconv>

namespace onsale::payments {

ProviderJson::ProviderJson(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  if (error || !value.is_object()) return;
  object_ = std::move(value.get_object());
  ok_ = true;
}

const boost::json::value* ProviderJson::find(std::string_view name) const {
  return object_.if_contains(name);
}

std::string ProviderJson::text(std::string_view name) const {
  const auto* value = find(name);
  return value && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<std::int64_t> ProviderJson::number(std::string_view name) const {
  const auto* value = find(name);
  if (!value) return {};
  if (value->is_int64()) return value->get_int64();
  if (value->is_uint64() || !value->is_string()) return {};
  const auto& digits = value->get_string();
  std::int64_t number = 0;
  const char* const end = digits.data() + digits.size();
  const auto [read, error] = std::from_chars(digits.data(), end, number);
  if (error != std::errc{} || read != end) return {};
  return number;
}

std::optional<bool> ProviderJson::flag(std::string_view name) const {
  const auto* value = find(name);
  if (!value || !value->is_bool()) return {};
  return value->get_bool();
}

ProviderJson ProviderJson::inner(std::string_view name) const {
  const auto* value = find(name);
  return value && value->is_object() ? ProviderJson(value->get_object())
                                     : ProviderJson(std::string_view());
}

std::optional<std::int64_t> ProviderJson::total(std::string_view name) const {
  const auto* value = find(name);
  if (value && value->is_object()) return ProviderJson(value->get_object()).number("total");
  return number(name);
}

std::optional<std::vector<ProviderJson>> provider_list(std::string_view text) {
  boost::system::error_code error;
  auto value = boost::json::parse(text, error);
  if (error || !value.is_array()) return {};
  std::vector<ProviderJson> out;
  for (auto& each : value.get_array()) {
    if (!each.is_object()) return {};
    out.emplace_back(std::move(each.get_object()));
  }
  return out;
}

std::string status_code(const net::Answer& answer) {
  return "HTTP " + std::to_string(answer.status);
}

}  // namespace onsale::payments
