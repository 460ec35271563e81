#include <qrencode.h>

#include <memory>
#include <stdexcept>

#include "booking/api/http.h"
#include "platform/http/message/html.h"

namespace onsale::booking {

namespace {

constexpr int kQuietZone = 4;  // modules of margin that readers want

}  // namespace

std::string qr_svg(std::string_view text, std::string_view title) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeData(static_cast<int>(text.size()),
                        reinterpret_cast<const unsigned char*>(text.data()), 0, QR_ECLEVEL_M),
      &QRcode_free);
  if (!code) throw std::runtime_error("a ticket does not fit a QR code");
  const int side = code->width + 2 * kQuietZone;
  const std::string size = std::to_string(side);
  std::string svg = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 " + size + " " + size +
                    "\" role=\"img\" aria-labelledby=\"t\" shape-rendering=\"crispEdges\"><title "
                    "id=\"t\">" +
                    http::html_escaped(title) + "</title><rect width=\"" + size + "\" height=\"" +
                    size + "\" fill=\"#fff\"/><path fill=\"#000\" d=\"";
  // Neighbouring dark modules of a row are drawn as one.
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width;) {
      const auto dark = [&](int at) {
        return at < code->width && (code->data[y * code->width + at] & 1) != 0;
      };
      if (!dark(x)) {
        ++x;
        continue;
      }
      int end = x;
      while (dark(end)) ++end;
      svg += "M" + std::to_string(x + kQuietZone) + " " + std::to_string(y + kQuietZone) + "h" +
             std::to_string(end - x) + "v1h-" + std::to_string(end - x) + "z";
      x = end;
    }
  }
  return svg + "\"/></svg>";
}

}  // namespace onsale::booking
