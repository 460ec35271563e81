#include "platform/http/message/html.h"

#include <gtest/gtest.h>

namespace onsale::http {
namespace {

TEST(Html, EverySpecialCharacterStandsForItself) {
  EXPECT_EQ(html_escaped("&"), "&amp;");
  EXPECT_EQ(html_escaped("<"), "&lt;");
  EXPECT_EQ(html_escaped(">"), "&gt;");
  EXPECT_EQ(html_escaped("\""), "&quot;");
  EXPECT_EQ(html_escaped("'"), "&#39;");
  EXPECT_EQ(html_escaped("&amp;<b>'\""), "&amp;amp;&lt;b&gt;&#39;&quot;");
  EXPECT_EQ(html_escaped(""), "");
}

TEST(Html, NoOtherByteIsTouched) {
  for (int c = 0x20; c < 0x100; ++c) {
    const std::string one(1, static_cast<char>(c));
    if (std::string_view("&<>\"'").find(one[0]) != std::string_view::npos) continue;
    EXPECT_EQ(html_escaped(one), one) << c;
  }
  EXPECT_EQ(html_escaped("좌석 A-12\r\n\tВ"), "좌석 A-12\r\n\tВ");
}

TEST(Html, ControlCharactersThatXmlForbidsAreReplaced) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string one(1, static_cast<char>(c));
    const bool allowed = c == '\t' || c == '\n' || c == '\r';
    EXPECT_EQ(html_escaped(one), allowed ? one : "\xEF\xBF\xBD") << c;
  }
}

// What a browser would end a text, a double-quoted or a single-quoted attribute at.
TEST(Html, NothingCanLeaveATextOrAnAttributeInQuotes) {
  std::string every;
  for (int c = 0; c < 0x100; ++c) every += static_cast<char>(c);
  every += "\"><script>x</script>' onload='y";
  EXPECT_EQ(html_escaped(every).find_first_of("<>\"'"), std::string::npos);
}

}  // namespace
}  // namespace onsale::http
