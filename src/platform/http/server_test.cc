// A live server and a bare socket: what goes over the wire.
#include "platform/http/server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <map>
#include <numeric>
#include <thread>

#include "base/overload.h"
#include "platform/exec/blocking_pool.h"
#include "platform/http/http_fixture.h"

namespace onsale::http {

struct Echo {
  std::string text;
  std::optional<std::int64_t> number;
};
BOOST_DESCRIBE_STRUCT(Echo, (), (text, number))

namespace {

Task<Answer<Echo>> on_pool(exec::BlockingPool& pool, Call& call) {
  const auto before = std::this_thread::get_id();
  std::string text = co_await pool.run([] { return std::string("from the pool"); });
  if (std::this_thread::get_id() != before) text = "resumed elsewhere";
  (void)call;
  co_return Echo{text, {}};
}

// Finishes on a thread that is no loop at all.
Task<Answer<Echo>> elsewhere(std::jthread& thread, Call& call) {
  struct Hop {
    std::jthread& thread;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiter) {
      thread = std::jthread([waiter] { waiter.resume(); });
    }
    void await_resume() const noexcept {}
  };
  (void)call;
  co_await Hop{thread};
  co_return Echo{"elsewhere", {}};
}

Task<Answer<Echo>> wait_for(OneShot<int> gate, Call& call) {
  (void)call;
  const int value = co_await gate.wait();
  co_return Echo{"waited", value};
}

class HttpServer : public testing::Test {
 protected:
  HttpServer() {
    auto& router = t_.router;
    router.get("//live", {}, [](Call&) -> Answer<Echo> { return Echo{"up", {}}; });
    router.get("//pool", {}, [this](Call& call) { return on_pool(pool_, call); });
    router.get("//elsewhere", {}, [this](Call& call) { return elsewhere(thread_, call); });
    router.get("//gate", {}, [this](Call& call) { return wait_for(gate_, call); });
    router.post("/echo", {}, [this](Echo echo, Call&) -> Answer<Echo> {
      ++echoed_;
      return echo;
    });
    router.get("/query", {}, [](Echo echo, Call&) -> Answer<Echo> { return echo; });
    router.get("/items/{item}", {}, [](Call& call) -> Answer<Echo> {
      return Echo{std::string(call.param("item")), {}};
    });
    router.get("/big", {}, [](Call&) {
      return Raw{.content_type = "text/plain", .body = std::string(300'000, 'x')};
    });
    router.get("/broken", {}, [](Call&) -> Answer<Echo> {
      throw std::runtime_error("SELECT secret FROM inside");
    });
    router.get("/busy", {}, [](Call&) -> Answer<Echo> { throw Overloaded("full", 7); });
    router.get("/go", {}, [](Call&) { return redirect("/there"); });
    router.del("/items/{item}", {}, [](Call&) -> Answer<void> { return no_content(); });
  }
  TestClient& client() {
    if (!client_) {
      if (!t_.server) t_.start();
      client_.emplace(t_.port());
    }
    return *client_;
  }

  exec::BlockingPool pool_{"test", 2, 100};
  std::jthread thread_;
  OneShot<int> gate_;
  std::atomic<int> echoed_{0};
  TestServer t_;
  std::optional<TestClient> client_;
};

TEST_F(HttpServer, KeepsTheConnectionAndSaysWhoAnswered) {
  for (int i = 0; i < 3; ++i) {
    const auto answer = client().get("/live");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"text":"up"})");
    EXPECT_EQ(answer.header("Content-Type"), "application/json");
    EXPECT_EQ(answer.header("X-Request-Id").size(), 32U);
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_EQ(answer.header("X-Content-Type-Options"), "nosniff");
    EXPECT_EQ(answer.header("Date"), "Fri, 15 Jan 2027 08:00:00 GMT");
  }
  EXPECT_EQ(t_.server->stats().requests, 3U);
}

TEST_F(HttpServer, AnswersPipelinedRequestsInTheirOrder) {
  std::string many;
  for (int i = 0; i < 50; ++i) {
    many += "GET /api/v1/items/" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\n\r\n";
    if (i % 5 == 0) many += "GET /pool HTTP/1.1\r\nHost: h\r\n\r\n";
    if (i % 7 == 0)
      many +=
          "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
          "Content-Length: 12\r\n\r\n{\"text\":\"e\"}";
    if (i % 9 == 0)
      many +=
          "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
          "Transfer-Encoding: chunked\r\n\r\nc\r\n{\"text\":\"e\"}\r\n0\r\n\r\n";
  }
  client().send(many);
  const auto expect = [this](const std::string& text) {
    EXPECT_EQ(client().receive().body, "{\"text\":\"" + text + "\"}");
  };
  for (int i = 0; i < 50; ++i) {
    expect(std::to_string(i));
    if (i % 5 == 0) expect("from the pool");
    if (i % 7 == 0) expect("e");
    if (i % 9 == 0) expect("e");
  }
}

TEST_F(HttpServer, ReadsRequestsInSlicesOfAnySize) {
  const std::string request =
      "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Content-Length: 28\r\n\r\n{\"text\":\"slices\",\"number\":1}";
  for (const std::size_t slice : {1U, 3U, 50U, 118U}) {
    for (std::size_t at = 0; at < request.size(); at += slice) {
      client().send(request.substr(at, slice));
      if (slice > 1) std::this_thread::sleep_for(Millis(2));
    }
    EXPECT_EQ(client().receive().body, R"({"text":"slices","number":1})") << slice;
  }
}

TEST_F(HttpServer, LargeBodiesArriveWhole) {
  const std::string text(60'000, 'y');
  const std::string body = "{\"text\":\"" + text + "\"}";
  EXPECT_EQ(client().post("/api/v1/echo", body).body, body);
  client().send(
      "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n");
  for (std::size_t at = 0; at < body.size(); at += 7000) {
    const auto part = body.substr(at, 7000);
    char size[20];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    client().send(size + part + "\r\n");
  }
  client().send("0\r\n\r\n");
  EXPECT_EQ(client().receive().body, body);
  EXPECT_EQ(client().get("/live").status, 200);
}

TEST_F(HttpServer, HandlersResumeOnTheLoopAndMayFinishElsewhere) {
  EXPECT_EQ(client().get("/pool").body, R"({"text":"from the pool"})");
  EXPECT_EQ(client().get("/elsewhere").body, R"({"text":"elsewhere"})");
  EXPECT_EQ(client().get("/live").status, 200);
}

TEST_F(HttpServer, MethodsAreTold) {
  auto answer = client().request("HEAD", "/live");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "13");
  answer = client().request("DELETE", "/live");
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "OPTIONS, GET, HEAD");
  EXPECT_NE(answer.body.find(R"("code":"method_not_allowed")"), std::string::npos);
  EXPECT_EQ(client().request("PROPFIND", "/live").status, 405);
  answer = client().request("OPTIONS", "/api/v1/items/1");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Allow"), "OPTIONS, GET, HEAD, DELETE");
  answer = client().request("DELETE", "/api/v1/items/1");
  EXPECT_EQ(answer.status, 204);
  EXPECT_EQ(answer.header("Content-Length"), "");
  answer = client().get("/api/v1/go");
  EXPECT_EQ(answer.status, 303);
  EXPECT_EQ(answer.header("Location"), "/there");
}

TEST_F(HttpServer, ProblemsHaveTheirShapeAndNothingInternalLeaks) {
  auto answer = client().get("/api/v1/nothing");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
  const auto trace = answer.header("X-Request-Id");
  EXPECT_EQ(answer.body,
            R"({"type":"/docs#not_found","title":"Not Found","status":404,)"
            R"("detail":"There is nothing at this address.","code":"not_found","trace_id":")" +
                trace + "\"}");
  answer = client().get("/api/v1/broken");
  EXPECT_EQ(answer.status, 500);
  EXPECT_NE(answer.body.find(R"("code":"internal")"), std::string::npos);
  EXPECT_EQ(answer.body.find("SELECT"), std::string::npos);
  answer = client().get("/api/v1/busy");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.header("Retry-After"), "7");
  EXPECT_EQ(client().get("/api/v1/items/%00%ff").status, 404);
  EXPECT_EQ(client().get("/api/v1/items/a%20b").body, R"({"text":"a b"})");
}

TEST_F(HttpServer, BodiesAreChecked) {
  const auto code = [](const TestAnswer& answer) {
    const auto at = answer.body.find("\"code\":\"") + 8;
    return answer.body.substr(at, answer.body.find('"', at) - at);
  };
  auto answer = client().post("/api/v1/echo", "{\"text\":");
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(code(answer), "malformed_json");
  answer = client().post("/api/v1/echo", R"({"text":7,"other":1})");
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(answer.body.find(R"("errors":[{"field":"text","code":"wrong_type","message":)"),
            std::string::npos);
  EXPECT_NE(answer.body.find(R"({"field":"other","code":"unknown_field")"), std::string::npos);
  answer = client().request("POST", "/api/v1/echo", "", "");
  EXPECT_EQ(answer.status, 422);
  EXPECT_NE(answer.body.find(R"({"field":"text","code":"required")"), std::string::npos);
  answer = client().request("POST", "/api/v1/echo", "Content-Type: text/plain\r\n", "{}");
  EXPECT_EQ(answer.status, 415);
  answer = client().post("/api/v1/echo", "{}", "Content-Encoding: gzip\r\n");
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(client().get("/api/v1/query?text=a&number=x").status, 422);
  EXPECT_EQ(client().get("/api/v1/query?text=a%20b&number=5").body, R"({"text":"a b","number":5})");
  EXPECT_EQ(echoed_, 0);
}

TEST_F(HttpServer, OversizeIsRefusedAndTheAnswerArrives) {
  const std::string body = "{\"text\":\"" + std::string(300'000, 'x') + "\"}";
  EXPECT_EQ(client().post("/api/v1/echo", body).status, 413);
  EXPECT_TRUE(client().closed());
  TestClient chunked(t_.port());
  chunked.send("POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 10; ++i) chunked.send("4000\r\n" + std::string(0x4000, 'x') + "\r\n");
  EXPECT_EQ(chunked.receive().status, 413);
  TestClient head(t_.port());
  EXPECT_EQ(head.get("/live", "X-Big: " + std::string(17'000, 'x') + "\r\n").status, 431);
  EXPECT_TRUE(head.closed());
  TestClient fits(t_.port());
  EXPECT_EQ(fits.get("/live", "X-Big: " + std::string(15'000, 'x') + "\r\n").status, 200);
  EXPECT_EQ(echoed_, 0);
}

TEST_F(HttpServer, MalformedRequestsAreRefusedAndClosed) {
  t_.start();
  for (const char* bytes :
       {"nonsense\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET /live HTTP/3.0\r\nHost: h\r\n\r\n",
        "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: "
        "2\r\n\r\n"}) {
    TestClient bad(t_.port());
    bad.send(bytes);
    const auto answer = bad.receive();
    EXPECT_GE(answer.status, 400) << bytes;
    EXPECT_EQ(answer.header("Connection"), "close");
    EXPECT_TRUE(bad.closed());
  }
}

TEST_F(HttpServer, OldAndClosingClientsAreUnderstood) {
  client().send("GET /live HTTP/1.0\r\n\r\n");
  auto answer = client().receive();
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(client().closed());
  TestClient kept(t_.port());
  kept.send("GET /live HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_EQ(kept.receive().header("Connection"), "keep-alive");
  EXPECT_EQ(kept.get("/live", "Connection: close\r\n").header("Connection"), "close");
  EXPECT_TRUE(kept.closed());
}

TEST_F(HttpServer, ExpectContinueIsAnswered) {
  client().send(
      "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Expect: 100-continue\r\nContent-Length: 12\r\n\r\n");
  EXPECT_EQ(client().receive().status, 100);
  client().send(R"({"text":"e"})");
  EXPECT_EQ(client().receive().body, R"({"text":"e"})");
}

TEST_F(HttpServer, RequestAndTraceIdsAreHonoured) {
  EXPECT_EQ(client().get("/live", "X-Request-Id: abc-1.2\r\n").header("X-Request-Id"), "abc-1.2");
  EXPECT_EQ(client().get("/live", "X-Request-Id: <b>\r\n").header("X-Request-Id").size(), 32U);
  const std::string trace = "0af7651916cd43dd8448eb211c80319c";
  const auto answer = client().get("/x", "traceparent: 00-" + trace + "-b7ad6b7169203331-01\r\n");
  EXPECT_NE(answer.body.find("\"trace_id\":\"" + trace + "\""), std::string::npos);
  EXPECT_EQ(client().get("/x", "traceparent: 00-zz-b7-01\r\n").status, 404);
}

TEST_F(HttpServer, SlowHeadsAndBodiesAreCutOff) {
  t_.config.limits.header_timeout = Millis(100);
  t_.config.limits.body_timeout = Millis(150);
  t_.start();
  TestClient silent(t_.port());
  TestClient head(t_.port());
  TestClient body(t_.port());
  body.send("POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Length: 100\r\n\r\n{");
  head.send("GET /live HTTP/1.1\r\nHo");
  for (int i = 0; i < 30; ++i) {  // dripping does not help
    head.send("s");
    std::this_thread::sleep_for(Millis(5));
  }
  EXPECT_EQ(head.receive().status, 408);
  EXPECT_TRUE(head.closed());
  EXPECT_EQ(body.receive().status, 408);
  EXPECT_TRUE(body.closed());
  EXPECT_TRUE(silent.closed());
  EXPECT_EQ(t_.server->stats().cut_off, 2U);
}

TEST_F(HttpServer, IdleConnectionsAreClosed) {
  t_.config.limits.idle_timeout = Millis(80);
  EXPECT_EQ(client().get("/live").status, 200);
  EXPECT_TRUE(client().closed());
}

TEST_F(HttpServer, ClientsThatDoNotReadAreCutOff) {
  t_.config.limits.write_timeout = Millis(150);
  t_.start();
  TestClient lazy(t_.port());
  std::string many;
  for (int i = 0; i < 100; ++i) many += "GET /api/v1/big HTTP/1.1\r\nHost: h\r\n\r\n";  // 30 MB
  lazy.send(many);
  for (int i = 0; i < 400 && t_.server->stats().cut_off == 0; ++i)
    std::this_thread::sleep_for(Millis(10));
  EXPECT_EQ(t_.server->stats().cut_off, 1U);
  EXPECT_LT(t_.server->stats().requests, 100U);  // and it did not pile up answers meanwhile
}

TEST_F(HttpServer, LargeAnswersArriveWhole) {
  std::string many;
  for (int i = 0; i < 20; ++i) many += "GET /api/v1/big HTTP/1.1\r\nHost: h\r\n\r\n";
  client().send(many);
  for (int i = 0; i < 20; ++i) EXPECT_EQ(client().receive().body, std::string(300'000, 'x'));
}

TEST_F(HttpServer, TooManyConnectionsHearSo) {
  t_.config.limits.connections_max = 2;
  t_.start();
  {
    TestClient one(t_.port());
    TestClient two(t_.port());
    EXPECT_EQ(one.get("/live").status, 200);
    EXPECT_EQ(two.get("/live").status, 200);
    TestClient three(t_.port());
    const auto answer = three.get("/live");
    EXPECT_EQ(answer.status, 503);
    EXPECT_EQ(answer.header("Retry-After"), "5");
    EXPECT_EQ(answer.header("Content-Type"), "application/problem+json");
    EXPECT_TRUE(three.closed());
    TestClient person(t_.port());  // back from paying, it may be
    const auto page = person.get("/live", "Accept: text/html,*/*;q=0.8\r\n");
    EXPECT_EQ(page.status, 503);
    EXPECT_EQ(page.header("Content-Type"), "text/html; charset=utf-8");
    EXPECT_NE(page.body.find("http-equiv=\"refresh\""), std::string::npos);
  }
  for (int i = 0; i < 100; ++i) {
    TestClient later(t_.port());
    if (later.get("/live").status == 200) return;
    std::this_thread::sleep_for(Millis(10));
  }
  FAIL() << "closed connections never made room";
}

TEST_F(HttpServer, StopFinishesWhatRunsAndTakesNothingNew) {
  t_.start();
  TestClient idle(t_.port());
  EXPECT_EQ(idle.get("/live").status, 200);
  TestClient running(t_.port());
  running.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 200 && t_.server->stats().connections < 2; ++i)
    std::this_thread::sleep_for(Millis(5));
  std::this_thread::sleep_for(Millis(20));
  std::jthread stopper([&] { sync_wait(t_.server->stop(Millis(5000))); });
  EXPECT_TRUE(idle.closed());
  EXPECT_FALSE(TestClient(t_.port()).connected());
  gate_.set(7);
  const auto answer = running.receive();
  EXPECT_EQ(answer.body, R"({"text":"waited","number":7})");
  EXPECT_EQ(answer.header("Connection"), "close");
  EXPECT_TRUE(running.closed());
}

TEST_F(HttpServer, StopHasADeadline) {
  t_.start();
  TestClient running(t_.port());
  running.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  for (int i = 0; i < 200 && t_.server->stats().connections < 1; ++i)
    std::this_thread::sleep_for(Millis(5));
  sync_wait(t_.server->stop(Millis(50)));
  EXPECT_TRUE(running.closed());
  gate_.set(1);  // the handler ends all the same
  OneShot<int> ended;
  t_.loops.at(0).post([ended]() mutable { ended.set(1); });
  sync_wait(ended.wait());
}

TEST_F(HttpServer, ASecondServerOnThePortIsRefused) {
  t_.start();
  TestServer second;
  second.config.port = t_.port();
  try {
    second.start();
    FAIL() << "two servers share a port";
  } catch (const std::runtime_error& e) {
    EXPECT_NE(std::string(e.what()).find("in use"), std::string::npos) << e.what();
  }
  second.server.reset();
}

// What the server before left behind may hold the port a moment longer than its process.
TEST_F(HttpServer, WaitsAMomentForThePort) {
  auto before = std::make_unique<TestServer>();
  before->start();
  t_.config.port = before->port();
  std::jthread ends_soon([&before] {
    std::this_thread::sleep_for(Millis(150));
    before.reset();
  });
  try {
    t_.start();
    EXPECT_EQ(TestClient(t_.port()).get("/live").status, 200);
  } catch (const std::runtime_error& e) {
    t_.server.reset();
    ADD_FAILURE() << e.what();
  }
}

// Well-formed requests with bytes changed, cut, doubled and moved: every connection ends in an
// answer or a close, and the server still works. The seed is in the failure message.
TEST_F(HttpServer, SurvivesMutatedRequests) {
  t_.config.limits.header_timeout = Millis(100);
  t_.config.limits.body_timeout = Millis(100);
  t_.start();
  const std::string good[] = {
      "GET /live HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\n\r\n",
      "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Content-Length: 12\r\n\r\n{\"text\":\"e\"}",
      "POST /api/v1/echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\nc\r\n{\"text\":\"e\"}\r\n0\r\n\r\n",
      "GET /api/v1/query?text=%EC%A2%8C&number=5 HTTP/1.1\r\nHost: h\r\nCookie: a=b; c=d\r\n\r\n"};
  constexpr std::string_view kBytes = "\r\n :;%&=?/{}\"\\\x01\x7f\xff 0aZ";
  SeededRandom random(20261121);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::uint64_t i = 0, n = 1 + random.next_u64() % 3; i < n; ++i)
      text += good[random.next_u64() % std::size(good)];
    for (std::uint64_t i = 0, n = 1 + random.next_u64() % 6; i < n; ++i) {
      const auto at = static_cast<std::size_t>(random.next_u64() % text.size());
      const auto size = static_cast<std::size_t>(random.next_u64() % 8);
      switch (random.next_u64() % 4) {
        case 0:
          text[at] = kBytes[random.next_u64() % kBytes.size()];
          break;
        case 1:
          text.erase(at, size);
          break;
        case 2:
          text.insert(at, text.substr(at, size));
          break;
        default:
          text.insert(at, 1, kBytes[random.next_u64() % kBytes.size()]);
          break;
      }
      if (text.empty()) text = "x";
    }
    TestClient client(t_.port());
    client.send(text);
    ::shutdown(client.fd(), SHUT_WR);
    ASSERT_TRUE(client.closed()) << "round " << round << ": " << text;
  }
  EXPECT_EQ(client().get("/live").status, 200);
}

TEST(HttpServerOnManyLoops, EveryLoopAccepts) {
  TestServer t(3);
  t.router.get("//live", {}, [](Call&) -> Answer<void> { return no_content(); });
  t.start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 60; ++i) {
    clients.push_back(std::make_unique<TestClient>(t.port()));
    EXPECT_EQ(clients.back()->get("/live").status, 204);
  }
  EXPECT_EQ(t.server->stats().connections, 60);
}

TEST(HttpServerOnManyLoops, CountsItsAnswersByRouteAndNothingElse) {
  TestServer t(2);
  t.router.get("//rooms/{room}", {}, [](Call& call) -> Answer<void> {
    if (call.param("room") == "none") return Problem(404, "room_not_found");
    return no_content();
  });
  t.start();
  for (int i = 0; i < 20; ++i) {
    TestClient client(t.port());
    EXPECT_EQ(client.get("/rooms/" + std::to_string(i)).status, 204);
    client.get("/rooms/none");
    client.get("/made-up/" + std::to_string(i));
    client.request("DELETE", "/rooms/" + std::to_string(i));
  }
  std::map<std::string, std::uint64_t> counts;
  for (const auto& row : t.server->latencies()) {
    std::string labels;
    for (const auto& [name, value] : row.labels) labels += name + "=" + value + " ";
    counts[labels] = std::accumulate(row.buckets.begin(), row.buckets.end(), std::uint64_t{0});
    EXPECT_GT(row.sum, 0);
    EXPECT_LT(row.sum, 20);
  }
  EXPECT_EQ(counts, (std::map<std::string, std::uint64_t>{
                        {"route=/rooms/{room} method=GET status=2xx ", 20},
                        {"route=/rooms/{room} method=GET status=4xx ", 20},
                        {"route=other method=other status=4xx ", 40}}));
}

TEST(HttpServerOnManyLoops, GoesWithoutAStopWhileItsClientsTalk) {
  TestServer t(2);
  OneShot<int> gate;
  t.router.get("//live", {}, [](Call&) -> Answer<void> { return no_content(); });
  t.router.get("//gate", {}, [&](Call& call) { return wait_for(gate, call); });
  t.router.get("//events", {}, [](Call&) { return Stream{}; });
  t.start();
  TestClient idle(t.port());
  EXPECT_EQ(idle.get("/live").status, 204);
  TestClient waiting(t.port());
  waiting.send("GET /gate HTTP/1.1\r\nHost: h\r\n\r\n");
  TestClient streaming(t.port());
  EXPECT_EQ(streaming.get("/events").status, 200);
  std::vector<std::jthread> talkers;
  for (int i = 0; i < 4; ++i) {
    talkers.emplace_back([port = t.port()] {
      TestClient client(port);
      while (client.get("/live").status == 204) {
      }
    });
  }
  while (t.server->stats().requests < 500) std::this_thread::yield();
  t.server.reset();
  talkers.clear();
  EXPECT_TRUE(idle.closed());
  EXPECT_TRUE(waiting.closed());
  EXPECT_TRUE(streaming.closed());
  gate.set(1);  // its answer finds nobody
  t.server.emplace(t.config, ServerParts{.loops = t.loops, .router = t.router, .clock = t.clock});
  t.server->start();  // the loops have not suffered
  EXPECT_EQ(TestClient(t.port()).get("/live").status, 204);
}

TEST(HttpServerOnManyLoops, GoesOnALoopOfItsOwn) {
  TestServer t(2);
  t.router.get("//live", {}, [](Call&) -> Answer<void> { return no_content(); });
  t.start();
  TestClient client(t.port());
  EXPECT_EQ(client.get("/live").status, 204);
  OneShot<int> gone;
  t.loops.at(1).post([&t, gone]() mutable {
    t.server.reset();
    gone.set(1);
  });
  sync_wait(gone.wait());
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace onsale::http
