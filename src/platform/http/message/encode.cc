#include "platform/http/message/encode.h"

#include <zlib.h>

#include <cstring>

#include "base/check.h"

namespace onsale::http {
namespace {

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t load(const char* p, std::size_t size) {
  std::uint64_t value = 0;
  std::memcpy(&value, p, size);
  return value;
}

constexpr std::uint64_t kA = 0xa0761d6478bd642fULL;
constexpr std::uint64_t kB = 0xe7037ed1a0b428dbULL;

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' ') || text.starts_with('\t')) text.remove_prefix(1);
  while (text.ends_with(' ') || text.ends_with('\t')) text.remove_suffix(1);
  return text;
}

std::string_view next_item(std::string_view& list) {
  const auto item = list.substr(0, list.find(','));
  list.remove_prefix(std::min(list.size(), item.size() + 1));
  return trimmed(item);
}

}  // namespace

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  const char* p = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t h = seed ^ mix(seed ^ kA, bytes.size() ^ kB);
  for (; left >= 16; left -= 16, p += 16) h = mix(load(p, 8) ^ kA, load(p + 8, 8) ^ h);
  const std::uint64_t a = load(p, std::min<std::size_t>(left, 8));
  const std::uint64_t b = left > 8 ? load(p + 8, left - 8) : 0;
  return mix(kB ^ bytes.size(), mix(a ^ kA, b ^ h));
}

std::string etag_of(std::string_view content) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out = "W/\"";
  for (std::uint64_t h : {hash64(content, 1), hash64(content, 2)})
    for (int i = 0; i < 12; ++i, h >>= 4) out += kHex[h & 15];
  return out += '"';
}

bool etag_matches(std::string_view if_none_match, std::string_view etag) {
  const auto opaque = [](std::string_view tag) {
    if (tag.starts_with("W/")) tag.remove_prefix(2);
    return tag;
  };
  while (!if_none_match.empty()) {
    const auto item = next_item(if_none_match);
    if (item == "*" || opaque(item) == opaque(etag)) return true;
  }
  return false;
}

bool accepts_gzip(std::string_view accept_encoding) {
  while (!accept_encoding.empty()) {
    const auto item = next_item(accept_encoding);
    const auto semicolon = item.find(';');
    const auto name = trimmed(item.substr(0, semicolon));
    if (name != "gzip" && name != "*") continue;
    if (semicolon == item.npos) return true;
    const auto weight = trimmed(item.substr(semicolon + 1));
    return weight != "q=0" && weight != "q=0.0" && weight != "q=0.00" && weight != "q=0.000";
  }
  return false;
}

std::string gzip(std::string_view content, int level) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS;
  check(deflateInit2(&stream, level, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK,
        "zlib has memory");
  std::string out(deflateBound(&stream, content.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  check(deflate(&stream, Z_FINISH) == Z_STREAM_END, "deflateBound is enough");
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string_view GzipCache::get(const std::string& etag, std::string_view content) {
  if (const auto found = entries_.find(etag); found != entries_.end()) return found->second;
  if (content.size() > kBytesMax / 4) return {};
  std::string packed = gzip(content);
  if (packed.size() + 64 >= content.size()) packed.clear();
  if (bytes_ + packed.size() > kBytesMax || entries_.size() >= 1024) {
    entries_.clear();
    bytes_ = 0;
  }
  bytes_ += packed.size();
  return entries_.emplace(etag, std::move(packed)).first->second;
}

}  // namespace onsale::http
