#include <cmath>

#include "app/demo_art.h"

namespace onsale::app::art {

// A barricade before the sunrise, and one red flag.
void les_miserables(Canvas& c) {
  c.gradient("sky", {"#0a1430", "#2b2450", "#8c2f45", "#e0663c", "#f7b267"})
      .background("url(#sky)");
  c.add("<g stroke=\"#ffd9a0\" stroke-opacity=\".16\" stroke-width=\"14\">");
  for (int i = 0; i <= 12; ++i) {
    const double angle = 3.1416 * i / 12;
    c.add("<path d=\"M300 600L", std::lround(300 - 700 * std::cos(angle)), " ",
          std::lround(600 - 700 * std::sin(angle)), "\"/>");
  }
  c.add("</g><circle cx=\"300\" cy=\"590\" r=\"170\" fill=\"#ffe0a3\"/>");
  c.add("<path d=\"M318 560L372 168\" stroke=\"#160b14\" stroke-width=\"9\"/>");
  c.add(
      "<path d=\"M371 172C430 132 470 214 556 160C540 226 552 276 520 330C452 376 420 292 352 "
      "334Z\" fill=\"#d3122f\"/>");
  c.add(
      "<path d=\"M371 172C430 132 470 214 556 160C550 184 549 205 547 226C470 268 424 190 363 "
      "230Z\" fill=\"#ef3b4c\"/>");
  c.add(
      "<g fill=\"#160b14\"><path d=\"M0 700L0 610L60 560L96 588L128 520L186 566L214 498L270 "
      "548L304 506L352 556L398 500L436 562L486 524L530 586L566 556L600 600L600 900L0 900Z\"/>");
  c.add(
      "<path d=\"M76 470l16-4 34 110-16 5zM180 440l14-2 10 140-14 2zM452 452l15 4-32 124-15-4z"
      "M520 480l14 6-46 104-13-6zM236 470l70 26-5 13-70-26zM396 476l-64 22 5 13 64-22z\"/>");
  c.add(
      "<g fill=\"none\" stroke=\"#160b14\" stroke-width=\"11\"><circle cx=\"128\" cy=\"560\" "
      "r=\"52\"/><path d=\"M128 508v104M76 560h104M92 523l72 74M164 523l-72 74\"/></g></g>");
}

// A pointed hat before a green moon, and a city of emeralds.
void wicked(Canvas& c) {
  c.gradient("sky", {"#02120d", "#06382a", "#0f7a4d", "#36c07a"}).background("url(#sky)");
  c.lights(11, 70, 20, 420, "#d9ffe6");
  c.gradient("moon", {"#f3ffd9", "#a6eb9c"});
  c.add(
      "<circle cx=\"300\" cy=\"320\" r=\"226\" fill=\"#7fe0a0\" opacity=\".18\"/>"
      "<circle cx=\"300\" cy=\"320\" r=\"196\" fill=\"url(#moon)\"/>");
  c.add("<g fill=\"#0a5c3c\">");
  const int heights[] = {90, 150, 230, 130, 300, 180, 360, 210, 280, 140, 220, 110};
  int left = -8;
  for (const int height : heights) {
    c.add("<path d=\"M", left, " 900V", 660 - height / 2, "L", left + 26, " ", 660 - height, "L",
          left + 52, " ", 660 - height / 2, "V900Z\"/>");
    left += 51;
  }
  c.add("</g>");
  c.add(
      "<g fill=\"#06090a\"><path d=\"M168 470C236 404 262 286 322 160C340 122 378 92 428 104C448 "
      "109 454 124 440 130C404 132 386 154 384 196C382 300 398 398 436 468Z\"/>"
      "<path d=\"M56 476C150 440 450 436 544 474C560 482 552 498 532 502C420 530 178 532 68 504"
      "C48 499 42 484 56 476Z\"/></g>");
  c.add(
      "<path d=\"M190 446C262 470 350 470 422 442L434 466C352 496 250 496 170 470Z\" "
      "fill=\"#1fae6a\"/><rect x=\"286\" y=\"440\" width=\"46\" height=\"50\" rx=\"5\" "
      "fill=\"none\" stroke=\"#e9d27a\" stroke-width=\"8\"/>");
}

// One face, two halves, each the other's background.
void jekyll_hyde(Canvas& c) {
  c.background("#efe7d8");
  c.add("<path d=\"M300 0H600V900H300Z\" fill=\"#17131c\"/>");
  c.add(
      "<clipPath id=\"l\"><path d=\"M0 0H300V900H0Z\"/></clipPath>"
      "<clipPath id=\"r\"><path d=\"M300 0H600V900H300Z\"/></clipPath>");
  const char* head =
      "<path d=\"M196 232H404C420 330 412 420 366 482C340 516 260 516 234 482C188 420 180 330 196 "
      "232Z\"/><path d=\"M204 78H396L388 212H212Z\"/><path d=\"M132 210H468V236H132Z\"/>"
      "<path d=\"M236 500L300 560L364 500L452 548C520 590 560 640 570 740H30C40 640 80 590 148 "
      "548Z\"/>";
  c.add("<g clip-path=\"url(#l)\" fill=\"#17131c\">", head, "</g>");
  c.add("<g clip-path=\"url(#r)\" fill=\"#efe7d8\">", head, "</g>");
  c.add("<path d=\"M206 192H300V212H205ZM300 192H394L395 212H300Z\" fill=\"#a3162c\"/>");
  c.add(
      "<path d=\"M222 322C240 306 264 306 280 322C264 334 240 334 222 322Z\" fill=\"#efe7d8\"/>"
      "<circle cx=\"252\" cy=\"321\" r=\"8\" fill=\"#17131c\"/>"
      "<path d=\"M320 296L384 318L378 336C356 340 334 334 322 320Z\" fill=\"#17131c\"/>"
      "<circle cx=\"352\" cy=\"322\" r=\"9\" fill=\"#d81f3c\"/>");
  c.add("<path d=\"M300 300V408L272 408\" fill=\"none\" stroke=\"#efe7d8\" stroke-width=\"6\"/>");
  c.add(
      "<path d=\"M252 446H300\" stroke=\"#efe7d8\" stroke-width=\"6\"/>"
      "<path d=\"M300 446L350 430L336 452Z\" fill=\"#17131c\"/>");
  c.add("<path d=\"M300 548L276 580L300 700L324 580Z\" fill=\"#a3162c\"/>");
}

// A wig larger than life.
void hedwig(Canvas& c) {
  c.gradient("sky", {"#ff5fa8", "#e01e84", "#7a1380", "#2b0a4a"}).background("url(#sky)");
  c.add("<g fill=\"#ffd23f\" opacity=\".22\">");
  for (int i = 0; i < 18; ++i)
    c.add("<path d=\"M300 360L264 -420L336 -420Z\" transform=\"rotate(", i * 20, " 300 360)\"/>");
  c.add("</g>");
  c.gradient("gold", {"#fff0a8", "#ffc93c", "#e08e12"});
  c.add(
      "<path d=\"M190 350C190 250 410 250 410 350V470C410 560 350 610 300 610C250 610 190 560 190 "
      "470Z\" fill=\"#ffd9c4\"/>");
  c.add(
      "<path d=\"M300 70C150 50 70 170 96 300C36 360 60 450 104 480C70 560 130 640 214 612C250 "
      "598 250 560 222 548C196 536 196 470 208 420C216 372 246 340 300 336C354 340 384 372 392 "
      "420C404 470 404 536 378 548C350 560 350 598 386 612C470 640 530 560 496 480C540 450 564 "
      "360 504 300C530 170 450 50 300 70Z\" fill=\"url(#gold)\"/>");
  c.add(
      "<g fill=\"none\" stroke=\"#b96a08\" stroke-width=\"7\" stroke-linecap=\"round\" "
      "opacity=\".75\"><path d=\"M300 96C210 100 150 180 160 290M300 96C390 100 450 180 440 290"
      "M300 140C240 150 204 210 208 290M300 140C360 150 396 210 392 290M300 186V300M130 330C104 "
      "380 122 430 160 440M470 330C496 380 478 430 440 440M140 490C122 540 150 580 190 574M460 "
      "490C478 540 450 580 410 574\"/></g>");
  c.add(
      "<path d=\"M222 420C240 392 268 392 284 420C266 432 240 432 222 420ZM316 420C332 392 360 "
      "392 378 420C360 432 334 432 316 420Z\" fill=\"#3a86ff\"/>"
      "<path d=\"M218 420C236 398 270 398 286 420M314 420C330 398 364 398 382 420\" fill=\"none\" "
      "stroke=\"#1b0b2e\" stroke-width=\"9\"/>"
      "<circle cx=\"254\" cy=\"418\" r=\"9\" fill=\"#1b0b2e\"/>"
      "<circle cx=\"346\" cy=\"418\" r=\"9\" fill=\"#1b0b2e\"/>");
  c.add(
      "<path d=\"M246 528C270 504 286 506 300 516C314 506 330 504 354 528C330 566 270 566 246 "
      "528Z\" fill=\"#d90429\"/><path d=\"M246 528C280 536 320 536 354 528\" stroke=\"#6d0015\" "
      "stroke-width=\"5\" fill=\"none\"/>");
}

// A mane of rays round a face, over the plain.
void lion_king(Canvas& c) {
  c.gradient("sky", {"#7a1505", "#d8410c", "#ff9326", "#ffd166"}).background("url(#sky)");
  c.add("<circle cx=\"300\" cy=\"340\" r=\"300\" fill=\"#ffe08a\" opacity=\".35\"/>");
  const char* const shades[] = {"#5a1706", "#a8330a", "#e0600f"};
  for (int ring = 0; ring < 3; ++ring) {
    c.add("<g fill=\"", shades[ring], "\">");
    const int length = 250 - ring * 34;
    for (int i = 0; i < 24; ++i)
      c.add("<path d=\"M300 340L", 272 + ring * 3, " ", 340 - length + 70, "Q300 ",
            340 - length - 20, " ", 328 - ring * 3, " ", 340 - length + 70,
            "Z\" transform=\"rotate(", i * 15.0 + ring * 5.0, " 300 340)\"/>");
    c.add("</g>");
  }
  c.add(
      "<path d=\"M300 208C378 208 420 268 414 340C410 414 356 476 300 484C244 476 190 414 186 "
      "340C180 268 222 208 300 208Z\" fill=\"#ffc145\"/>");
  c.add("<path d=\"M262 236L300 210L338 236L326 388H274Z\" fill=\"#ffdb7d\"/>");
  c.add(
      "<path d=\"M206 318L270 326L262 346C238 348 216 340 206 318ZM394 318L330 326L338 346C362 "
      "348 384 340 394 318Z\" fill=\"#3d0f04\"/>");
  c.add(
      "<path d=\"M262 384H338L316 420H284Z\" fill=\"#3d0f04\"/>"
      "<path d=\"M300 420V446M300 446C282 462 258 460 246 446M300 446C318 462 342 460 354 446\" "
      "fill=\"none\" stroke=\"#3d0f04\" stroke-width=\"8\" stroke-linecap=\"round\"/>");
  c.add(
      "<g fill=\"#260803\"><path d=\"M0 660C120 620 240 650 340 636C440 622 520 640 600 620V900H0Z"
      "\"/><path d=\"M96 650C104 600 100 580 84 548L92 544C104 566 112 570 116 556L124 558C118 584 "
      "116 612 124 650Z\"/><path d=\"M16 552C30 516 76 504 110 512C150 500 196 520 206 548C150 540 "
      "70 544 16 552Z\"/></g>");
}

// Half a mask, half in the dark.
void phantom(Canvas& c) {
  c.gradient("sky", {"#070308", "#1c0710", "#4a0916", "#7d0f20"}).background("url(#sky)");
  c.add(
      "<g fill=\"none\" stroke=\"#e7b85a\" stroke-width=\"4\" opacity=\".8\"><path d=\"M300 0V70"
      "M120 78C160 150 440 150 480 78M160 92C200 190 400 190 440 92M300 70C240 70 180 74 120 78"
      "M300 70C360 70 420 74 480 78\"/></g>");
  c.add("<g fill=\"#ffe9b0\">");
  for (int i = 0; i <= 12; ++i) {
    const double t = i / 12.0;
    const auto x = std::lround(120 + 360 * t);
    const auto y = std::lround(78 + 54 * 4 * t * (1 - t));
    c.add("<circle cx=\"", x, "\" cy=\"", y - 10, "\" r=\"6\"/><circle cx=\"", x, "\" cy=\"",
          y - 10, "\" r=\"16\" opacity=\".22\"/>");
  }
  c.add("</g>");
  c.add(
      "<path d=\"M300 200C198 204 158 300 174 402C186 486 246 560 300 572Z\" fill=\"#12060a\"/>"
      "<path d=\"M212 356C234 340 262 342 280 358\" stroke=\"#7d0f20\" stroke-width=\"7\" "
      "fill=\"none\"/>");
  c.gradient("mask", {"#ffffff", "#efe9e2", "#c9bdb3"});
  c.add(
      "<path d=\"M292 196C398 190 452 270 444 378C440 440 420 486 388 512C372 524 356 512 352 492"
      "C346 462 330 450 310 448C298 446 290 436 292 420L300 330C300 290 296 240 292 196Z\" "
      "fill=\"url(#mask)\"/>");
  c.add(
      "<path d=\"M324 346C346 318 390 318 414 340C398 372 346 376 324 346Z\" fill=\"#12060a\"/>"
      "<path d=\"M318 316C350 288 396 288 424 312\" stroke=\"#8d7f76\" stroke-width=\"6\" "
      "fill=\"none\" stroke-linecap=\"round\"/>");
  c.add(
      "<g transform=\"translate(300 612)\"><path d=\"M0 40C-6 100 4 180-2 260\" stroke=\"#1f4d2c\" "
      "stroke-width=\"9\" fill=\"none\"/><circle r=\"56\" fill=\"#b3122b\"/>"
      "<path d=\"M-56 0C-40-50 40-50 56 0C30-18-30-18-56 0Z\" fill=\"#e0324b\"/>"
      "<path d=\"M-34-8C-20 26 20 26 34-8C20 8-20 8-34-8ZM-18-22C-8 2 8 2 18-22C6-12-6-12-18-22Z\" "
      "fill=\"#6d0716\"/></g>");
}

}  // namespace onsale::app::art
