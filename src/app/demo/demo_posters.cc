#include "app/demo/demo_posters.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/check.h"
#include "platform/http/message/html.h"

namespace onsale::app {
namespace {

constexpr std::string_view kHead =
    R"~(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 900" role="img" aria-label="{}">
)~";
constexpr std::string_view kFoot =
    R"~(<linearGradient id="foot" x1="0" y1="0" x2="0" y2="1">)~"
    R"~(<stop offset="0" stop-color="#05060a" stop-opacity="0"/>)~"
    R"~(<stop offset=".36" stop-color="#05060a" stop-opacity=".74"/>)~"
    R"~(<stop offset=".66" stop-color="#05060a" stop-opacity=".93"/>)~"
    R"~(<stop offset="1" stop-color="#05060a" stop-opacity=".98"/></linearGradient>)~"
    R"~(<rect y="560" width="600" height="340" fill="url(#foot)"/>
<g fill="#fff" font-family="Pretendard,'Apple SD Gothic Neo','Noto Sans KR',)~"
    R"~('Noto Sans CJK KR','Malgun Gothic',sans-serif">
<text x="48" y="768" font-size="{}" font-weight="800">{}</text>
<text x="50" y="812" font-size="25" font-weight="500" letter-spacing="3" opacity=".92">{}</text>
<text x="50" y="856" font-size="19" opacity=".72">{}</text></g></svg>
)~";

// How wide a line is, in hundredths of its font size: a Hangul syllable is nearly square.
int width_of(std::string_view text) {
  int width = 0;
  for (const unsigned char c : text) {
    if (c >= 0xE0)
      width += 94;
    else if (c < 0x80)
      width += c == ' ' ? 28 : 58;
  }
  return width;
}

// What stands between the tags of the root element.
std::string_view inside(std::string_view picture) {
  const auto open = picture.find(">\n");
  const auto close = picture.rfind("</svg>");
  check(open < close && close != std::string_view::npos, "a picture of the demo is one <svg>");
  return picture.substr(open + 2, close - open - 2);
}

}  // namespace

std::string demo_poster(std::string_view picture, const PosterText& text) {
  const int size = std::min(92, 50'400 / std::max(width_of(text.title), 1));
  const auto title = http::html_escaped(text.title);
  std::string svg = fmt::format(kHead, title);
  svg += inside(picture);
  svg += fmt::format(kFoot, size, title, http::html_escaped(text.original),
                     http::html_escaped(text.where));
  return svg;
}

}  // namespace onsale::app
