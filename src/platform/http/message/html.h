// Text inside the pages and pictures that the server writes itself (HTML, SVG).
#pragma once

#include <string>
#include <string_view>

namespace onsale::http {

// `text` (UTF-8) so that it stands for itself between tags and inside a double- or single-quoted
// attribute, in HTML and in XML. Control characters that XML forbids become U+FFFD.
// Not enough for: an attribute without quotes, a script, a style, the scheme of an address.
// Thread: any.
std::string html_escaped(std::string_view text);

}  // namespace onsale::http
