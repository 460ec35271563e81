// Posters drawn by us: SVG, 600 x 900, no fonts, pictures or scripts from elsewhere.
#pragma once

#include <string>
#include <string_view>

namespace onsale::app {

struct PosterText {
  std::string_view title;     // Korean, the big one
  std::string_view original;  // English, under it
  std::string_view where;     // the line at the foot
};

// `picture` is an SVG of 600 x 900; its root element is replaced.
std::string demo_poster(std::string_view picture, const PosterText& text);

}  // namespace onsale::app
