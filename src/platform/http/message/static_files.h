// Files that the binary carries: the web app.
#pragma once

#include <span>
#include <string_view>

namespace onsale::http {

// Content-Security-Policy of the web app's page.
inline constexpr std::string_view kAppPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "font-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'";

struct StaticFile {
  std::string_view path;  // from the root, "/assets/index-3f2a.js"; "/index.html" is the SPA's page
  std::string_view content_type;
  std::string_view body;
  std::string_view gzip;  // empty when compressing did not help
  std::string_view etag;  // quoted
  bool immutable;         // the name holds a hash of the content
};

}  // namespace onsale::http
