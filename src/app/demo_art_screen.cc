#include <cmath>
#include <random>

#include "app/demo_art.h"

namespace onsale::app::art {
namespace {

// A row of towers with lit windows along the bottom.
void skyline(Canvas& c, std::uint32_t seed, const char* wall, const char* light) {
  std::minstd_rand random(seed);
  const auto pick = [&](int below) { return static_cast<int>(random() % below); };
  for (int x = -10; x < 600;) {
    const int width = 44 + pick(50);
    const int top = 430 + pick(200);
    c.add("<rect x=\"", x, "\" y=\"", top, "\" width=\"", width, "\" height=\"", 900 - top,
          "\" fill=\"", wall, "\"/>");
    for (int y = top + 14; y < 700; y += 22)
      for (int at = x + 8; at < x + width - 10; at += 16)
        if (pick(3) == 0)
          c.add("<rect x=\"", at, "\" y=\"", y, "\" width=\"7\" height=\"10\" fill=\"", light,
                "\"/>");
    x += width + 2;
  }
}

}  // namespace

// Islands that hang in the air, lights that live, and fire beneath.
void avatar3(Canvas& c) {
  c.gradient("sky", {"#020b24", "#06345c", "#0a7f8f", "#e2632f", "#f7b24a"})
      .background("url(#sky)");
  c.lights(3, 90, 0, 360, "#bff6ff");
  c.gradient("world", {"#9fe8ff", "#2a6fb0", "#0b2d5e"});
  c.add(
      "<circle cx=\"430\" cy=\"170\" r=\"128\" fill=\"url(#world)\" opacity=\".95\"/>"
      "<path d=\"M306 176C340 152 380 176 430 160C480 144 520 168 556 150M310 214C360 196 400 220 "
      "450 202C490 190 520 206 548 196\" fill=\"none\" stroke=\"#dff9ff\" stroke-width=\"6\" "
      "opacity=\".35\"/><circle cx=\"150\" cy=\"110\" r=\"34\" fill=\"#cfefff\" opacity=\".8\"/>");
  struct Island {
    int x, y, size;
  };
  for (const auto& [x, y, size] : {Island{150, 300, 100}, {410, 390, 120}, {250, 480, 74}}) {
    c.add("<g transform=\"translate(", x, " ", y, ") scale(", size / 100.0, ")\">");
    c.add(
        "<path d=\"M-110 0C-80-34 80-38 112-2C90 44 60 60 40 110C20 140 0 180-14 204C-22 150-46 "
        "128-60 84C-76 50-100 40-110 0Z\" fill=\"#0a2230\"/>"
        "<path d=\"M-110 0C-80-34 80-38 112-2C80 16-70 20-110 0Z\" fill=\"#15936f\"/>"
        "<path d=\"M-66-16C-84-64-22-74-32-20M-12-24C-20-90 52-88 40-24M52-20C48-58 98-56 90-12\" "
        "fill=\"#0f6f58\"/>"
        "<path d=\"M-40 40v90M10 60v120M56 36v70\" stroke=\"#5ff2e3\" stroke-width=\"4\" "
        "stroke-dasharray=\"2 12\" stroke-linecap=\"round\"/></g>");
  }
  c.add(
      "<path d=\"M0 620C80 560 130 600 190 556C240 520 280 600 340 566C410 530 450 600 510 560"
      "C550 540 580 570 600 556V900H0Z\" fill=\"#1c0d12\"/>"
      "<path d=\"M0 650C90 606 150 640 220 606C300 580 360 640 430 610C500 590 560 620 600 604\" "
      "fill=\"none\" stroke=\"#ff8a3d\" stroke-width=\"7\"/>");
  c.lights(29, 60, 420, 640, "#ffc27a");
}

// A web over the city at night, and somebody on a thread.
void spiderman2(Canvas& c) {
  c.gradient("sky", {"#5c0613", "#c2122b", "#ef4b3c", "#ff9a5a"}).background("url(#sky)");
  c.add("<circle cx=\"180\" cy=\"210\" r=\"120\" fill=\"#ffe7c7\" opacity=\".9\"/>");
  c.add("<g fill=\"none\" stroke=\"#2a030b\" stroke-width=\"3\" opacity=\".75\">");
  constexpr int kSpokes = 9;
  const auto point = [](int spoke, double radius) {
    const double angle = 1.5708 * spoke / (kSpokes - 1);
    return std::pair(std::lround(600 - radius * std::cos(angle)),
                     std::lround(radius * std::sin(angle)));
  };
  for (int i = 0; i < kSpokes; ++i) {
    const auto [x, y] = point(i, 760);
    c.add("<path d=\"M600 0L", x, " ", y, "\"/>");
  }
  for (double radius = 90; radius < 700; radius *= 1.34) {
    for (int i = 0; i + 1 < kSpokes; ++i) {
      const auto [x1, y1] = point(i, radius);
      const auto [x2, y2] = point(i + 1, radius);
      c.add("<path d=\"M", x1, " ", y1, "Q", (x1 + x2) / 2 + (600 - (x1 + x2) / 2) / 7, " ",
            (y1 + y2) / 2 - (y1 + y2) / 14, " ", x2, " ", y2, "\"/>");
    }
  }
  c.add("</g>");
  skyline(c, 5, "#0d1433", "#ffd27a");
  c.add(
      "<path d=\"M420 0C410 120 330 230 262 330\" stroke=\"#fff\" stroke-width=\"4\" "
      "fill=\"none\"/>");
  c.add(
      "<g transform=\"translate(250 356) rotate(28)\" fill=\"none\" stroke-linecap=\"round\" "
      "stroke-linejoin=\"round\"><path d=\"M10-26L4 0L-4 44M-4 44L-44 66L-70 40M-4 44L-16 92L-52 "
      "112M4 0L-40 14L-62-14\" stroke=\"#0d1433\" stroke-width=\"20\"/>"
      "<path d=\"M10-26L4 0L0 30\" stroke=\"#1f47c9\" stroke-width=\"22\"/>"
      "<circle cx=\"-16\" cy=\"-18\" r=\"19\" fill=\"#0d1433\" stroke=\"none\"/></g>");
}

// A striped sun over the runway, and one who climbs out of it.
void topgun2(Canvas& c) {
  c.gradient("sky", {"#0b1030", "#3a1a6b", "#c2307a", "#ff7a3c", "#ffc857"})
      .background("url(#sky)");
  c.lights(17, 50, 0, 240, "#ffffff");
  c.gradient("sun", {"#fff3b0", "#ffb347", "#ff5e62"});
  c.add("<clipPath id=\"bars\">");
  for (int i = 0; i < 9; ++i)
    c.add("<rect x=\"60\" y=\"", i < 3 ? 150 + i * 60 : 330 + (i - 3) * 44,
          "\" width=\"480\" height=\"", i < 3 ? 60 : 44 - 5 * (i - 2), "\"/>");
  c.add(
      "</clipPath><circle cx=\"300\" cy=\"390\" r=\"210\" fill=\"url(#sun)\" "
      "clip-path=\"url(#bars)\"/>");
  c.add(
      "<path d=\"M0 596L90 540L170 584L260 548L352 590L440 540L520 580L600 548V900H0Z\" "
      "fill=\"#1a0f33\"/>");
  c.add("<g stroke=\"#ff6ad5\" stroke-width=\"3\" opacity=\".7\">");
  for (int i = -6; i <= 6; ++i)
    c.add("<path d=\"M", 300 + i * 26, " 606L", 300 + i * 170, " 900\"/>");
  for (int i = 0; i < 6; ++i) c.add("<path d=\"M0 ", 612 + i * i * 12, "H600\"/>");
  c.add("</g>");
  c.add(
      "<path d=\"M292 350C270 470 220 560 150 660M308 350C330 470 380 560 450 660\" "
      "stroke=\"#fff\" stroke-width=\"9\" opacity=\".7\" fill=\"none\"/>");
  c.add(
      "<g transform=\"translate(300 236)\"><path d=\"M0-130C12-110 16-80 18-50L26-8L126 62V84L30 "
      "70L34 98L70 122V138L22 130L14 118H-14L-22 130L-70 138V122L-34 98L-30 70L-126 84V62L-26-8L-18"
      "-50C-16-80-12-110 0-130Z\" fill=\"#10142b\"/><path d=\"M0-96C7-84 9-66 8-48H-8C-9-66-7-84 "
      "0-96"
      "Z\" fill=\"#7fd8ff\"/><path d=\"M-44 100L-34 54L-24 98ZM44 100L34 54L24 98Z\" "
      "fill=\"#2a3160\"/></g>");
}

// Light that bends round a hole in the sky.
void interstellar(Canvas& c) {
  c.gradient("sky", {"#000208", "#030a1c", "#0a1a38", "#0c1426"}).background("url(#sky)");
  c.lights(41, 170, 0, 640, "#eaf2ff");
  c.add(
      "<radialGradient id=\"glow\"><stop offset=\".42\" stop-color=\"#ffb45c\" "
      "stop-opacity=\".9\"/>"
      "<stop offset=\".62\" stop-color=\"#ff7a2e\" stop-opacity=\".35\"/>"
      "<stop offset=\"1\" stop-color=\"#ff7a2e\" stop-opacity=\"0\"/></radialGradient>");
  c.add(
      "<g transform=\"translate(300 330) rotate(-14)\"><circle r=\"270\" fill=\"url(#glow)\"/>"
      "<circle r=\"150\" fill=\"none\" stroke=\"#ffd9a0\" stroke-width=\"20\"/>"
      "<circle r=\"132\" fill=\"none\" stroke=\"#fff4dc\" stroke-width=\"5\"/>"
      "<circle r=\"124\" fill=\"#000\"/>");
  const char* const shades[] = {"#ff8a3d", "#ffb45c", "#ffd9a0", "#fff4dc"};
  for (int i = 0; i < 4; ++i)
    c.add("<path d=\"M", -320 + i * 34, " 0A", 320 - i * 34, " ", 44 - i * 7, " 0 0 0 ",
          320 - i * 34, " 0\" fill=\"none\" stroke=\"", shades[i], "\" stroke-width=\"", 16 - i * 3,
          "\"/>");
  c.add(
      "<path d=\"M-320 0C-240-16-180-22-140-22M320 0C240-16 180-22 140-22\" stroke=\"#ffb45c\" "
      "stroke-width=\"12\" fill=\"none\"/></g>");
  c.add(
      "<g transform=\"translate(452 560) rotate(20)\" fill=\"none\" stroke=\"#dfe8f5\"><circle "
      "r=\"30\" stroke-width=\"7\" stroke-dasharray=\"12 4\"/><path d=\"M-30 0H30M0-30V30\" "
      "stroke-width=\"4\"/><circle r=\"7\" fill=\"#dfe8f5\"/></g>");
  c.add(
      "<path d=\"M0 690C160 640 440 640 600 690V900H0Z\" fill=\"#101c33\"/>"
      "<path d=\"M0 690C160 640 440 640 600 690\" fill=\"none\" stroke=\"#8fb6e8\" "
      "stroke-width=\"5\" "
      "opacity=\".8\"/>");
}

// Beams over a sea of lights.
void concert(Canvas& c) {
  c.gradient("sky", {"#0a0524", "#2a0f6b", "#6d1fb0", "#12c2d6"}).background("url(#sky)");
  const char* const colours[] = {"#ff4fd8", "#7cf5ff", "#ffe066", "#9d7bff", "#ff8f6b"};
  for (int i = 0; i < 5; ++i)
    c.add("<path d=\"M", 60 + i * 120, " -20L", -140 + i * 190, " 620L", 20 + i * 190,
          " 620Z\" fill=\"", colours[i], "\" opacity=\".26\"/>");
  c.lights(23, 120, 20, 420, "#ffffff");
  c.add("<path d=\"M372 150A150 150 0 1 0 430 392A122 122 0 1 1 372 150Z\" fill=\"#fff6d6\"/>");
  c.add(
      "<path d=\"M420 196l12 34 36 2-28 22 10 35-30-20-30 20 10-35-28-22 36-2z\" "
      "fill=\"#fff6d6\"/>");
  for (int i = 0; i < 6; ++i) {
    const int y = 452 + i * 34;
    c.add("<path d=\"M-20 ", y, "C100 ", y - 70 + i * 8, " 180 ", y + 60 - i * 6, " 300 ", y - 8,
          "S500 ", y - 66 + i * 9, " 620 ", y, "V900H-20Z\" fill=\"",
          i % 2 == 0 ? "#3d18a0" : "#1b0b5c", "\" opacity=\".85\"/>");
    c.lights(60 + i, 40, y, y + 34, colours[i % 5]);
  }
}

}  // namespace onsale::app::art
