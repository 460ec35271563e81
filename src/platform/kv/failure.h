// What an error of a server means for who asked.
#pragma once

#include <string_view>

#include "platform/kv/kv.h"

namespace onsale::kv {

// `text` as the server sent it: "WRONGTYPE Operation against …".
Why classify(std::string_view text);
// The kinds of `unavailable` that pass by themselves and are asked again within the deadline.
bool passes_soon(std::string_view text);

}  // namespace onsale::kv
