#include "waitroom/page/return_address.h"

#include <algorithm>

#include "base/origin.h"

namespace onsale::waitroom {
namespace {

std::string_view next_entry(std::string_view& list) {
  std::string_view entry = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), entry.size() + 1));
  while (entry.starts_with(' ')) entry.remove_prefix(1);
  while (entry.ends_with(' ')) entry.remove_suffix(1);
  return entry;
}

// Browsers drop or change some characters before they follow an address; so none of them.
bool plain(std::string_view address) {
  return std::ranges::none_of(address, [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == 0x7F || c == '\\' || c == '"' ||
           c == '<' || c == '>';
  });
}

}  // namespace

bool return_allowed(std::string_view address, std::string_view origins) {
  if (address.empty() || address.size() > kReturnBytesMax || !plain(address)) return false;
  if (address.starts_with('/')) return !address.starts_with("//");
  const std::string origin = origin_of(address);
  if (origin.empty()) return false;
  while (!origins.empty())
    if (origin_of(next_entry(origins)) == origin) return true;
  return false;
}

std::string origins_invalid(std::string_view origins) {
  while (!origins.empty()) {
    const auto entry = next_entry(origins);
    if (entry.empty()) continue;
    const auto host = entry.find("://");
    const bool bare = host != entry.npos && entry.find_first_of("/?#", host + 3) == entry.npos;
    if (origin_of(entry).empty() || !bare || !plain(entry))
      return "waitroom.return_origins must be origins like https://shop.test, not \"" +
             std::string(entry) + "\"";
  }
  return {};
}

std::string with_pass(std::string_view address, std::string_view pass) {
  const auto hash = address.find('#');
  const std::string_view fragment =
      hash == address.npos ? std::string_view() : address.substr(hash);
  const std::string_view base = address.substr(0, hash);
  const auto mark = base.find('?');
  std::string out(base.substr(0, mark));
  out += '?';
  std::string_view query = mark == base.npos ? std::string_view() : base.substr(mark + 1);
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    if (part.empty() || part.substr(0, part.find('=')) == kPassParameter) continue;
    out.append(part).append("&");
  }
  return out.append(kPassParameter).append("=").append(pass).append(fragment);
}

}  // namespace onsale::waitroom
