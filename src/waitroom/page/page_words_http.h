// The wait page's words. One row is one text in both languages; {n} stands for a value that the
// page or its script puts in.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "platform/http/message/language.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

using http::code_of;
using http::kLanguages;
using http::Language;

struct Word {
  std::string_view key, ko, en;
  bool script = false;  // the script needs it too
};
std::span<const Word> page_words();
// The text of a key; stops the process when there is none, for keys that are written down here.
std::string_view word(std::string_view key, Language language);
// Why things are as they are; empty when there is nothing to say.
std::string_view notice_text(Notice notice, Language language);
// `text` with every {n} replaced.
std::string filled(std::string_view text, std::string_view value);

// "About" so long, rounded up: 40 sec, 3 min, 1 h 10 min.
std::string about(std::int64_t seconds, Language language);
std::string price_text(std::int64_t amount, std::string_view currency, Language language);

}  // namespace onsale::waitroom
