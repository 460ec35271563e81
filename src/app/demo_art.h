// The pictures on the demo's posters, each drawn for its show: SVG elements in a box of 600 x 900,
// of which the part below 640 is covered by the title.
#pragma once

#include <cstdint>
#include <sstream>
#include <string>

namespace onsale::app::art {

// What the pictures draw with. `id`s of gradients are local to one poster.
class Canvas {
 public:
  template <class... Parts>
  Canvas& add(const Parts&... parts) {
    (out_ << ... << parts) << '\n';
    return *this;
  }
  // A gradient from top to bottom of what it fills: colours at even steps.
  Canvas& gradient(const char* id, std::initializer_list<const char*> colours);
  Canvas& background(const char* fill);
  // Small round lights, the same ones for the same seed.
  Canvas& lights(std::uint32_t seed, int count, int top, int bottom, const char* fill);
  std::string str() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

void les_miserables(Canvas& c);
void wicked(Canvas& c);
void jekyll_hyde(Canvas& c);
void hedwig(Canvas& c);
void lion_king(Canvas& c);
void phantom(Canvas& c);
void avatar3(Canvas& c);
void spiderman2(Canvas& c);
void topgun2(Canvas& c);
void interstellar(Canvas& c);
void concert(Canvas& c);

}  // namespace onsale::app::art
