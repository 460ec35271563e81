// The language of the pages that the server writes itself: one rule for all of them.
// Thread: any.
#pragma once

#include <array>
#include <string_view>

namespace onsale::http {

enum class Language { ko, en };
inline constexpr std::array kLanguages{Language::ko, Language::en};
std::string_view code_of(Language language);  // ko, en

// The web app keeps here what somebody has chosen.
inline constexpr std::string_view kLanguageCookie = "onsale_lang";

// The first of: `asked` (an address says it), the app's cookie, Accept-Language; English for those
// who understand neither.
Language page_language(std::string_view asked, std::string_view cookie, std::string_view accepted);
}  // namespace onsale::http
