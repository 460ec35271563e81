// The catalogue's routes: shows, performances, seat maps and posters. All open to everybody.
#pragma once

#include "catalogue/catalogue.h"
#include "platform/http/router.h"

namespace onsale::catalogue {

// Both must outlive the router.
void routes(http::Router& router, const Catalogue& catalogue, const Clock& clock);

}  // namespace onsale::catalogue
