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

}  // namespace

std::string_view code_of(Language language) { return language == Language::ko ? "ko" : "en"; }

Language page_language(std::string_view asked, std::string_view cookie, std::string_view accepted) {
  for (const auto text : {asked, cookie})
    for (const Language language : kLanguages)
      if (text == code_of(language)) return language;
  const int korean = weight(accepted, "ko");
  return korean > 0 && korean >= weight(accepted, "en") ? Language::ko : Language::en;
}

}  // namespace onsale::http
