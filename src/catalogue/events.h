// What the catalogue publishes.
#pragma once

#include <string_view>

namespace onsale::catalogue {

// Something in the catalogue was created or replaced. Key: the revision. Body:
// {"revision":7,"venues":[…],"halls":[…],"performers":[…],"shows":[…],"performances":[…]}, ids
// only. Idempotent to consume: read the present state again.
inline constexpr std::string_view kChangedTopic = "catalogue.changed";

}  // namespace onsale::catalogue
