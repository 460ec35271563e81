// Tags, compression, files, streams, upgrades, and answers of other servers that are played.
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <zlib.h>

#include <boost/asio/write.hpp>

#include "base/log_fakes.h"
#include "platform/exec/blocking_pool.h"
#include "platform/http/http_fixture.h"
#include "platform/http/live/upgrade.h"
#include "platform/http/message/encode.h"
#include "platform/http/message/preview.h"
#include "platform/http/openapi.h"

namespace onsale::http {

struct Page {
  std::string text;
};
BOOST_DESCRIBE_STRUCT(Page, (), (text))
struct Limit {
  int limit = 0;
};
BOOST_DESCRIBE_STRUCT(Limit, (), (limit))

namespace {

const std::string kScript(40'000, 's');
const std::string kPacked = gzip(kScript);
const StaticFile kFiles[] = {
    {"/index.html", "text/html; charset=utf-8", "<!doctype html>app", {}, "W/\"i\"", false},
    {"/assets/app-1.js", "text/javascript", kScript, kPacked, "W/\"a\"", true},
};

std::string unpacked(const std::string& packed) {
  z_stream stream{};
  inflateInit2(&stream, 16 + MAX_WBITS);
  std::string out(1 << 20, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

class Content : public testing::Test {
 protected:
  Content() {
    t_.files = kFiles;
    t_.router.get("/tagged", {.etag = true}, [this](Call&) -> Answer<Page> { return Page{text_}; });
    t_.router.get("/plain", {}, [this](Call&) -> Answer<Page> { return Page{text_}; });
    for (const auto& [path, letter] : {std::pair{"/same-tag-a", 'a'}, {"/same-tag-b", 'b'}})
      t_.router.get(path, {}, [letter = letter](Call& call) -> Answer<Page> {
        call.set_header("ETag", "W/\"1\"");
        return Page{std::string(5000, letter)};
      });
    t_.router.get("/packed", {.etag = true}, [](Call& call) {
      call.set_header("Content-Encoding", "gzip");
      return Raw{.content_type = "text/plain", .body = gzip(std::string(5000, 'x'), 0)};
    });
    t_.router.get("/echo", {}, [](Call& call) {
      if (!call.query("cookie").empty())
        call.set_cookie({.name = "echo", .value = std::string(call.query("cookie"))});
      return Raw{.content_type = "text/plain",
                 .body = "echo",
                 .headers = {{"Content-Encoding", "gzip"},
                             {"Cache-Control", "public"},
                             {"X-Echo", call.body().empty() ? "-" : std::string(call.body())}}};
    });
    t_.router.get("/html", {},
                  [](Call&) { return Raw{.content_type = "text/html", .body = "<p>"}; });
    t_.router.get("/events", {}, [this](Call&) {
      return Stream{.on_open = [this](auto writer) { opened_.set(std::move(writer)); },
                    .on_close = [this] { closed_.set(1); }};
    });
    t_.router.get("//pages/here", {.produces = "text/html"}, [](Call& call) {
      const auto found = call.query("q");
      return Raw{.content_type = "text/plain", .body = found.empty() ? "here" : std::string(found)};
    });
    t_.router.get("//pages/gone", {.produces = "text/html"},
                  [](Call&) -> Raw { throw Problem(404, "not_found"); });
    t_.router.get("/listed", {}, [](Limit limit, Call&) -> Answer<Page> {
      return Page{std::to_string(limit.limit)};
    });
    add_documentation(t_.router, "9.9.9");
  }
  TestClient& client() {
    if (!t_.server) t_.start();
    if (!client_) client_.emplace(t_.port());
    return *client_;
  }

  std::string text_ = std::string(5000, 'a');
  OneShot<std::shared_ptr<StreamWriter>> opened_;
  OneShot<int> closed_;
  TestServer t_;
  std::optional<TestClient> client_;
};

TEST_F(Content, TagsSaveTheBody) {
  const auto first = client().get("/api/v1/tagged");
  EXPECT_EQ(first.header("Cache-Control"), "no-cache");
  const auto tag = first.header("ETag");
  ASSERT_FALSE(tag.empty());
  const auto again = client().get("/api/v1/tagged", "If-None-Match: " + tag + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(again.header("ETag"), tag);
  EXPECT_EQ(again.header("Content-Length"), "");
  const auto lines = "If-None-Match: W/\"old\"\r\nIf-None-Match: " + tag + "\r\n";
  EXPECT_EQ(client().get("/api/v1/tagged", lines).status, 304) << "a list on two lines";
  text_ += 'b';
  EXPECT_EQ(client().get("/api/v1/tagged", "If-None-Match: " + tag + "\r\n").status, 200);
  EXPECT_EQ(client().get("/api/v1/plain").header("ETag"), "");
}

TEST_F(Content, JsonIsCompressedForThoseWhoWant) {
  const auto plain = client().get("/api/v1/tagged");
  EXPECT_EQ(plain.header("Content-Encoding"), "");
  EXPECT_EQ(plain.header("Vary"), "Accept-Encoding");
  for (int i = 0; i < 2; ++i) {
    const auto packed = client().get("/api/v1/tagged", "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(packed.header("Content-Encoding"), "gzip");
    EXPECT_LT(packed.body.size(), 200U);
    EXPECT_EQ(unpacked(packed.body), plain.body);
    EXPECT_EQ(packed.header("ETag"), plain.header("ETag"));
  }
  const auto same = client().get(
      "/api/v1/tagged", "Accept-Encoding: gzip\r\nIf-None-Match: " + plain.header("ETag") + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.header("Content-Encoding"), "");
  EXPECT_EQ(client().get("/api/v1/plain", "Accept-Encoding: gzip\r\n").header("Content-Encoding"),
            "");
}

TEST_F(Content, TwoResourcesWithOneTagKeepTheirBodies) {
  for (const char letter : {'a', 'b'}) {
    const auto answer =
        client().get(std::string("/api/v1/same-tag-") + letter, "Accept-Encoding: gzip\r\n");
    EXPECT_EQ(answer.header("ETag"), "W/\"1\"");
    EXPECT_EQ(unpacked(answer.body), "{\"text\":\"" + std::string(5000, letter) + "\"}");
  }
}

TEST_F(Content, WhatTheHandlerCompressedIsLeftAlone) {
  const auto answer = client().get("/api/v1/packed", "Accept-Encoding: gzip\r\n");
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(unpacked(answer.body), std::string(5000, 'x'));
}

TEST_F(Content, AHeaderThatWouldEndItsLineIsA500AndIsNotSent) {
  KeptLog log;
  EXPECT_EQ(client().request("GET", "/api/v1/echo", "", "fine").header("X-Echo"), "fine");
  for (const char* end : {"\r\n", "\n", "\r"}) {
    const auto answer =
        client().request("GET", "/api/v1/echo", "", std::string("one") + end + "X-Evil: two");
    EXPECT_EQ(answer.status, 500);
    EXPECT_NE(answer.body.find(R"("code":"internal")"), std::string::npos);
    EXPECT_EQ((answer.head + answer.body).find("two"), std::string::npos);
    EXPECT_EQ(answer.header("X-Echo"), "");
    EXPECT_EQ(answer.header("Content-Encoding"), "");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  }
  EXPECT_EQ(client().get("/api/v1/echo?cookie=a%3Bb").status, 500);
  EXPECT_EQ(client().get("/api/v1/echo").status, 200);  // the process and the connection live
  EXPECT_TRUE(log.has("the header X-Echo must be one line"));
  EXPECT_TRUE(log.has("a cookie must be one line"));
  EXPECT_FALSE(log.has("two"));
}

TEST_F(Content, FilesComeWithCacheHeaders) {
  auto answer = client().get("/assets/app-1.js");
  EXPECT_EQ(answer.body, kScript);
  EXPECT_EQ(answer.header("Cache-Control"), "public, max-age=31536000, immutable");
  answer = client().get("/assets/app-1.js", "Accept-Encoding: br, gzip\r\n");
  EXPECT_EQ(answer.header("Content-Encoding"), "gzip");
  EXPECT_EQ(unpacked(answer.body), kScript);
  EXPECT_EQ(client().get("/assets/app-1.js", "If-None-Match: \"a\"\r\n").status, 304);
  EXPECT_EQ(client().request("POST", "/assets/app-1.js").status, 405);
  EXPECT_EQ(client().request("HEAD", "/assets/app-1.js").header("Content-Length"), "40000");
  EXPECT_EQ(client().get("/assets/app-2.js").status, 404);
}

TEST_F(Content, WhereNothingIsPeopleSeeTheAppAndEverybodyThe404) {
  const std::string browser = "Accept: text/html,*/*\r\n";
  for (const char* path : {"/", "/index.html"}) {
    const auto answer = client().get(path, browser);
    EXPECT_EQ(answer.status, 200) << path;
    EXPECT_EQ(answer.body, "<!doctype html>app");
    EXPECT_EQ(answer.header("Cache-Control"), "no-cache");
    const auto policy = answer.header("Content-Security-Policy");
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_NE(policy.find("default-src 'self'"), std::string::npos);
    EXPECT_FALSE(answer.header("Referrer-Policy").empty());
  }
  for (const char* path : {"/nowhere", "/events/2026?x=1", "/pages/gone"}) {
    const auto answer = client().get(path, browser);
    EXPECT_EQ(answer.status, 404) << path;
    EXPECT_EQ(answer.body, "<!doctype html>app");
    EXPECT_EQ(answer.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_EQ(answer.header("ETag"), "");
    EXPECT_EQ(client().get(path).header("Content-Type"), "application/problem+json");
    EXPECT_EQ(client().get(path).status, 404);
  }
  EXPECT_EQ(client().get("/api/v1/nothing", browser).header("Content-Type"),
            "application/problem+json");
  EXPECT_EQ(client().request("POST", "/nowhere", browser).header("Content-Type"),
            "application/problem+json");
  EXPECT_NE(
      client().get("/api/v1/html").header("Content-Security-Policy").find("default-src 'none'"),
      std::string::npos);
}

TEST_F(Content, AnotherSpellingOfAPageLeadsToIt) {
  const auto moved = client().get("/Pages//here/?a=%ff&b=1");
  EXPECT_EQ(moved.status, 308);
  EXPECT_EQ(moved.header("Location"), "/pages/here?a=%ff&b=1");
  EXPECT_EQ(client().request("POST", "//pages/here").status, 308);
  EXPECT_EQ(client().get("/pages/here").body, "here");
  // Programs that call the API get what they ask for, or nothing.
  EXPECT_EQ(client().get("/api/v1/plain/").status, 404);
  EXPECT_EQ(client().get("/API/v1/plain").status, 404);
}

TEST_F(Content, WhatAnAddressHoldsBesidesIsNobodysTrouble) {
  for (const char* query : {"?q=%", "?q=1&utm=%E4%F6", "?%zz=1&q=x&=%", "?q=%00"})
    EXPECT_EQ(client().get(std::string("/pages/here") + query).status, 200) << query;
  EXPECT_EQ(client().get("/pages/here?utm=%zz&q=found").body, "found");
  EXPECT_EQ(client().get("/api/v1/listed?limit=%").status, 400);  // what is declared is checked
}

TEST(Preview, TheAppsPageTellsWhatItIsAbout) {
  const AppShell shell(
      "<head><meta name=\"description\" content=\"All shows\" /><title>onsale</title></head>x");
  const auto plain = shell.page({.title = {}, .description = {}, .address = {}, .image = {}});
  EXPECT_NE(plain.find("<title>onsale</title>"), plain.npos);
  EXPECT_NE(plain.find("<meta property=\"og:description\" content=\"All shows\">"), plain.npos);
  const auto show = shell.page({.title = "A \"film\" <1>",
                                .description = "Two lines",
                                .address = "https://t.test/shows/1",
                                .image = "https://t.test/p.svg"});
  EXPECT_NE(show.find("<title>A &quot;film&quot; &lt;1&gt; · onsale</title>"), show.npos) << show;
  EXPECT_NE(show.find("<meta name=\"description\" content=\"Two lines\">"), show.npos);
  EXPECT_NE(show.find("<meta property=\"og:image\" content=\"https://t.test/p.svg\">"), show.npos);
  EXPECT_NE(show.find("<link rel=\"canonical\" href=\"https://t.test/shows/1\">"), show.npos);
  EXPECT_EQ(show.find("All shows"), show.npos);
  EXPECT_TRUE(show.ends_with("</head>x"));
  EXPECT_EQ(AppShell("no head").page({}), "no head");
}

TEST_F(Content, TheDocumentationIsThere) {
  EXPECT_NE(client().get("/openapi.json").body.find(R"("version":"9.9.9")"), std::string::npos);
  EXPECT_NE(client().get("/docs").body.find("/docs/docs.js"), std::string::npos);
  EXPECT_EQ(client().get("/docs/docs.js").status, 200);
  EXPECT_EQ(client().get("/docs/docs.css").header("Content-Type"), "text/css; charset=utf-8");
}

TEST_F(Content, StreamsSendUntilTheClientGoes) {
  client().send("GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
  const auto head = client().receive(true);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.header("Content-Type"), "text/event-stream");
  EXPECT_EQ(head.header("X-Accel-Buffering"), "no");
  const auto writer = sync_wait(opened_.wait());
  writer->send(event_frame("place", "{\"a\":1}"));
  EXPECT_TRUE(client().sees("event: place\ndata: {\"a\":1}\n\n"));
  writer->send("data: two\n\n");
  EXPECT_TRUE(client().sees("two"));
  client_.reset();
  EXPECT_EQ(sync_wait(closed_.wait()), 1);
  writer->send("data: nobody\n\n");  // harmless
}

TEST_F(Content, SlowReadersOfAStreamGetTheLatest) {
  client().send("GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
  client().receive(true);
  const auto writer = sync_wait(opened_.wait());
  for (int i = 0; i < 2000; ++i)
    writer->send("data: " + std::to_string(i) + std::string(50'000, ' ') + "\n\n");
  writer->send("data: last\n\n");
  EXPECT_TRUE(client().sees("data: last\n\n"));
  EXPECT_LT(client().received().size(), 50'000'000U);  // of 100 MB that were offered
}

TEST_F(Content, AStopEndsStreams) {
  client().send("GET /api/v1/events HTTP/1.1\r\nHost: h\r\n\r\n");
  client().receive(true);
  sync_wait(opened_.wait());
  sync_wait(t_.server->stop(Millis(5000)));
  EXPECT_EQ(sync_wait(closed_.wait()), 1);
  EXPECT_TRUE(client().closed());
}

TEST(EventFrame, EachLineGetsItsField) {
  EXPECT_EQ(event_frame("", "a\nb"), "data: a\ndata: b\n\n");
  EXPECT_EQ(event_frame("x", ""), "event: x\ndata: \n\n");
}

constexpr std::string_view kUpgrade =
    "GET /ws HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n";

TEST(HttpUpgrade, SocketAndBytesAreHandedOver) {
  TestServer t;
  t.router.get("//live", {}, [](Call&) -> Answer<void> { return {}; });
  t.config.public_origin = "https://tickets.test";
  t.start_with([](Server& server) {
    server.on_upgrade("/ws", [](Upgrade&& upgrade) {
      upgrade.socket.non_blocking(false);
      int silent_ms = 0;  // a peer that vanished must be noticed
      socklen_t size = sizeof silent_ms;
      ::getsockopt(upgrade.socket.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &silent_ms,
                   &size);
      EXPECT_EQ(silent_ms, 30'000);
      const std::string text = "HELLO " + upgrade.client_address + " " + upgrade.bytes;
      boost::asio::write(upgrade.socket, boost::asio::buffer(text));
    });
  });
  TestClient client(t.port());
  client.send("GET /live HTTP/1.1\r\nHost: h\r\n\r\n" + std::string(kUpgrade) + "\r\nearly");
  EXPECT_EQ(client.receive().status, 204);
  EXPECT_TRUE(client.sees("HELLO 127.0.0.1 " + std::string(kUpgrade) + "\r\nearly"));
  EXPECT_TRUE(client.closed());
  EXPECT_EQ(t.server->stats().upgraded, 1);
  TestClient foreign(t.port());
  foreign.send(std::string(kUpgrade) + "Origin: https://evil.test\r\n\r\n");
  EXPECT_EQ(foreign.receive().status, 403);
  TestClient proxied(t.port());  // whose proxy has written another host
  proxied.send(std::string(kUpgrade) + "Origin: https://tickets.test\r\n\r\n");
  EXPECT_TRUE(proxied.sees("HELLO"));
}

Task<Answer<Page>> die_later(exec::BlockingPool& pool, Call& call) {
  auto worked = pool.run([] {});
  co_await std::move(worked);
  call.hang_up();
  co_return Page{"never sent"};
}

TEST(PlayedServer, HangsUpInPlaceOfAnAnswer) {
  exec::BlockingPool pool("test", 1, 4);
  TestServer server;
  server.router.get("//live", {}, [](Call&) -> Answer<Page> { return Page{"up"}; });
  server.router.get("//dies", {}, [](Call& call) -> Answer<Page> {
    call.hang_up();
    return Page{"never sent"};
  });
  server.router.get("//dies-later", {}, [&](Call& call) { return die_later(pool, call); });
  server.start();
  for (const char* path : {"/dies", "/dies-later"}) {
    TestClient client(server.port());
    EXPECT_EQ(client.get("/live").status, 200);
    EXPECT_EQ(client.get(path).status, 0) << path;
    EXPECT_TRUE(client.closed());
    EXPECT_EQ(client.received(), "");
  }
}

TEST(PlayedServer, ReadsAnyBodyItself) {
  TestServer server;
  server.router.post("//any", {.any_body = true},
                     [](Call& call) -> Answer<Page> { return Page{std::string(call.body())}; });
  server.start();
  TestClient client(server.port());
  EXPECT_EQ(client.post("/any", R"({"n":1})").body, R"({"text":"{\"n\":1}"})");
  EXPECT_EQ(client.post("/any", "no json").status, 200);
}

// What went along with the handler of a read, as text.
struct Demand final : TaskContext {
  explicit Demand(std::string s) : seen(std::move(s)) {}
  const std::string seen;
};
struct NotedHistory final : ReadHistory {
  std::unique_ptr<TaskContext> since(std::string_view seen, bool, Timestamp) override {
    return std::make_unique<Demand>(std::string(seen));
  }
  std::string now(Timestamp) override { return "0-1-7"; }
};

Task<std::string> what_goes_along() {
  const TaskContext* context = co_await task_context();
  const auto* demand = dynamic_cast<const Demand*>(context);
  co_return demand ? "after " + demand->seen : "the newest";
}
Task<Raw> tell_what_goes_along() {
  std::string body = co_await what_goes_along();
  co_return Raw{.content_type = "text/plain", .body = std::move(body)};
}
Task<Answer<void>> changed() {
  co_await what_goes_along();
  co_return no_content();
}

TEST(ReadHistories, GoAlongWithTheReadsThatAReplicaMayServe) {
  TestServer t;
  NotedHistory history;
  t.history = &history;
  t.router.get("//old", {.replica = true}, [](Call&) { return tell_what_goes_along(); });
  t.router.get("//new", {}, [](Call&) { return tell_what_goes_along(); });
  t.router.get("//back", {}, [](Call&) { return redirect("/"); });
  t.router.post("//change", {}, [](Call&) { return changed(); });
  t.router.post("//refused", {}, [](Call&) -> Answer<void> { return Problem(409, "no", "No."); });
  t.start();
  TestClient client(t.port());
  EXPECT_EQ(client.get("/old").body, "after ");
  EXPECT_EQ(client.get("/old", "Cookie: a=b; onsale_seen=0-1-5\r\n").body, "after 0-1-5");
  EXPECT_EQ(client.get("/new", "Cookie: onsale_seen=0-1-5\r\n").body, "the newest");

  const std::string cookie = "onsale_seen=0-1-7; Path=/; Max-Age=60";
  const auto says = [&](std::string_view method, std::string_view path) {
    const auto answer = client.request(method, path);
    return answer.header("Set-Cookie").find(cookie) != std::string::npos;
  };
  EXPECT_TRUE(says("POST", "/change"));
  EXPECT_TRUE(says("GET", "/back"));
  EXPECT_FALSE(says("POST", "/refused"));
  EXPECT_FALSE(says("GET", "/new"));
}

}  // namespace
}  // namespace onsale::http
