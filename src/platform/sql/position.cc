#include "platform/sql/position.h"

#include <algorithm>
#include <charconv>
#include <optional>

namespace onsale::sql {

namespace {

constexpr std::size_t kUuid = 36;

std::optional<std::uint64_t> number_of(std::string_view text) {
  std::uint64_t number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_number(std::string_view text) { return number_of(text).has_value(); }

bool is_uuid(std::string_view text) {
  return text.size() == kUuid &&
         text.find_first_not_of("0123456789abcdefABCDEF-") == std::string_view::npos;
}

}  // namespace

Position Position::parse(std::string_view text) {
  Position position;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (const auto colon = one.find(':'); colon != std::string_view::npos) {
      const std::string_view last = one.substr(std::max(one.rfind('-') + 1, colon + 1));
      const auto number = number_of(one.rfind('-') < colon ? one.substr(colon + 1) : last);
      if (number && is_uuid(one.substr(0, colon))) {
        position.reach(Head{std::string(one.substr(0, colon)), {}, *number});
      }
      continue;
    }
    const auto first = std::min(one.find('-'), one.size());
    const auto second = std::min(one.find('-', first + 1), one.size());
    if (second == one.size()) continue;
    const std::string_view server = one.substr(first + 1, second - first - 1);
    const auto number = number_of(one.substr(second + 1));
    if (number && is_number(one.substr(0, first)) && is_number(server)) {
      position.reach(Head{std::string(one.substr(0, first)), std::string(server), *number});
    }
  }
  return position;
}

void Position::reach(const Head& head) {
  const auto found = std::ranges::find(heads_, head.of, &Head::of);
  if (found == heads_.end()) {
    if (heads_.size() == kHeadsMax) heads_.erase(heads_.begin());
    heads_.push_back(head);
  } else if (head.number > found->number) {
    *found = head;
  }
}

void Position::reach(const Position& other) {
  for (const auto& head : other.heads_) reach(head);
}

bool Position::covers(const Position& other) const {
  return std::ranges::all_of(other.heads_, [this](const Head& head) {
    const auto found = std::ranges::find(heads_, head.of, &Head::of);
    return found != heads_.end() && found->number >= head.number;
  });
}

std::string Position::text() const {
  std::string out;
  for (const auto& head : heads_) {
    if (!out.empty()) out += ',';
    out += head.server.empty() ? head.of + ":1-" : head.of + "-" + head.server + "-";
    out += std::to_string(head.number);
  }
  return out;
}

}  // namespace onsale::sql
