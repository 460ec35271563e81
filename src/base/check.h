// A broken invariant stops the process: continuing could sell a seat twice.
#pragma once

#include <source_location>
#include <string_view>

namespace onsale {

[[noreturn]] void check_failed(std::string_view what, std::source_location where);

// Aborts with file and line when `ok` is false. For programming errors, never for input.
inline void check(bool ok, std::string_view what,
                  std::source_location where = std::source_location::current()) {
  if (!ok) check_failed(what, where);
}

}  // namespace onsale
