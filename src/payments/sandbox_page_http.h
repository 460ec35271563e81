// What the sandbox's pay page looks like. Complete without scripts, in Korean and English.
#pragma once

#include <string>
#include <string_view>

#include "payments/sandbox_client.h"

namespace onsale::payments {

// "ko" or "en", from the order's hint or the browser's Accept-Language. Korean where nothing is
// said, English where neither is asked for.
std::string_view page_language(std::string_view hint, std::string_view accept_language);

// A whole HTML document; `nonce` goes to its style element, `action` is where the form posts.
std::string render_page(const SandboxCharge& charge, std::string_view language,
                        std::string_view nonce, std::string_view action);
std::string render_missing_page(std::string_view language, std::string_view nonce);

}  // namespace onsale::payments
