// Entity tags and gzip. Private to http.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace onsale::http {

// Quick, not for secrets. A secret seed keeps others from aiming at collisions.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed);

// A weak entity tag of the content, so that it holds for the plain and the compressed form.
std::string etag_of(std::string_view content);
// If-None-Match, with weak comparison.
bool etag_matches(std::string_view if_none_match, std::string_view etag);
// Accept-Encoding allows gzip.
bool accepts_gzip(std::string_view accept_encoding);
std::string gzip(std::string_view content, int level = 6);

// Compressed bodies by entity tag, of one loop.
class GzipCache {
 public:
  // The compressed content, or an empty view when that is not smaller. Valid until the next call.
  std::string_view get(const std::string& etag, std::string_view content);

 private:
  static constexpr std::size_t kBytesMax = 8 << 20;
  std::unordered_map<std::string, std::string> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace onsale::http
