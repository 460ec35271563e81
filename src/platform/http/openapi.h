// OpenAPI 3.1 from the declared routes, and a page that shows it.
#pragma once

#include <string>

#include "platform/http/router.h"

namespace onsale::http {

// The document as JSON. Routes marked hidden are left out.
std::string openapi_document(const Router& router, std::string_view version);

// Adds //openapi.json and //docs. The document is made at the first request, so the order of
// declaration does not matter; `router` must live as long as the server.
void add_documentation(Router& router, std::string version);

}  // namespace onsale::http
