#include "catalogue/cursor.h"

#include <charconv>

namespace onsale::catalogue {
namespace {

constexpr std::string_view kSorts = "pnt";  // in the order of ShowSort
constexpr std::size_t kCursorSizeMax = 64;

}  // namespace

std::string write_cursor(const ShowCursor& cursor) {
  std::string out(1, kSorts[static_cast<std::size_t>(cursor.sort)]);
  out += cursor.ended ? '1' : '0';
  out += std::to_string(cursor.sold);
  out += '.';
  return out + cursor.last.str();
}

std::optional<ShowCursor> read_cursor(std::string_view text) {
  const auto dot = text.find('.');
  if (text.size() > kCursorSizeMax || dot == std::string_view::npos || dot < 3) return {};
  ShowCursor out;
  const auto sort = kSorts.find(text[0]);
  if (sort == std::string_view::npos) return {};
  out.sort = static_cast<ShowSort>(sort);
  if (text[1] != '0' && text[1] != '1') return {};
  out.ended = text[1] == '1';
  const auto digits = text.substr(2, dot - 2);
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), out.sold);
  if (read.ec != std::errc() || read.ptr != digits.data() + digits.size() || out.sold < 0)
    return {};
  const auto id = ShowId::parse(text.substr(dot + 1));
  if (!id) return {};
  out.last = *id;
  return out;
}

}  // namespace onsale::catalogue
