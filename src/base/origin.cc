#include "base/origin.h"

#include <algorithm>
#include <array>
#include <iterator>

namespace onsale {
namespace {

struct Scheme {
  std::string_view start, port;
};
constexpr std::array kSchemes{Scheme{"https://", ":443"}, Scheme{"http://", ":80"}};

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

}  // namespace

std::string origin_of(std::string_view address) {
  for (const Scheme& scheme : kSchemes) {
    if (address.size() < scheme.start.size() ||
        !std::ranges::equal(address.substr(0, scheme.start.size()), scheme.start,
                            [](char a, char b) { return lower(a) == b; }))
      continue;
    std::string_view host = address.substr(scheme.start.size());
    host = host.substr(0, host.find_first_of("/?#"));
    if (host.ends_with(scheme.port)) host.remove_suffix(scheme.port.size());
    if (host.empty() || host.front() == ':' || host.find_first_of("@\\") != host.npos) return {};
    std::string origin(scheme.start);
    std::ranges::transform(host, std::back_inserter(origin), lower);
    return origin;
  }
  return {};
}

std::string origin_at(std::string_view address, std::uint16_t port) {
  const bool v6 = address.find(':') != address.npos;  // its colons are no port's
  return (v6 ? "http://[" : "http://") + std::string(address) + (v6 ? "]:" : ":") +
         std::to_string(port);
}

bool origin_is_host(std::string_view origin, std::string_view host) {
  const std::string theirs = origin_of(origin);
  if (theirs.empty()) return false;
  const auto scheme = theirs.substr(0, theirs.find("://") + 3);
  return origin_of(scheme + std::string(host)) == theirs;
}

}  // namespace onsale
