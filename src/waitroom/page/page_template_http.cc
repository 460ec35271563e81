#include "waitroom/page/page_template_http.h"

#include <algorithm>

#include "base/check.h"
#include "platform/http/message/html.h"

namespace onsale::waitroom {
namespace {

constexpr std::string_view kFor = "data-for=\"";
constexpr std::string_view kIf = "data-if=\"";

std::size_t index_of(std::span<const std::string_view> names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  check(found != names.end(), "the wait page has no " + std::string(name));
  return static_cast<std::size_t>(found - names.begin());
}

std::uint64_t mask_of(std::span<const std::string_view> names, std::string_view list) {
  std::uint64_t mask = 0;
  while (!list.empty()) {
    const auto name = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(list.size(), name.size() + 1));
    mask |= std::uint64_t{1} << index_of(names, name);
  }
  return mask;
}

}  // namespace

PageTemplate::PageTemplate(std::string_view markup, const Names& names,
                           const std::function<std::string_view(std::string_view)>& word) {
  check(names.steps.size() <= 64 && names.flags.size() <= 64, "masks have 64 bits");
  while (!markup.empty()) {
    const auto open = markup.find("{{");
    add_text(markup.substr(0, open), names);
    if (open == markup.npos) return;
    const auto close = markup.find("}}", open);
    check(close != markup.npos, "a hole of the wait page has no end");
    add_hole(markup.substr(open + 2, close - open - 2), names, word);
    markup.remove_prefix(close + 2);
  }
}

void PageTemplate::put(std::string_view text) {
  if (pieces_.empty() || pieces_.back().kind != Kind::text)
    pieces_.push_back({.kind = Kind::text, .text = {}});
  pieces_.back().text += text;
}

// The attribute `hidden` may have to follow a data-for or data-if.
void PageTemplate::add_text(std::string_view text, const Names& names) {
  while (!text.empty()) {
    const auto by_step = text.find(kFor);
    const auto by_flag = text.find(kIf);
    const auto at = std::min(by_step, by_flag);
    if (at == text.npos) return put(text);
    const bool step = at == by_step;
    const auto begin = at + (step ? kFor : kIf).size();
    const auto end = text.find('"', begin);
    const auto list = text.substr(begin, end - begin);
    put(text.substr(0, end + 1));
    pieces_.push_back({.kind = step ? Kind::unless_step : Kind::unless_flag,
                       .text = {},
                       .mask = mask_of(step ? names.steps : names.flags, list)});
    text.remove_prefix(end + 1);
  }
}

void PageTemplate::add_hole(std::string_view hole, const Names& names,
                            const std::function<std::string_view(std::string_view)>& word) {
  if (hole.starts_with('$') || hole.starts_with('&')) {
    pieces_.push_back({.kind = hole[0] == '$' ? Kind::escaped : Kind::raw,
                       .text = {},
                       .slot = index_of(names.slots, hole.substr(1))});
  } else {
    put(http::html_escaped(word(hole)));
  }
}

std::string PageTemplate::render(const Filling& filling) const {
  std::string out;
  out.reserve(12 * 1024);
  for (const Piece& piece : pieces_) {
    switch (piece.kind) {
      case Kind::text:
        out += piece.text;
        break;
      case Kind::escaped:
        out += http::html_escaped(filling.values[piece.slot]);
        break;
      case Kind::raw:
        out += filling.values[piece.slot];
        break;
      case Kind::unless_step:
        if ((piece.mask >> filling.step & 1) == 0) out += " hidden";
        break;
      case Kind::unless_flag:
        if ((piece.mask & filling.flags) == 0) out += " hidden";
        break;
    }
  }
  return out;
}

}  // namespace onsale::waitroom
