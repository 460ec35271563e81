// The parts that need no socket: paths, text, tags, buckets, heads.
#include <gtest/gtest.h>

#include "platform/http/message/encode.h"
#include "platform/http/openapi.h"
#include "platform/http/rate_limiter.h"
#include "platform/http/request_parser.h"
#include "platform/http/route_table.h"

namespace onsale::http {

struct Probe {
  bool up = true;
};
BOOST_DESCRIBE_STRUCT(Probe, (), (up))

namespace {

Answer<void> nothing(Call&) { return {}; }

TEST(RouteTable, FixedWordsWinOverParametersAndParametersAreCutOut) {
  Router router;
  const auto handler = [](Call& call) { return nothing(call); };
  router.get("/rooms/{room}", {}, handler);
  router.get("/rooms/all", {}, handler);
  router.post("/rooms/{room}/places", {}, handler);
  router.get("/rooms/{room}/places/me", {}, handler);
  router.del("/rooms/{room}/places/{place}", {}, handler);
  router.get("//health/live", {}, handler);
  const RouteTable table(router);
  Exchange x;
  const auto* node = table.match("/api/v1/rooms/film-a/places/me", x);
  ASSERT_NE(node, nullptr);
  EXPECT_NE(node->find(Method::get), nullptr);
  EXPECT_EQ(node->find(Method::del), nullptr);
  EXPECT_EQ(x.param_count, 1U);
  EXPECT_EQ(x.params[0], "film-a");
  node = table.match("/api/v1/rooms/r/places/p", x);
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->allow, "OPTIONS, DELETE");
  EXPECT_EQ(x.params[1], "p");
  EXPECT_EQ(node->param_names, (std::vector<std::string>{"room", "place"}));
  EXPECT_EQ(table.match("/api/v1/rooms/all", x)->param_names.size(), 0U);
  EXPECT_EQ(table.match("/health/live", x)->allow, "OPTIONS, GET, HEAD");
  for (const auto* path : {"/api/v1/rooms/", "/api/v1/rooms", "/api/v1/rooms/a/b", "/", "//", "x",
                           "/health/live/", "/api/v1/rooms//places", "/health"})
    EXPECT_EQ(table.match(path, x), nullptr) << path;
}

TEST(RouteTable, OneAddressOfManySpellings) {
  Router router;
  const auto handler = [](Call& call) { return nothing(call); };
  router.get("//", {}, handler);
  router.get("//wait/{room}", {}, handler);
  router.get("//my/reservations", {}, handler);
  router.get("//my/{other}", {}, handler);
  const RouteTable table(router);
  for (const auto& [spelling, right] : std::vector<std::pair<std::string, std::string>>{
           {"//", "/"},
           {"/wait/film-1/", "/wait/film-1"},
           {"/WAIT/film-1", "/wait/film-1"},
           {"//wait///film-1//", "/wait/film-1"},
           {"/w%61it/film%2D1", "/wait/film-1"},
           {"/wait/a%20b%2fc/", "/wait/a%20b%2fc"},
           {"/wait/shw_0AB", "/wait/shw_0AB"},  // names keep their letters
           {"/My/Reservations", "/my/reservations"},
           {"/my/X/", "/my/X"}})
    EXPECT_EQ(table.canonical(spelling), right) << spelling;
  for (const char* nothing_there : {"/wait", "/wait/a/b", "/x", "x", "*", "", "/wait/%"})
    EXPECT_EQ(table.canonical(nothing_there),
              nothing_there == std::string("/wait/%") ? "/wait/%" : "")
        << nothing_there;
}

TEST(RouteTableDeathTest, TheSamePathTwiceStopsTheProcess) {
  Router router;
  router.get("/a/{x}", {}, [](Call& call) { return nothing(call); });
  router.get("/a/{x}", {}, [](Call& call) { return nothing(call); });
  EXPECT_DEATH(RouteTable table(router), "declared once");
}

TEST(Text, PercentDecodingRefusesWhatIsNotText) {
  EXPECT_EQ(percent_decoded("%EC%A2%8C+a", false), "좌+a");
  EXPECT_EQ(percent_decoded("%EC%A2%8C+a", true), "좌 a");
  for (const auto* bad : {"%", "%4", "%zz", "%00", "%ff", "%C0%AF", "%ED%A0%80", "%0A"})
    EXPECT_FALSE(percent_decoded(bad, false)) << bad;
  EXPECT_EQ(parse_pairs("a=1&&b=%20x&c")->size(), 3U);
  EXPECT_FALSE(parse_pairs("a=%ff"));
  const auto rest = readable_pairs("a=%ff&%zz=1&b=2&c=%&b=%C0&=x");
  EXPECT_EQ(rest.size(), 2U);
  EXPECT_EQ(rest[0].second, "2");
}

TEST(Text, CookiesAreFoundByTheirWholeName) {
  EXPECT_EQ(find_cookie("a=1; onsale_access=tok; b=2", "onsale_access"), "tok");
  EXPECT_EQ(find_cookie("xonsale_access=no;onsale_access=", "onsale_access"), "");
  EXPECT_FALSE(find_cookie("onsale_access_x=1", "onsale_access"));
}

TEST(Encode, TagsAndEncodingsAreUnderstood) {
  const auto tag = etag_of("abc");
  EXPECT_NE(tag, etag_of("abd"));
  EXPECT_TRUE(etag_matches("\"x\", " + tag.substr(2), tag));
  EXPECT_TRUE(etag_matches("*", tag));
  EXPECT_FALSE(etag_matches("\"x\"", tag));
  EXPECT_FALSE(etag_matches("", tag));
  EXPECT_TRUE(accepts_gzip("deflate, gzip;q=0.8"));
  EXPECT_FALSE(accepts_gzip("gzip;q=0, br"));
  EXPECT_FALSE(accepts_gzip(""));
}

TEST(RateLimiter, RefillsWithTimeAndSaysWhenToComeBack) {
  RateLimiter limiter(2, 4, 1000);
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(limiter.take("a", 0).allowed);
  const auto refused = limiter.take("a", 0);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.limit, 4);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.reset_s, 1);
  EXPECT_TRUE(limiter.take("b", 0).allowed);
  EXPECT_FALSE(limiter.take("a", 499).allowed);
  EXPECT_TRUE(limiter.take("a", 1000).allowed);
}

TEST(RateLimiter, RemembersABoundedNumberOfClients) {
  RateLimiter limiter(1, 1, 160);
  for (int i = 0; i < 10'000; ++i) limiter.take("client" + std::to_string(i), i);
  EXPECT_LE(limiter.size(), 160U);
  EXPECT_FALSE(limiter.take("client9999", 10'000).allowed);  // the newest is still known
}

TEST(RateLimiter, WhatIsOwedIsAtMostAnotherBurst) {
  RateLimiter limiter(2, 4, 1000);
  limiter.charge("a", 0, 3);
  EXPECT_TRUE(limiter.take("a", 0).allowed);
  for (int i = 0; i < 100; ++i) limiter.charge("a", 0, 3);
  const auto refused = limiter.take("a", 2000);
  EXPECT_FALSE(refused.allowed);
  EXPECT_EQ(refused.remaining, 0);
  EXPECT_EQ(refused.reset_s, 1);
  EXPECT_TRUE(limiter.take("a", 3000).allowed);
  EXPECT_TRUE(limiter.take("b", 0).allowed);
  for (int i = 0; i < 10'000; ++i) limiter.charge("client" + std::to_string(i), i, 1);
  EXPECT_LE(limiter.size(), 1000U);
}

int status_of(std::string_view head) {
  Exchange x;
  return parse_head(head, x);
}

TEST(RequestHead, ViewsPointIntoTheBytes) {
  Exchange x;
  const std::string head =
      "POST /a/b?c=d HTTP/1.1\r\nHost: h\r\nX-Onsale-CSRF: 1\r\nIdempotency-Key: k\r\n"
      "Content-Length: 7\r\nCookie: a=b\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(parse_head(head, x), 0);
  EXPECT_EQ(x.verb, Verb::post);
  EXPECT_EQ(x.path, "/a/b");
  EXPECT_EQ(x.query_text, "c=d");
  EXPECT_EQ(x.header(Known::csrf), "1");
  EXPECT_EQ(x.header(Known::idempotency_key), "k");
  EXPECT_EQ(x.call.header("cookie"), "a=b");
  EXPECT_EQ(x.content_length, 7U);
  EXPECT_FALSE(x.keep_alive);
}

TEST(RequestHead, AnythingDoubtfulIsRefused) {
  const std::string start = "GET / HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(status_of(start + "\r\n"), 0);
  EXPECT_EQ(status_of("GET http://h/x HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  EXPECT_EQ(status_of("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n"), 0);
  for (const auto& head : std::vector<std::string>{
           "GET / HTTP/1.1\r\n\r\n",                                  // no Host
           start + "Host: g\r\n\r\n",                                 // two
           start + "Content-Length: 1\r\nContent-Length: 2\r\n\r\n",  //
           start + "Content-Length: -1\r\n\r\n",                      //
           start + "Content-Length: 99999999999999999999\r\n\r\n",    //
           start + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
           start + "A: b\r\n folded\r\n\r\n",             //
           start + "A : b\r\n\r\n", start + "A\r\n\r\n",  //
           start + "A: b\x01\r\n\r\n",                    //
           "GET * HTTP/1.1\r\nHost: h\r\n\r\n", "GET x HTTP/1.1\r\nHost: h\r\n\r\n",
           "GET /#a HTTP/1.1\r\nHost: h\r\n\r\n", "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
           "PRI * HTTP/2.0\r\n\r\n", "\x16\x03\x01\r\n\r\n"})
    EXPECT_GE(status_of(head), 400) << head;
  EXPECT_EQ(status_of(start + "Transfer-Encoding: gzip\r\n\r\n"), 501);
  std::string many = start;
  for (std::size_t i = 0; i <= kHeadersMax; ++i) many += "A: b\r\n";
  EXPECT_EQ(status_of(many + "\r\n"), 431);
  EXPECT_EQ(status_of("GET /" + std::string(kTargetBytesMax, 'a') + " HTTP/1.1\r\nHost: h\r\n\r\n"),
            414);
}

TEST(ChunkedBody, IsPutTogetherFromAnySlices) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string body =
      "4\r\nWiki\r\n6;x=y\r\npedia \r\nb\r\nin \r\nchunks\r\n0\r\nA: b\r\n\r\n";
  for (std::size_t slice = 1; slice <= body.size() + 5; ++slice) {
    ChunkedBody chunks(head);
    std::string out;
    std::string waiting;
    auto state = ChunkedBody::State::more;
    const std::string stream = body + "GET /";
    for (std::size_t at = 0; at < stream.size() && state == ChunkedBody::State::more; at += slice) {
      waiting += stream.substr(at, slice);
      const auto step = chunks.feed(waiting, out, 1000);
      waiting.erase(0, step.used);
      state = step.state;
    }
    EXPECT_EQ(state, ChunkedBody::State::done) << slice;
    EXPECT_EQ(out, "Wikipedia in \r\nchunks");
    EXPECT_TRUE(std::string("GET /").starts_with(waiting)) << waiting;
  }
}

TEST(ChunkedBody, TooLargeAndMalformedAreTold) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n";
  std::string out;
  EXPECT_EQ(ChunkedBody(head).feed("5\r\nhello\r\n0\r\n\r\n", out, 4).state,
            ChunkedBody::State::too_large);
  EXPECT_EQ(ChunkedBody(head).feed("zz\r\nhello\r\n", out, 100).state,
            ChunkedBody::State::malformed);
  EXPECT_EQ(ChunkedBody(head).feed("2\r\nhello\r\n", out, 100).state,
            ChunkedBody::State::malformed);
}

TEST(OpenApi, DescribesWhatTheRoutesDeclare) {
  Router router;
  router.post("/rooms/{room}/places",
              {.summary = "Join",
               .access = Access::signed_in,
               .idempotent = true,
               .answers = {{201, "joined"}, {403, "room_closed"}},
               .headers = {{"Onsale-Place", "The place token"}}},
              [](Call& call) { return nothing(call); });
  router.get("//internal", {.hidden = true}, [](Call& call) { return nothing(call); });
  router.get("/admin/audit", {.access = Access::admin}, [](Call& call) { return nothing(call); });
  router.get("//health/ready", {.answers = {{200, "up"}, {503, "down"}}, .rate = RateClass::none},
             [](Call&) { return Answer<Probe>(Probe{}); });
  router.get("/things/{thing}",
             {.answers = {{200, "thing"}, {404, "no_thing"}}, .rate = RateClass::none},
             [](Call&) { return Answer<Probe>(Probe{}); });
  router.post("/joins",
              {.repeatable = true,
               .answers = {{202, "in"}, {428, "prove"}},
               .problem_members = {{428, "challenge", &json::kTypeOf<Probe>}}},
              [](Call& call) { return nothing(call); });
  router.get("//picture", {.produces = "image/svg+xml"}, [](Call&) { return Raw{}; });
  const auto text = openapi_document(router, "1.2.3");
  for (const char* part :
       {R"("openapi":"3.1.0")", R"("/api/v1/rooms/{room}/places":{"post":)",
        R"("operationId":"post_rooms_room_places")", R"("name":"Idempotency-Key")",
        R"("403":{"description":"room_closed, csrf_required")",
        R"("500":{"$ref":"#/components/responses/Internal"})",
        R"("503":{"$ref":"#/components/responses/Unavailable"})",
        R"("name":"Onsale-Place","in":"header","description":"The place token")",

        R"("409":{"description":"idempotency_in_progress")",
        R"("400":{"description":"idempotency_key_invalid")",
        R"("properties":{"challenge":{"$ref":)", R"("required":["challenge"]}]})",
        R"("200":{"description":"done","content":{"image/svg+xml":{"schema":{"type":"string"}}}})",
        R"("security":[{"bearer":["admin"]},{"session":["admin"]}])",
        R"("security":[{"bearer":[]},{"session":[]}])"})
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  EXPECT_EQ(text.find("/internal"), std::string::npos);
  const auto own = text.find(R"("503":{"description":"down","content":{"application/json")");
  EXPECT_NE(own, std::string::npos) << "a probe has its own shape\n" << text;
  EXPECT_EQ(
      text.find(R"("404":{"description":"no_thing, not_found","content":{"application/json")"),
      std::string::npos)
      << "a problem is one, limited or not";
  EXPECT_EQ(text.find("\"415\""), std::string::npos);  // no body, so no type of it
}

}  // namespace
}  // namespace onsale::http
