// The language of the pages that the server writes itself: one rule for all of them.
// Thread: any.
#pragma once

#include <array>
#include <string_view>

namespace onsale::http {

enum class Language { ko, en };
inline constexpr std::array kLanguages{Language::ko, Language::en};
std::string_view code_of(Language language);  // ko, en

// What somebody wrote (a title, a message; UTF-8), by its letters: the product speaks two
// languages, and no more is told apart. `page` for what has no letters.
Language language_of(std::string_view text, Language page);
// ` lang="ko"` for an element that holds `text`, where that is not the page's; else nothing.
std::string_view lang_attribute(std::string_view text, Language page);

// The web app keeps here what somebody has chosen.
inline constexpr std::string_view kLanguageCookie = "onsale_lang";

// The first of: `asked` (an address says it), the app's cookie, Accept-Language; English for those
// who understand neither.
Language page_language(std::string_view asked, std::string_view cookie, std::string_view accepted);
}  // namespace onsale::http
