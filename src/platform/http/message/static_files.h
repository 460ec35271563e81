// Files that the binary carries: the web app.
#pragma once

#include <span>
#include <string_view>

namespace onsale::http {

struct StaticFile {
  std::string_view path;  // from the root, "/assets/index-3f2a.js"; "/index.html" is the SPA's page
  std::string_view content_type;
  std::string_view body;
  std::string_view gzip;  // empty when compressing did not help
  std::string_view etag;  // quoted
  bool immutable;         // the name holds a hash of the content
};

}  // namespace onsale::http
