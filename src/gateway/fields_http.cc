#include "gateway/fields_http.h"

#include <algorithm>
#include <array>
#include <set>

namespace onsale::gateway {
namespace {

using beast_http::field;

constexpr std::array<std::string_view, 10> kHopByHop{"connection",
                                                     "keep-alive",
                                                     "proxy-authenticate",
                                                     "proxy-authorization",
                                                     "proxy-connection",
                                                     "te",
                                                     "trailer",
                                                     "transfer-encoding",
                                                     "upgrade",
                                                     "http2-settings"};
// What "Connection: …" cannot take away: the origin would read another request than we did.
constexpr std::array<std::string_view, 7> kStays{
    "host",   "content-length", "content-type", "content-encoding",
    "cookie", "authorization",  "set-cookie"};
constexpr std::array<std::string_view, 4> kOurs{"onsale-pass", "onsale-place-id", "onsale-return",
                                                "expect"};
constexpr std::array<std::string_view, 5> kClaims{
    "forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

template <std::size_t N>
bool one_of(std::string_view name, const std::array<std::string_view, N>& names) {
  return std::ranges::find(names, name) != names.end();
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `each` with every piece of a list.
template <class Each>
void pieces(std::string_view list, char separator, Each each) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(separator), list.size());
    if (const auto piece = trimmed(list.substr(0, end)); !piece.empty()) each(piece);
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

std::set<std::string> of_this_connection(const beast_http::fields& from) {
  std::set<std::string> names(kHopByHop.begin(), kHopByHop.end());
  pieces(joined(from, "Connection", ","), ',', [&names](std::string_view name) {
    if (const std::string word = lower(name); !one_of(word, kStays)) names.insert(word);
  });
  return names;
}

std::string without_ours(std::string_view cookies) {
  std::string out;
  pieces(cookies, ';', [&out](std::string_view pair) {
    if (pair.starts_with("onsale_gate_") || pair.starts_with("onsale_pass=")) return;
    if (!out.empty()) out += "; ";
    out += pair;
  });
  return out;
}

}  // namespace

std::string joined(const beast_http::fields& fields, std::string_view name,
                   std::string_view separator) {
  std::string out;
  const auto [first, last] = fields.equal_range({name.data(), name.size()});
  for (auto it = first; it != last; ++it) {
    if (it != first) out += separator;
    out.append(it->value().data(), it->value().size());
  }
  return out;
}

void copy_request_fields(const beast_http::fields& from, const Forwarded& forwarded,
                         beast_http::fields& to) {
  const auto dropped = of_this_connection(from);
  for (const auto& one : from) {
    const std::string name = lower({one.name_string().data(), one.name_string().size()});
    if (dropped.contains(name) || one_of(name, kOurs) || one.name() == field::cookie) continue;
    if (one_of(name, kClaims) && !(forwarded.believe && name != "x-forwarded-for")) continue;
    to.insert(one.name(), one.name_string(), one.value());
  }
  if (const auto cookies = without_ours(joined(from, "Cookie", "; ")); !cookies.empty())
    to.set(field::cookie, cookies);
  std::string chain;
  if (forwarded.believe) chain = joined(from, "X-Forwarded-For", ", ");
  if (!chain.empty()) chain += ", ";
  to.set("X-Forwarded-For", chain + std::string(forwarded.client_address));
  if (to.find("X-Forwarded-Proto") == to.end())
    to.set("X-Forwarded-Proto", std::string(forwarded.scheme));
  if (to.find("X-Forwarded-Host") == to.end()) to.set("X-Forwarded-Host", from[field::host]);
  if (!forwarded.place.empty()) to.set("Onsale-Place-Id", std::string(forwarded.place));
}

bool is_preflight(const beast_http::request_header<>& head) {
  if (head.method() != beast_http::verb::options || head[field::origin].empty() ||
      head[field::access_control_request_method].empty())
    return false;
  if (head.find(field::transfer_encoding) != head.end()) return false;
  const auto length = head[field::content_length];
  if (!length.empty() && length != "0") return false;
  return std::ranges::none_of(head, [](const auto& one) {
    return one.name() != field::access_control_request_method &&
           lower({one.name_string().data(), one.name_string().size()}).find("method") !=
               std::string::npos;
  });
}

void copy_preflight_fields(const beast_http::fields& from, beast_http::fields& to) {
  for (const auto& one : from) {
    const std::string name = lower({one.name_string().data(), one.name_string().size()});
    if (name.starts_with("access-control-") || name == "vary" || name == "allow")
      to.insert(one.name(), one.name_string(), one.value());
  }
}

void copy_response_fields(const beast_http::fields& from, beast_http::fields& to) {
  const auto dropped = of_this_connection(from);
  for (const auto& one : from) {
    const std::string name = lower({one.name_string().data(), one.name_string().size()});
    if (!dropped.contains(name)) to.insert(one.name(), one.name_string(), one.value());
  }
}

}  // namespace onsale::gateway
