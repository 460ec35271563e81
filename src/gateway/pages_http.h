// What the gate itself says: a page for people, problem+json for programs.
#pragma once

#include <string>
#include <string_view>

#include "gateway/gateway.h"
#include "platform/http/message/language.h"

namespace onsale::gateway {

using http::Language;

// What went wrong beyond the door.
enum class Trouble { bad_request, too_large, not_supported, origin_away, origin_slow };

struct Page {
  int status = 200;
  std::string content_type, body;
};

// `enter_url` may be empty.
Page refusal_page(Refusal refusal, std::string_view enter_url, bool html, Language language);
Page trouble_page(Trouble trouble, bool html, Language language);

}  // namespace onsale::gateway
