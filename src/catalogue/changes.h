// The pure check of a change: everything it says against what is there. No clock, no I/O.
#pragma once

#include <memory>

#include "catalogue/catalogue.h"
#include "catalogue/ports.h"
#include "catalogue/snapshot.h"

namespace onsale::catalogue {

inline constexpr std::size_t kPosterSizeMax = 256 * 1024;  // bytes
inline constexpr std::int64_t kPriceMax = 1'000'000'000'000;

// At most 20 obstacles; their fields are paths such as `performances[0].prices`.
Result<std::shared_ptr<const CheckedChanges>, Refused<ChangeRefusal>> check_changes(
    const Changes& changes, const Snapshot& present);

}  // namespace onsale::catalogue
