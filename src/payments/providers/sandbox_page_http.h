// What the sandbox's pay page looks like. Complete without scripts, in Korean and English.
#pragma once

#include <string>
#include <string_view>

#include "payments/providers/sandbox_client.h"
#include "platform/http/message/language.h"

namespace onsale::payments {

// A whole HTML document; `nonce` goes to its style element, `action` is where the form posts.
std::string render_page(const SandboxCharge& charge, http::Language language,
                        std::string_view nonce, std::string_view action);
// Asks again by itself after `again_s` seconds.
std::string render_busy_page(http::Language language, std::string_view nonce, int again_s);
std::string render_missing_page(http::Language language, std::string_view nonce);

}  // namespace onsale::payments
