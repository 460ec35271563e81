#include "platform/http/message/language.h"

#include <algorithm>
#include <cstdlib>
#include <string>

namespace onsale::http {
namespace {

bool same_letters(std::string_view a, std::string_view small) {
  return std::ranges::equal(a, small, [](char c, char letter) { return (c | 0x20) == letter; });
}

// The weight (0 to 1000) that Accept-Language gives to a language.
int weight(std::string_view accepted, std::string_view code) {
  int best = 0;
  while (!accepted.empty()) {
    std::string_view item = accepted.substr(0, accepted.find(','));
    accepted.remove_prefix(std::min(accepted.size(), item.size() + 1));
    while (item.starts_with(' ')) item.remove_prefix(1);
    if (!same_letters(item.substr(0, item.find_first_of("-; ")), code)) continue;
    const auto q = item.find("q=");
    const double share =
        q == item.npos ? 1.0 : std::strtod(std::string(item.substr(q + 2, 8)).c_str(), nullptr);
    best = std::max(best, static_cast<int>(std::clamp(share, 0.0, 1.0) * 1000));
  }
  return best;
}

// A letter of Hangul begins at `at`: a syllable, or one of its parts (U+1100, U+3130). UTF-8 keeps
// the order of code points.
bool hangul_at(std::string_view text, std::size_t at) {
  const std::string_view letter = text.substr(at, 3);
  if (letter.size() < 3) return false;
  const auto within = [&](std::string_view first, std::string_view last) {
    return letter >= first && letter <= last;
  };
  return within("가", "힣") || within("\u1100", "\u11ff") || within("\u3130", "\u318f");
}

bool is_latin(char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; }

}  // namespace

Language language_of(std::string_view text, Language page) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if (hangul_at(text, i)) return Language::ko;
  return std::ranges::any_of(text, is_latin) ? Language::en : page;
}

std::string_view lang_attribute(std::string_view text, Language page) {
  const Language written = language_of(text, page);
  if (written == page) return {};
  return written == Language::ko ? " lang=\"ko\"" : " lang=\"en\"";
}

std::string_view code_of(Language language) { return language == Language::ko ? "ko" : "en"; }

Language page_language(std::string_view asked, std::string_view cookie, std::string_view accepted) {
  for (const auto text : {asked, cookie})
    for (const Language language : kLanguages)
      if (text == code_of(language)) return language;
  const int korean = weight(accepted, "ko");
  return korean > 0 && korean >= weight(accepted, "en") ? Language::ko : Language::en;
}

}  // namespace onsale::http
