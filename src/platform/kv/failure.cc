#include "platform/kv/failure.h"

#include <algorithm>

namespace onsale::kv {
namespace {

constexpr std::string_view kSoon[] = {"LOADING", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "BUSY"};
constexpr std::string_view kLater[] = {"MISCONF", "NOREPLICAS", "MOVED", "ASK", "NOSCRIPT"};
constexpr std::string_view kDenied[] = {"NOAUTH", "WRONGPASS", "NOPERM"};

std::string_view first_word(std::string_view text) { return text.substr(0, text.find(' ')); }

}  // namespace

std::string_view to_string(Why why) {
  switch (why) {
    case Why::not_sent:
      return "not_sent";
    case Why::unknown:
      return "unknown";
    case Why::unavailable:
      return "unavailable";
    case Why::read_only:
      return "read_only";
    case Why::full:
      return "full";
    case Why::denied:
      return "denied";
    case Why::wrong:
      return "wrong";
  }
  return "wrong";
}

Why classify(std::string_view text) {
  const std::string_view word = first_word(text);
  if (passes_soon(text) || std::ranges::count(kLater, word)) return Why::unavailable;
  if (word == "READONLY") return Why::read_only;
  if (word == "OOM") return Why::full;
  if (std::ranges::count(kDenied, word)) return Why::denied;
  return Why::wrong;
}

bool passes_soon(std::string_view text) { return std::ranges::count(kSoon, first_word(text)) > 0; }

}  // namespace onsale::kv
