// Where a page ended: the sort key of its last item, so that a page never depends on how many
// items came before. Opaque to clients.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "catalogue/catalogue.h"

namespace onsale::catalogue {

struct ShowCursor {
  ShowSort sort = ShowSort::popular;
  bool ended = false;     // popular: shows that ended come last
  std::int64_t sold = 0;  // popular
  ShowId last;            // newest and title: the key is read from this show
  bool operator==(const ShowCursor&) const = default;
};

std::string write_cursor(const ShowCursor& cursor);
// Empty for anything that write_cursor could not have written.
std::optional<ShowCursor> read_cursor(std::string_view text);

}  // namespace onsale::catalogue
