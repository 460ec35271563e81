// The origin of an address: what tells one site from another (RFC 6454). Thread: any.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace onsale {

// "https://shop.test:8443" of an absolute http(s) address, in lower case and without its scheme's
// usual port; empty for everything else, and for what hides its host ("https://us@them.test").
std::string origin_of(std::string_view address);

// "http://[::1]:8080" of a server without TLS that listens there.
std::string origin_at(std::string_view address, std::uint16_t port);

// Whether `origin`, as a browser names the page that asks, is a page of the server that was asked
// as `host` ("shop.test:443"). The host doesn't say its scheme, so the origin's own counts.
bool origin_is_host(std::string_view origin, std::string_view host);

}  // namespace onsale
