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

// `art` is one of: les_miserables, wicked, jekyll_hyde, hedwig, lion_king, phantom, avatar3,
// spiderman2, topgun2, interstellar, concert. Anything else stops the process.
std::string demo_poster(std::string_view art, const PosterText& text);

}  // namespace onsale::app
