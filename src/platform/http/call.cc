#include "platform/http/call.h"

#include <stdexcept>

#include "base/check.h"
#include "platform/http/exchange.h"
#include "platform/http/rate_guard.h"
#include "platform/http/route_table.h"

namespace onsale::http {
namespace {

bool safe_header(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

}  // namespace

const std::optional<Principal>& Call::principal() const { return exchange_.principal; }
bool Call::by_cookie() const { return exchange_.by_cookie; }
std::string_view Call::method() const { return exchange_.method_text; }
std::string_view Call::path() const { return exchange_.path; }
std::string_view Call::body() const { return exchange_.body; }
std::string_view Call::client_address() const { return exchange_.client_address; }
std::string_view Call::host() const { return exchange_.header(Known::host); }
std::string Call::site() const {
  if (!exchange_.public_origin.empty()) return std::string(exchange_.public_origin);
  return (exchange_.secure_cookies ? "https://" : "http://") + std::string(host());
}
Language Call::language() const {
  return page_language(query("lang"), cookie(kLanguageCookie).value_or(""),
                       header("Accept-Language"));
}
Timestamp Call::started() const { return exchange_.started; }
std::string_view Call::trace_id() const {
  return {exchange_.trace_id.data(), exchange_.trace_id.size()};
}

std::string_view Call::param(std::string_view name) const {
  const auto& names = exchange_.node->param_names;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i] != name) continue;
    auto& value = exchange_.params[i];
    if (value.find('%') == std::string_view::npos) return value;
    auto decoded = percent_decoded(value, false);
    if (!decoded) throw_not_found();
    return exchange_.decoded.emplace_back(std::move(*decoded));
  }
  check_failed("the path of this route has the parameter", std::source_location::current());
}

std::string_view Call::query(std::string_view name) const {
  if (!exchange_.query) exchange_.query = readable_pairs(exchange_.query_text);
  for (const auto& [key, value] : *exchange_.query)
    if (key == name) return value;
  return {};
}

std::string_view Call::header(std::string_view name) const {
  std::string_view value;
  std::string* joined = nullptr;
  for (const auto& header : exchange_.headers) {
    if (!same_word(header.name, name)) continue;
    if (value.data() == nullptr) {
      value = header.value;
      continue;
    }
    if (joined == nullptr) joined = &exchange_.decoded.emplace_back(value);
    joined->append(", ").append(header.value);
  }
  return joined != nullptr ? std::string_view(*joined) : value;
}

std::optional<std::string> Call::cookie(std::string_view name) const {
  const auto value = find_cookie(exchange_.header(Known::cookie), name);
  if (!value) return {};
  return std::string(*value);
}

void Call::set_cookie(Cookie cookie) {
  if (!safe_header(cookie.name) || !safe_header(cookie.value) || !safe_header(cookie.path) ||
      cookie.value.find(';') != std::string::npos)
    throw std::invalid_argument("a cookie must be one line without semicolons");
  std::string line = cookie.name + '=' + cookie.value + "; Path=" + cookie.path;
  if (cookie.max_age) line += "; Max-Age=" + std::to_string(cookie.max_age->count());
  if (cookie.http_only) line += "; HttpOnly";
  if (cookie.secure || exchange_.secure_cookies) line += "; Secure";
  line += "; SameSite=Lax";
  append_header(exchange_.reply.headers, "Set-Cookie", line);
}

void Call::set_header(std::string_view name, std::string_view value) {
  if (!safe_header(name)) throw std::invalid_argument("the name of a header must be one line");
  if (!safe_header(value))
    throw std::invalid_argument("the header " + std::string(name) + " must be one line");
  Reply& reply = exchange_.reply;
  if (same_word(name, "ETag"))
    reply.etag = value;
  else if (same_word(name, "Cache-Control"))
    reply.cache_control = value;
  else if (same_word(name, "Content-Security-Policy"))
    reply.policy = value;
  else
    append_header(reply.headers, name, value);
}

void Call::hang_up() { exchange_.reply.hang_up = true; }

void Call::charge(std::string_view owner) {
  if (exchange_.rates != nullptr) exchange_.rates->charge_owner(exchange_, owner);
}

void Call::throw_not_found() {
  throw Problem(404, "not_found", "There is nothing at this address.");
}

}  // namespace onsale::http
