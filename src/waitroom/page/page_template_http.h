// Markup with holes, cut up once per language and filled per visit.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace onsale::waitroom {

class PageTemplate {
 public:
  struct Names {
    std::span<const std::string_view> slots, steps, flags;
  };
  // What a visit shows. Values belong to the slots, in their order.
  struct Filling {
    std::span<const std::string> values;
    std::size_t step = 0;
    std::uint64_t flags = 0;  // bit i: flag i
  };

  // {{word}}, {{$slot}} (escaped when filled), {{&slot}} (as it is), data-for and data-if as
  // page_markup_http.h says. Stops the process on a name that it does not know.
  PageTemplate(std::string_view markup, const Names& names,
               const std::function<std::string_view(std::string_view)>& word);

  std::string render(const Filling& filling) const;

 private:
  enum class Kind { text, escaped, raw, unless_step, unless_flag };
  struct Piece {
    Kind kind;
    std::string text;        // of text
    std::size_t slot = 0;    // of escaped and raw
    std::uint64_t mask = 0;  // of unless_*: what it is shown for
  };
  void add_text(std::string_view text, const Names& names);
  void add_hole(std::string_view hole, const Names& names,
                const std::function<std::string_view(std::string_view)>& word);
  void put(std::string_view text);

  std::vector<Piece> pieces_;
};

}  // namespace onsale::waitroom
