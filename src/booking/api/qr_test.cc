#include <gtest/gtest.h>

#include "booking/api/http.h"

namespace onsale::booking {
namespace {

TEST(Ticket, CodeIsAnSvgThatSaysItsTitle) {
  const std::string svg = qr_svg("some token", "Ticket for seat <A&1>");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 29 29\""));
  EXPECT_NE(svg.find("<title id=\"t\">Ticket for seat &lt;A&amp;1&gt;</title>"), std::string::npos);
  EXPECT_TRUE(svg.ends_with("\"/></svg>"));
  EXPECT_NE(svg, qr_svg("some tokeN", "Ticket for seat <A&1>"));
}

}  // namespace
}  // namespace onsale::booking
