// The page at /docs: reads /openapi.json and lists the calls. Private to http.
#pragma once

#include <string_view>

namespace onsale::http {

extern const std::string_view kDocsPage;
extern const std::string_view kDocsScript;
extern const std::string_view kDocsStyle;

}  // namespace onsale::http
