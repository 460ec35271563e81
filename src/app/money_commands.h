// `onsale money`: the books, also beside a running server.
#pragma once

#include "app/settings.h"

namespace onsale::app {

// 0 and a line of totals when they balance; 1 and what doesn't fit first when not. Throws
// std::runtime_error with a one-line reason when they could not be read.
int check_money(const Settings& settings);

}  // namespace onsale::app
