#include "app/demo_posters.h"

#include <algorithm>
#include <array>
#include <random>
#include <utility>

#include "app/demo_art.h"
#include "base/check.h"
#include "platform/http/message/html.h"

namespace onsale::app {
namespace art {

Canvas& Canvas::gradient(const char* id, std::initializer_list<const char*> colours) {
  add("<linearGradient id=\"", id, "\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">");
  const auto steps = static_cast<int>(colours.size()) - 1;
  int i = 0;
  for (const auto* colour : colours)
    add("<stop offset=\"", 100 * i++ / steps, "%\" stop-color=\"", colour, "\"/>");
  return add("</linearGradient>");
}

Canvas& Canvas::background(const char* fill) {
  return add("<rect width=\"600\" height=\"900\" fill=\"", fill, "\"/>");
}

Canvas& Canvas::lights(std::uint32_t seed, int count, int top, int bottom, const char* fill) {
  std::minstd_rand random(seed);
  const auto pick = [&](int below) { return static_cast<int>(random() % below); };
  add("<g fill=\"", fill, "\">");
  for (int i = 0; i < count; ++i) {
    const int x = pick(600);
    const int y = top + pick(bottom - top);
    add("<circle cx=\"", x, "\" cy=\"", y, "\" r=\"", (8 + pick(20)) / 10.0, "\" opacity=\"",
        (30 + pick(70)) / 100.0, "\"/>");
  }
  return add("</g>");
}

}  // namespace art

namespace {

using Draw = void (*)(art::Canvas&);
constexpr std::array<std::pair<std::string_view, Draw>, 11> kArts = {{
    {"les_miserables", art::les_miserables},
    {"wicked", art::wicked},
    {"jekyll_hyde", art::jekyll_hyde},
    {"hedwig", art::hedwig},
    {"lion_king", art::lion_king},
    {"phantom", art::phantom},
    {"avatar3", art::avatar3},
    {"spiderman2", art::spiderman2},
    {"topgun2", art::topgun2},
    {"interstellar", art::interstellar},
    {"concert", art::concert},
}};

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

}  // namespace

std::string demo_poster(std::string_view name, const PosterText& text) {
  const auto drawn = std::ranges::find(kArts, name, &std::pair<std::string_view, Draw>::first);
  check(drawn != kArts.end(), "every poster of the demo is drawn");
  const int size = std::min(92, 50'400 / std::max(width_of(text.title), 1));
  art::Canvas c;
  c.add(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 600 900\" role=\"img\" "
      "aria-label=\"",
      http::html_escaped(text.title), "\">");
  drawn->second(c);
  c.add(
      "<linearGradient id=\"foot\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"1\">"
      "<stop offset=\"0\" stop-color=\"#05060a\" stop-opacity=\"0\"/>"
      "<stop offset=\".36\" stop-color=\"#05060a\" stop-opacity=\".74\"/>"
      "<stop offset=\".66\" stop-color=\"#05060a\" stop-opacity=\".93\"/>"
      "<stop offset=\"1\" stop-color=\"#05060a\" stop-opacity=\".98\"/></linearGradient>"
      "<rect y=\"560\" width=\"600\" height=\"340\" fill=\"url(#foot)\"/>");
  c.add(
      "<g fill=\"#fff\" font-family=\"Pretendard,'Apple SD Gothic Neo','Noto Sans KR',"
      "'Noto Sans CJK KR','Malgun Gothic',sans-serif\">");
  c.add("<text x=\"48\" y=\"768\" font-size=\"", size, "\" font-weight=\"800\">",
        http::html_escaped(text.title), "</text>");
  c.add(
      "<text x=\"50\" y=\"812\" font-size=\"25\" font-weight=\"500\" letter-spacing=\"3\" "
      "opacity=\".92\">",
      http::html_escaped(text.original), "</text>");
  c.add("<text x=\"50\" y=\"856\" font-size=\"19\" opacity=\".72\">",
        http::html_escaped(text.where), "</text></g></svg>");
  return c.str();
}

}  // namespace onsale::app
