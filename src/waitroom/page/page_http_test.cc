// The wait page over real sockets: what it says in which state and language, what it never does on
// reading, how it gets on without scripts, where it leads and where it must not.
#include "waitroom/page/page_http.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/describe.hpp>
#include <boost/mp11.hpp>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "waitroom/api/served_fixture.h"
#include "waitroom/join/gatekeeper_fixture.h"
#include "waitroom/page/page_markup_http.h"
#include "waitroom/page/return_address.h"
#include "waitroom/room/views_http.h"

namespace onsale::waitroom {
namespace {

class FixedGoods final : public Offers, public Destinations {
 public:
  std::shared_ptr<const OfferList> offers(const RoomId&, Timestamp) override { return list; }
  std::optional<Destination> destination(const RoomId&, std::string_view wanted,
                                         Timestamp) const override {
    if (!known) return {};
    return Destination{.title = title,
                       .detail = "Hall 1",
                       .at = parse_rfc3339("2026-11-21T10:30:00Z"),
                       .image = "/posters/1",
                       .address = wanted.empty() ? "/shows/s1" : "/performances/p1"};
  }
  bool known = true;
  std::string title = "A film";
  std::shared_ptr<const OfferList> list = std::make_shared<OfferList>(
      OfferList{{"VIP", 150'000, "KRW", 12, 40}, {"R", 1999, "USD", 0, 60}});
};

struct Reply : http::TestAnswer {
  bool shows(std::string_view text) const { return body.find(text) != body.npos; }
  // Whether the card of this step is there to see.
  bool step(std::string_view name) const {
    return shows("<section class=\"card\" data-for=\"" + std::string(name) + "\">") ||
           shows("<section class=\"card\" data-for=\"" + std::string(name) + "\" aria-labelledby");
  }
  std::string device() const {
    const auto at = head.find("onsale_device=");
    return at == head.npos ? "" : head.substr(at, head.find(';', at) - at);
  }
};

class PageHttp : public ServedRooms {
 protected:
  PageHttp() {
    sync_wait(host_.declare_room(room(), "Room <1>", {.capacity = 1}));
    page_routes(router_, {.rooms = host_,
                          .offers = &goods_,
                          .destinations = &goods_,
                          .return_origins = "https://shop.test, http://gate.test:81",
                          .assets = {"/assets/wait-a.css", "/assets/wait-a.js", "/icon.svg"}});
    serve();
  }

  static RoomId room() { return *RoomId::parse("film-1"); }

  Reply call(const std::string& method, const std::string& path, std::string headers = "",
             const std::string& body = "") {
    if (!body.empty()) headers += "Content-Type: application/x-www-form-urlencoded\r\n";
    return {http::TestClient(server_->port()).request(method, path, headers, body)};
  }
  Reply get(const std::string& path, const std::string& cookies = "",
            const std::string& language = "en") {
    return call("GET", path,
                "Accept-Language: " + language + "\r\n" +
                    (cookies.empty() ? "" : "Cookie: " + cookies + "\r\n"));
  }
  Reply post(const std::string& path, const std::string& cookies, const std::string& act,
             const std::string& headers = "Sec-Fetch-Site: same-origin\r\n") {
    return call("POST", path, headers + (cookies.empty() ? "" : "Cookie: " + cookies + "\r\n"),
                "act=" + act);
  }
  // A person without scripts who has pressed the button.
  std::string joined() {
    const std::string device = get("/wait/film-1").device();
    EXPECT_EQ(post("/wait/film-1", device, "join").status, 303);
    return device;
  }
  void configure(SettingsPatch patch) {
    ASSERT_TRUE(sync_wait(host_.configure(room(), std::move(patch), "acc_boss")));
  }

  FixedGoods goods_;
};

TEST_F(PageHttp, ReadingItTakesNoPlaceAndShowsTheButtonThePricesAndWhatIsLeft) {
  for (int i = 0; i < 3; ++i) {
    const Reply page = get("/wait/film-1");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_TRUE(page.step("none")) << page.body;
    EXPECT_FALSE(page.step("waiting"));
    EXPECT_TRUE(page.shows("<button class=\"main\" name=\"act\" value=\"join\">Join the line"));
    EXPECT_TRUE(page.shows("<th scope=\"row\">VIP</th><td>₩150,000</td><td>12</td>"));
    EXPECT_TRUE(page.shows("<th scope=\"row\">R</th><td>19.99 USD</td><td>Sold out</td>"));
    EXPECT_TRUE(page.shows("Sat 21 November 2026, 19:30"));
    EXPECT_TRUE(page.shows("and what is left, all dates")) << "not of that performance alone";
    EXPECT_FALSE(page.shows("http-equiv"));
    EXPECT_FALSE(page.device().empty());
  }
  EXPECT_EQ(host_.room(room())->waiting, 0);
  EXPECT_EQ(host_.room(room())->active, 0);
}

TEST_F(PageHttp, WithoutScriptsOnePressLeadsFromTheLineToTheSeats) {
  joined();  // takes the slot
  const std::string device = joined();
  const Reply page = get("/wait/film-1", device);
  EXPECT_TRUE(page.step("waiting"));
  EXPECT_TRUE(page.shows("data-slot=\"position\">1</p>"));
  EXPECT_TRUE(page.shows("<title>#1 in line · onsale</title>"));
  EXPECT_TRUE(page.shows("<meta http-equiv=\"refresh\" content=\""));
  EXPECT_TRUE(page.device().empty());
  EXPECT_FALSE(get("/wait/film-1", device + "; onsale_js=1").shows("http-equiv"));
  configure({.capacity = 2});
  host_.tick();
  const Reply now = get("/wait/film-1?performance=p1", device);
  EXPECT_EQ(now.status, 303);
  EXPECT_EQ(now.header("Location"), "/performances/p1");
  EXPECT_EQ(now.header("Cache-Control"), "no-store");
}

TEST_F(PageHttp, WhoWasDrawnIsToldTheRankAndLedToTheProof) {
  configure({.mode = Mode::prequeue, .capacity = 0});
  configure({.lottery = true});
  const std::string first = joined(), second = joined();
  const std::string_view link = "data-slot=\"drawn\" href=\"/api/v1/rooms/film-1/lottery\">";
  EXPECT_TRUE(get("/wait/film-1", first).shows(std::string(link) + "</a>"));
  const auto entrants = host_.entrants(room());
  ASSERT_EQ(entrants.size(), 2U);
  sync_wait(host_.draw(room(), {entrants[1], entrants[0]}));
  configure({.mode = Mode::queue});
  const Reply loser = get("/wait/film-1", first);
  EXPECT_TRUE(loser.step("waiting"));
  EXPECT_TRUE(loser.shows(std::string(link) + "Drawn as number 2 · see the proof</a>"));
  EXPECT_TRUE(get("/wait/film-1", second).shows(std::string(link) + "Drawn as number 1 · "));
}

TEST_F(PageHttp, APressTwiceIsOnePlaceAndLeavingGivesItBack) {
  joined();
  const std::string device = joined();
  post("/wait/film-1", device, "join");
  post("/wait/film-1", device, "here");
  EXPECT_EQ(host_.room(room())->waiting, 1);
  const Reply left = post("/wait/film-1?performance=p1", device, "leave");
  EXPECT_EQ(left.header("Location"), "/wait/film-1?performance=p1&left=1");
  EXPECT_EQ(host_.room(room())->waiting, 0);
  const Reply page = get("/wait/film-1?performance=p1&left=1", device);
  EXPECT_TRUE(page.shows("data-for=\"left\"><h2"));
  EXPECT_TRUE(page.shows("\"stay\":true"));
}

TEST_F(PageHttp, WhoseTurnIsOverWithoutAScriptIsToldSo) {
  joined();
  const std::string device = joined();
  const Reply page = get("/wait/film-1", device);
  const auto at = page.body.find(";url=") + 5;
  const std::string again = page.body.substr(at, page.body.find('"', at) - at);
  EXPECT_EQ(again, "/wait/film-1?was=1");
  EXPECT_TRUE(get(again, device).step("waiting"));
  const auto place = host_.look(room(), {.token = {}, .device = DeviceKey{}}, clock_.now());
  EXPECT_FALSE(place);
  post("/wait/film-1", device, "leave");
  EXPECT_TRUE(get(again, device).shows("data-for=\"lost\"><h2"));
}

TEST_F(PageHttp, ABeaconOfAClosedPageIsNotedAndNeverTakesAnythingAtOnce) {
  const std::string device = joined();
  const std::string cookie = "Cookie: " + device + "\r\nSec-Fetch-Site: same-origin\r\n";
  EXPECT_EQ(call("POST", "/api/v1/rooms/film-1/places/me/closed", cookie).status, 204);
  EXPECT_EQ(call("POST", "/api/v1/rooms/film-1/places/me/closed", "", "nonsense").status, 204);
  EXPECT_EQ(call("POST", "/api/v1/rooms/nowhere/places/me/closed").status, 204);
  host_.tick();
  EXPECT_EQ(host_.room(room())->active, 1);
}

TEST_F(PageHttp, AnotherSiteCanNeitherJoinNorLeaveForAVisitor) {
  joined();
  const std::string device = joined();
  for (const char* from : {"Sec-Fetch-Site: cross-site\r\n", "Origin: https://evil.test\r\n"}) {
    EXPECT_EQ(post("/wait/film-1", device, "leave", from).status, 403);
    // Nor does it get the visitor another device, in place of the one that the browser held back.
    const Reply stranger = post("/wait/film-1", "", "join", from);
    EXPECT_EQ(stranger.status, 403);
    EXPECT_TRUE(stranger.device().empty());
  }
  EXPECT_EQ(host_.room(room())->waiting, 1);
  const Reply image = call("GET", "/wait/film-1", "Sec-Fetch-Mode: no-cors\r\n");
  EXPECT_TRUE(image.device().empty());
}

TEST_F(PageHttp, ABrowserThatKeepsNoCookiesIsToldSo) {
  const Reply pressed = post("/wait/film-1", "", "join");
  EXPECT_EQ(pressed.header("Location"), "/wait/film-1?cookies=0");
  const Reply told = get("/wait/film-1?cookies=0");
  EXPECT_TRUE(told.step("cookies"));
  EXPECT_FALSE(told.step("none"));
  EXPECT_TRUE(told.shows("prequeue\" hidden aria-labelledby=\"then\"")) << "nothing is kept";
  EXPECT_TRUE(get("/wait/film-1?cookies=0", "onsale_device=x").step("none"));
  EXPECT_EQ(host_.room(room())->waiting + host_.room(room())->active, 0);
}

TEST_F(PageHttp, WhatAnAddressHoldsBesidesKeepsNobodyOut) {
  for (const char* query : {"?utm=%E4%F6", "?return=%", "?performance=%ff&fbclid=%zz", "?lang=%00"})
    EXPECT_EQ(get(std::string("/wait/film-1") + query).status, 200) << query;
  const std::string device = get("/wait/film-1").device();
  EXPECT_EQ(post("/wait/film-1?utm=%zz&performance=p1", device, "join").header("Location"),
            "/wait/film-1?performance=p1");
}

TEST_F(PageHttp, OtherSpellingsOfItsAddressLeadToIt) {
  for (const char* spelling : {"/wait/film-1/", "/Wait/film-1", "//wait//film-1", "/wait/FILM-1"}) {
    const Reply answer = get(std::string(spelling) + "?performance=p1");
    EXPECT_EQ(answer.status, 308) << spelling;
    EXPECT_EQ(answer.header("Location"), "/wait/film-1?performance=p1") << spelling;
  }
  for (const char* nowhere : {"/wait/film-2", "/wait/FILM-2", "/wait/%zz", "/wait/film-1/x"})
    EXPECT_EQ(get(nowhere).status, 404) << nowhere;
}

TEST_F(PageHttp, LinksToItSayWhatItIsFor) {
  const Reply page = get("/wait/film-1?performance=p1");
  EXPECT_TRUE(page.shows("<meta property=\"og:title\" content=\"A film\">"));
  EXPECT_TRUE(page.shows("<meta property=\"og:image\" content=\"http://localhost/posters/1\">"));
  EXPECT_TRUE(page.shows("<meta property=\"og:description\" content=\"The waiting room"));
}

// A crowd, a full disk: whoever has no script sees words, not JSON.
TEST_F(PageHttp, WhomItCannotAnswerNowSeesAPageThatTriesAgain) {
  const std::string device = joined();
  journal_.fail(true);
  const Reply leave = post("/wait/film-1?performance=p1", device, "leave");
  EXPECT_EQ(leave.status, 503);
  EXPECT_EQ(leave.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_TRUE(leave.shows(";url=/wait/film-1?performance=p1\">")) << leave.body;
  EXPECT_TRUE(leave.shows("Please press again in a moment."));
  journal_.fail(false);
  const Reply foreign = post("/wait/film-1", device, "leave", "Origin: https://evil.test\r\n");
  EXPECT_EQ(foreign.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_FALSE(foreign.shows("http-equiv")) << "that does not pass by itself";
}

TEST(PageLimits, WhoComesTooOftenSeesAPageToo) {
  JoinCheckWorld world({.mode = Mode::queue, .capacity = 0}, {}, {});
  http::TestServer server;
  server.config.limits = {.address_per_second = 0.001, .address_burst = 1};
  page_routes(server.router, {.rooms = world.host, .keeper = &world.keeper});
  server.start();
  const auto get = [&] {
    return http::TestClient(server.port())
        .request("GET", "/wait/film-1", "Accept-Language: ko\r\n");
  };
  EXPECT_EQ(get().status, 200);
  const auto refused = get();
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("Content-Type"), "text/html; charset=utf-8");
  EXPECT_NE(refused.body.find("<html lang=\"ko\">"), std::string::npos) << refused.body;
}

// Without scripts, behind a proxy: everybody comes from a network of their own.
TEST(PageJoin, WithoutScriptsEachNetworkHasItsOwnShare) {
  JoinCheckWorld world(
      {.mode = Mode::queue, .capacity = 0, .proof = ProofMode::off, .joins_per_prefix = 1}, {},
      {.joins_per_s = 0.1});
  http::TestServer server;
  server.config.trusted_proxies = *http::Networks::parse("127.0.0.1");
  page_routes(server.router, {.rooms = world.host, .keeper = &world.keeper});
  server.start();
  const auto join = [&](int person, const std::string& address) {
    return http::TestClient(server.port())
        .request("POST", "/wait/film-1",
                 "Cookie: onsale_device=person" + std::to_string(person) + "\r\n" +
                     "Sec-Fetch-Site: same-origin\r\nX-Forwarded-For: " + address +
                     "\r\nContent-Type: application/x-www-form-urlencoded\r\n",
                 "act=join")
        .header("Location");
  };
  for (int i = 0; i < 5; ++i)
    EXPECT_EQ(join(i, "192.0." + std::to_string(i) + ".1"), "/wait/film-1");
  EXPECT_EQ(world.places(), 5);
  EXPECT_EQ(world.keeper.counts().slow_quota, 0);
  join(9, "192.0.1.1");  // the control: a second one from a network that has had its share
  EXPECT_EQ(world.keeper.counts().slow_quota, 1);
}

TEST_F(PageHttp, ARoomOfOnePlacePerAccountAsksStrangersToLogInAndComeBack) {
  configure({.one_per = OnePer::account});
  const Reply page = get("/wait/film-1?performance=p%2B1");
  EXPECT_TRUE(page.step("login")) << page.body;
  EXPECT_FALSE(page.step("none"));
  EXPECT_TRUE(page.shows(
      "id=\"login\" href=\"/login?next=/wait/film-1%3Fperformance%3Dp%252B1\">Log in</a>"));
  EXPECT_TRUE(page.shows("\"login\":true"));
  EXPECT_EQ(post("/wait/film-1?performance=p%2B1", "", "join").header("Location"),
            "/login?next=/wait/film-1%3Fperformance%3Dp%252B1");
  configure({.mode = Mode::closed});
  EXPECT_TRUE(get("/wait/film-1").step("closed"));
  configure({.mode = Mode::queue, .one_per = OnePer::device});
  EXPECT_TRUE(get("/wait/film-1").step("none"));
}

TEST_F(PageHttp, SpeaksTheLanguageThatIsAskedFor) {
  const auto language = [&](const std::string& query, const std::string& cookie,
                            const std::string& accepted) {
    const Reply page = get("/wait/film-1" + query, cookie, accepted);
    const auto at = page.body.find("<html lang=\"") + 12;
    return page.body.substr(at, 2);
  };
  EXPECT_EQ(language("", "", "ko-KR,ko;q=0.9,en;q=0.8"), "ko");
  EXPECT_EQ(language("", "", "en-US,ko;q=0.5"), "en");
  EXPECT_EQ(language("", "", "fr"), "en");
  EXPECT_EQ(language("", "onsale_lang=en", "ko"), "en");
  EXPECT_EQ(language("?lang=ko", "onsale_lang=en", "en"), "ko");
  EXPECT_EQ(language("?lang=xx", "", "ko"), "ko");
  const Reply chosen = get("/wait/film-1?lang=ko&performance=p1");
  EXPECT_NE(chosen.head.find("Set-Cookie: onsale_lang=ko; Path=/; Max-Age="), chosen.head.npos);
  EXPECT_TRUE(chosen.shows("href=\"/wait/film-1?performance=p1&amp;lang=en\" lang=\"en\""));
  EXPECT_TRUE(chosen.shows("줄 서기</button>"));
  EXPECT_TRUE(
      get("/wait/film-1", "onsale_theme=dark").shows("<html lang=\"en\" data-theme=\"dark\">"));
  EXPECT_FALSE(get("/wait/film-1", "onsale_theme=x").shows("data-theme"));
}

TEST_F(PageHttp, WhatOthersWroteSaysItsLanguage) {
  configure({.mode = Mode::queue, .message = "곧 시작합니다"});
  const Reply english = get("/wait/film-1?lang=en");
  EXPECT_TRUE(english.shows("<p data-slot=\"message\" lang=\"ko\">곧"));
  EXPECT_FALSE(english.shows("<span lang=")) << "of the hall: English";
  const Reply korean = get("/wait/film-1?lang=ko");
  EXPECT_TRUE(korean.shows("<p data-slot=\"message\">곧"));
  configure({.mode = Mode::queue, .message = "10, 9, 8"});
  EXPECT_TRUE(get("/wait/film-1?lang=en").shows("<p data-slot=\"message\">10"));
}

TEST_F(PageHttp, WhatOthersWroteNeverBecomesMarkup) {
  goods_.title = "<img src=x onerror=alert(1)>&\"'";
  goods_.list = std::make_shared<OfferList>(OfferList{{"<b>VIP", 1, "<u>", 1, 1}});
  configure({.message = "</script><script>alert(1)</script>"});
  const Reply page = get("/wait/film-1?performance=%3Cscript%3E&return=%22%3E%3Cscript%3E");
  EXPECT_FALSE(page.shows("<img src=x"));
  EXPECT_FALSE(page.shows("<b>VIP"));
  EXPECT_FALSE(page.shows("<u>"));
  EXPECT_FALSE(page.shows("<script>alert"));
  EXPECT_FALSE(page.shows("</script><script"));
  EXPECT_TRUE(page.shows("&lt;img src=x onerror=alert(1)&gt;&amp;&quot;&#39;"));
  EXPECT_TRUE(page.shows("\\u003c/script>\\u003cscript>alert(1)\\u003c/script>"));
  goods_.known = false;
  EXPECT_TRUE(get("/wait/film-1").shows("<h1>Room &lt;1&gt;</h1>"));
}

TEST_F(PageHttp, OnlyItsOwnScriptsRun) {
  const Reply page = get("/wait/film-1");
  const std::string policy = page.header("Content-Security-Policy");
  EXPECT_NE(policy.find("default-src 'none'; script-src 'self'"), policy.npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), policy.npos);
  EXPECT_FALSE(page.shows("style=\""));
  EXPECT_FALSE(page.shows(" onclick"));
  EXPECT_TRUE(page.shows("<script type=\"module\" src=\"/assets/wait-a.js\"></script>"));
}

TEST_F(PageHttp, SaysHowTheRoomIs) {
  joined();
  const std::string device = joined();
  configure({.mode = Mode::paused, .message = "Back at nine"});
  const Reply paused = get("/wait/film-1", device);
  EXPECT_TRUE(paused.shows("data-if=\"paused\"><b>Admission is paused"));
  EXPECT_TRUE(paused.shows("data-slot=\"message\">Back at nine"));
  EXPECT_TRUE(paused.shows("data-slot=\"p80\">Paused"));
  configure(
      {.mode = Mode::prequeue, .opens_at = std::optional(*parse_rfc3339("2100-01-01T00:00:00Z"))});
  const Reply early = get("/wait/film-1", device);
  EXPECT_TRUE(early.step("prequeue"));
  EXPECT_TRUE(early.shows("Starts Fri 1 January 2100, 09:00"));
  configure({.mode = Mode::closed});
  EXPECT_TRUE(get("/wait/film-1").step("closed"));
  EXPECT_TRUE(get("/wait/film-1", device).step("waiting"));
  configure({.mode = Mode::open});
  EXPECT_TRUE(get("/wait/film-1").shows("There is no line right now"));
  const Reply missing = get("/wait/nowhere");
  EXPECT_EQ(missing.status, 404);
  EXPECT_TRUE(missing.step("missing"));
  EXPECT_EQ(get("/wait/No%20Where").status, 404);
  EXPECT_EQ(post("/wait/nowhere", "", "join").status, 404);
}

TEST_F(PageHttp, LeadsOnWithThePassOnlyWhereItMay) {
  const std::string device = joined();  // admitted at once
  const auto location = [&](const std::string& to) {
    return get("/wait/film-1?return=" + to, device).header("Location");
  };
  EXPECT_TRUE(location("https%3A%2F%2Fshop.test%2Fbuy%3Fa%3D1%23x")
                  .starts_with("https://shop.test/buy?a=1&onsale_pass=ey"));
  EXPECT_TRUE(location("/reserve").starts_with("/reserve?onsale_pass=ey"));
  EXPECT_TRUE(
      location("http%3A%2F%2Flocalhost%2Fx").starts_with("http://localhost/x?onsale_pass="));
  for (const char* bad : {"https%3A%2F%2Fevil.test%2F", "%2F%2Fevil.test", "javascript%3Aalert(1)",
                          "https%3A%2F%2Fshop.test%40evil.test", "%2F%5Cevil.test"}) {
    EXPECT_EQ(location(bad), "/shows/s1") << bad;
  }
}

TEST_F(PageHttp, TheRoomsOwnJsonTellsTheOffersToo) {
  live_.connect(goods_);
  const RoomJson json = live_.describe(*host_.room(room()), clock_.now());
  ASSERT_EQ(json.offers.size(), 2U);
  EXPECT_EQ(json.offers[0].label, "VIP");
  EXPECT_EQ(json.offers[0].available, 12);
  EXPECT_EQ(json.offers[1].currency, "USD");
}

TEST_F(PageHttp, TheLineSeesAsMuchOfTheOffersAsTheOperatorShows) {
  live_.connect(goods_);
  joined();  // takes the slot
  const std::string device = joined();
  const auto told = [&] { return live_.describe(*host_.room(room()), clock_.now()).offers; };
  configure({.offers_shown = OffersShown::prices});
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(told()[0].price, 150'000);
  EXPECT_FALSE(told()[0].available || told()[0].total);
  const Reply prices = get("/wait/film-1", device);
  EXPECT_TRUE(prices.shows("<th scope=\"row\">VIP</th><td>₩150,000</td></tr>")) << prices.body;
  EXPECT_FALSE(prices.shows("<td>Sold out</td>"));
  EXPECT_FALSE(prices.shows("\"available\"")) << "nor is the script told";
  configure({.offers_shown = OffersShown::none});
  EXPECT_TRUE(told().empty());
  const Reply none = get("/wait/film-1", device);
  EXPECT_FALSE(none.shows("VIP"));
  configure({.offers_shown = OffersShown::prices_and_stock});
  EXPECT_EQ(told()[0].available, 12);
  EXPECT_TRUE(get("/wait/film-1", device).shows("<td>₩150,000</td><td>12</td>"));
}

TEST_F(PageHttp, ThoseWithoutAPlaceReadTheSameBytesForASecond) {
  const Reply first = get("/wait/film-1", "onsale_device=a");
  joined();
  joined();
  const Reply second = get("/wait/film-1", "onsale_device=b");
  EXPECT_EQ(first.header("ETag"), second.header("ETag"));
  EXPECT_EQ(first.header("Cache-Control"), "private, no-cache");
}

TEST(PageWords, EveryTextIsThereOnceInBothLanguagesAndUsed) {
  std::set<std::string_view> keys;
  for (const Word& each : page_words()) {
    EXPECT_TRUE(keys.insert(each.key).second) << each.key;
    EXPECT_FALSE(each.ko.empty() || each.en.empty()) << each.key;
    EXPECT_EQ(each.ko.find("{n}") == each.ko.npos, each.en.find("{n}") == each.en.npos) << each.key;
    const bool in_markup =
        kPageMarkup.find("{{" + std::string(each.key) + "}}") != kPageMarkup.npos;
    const bool in_script_or_server = each.script || each.key.starts_with("then_") ||
                                     each.key.starts_with("join") || each.key == "in_line_now" ||
                                     each.key == "other_code" || each.key == "preview" ||
                                     each.key == "missed_turn";
    EXPECT_TRUE(in_markup || in_script_or_server) << each.key;
  }
}

TEST(PageWords, TheScriptGetsEveryTextThatItSays) {
  std::string script;
  for (const char* file : {"page.ts", "view.ts", "wait.ts"}) {
    std::ifstream in(std::string("web/wait/") + file);  // tests run from the root
    ASSERT_TRUE(in) << file;
    script.append(std::istreambuf_iterator<char>(in), {});
  }
  int said = 0;
  const std::regex saying(R"re(say\("(\w+)")re");
  for (std::sregex_iterator at(script.begin(), script.end(), saying), end; at != end;
       ++at, ++said) {
    const auto found = std::ranges::find(page_words(), std::string((*at)[1]), &Word::key);
    ASSERT_NE(found, page_words().end()) << (*at)[1];
    EXPECT_TRUE(found->script) << (*at)[1];
  }
  EXPECT_GT(said, 20);
}

TEST(PageWords, EveryNoticeHasItsWords) {
  boost::mp11::mp_for_each<boost::describe::describe_enumerators<Notice>>([](auto each) {
    for (const Language language : kLanguages) {
      EXPECT_EQ(notice_text(each.value, language).empty(), each.value == Notice::none) << each.name;
    }
  });
}

TEST(PageWords, NumbersReadAsPeopleSayThem) {
  EXPECT_EQ(about(1, Language::en), "5 sec");
  EXPECT_EQ(about(59, Language::ko), "60초");
  EXPECT_EQ(about(61, Language::en), "2 min");
  EXPECT_EQ(about(3'600, Language::en), "1 h");
  EXPECT_EQ(about(4'000, Language::ko), "1시간 7분");
  EXPECT_EQ(price_text(150'000, "KRW", Language::ko), "150,000원");
  EXPECT_EQ(price_text(1'205, "USD", Language::en), "12.05 USD");
  EXPECT_EQ(price_text(1'205, "KWD", Language::en), "1.205 KWD");
}

TEST(ReturnAddress, IsAPathOrATrustedOrigin) {
  constexpr std::string_view kOrigins = "https://shop.test, http://gate.test:81,";
  for (const char* good : {"/", "/a?b=c#d", "https://shop.test", "HTTPS://Shop.test:443/x?y",
                           "http://gate.test:81/"}) {
    EXPECT_TRUE(return_allowed(good, kOrigins)) << good;
  }
  for (const char* bad :
       {"", "a", "//evil.test", "/\\evil.test", "https://evil.test", "https://shop.test.evil.test/",
        "https://shop.test@evil.test/", "http://shop.test/", "https://shop.test:444/",
        "http://gate.test/", "javascript:alert(1)", "https://shop.test/\r\nX: y", "/a b",
        "https:/shop.test", "data:text/html,x"}) {
    EXPECT_FALSE(return_allowed(bad, kOrigins)) << bad;
  }
  EXPECT_FALSE(return_allowed("/" + std::string(kReturnBytesMax, 'a'), kOrigins));
  EXPECT_EQ(origins_invalid(kOrigins), "");
  for (const char* bad : {"*", "shop.test", "https://shop.test/path", "https://", "ftp://a.test"})
    EXPECT_NE(origins_invalid(bad), "") << bad;
}

TEST(ReturnAddress, CarriesOnePass) {
  EXPECT_EQ(with_pass("/a", "P"), "/a?onsale_pass=P");
  EXPECT_EQ(with_pass("/a?b=1#c", "P"), "/a?b=1&onsale_pass=P#c");
  EXPECT_EQ(with_pass("/a?onsale_pass=old&b=1", "P"), "/a?b=1&onsale_pass=P");
  EXPECT_EQ(with_pass("https://a.test?", "P"), "https://a.test?onsale_pass=P");
}

}  // namespace
}  // namespace onsale::waitroom
