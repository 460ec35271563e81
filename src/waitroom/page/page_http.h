// The wait page: /wait/{room}. Reading it takes no place; pressing its button, or the script on it,
// does. With or without scripts it shows the position and goes on to what the room protects.
#pragma once

#include <string>

#include "platform/http/router.h"
#include "waitroom/page/page_view_http.h"

namespace onsale::waitroom {

class Gatekeeper;

struct PageParts {
  Waitroom& rooms;
  Gatekeeper* keeper = nullptr;  // null: everybody may join
  Offers* offers = nullptr;
  const Destinations* destinations = nullptr;
  std::string return_origins{};  // where ?return= may lead besides this site
  PageAssets assets{};
};

// The parts that are pointed to must outlive the router.
void page_routes(http::Router& router, PageParts parts);

}  // namespace onsale::waitroom
