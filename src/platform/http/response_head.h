// The status line and headers of an answer. Private to http.
#pragma once

#include <string>
#include <string_view>

#include "platform/http/exchange.h"

namespace onsale::http {

struct HeadContext {
  std::string_view date_line;  // "Date: …\r\n"
  bool close = false;          // the connection ends with this answer
  bool hsts = false;
};

void append_head(std::string& out, const Exchange& x, const HeadContext& context);

}  // namespace onsale::http
