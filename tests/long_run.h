// How much a test does: in ./test what finds a fault in seconds, in tools/long_runs (which sets
// ONSALE_LONG) what its promise names.
#pragma once

#include <cstdlib>

namespace onsale::testing_support {

template <class Number>
Number in_long_run(Number much, Number else_some) {
  return std::getenv("ONSALE_LONG") ? much : else_some;
}

}  // namespace onsale::testing_support
