// Who may do what, how often, and how many times: access, CSRF, limits, idempotency.
#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "base/log_fakes.h"
#include "base/overload.h"
#include "platform/http/http_fixture.h"
#include "platform/http/rate_guard.h"
#include "platform/sql/database.h"

namespace onsale::http {

struct Thing {
  std::string name;
};
BOOST_DESCRIBE_STRUCT(Thing, (), (name))

namespace {

// "buyer-1" and "admin-1" are valid tokens.
class FakeAuthenticator final : public Authenticator {
 public:
  std::optional<Principal> authenticate(std::string_view token, Timestamp) override {
    if (!token.starts_with("buyer-") && !token.starts_with("admin-")) return {};
    return Principal{"acc_" + std::string(token), std::string(token.substr(0, 5))};
  }
};

class MemoryIdempotency final : public IdempotencyStore {
 public:
  Task<IdempotencyBegin> begin(IdempotencyRequest request) override {
    std::lock_guard lock(mutex_);
    ++begun;
    last = request;
    auto [at, fresh] = rows_.try_emplace(request.scope + request.operation + request.key);
    Row& row = at->second;
    if (fresh) {
      row.hash = request.body_hash;
      co_return IdempotencyStarted{"t"};
    }
    if (row.hash != request.body_hash) co_return IdempotencyReused{};
    if (row.answer) co_return *row.answer;
    co_return IdempotencyInProgress{};
  }
  Task<void> finish(IdempotencyRequest request, std::string, StoredAnswer answer) override {
    std::lock_guard lock(mutex_);
    rows_[request.scope + request.operation + request.key].answer = std::move(answer);
    co_return;
  }
  Task<void> abandon(IdempotencyRequest request, std::string) override {
    std::lock_guard lock(mutex_);
    rows_.erase(request.scope + request.operation + request.key);
    co_return;
  }
  Task<std::size_t> sweep(Timestamp) override { co_return 0; }

  IdempotencyRequest last;
  std::atomic<int> begun{0};

 private:
  struct Row {
    std::string hash;
    std::optional<StoredAnswer> answer;
  };
  std::mutex mutex_;
  std::map<std::string, Row> rows_;
};

Task<Answer<Thing>> when_open(OneShot<int> gate, Thing thing, Call& call) {
  (void)call;
  co_await gate.wait();
  co_return created(std::move(thing));
}

Raw trouble(const Call& call, const Problem& problem) {
  return {.status = problem.status,
          .content_type = "text/html",
          .body = "<p>" + problem.code + " " + std::string(call.path())};
}

Raw clumsy(const Call&, const Problem&) { throw std::runtime_error("of its own"); }

Task<Raw> come_back(std::string way) {
  if (way == "unknown") throw Problem(404, "not_found");
  if (way == "busy") throw Overloaded("the pool is full", 7);
  if (way == "outage") throw sql::Outage("gone");
  if (way == "broken") throw std::runtime_error("secret");
  co_return redirect("/checkout/r1");
}

class Guard : public testing::Test {
 protected:
  Guard() {
    t_.authenticator = &authenticator_;
    t_.idempotency = &store_;
    auto& r = t_.router;
    r.get("/who", {}, [](Call& call) -> Answer<Thing> {
      return Thing{call.principal() ? call.principal()->account : "nobody"};
    });
    r.get("/mine", {.access = Access::signed_in}, [](Call&) -> Answer<void> { return {}; });
    r.get("/admin", {.access = Access::admin}, [](Call&) -> Answer<void> { return {}; });
    r.post("/things", {.access = Access::signed_in, .idempotent = true},
           [this](Thing thing, Call& call) -> Answer<Thing> {
             ++made_;
             call.set_cookie({.name = "made", .value = std::to_string(made_)});
             return created(std::move(thing));
           });
    r.post("/slow", {.idempotent = true}, [this](Thing thing, Call& call) {
      ++made_;
      return when_open(gate_, std::move(thing), call);
    });
    r.post("/again", {.repeatable = true},
           [this](Call&) -> Answer<Thing> { return Thing{std::to_string(++made_)}; });
    r.post("/breaks", {.idempotent = true}, [this](Call&) -> Answer<Thing> {
      if (++made_ == 1) throw std::runtime_error("once");
      return Thing{"fine"};
    });
    r.post("/heals", {.access = Access::signed_in, .idempotent = true},
           [this](Thing thing, Call&) -> Answer<Thing> {
             if (healing_ != 0) return Problem(healing_, "not_yet", {}, {}, 1);
             return created(std::move(thing));
           });
    r.post("/login", {.csrf_exempt = true}, [](Call&) -> Answer<void> { return {}; });
    r.post("/form", {.csrf_exempt = true, .form = true},
           [](Thing thing, Call&) -> Answer<Thing> { return thing; });
    r.get("/clumsy", {.trouble = clumsy}, [](Call&) -> Raw { throw Problem(404, "not_found"); });
    r.get("/strict", {.rate = RateClass::strict}, [](Call&) -> Answer<void> { return {}; });
    r.get("/shared", {.rate = RateClass::shared}, [](Call& call) -> Answer<void> {
      const auto token = call.header("X-Token");
      if (!token.starts_with("good")) return Problem(401, "forged");
      call.charge(token);
      return {};
    });
    r.get("/back/{way}", {.trouble = trouble},
          [](Call& call) -> Task<Raw> { return come_back(std::string(call.param("way"))); });
    r.get("/free", {.rate = RateClass::none}, [](Call&) -> Answer<void> { return {}; });
  }
  TestClient& client() {
    if (!t_.server) t_.start();
    if (!client_) client_.emplace(t_.port());
    return *client_;
  }
  static std::string code(const TestAnswer& answer) {
    const auto at = answer.body.find("\"code\":\"") + 8;
    return answer.body.substr(at, answer.body.find('"', at) - at);
  }

  FakeAuthenticator authenticator_;
  MemoryIdempotency store_;
  OneShot<int> gate_;
  std::atomic<int> made_{0};
  std::atomic<int> healing_{0};  // the status of the refusal, 0 for none
  TestServer t_;
  std::optional<TestClient> client_;
};

const std::string kBearer = "Authorization: Bearer buyer-1\r\n";
const std::string kCookie = "Cookie: a=b; onsale_access=buyer-1\r\n";
const std::string kCsrf = "X-Onsale-CSRF: 1\r\n";

TEST_F(Guard, AccessLevelsAreKept) {
  EXPECT_EQ(client().get("/api/v1/who").body, R"({"name":"nobody"})");
  EXPECT_EQ(client().get("/api/v1/who", kBearer).body, R"({"name":"acc_buyer-1"})");
  EXPECT_EQ(client().get("/api/v1/who", kCookie).body, R"({"name":"acc_buyer-1"})");
  const auto nobody = client().get("/api/v1/mine");
  EXPECT_EQ(nobody.status, 401);
  EXPECT_EQ(code(nobody), "unauthenticated");
  EXPECT_EQ(nobody.header("WWW-Authenticate"), "Bearer");
  EXPECT_EQ(client().get("/api/v1/mine", "Authorization: Bearer forged\r\n").status, 401);
  // A wrong token is not forgiven because a cookie came along.
  EXPECT_EQ(client().get("/api/v1/mine", "Authorization: Bearer forged\r\n" + kCookie).status, 401);
  EXPECT_EQ(client().get("/api/v1/mine", kBearer).status, 204);
  EXPECT_EQ(client().get("/api/v1/admin", kBearer).status, 403);
  EXPECT_EQ(client().get("/api/v1/admin", "Authorization: bearer admin-1\r\n").status, 204);
}

TEST_F(Guard, CookieMutationsNeedTheHeaderAndOurOrigin) {
  const std::string body = R"({"name":"x"})";
  const auto post = [&](const std::string& headers) {
    return client().post("/api/v1/things", body, headers);
  };
  EXPECT_EQ(code(post(kCookie)), "csrf_required");
  EXPECT_EQ(post(kCookie + "X-Onsale-CSRF: 0\r\n").status, 403);
  EXPECT_EQ(post(kCookie + kCsrf + "Origin: https://evil.test\r\n").status, 403);
  EXPECT_EQ(post(kCookie + kCsrf + "Origin: null\r\n").status, 403);
  EXPECT_EQ(post(kCookie + kCsrf + "Sec-Fetch-Site: cross-site\r\n").status, 403);
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(post(kCookie + kCsrf).status, 201);
  EXPECT_EQ(post(kCookie + kCsrf + "Origin: http://localhost\r\n").status, 201);
  EXPECT_EQ(
      post(kCookie + kCsrf + "Sec-Fetch-Site: same-origin\r\nOrigin: http://dev:5173\r\n").status,
      201);
  EXPECT_EQ(post(kBearer).status, 201);  // a token does not travel by itself
  EXPECT_EQ(post(kBearer + kCookie).status, 201);
}

TEST_F(Guard, WhatBrowsersCallUsIsOursWhateverHostAProxyWrites) {
  t_.config.public_origin = "https://tickets.test";
  const auto post = [&](const std::string& origin) {
    return client()
        .post("/api/v1/things", R"({"name":"x"})", kCookie + kCsrf + "Origin: " + origin + "\r\n")
        .status;
  };
  EXPECT_EQ(post("https://tickets.test"), 201);  // the host is localhost
  EXPECT_EQ(post("https://tickets.test:443"), 201);
  EXPECT_EQ(post("http://localhost:80"), 201);
  EXPECT_EQ(post("http://tickets.test"), 403);
  EXPECT_EQ(post("https://tickets.test.evil.test"), 403);
  EXPECT_EQ(post("http://localhost:81"), 403);
}

TEST_F(Guard, RefreshCookieNeedsTheHeaderTooAndLoginDoesNot) {
  const std::string refresh = "Cookie: onsale_refresh=r\r\n";
  EXPECT_EQ(code(client().post("/api/v1/slow", R"({"name":"x"})", refresh)), "csrf_required");
  EXPECT_EQ(client().post("/api/v1/login", "", refresh + kCookie).status, 204);
  EXPECT_EQ(client().post("/api/v1/login", "", kCookie + "Origin: https://evil.test\r\n").status,
            403);
}

TEST_F(Guard, PlainFormsWorkWhereDeclared) {
  const std::string form = "Content-Type: application/x-www-form-urlencoded\r\n";
  EXPECT_EQ(client().request("POST", "/api/v1/form", form, "name=a+b%21").body,
            R"({"name":"a b!"})");
  EXPECT_EQ(client().request("POST", "/api/v1/form", form, "name=%ff").status, 400);
  EXPECT_EQ(client().request("POST", "/api/v1/slow", form, "name=a").status, 415);
}

// Who comes back from a pay page is a person.
TEST_F(Guard, WhereBrowsersAreSentEveryProblemIsAPage) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_burst = 6;
  t_.config.limits.address_per_second = 0.001;
  const QuietLog hush;
  const auto back = [this](const std::string& way) { return client().get("/api/v1/back/" + way); };
  EXPECT_EQ(back("fine").header("Location"), "/checkout/r1");
  const auto is_page = [](const TestAnswer& answer, int status, const std::string& code) {
    EXPECT_EQ(answer.status, status);
    EXPECT_EQ(answer.header("Content-Type"), "text/html");
    EXPECT_EQ(answer.header("Cache-Control"), "no-store");
    EXPECT_TRUE(answer.body.starts_with("<p>" + code + " /api/v1/back/")) << answer.body;
  };
  is_page(back("unknown"), 404, "not_found");
  is_page(back("outage"), 503, "unavailable");
  is_page(back("broken"), 500, "internal");
  is_page(back("%ff"), 404, "not_found");
  const auto busy = back("busy");
  is_page(busy, 503, "overloaded");
  EXPECT_EQ(busy.header("Retry-After"), "7");
  is_page(back("fine"), 429, "rate_limited");
}

TEST_F(Guard, APageThatFailsItselfLeavesTheProblem) {
  const QuietLog hush;
  const auto answer = client().get("/api/v1/clumsy");
  EXPECT_EQ(answer.status, 404);
  EXPECT_EQ(code(answer), "not_found");
}

TEST_F(Guard, SameKeyAndBodyReplaysTheAnswer) {
  const std::string key = kBearer + "Idempotency-Key: k1\r\n";
  const auto first = client().post("/api/v1/things", R"({"name":"x"})", key);
  const auto again = client().post("/api/v1/things", R"({"name":"x"})", key);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.header("Set-Cookie"), first.header("Set-Cookie"));
  EXPECT_EQ(first.header("Idempotency-Replayed"), "");
  EXPECT_EQ(again.header("Idempotency-Replayed"), "true");
  EXPECT_EQ(made_, 1);
  const auto other = client().post("/api/v1/things", R"({"name":"y"})", key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(code(other), "idempotency_key_reused");
  EXPECT_EQ(made_, 1);
  // Refusals of the form are answers as well: no time heals them.
  const std::string bad = kBearer + "Idempotency-Key: k2\r\n";
  EXPECT_EQ(client().post("/api/v1/things", R"({"nam":1})", bad).status, 422);
  EXPECT_EQ(client().post("/api/v1/things", R"({"nam":1})", bad).header("Idempotency-Replayed"),
            "true");
}

TEST_F(Guard, WithoutAKeyEveryRequestRuns) {  // the control of the test above
  client().post("/api/v1/things", R"({"name":"x"})", kBearer);
  client().post("/api/v1/things", R"({"name":"x"})", kBearer);
  EXPECT_EQ(made_, 2);
}

TEST_F(Guard, ARepeatableRouteKeepsNothingAndAnswersAsOfNow) {
  const std::string key = "Idempotency-Key: k1\r\n";
  EXPECT_EQ(client().post("/api/v1/again", "", key).body, R"({"name":"1"})");
  EXPECT_EQ(client().post("/api/v1/again", "", key).body, R"({"name":"2"})");
  EXPECT_EQ(store_.begun, 0);
  const std::string long_key = "Idempotency-Key: " + std::string(256, 'k') + "\r\n";
  EXPECT_EQ(code(client().post("/api/v1/again", "", long_key)), "idempotency_key_invalid");
  client().post("/api/v1/slow", R"({"nam":1})", key);  // the control: others ask before they run
  EXPECT_EQ(store_.begun, 1);
}

TEST_F(Guard, KeysBelongToWhoSentThem) {
  const std::string key = "Idempotency-Key: k1\r\n";
  client().post("/api/v1/things", R"({"name":"x"})", kBearer + key);
  EXPECT_EQ(store_.last.scope, "account:acc_buyer-1");
  client().post("/api/v1/things", R"({"name":"x"})", "Authorization: Bearer buyer-2\r\n" + key);
  EXPECT_EQ(made_, 2);
  client().post("/api/v1/breaks", "", key + "Cookie: onsale_device=d\r\n");
  EXPECT_TRUE(store_.last.scope.starts_with("device:"));
  client().post("/api/v1/breaks", "", key);
  EXPECT_EQ(store_.last.scope, "address:127.0.0.1");
  EXPECT_EQ(client().post("/api/v1/breaks", "", "Idempotency-Key: \r\n").status, 400);
  EXPECT_EQ(client()
                .post("/api/v1/breaks", "", "Idempotency-Key: " + std::string(256, 'k') + "\r\n")
                .status,
            400);
}

TEST_F(Guard, WhileTheFirstRunsTheSecondIsTold) {
  const std::string key = "Idempotency-Key: k1\r\n";
  client();
  TestClient first(t_.port());
  first.send("POST /api/v1/slow HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n" + key +
             "Content-Length: 12\r\n\r\n{\"name\":\"x\"}");
  while (made_ == 0) std::this_thread::yield();
  const auto second = client().post("/api/v1/slow", R"({"name":"x"})", key);
  EXPECT_EQ(second.status, 409);
  EXPECT_EQ(code(second), "idempotency_in_progress");
  gate_.set(1);
  EXPECT_EQ(first.receive().status, 201);
  EXPECT_EQ(client().post("/api/v1/slow", R"({"name":"x"})", key).status, 201);
  EXPECT_EQ(made_, 1);
}

TEST_F(Guard, FailuresAreNotKept) {
  const std::string key = "Idempotency-Key: k1\r\n";
  EXPECT_EQ(client().post("/api/v1/breaks", "", key).status, 500);
  EXPECT_EQ(client().post("/api/v1/breaks", "", key).status, 200);
  EXPECT_EQ(made_, 2);
}

// A seat comes free, a sale opens, a pass is got: the same key tries again.
TEST_F(Guard, RefusalsThatTimeHealsAreNotKept) {
  for (const int status : {401, 402, 403, 404, 409, 410, 412, 415, 422, 423, 425, 428, 429}) {
    healing_ = status;
    const std::string key = kBearer + "Idempotency-Key: k" + std::to_string(status) + "\r\n";
    EXPECT_EQ(client().post("/api/v1/heals", R"({"name":"x"})", key).status, status);
    healing_ = 0;
    const auto again = client().post("/api/v1/heals", R"({"name":"x"})", key);
    EXPECT_EQ(again.status, 201) << status;
    EXPECT_EQ(again.header("Idempotency-Replayed"), "");
    EXPECT_EQ(client().post("/api/v1/heals", R"({"name":"x"})", key).header("Idempotency-Replayed"),
              "true");
  }
}

TEST_F(Guard, RefusalsOfStrangersAreNotKept) {
  const std::string key = "Idempotency-Key: k1\r\n";
  for (int i = 0; i < 2; ++i) {
    const auto refused = client().post("/api/v1/slow", R"({"nam":1})", key);
    EXPECT_EQ(refused.status, 422);
    EXPECT_EQ(code(refused), "invalid");
    EXPECT_EQ(refused.header("Idempotency-Replayed"), "");
  }
}

TEST_F(Guard, AChangeWithoutABodyRefusesFields) {
  const auto refused = client().post("/api/v1/login", R"({"name":"x"})");
  EXPECT_EQ(refused.status, 422);
  EXPECT_NE(refused.body.find("unknown_field"), std::string::npos) << refused.body;
  EXPECT_EQ(client().post("/api/v1/login", "[1]").status, 422);
  EXPECT_EQ(client().post("/api/v1/login", "{").status, 400);
  EXPECT_EQ(client().post("/api/v1/login", "{}").status, 204);
  EXPECT_EQ(client().post("/api/v1/login", "").status, 204);
}

TEST_F(Guard, FloodsAreSlowedDown) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_per_second = 1;
  t_.config.limits.address_burst = 5;
  t_.config.limits.strict_per_second = 1;
  t_.config.limits.strict_burst = 2;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(client().get("/api/v1/who").status, 200);
  const auto refused = client().get("/api/v1/who");
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "rate_limited");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("RateLimit-Limit"), "5");
  EXPECT_EQ(refused.header("RateLimit-Remaining"), "0");
  EXPECT_EQ(refused.header("RateLimit-Reset"), "1");
  EXPECT_EQ(client().get("/api/v1/free").status, 204);
  EXPECT_EQ(client().get("/api/v1/strict").status, 204);
  EXPECT_EQ(client().get("/api/v1/strict").status, 204);
  EXPECT_EQ(client().get("/api/v1/strict").status, 429);
  EXPECT_EQ(client().get("/api/v1/strict", kBearer).status, 429) << "whoever is signed in, too";
  t_.clock.advance(Millis(2000));
  EXPECT_EQ(client().get("/api/v1/who").status, 200);
  EXPECT_EQ(t_.server->stats().limited, 3U);
}

std::string from(const std::string& address) { return "X-Forwarded-For: " + address + "\r\n"; }

TEST_F(Guard, AnAccountIsOneClientFromManyAddresses) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.rate_per_second = 1;
  t_.config.limits.rate_burst = 3;
  t_.config.trusted_proxies = *Networks::parse("127.0.0.1");
  for (int i = 0; i < 3; ++i)
    EXPECT_EQ(
        client().get("/api/v1/mine", kBearer + from("6.6.6.6, 10.0.0." + std::to_string(i))).status,
        204)
        << i;
  EXPECT_EQ(client().get("/api/v1/mine", kBearer + from("10.0.0.4")).status, 429);
  EXPECT_EQ(client().get("/api/v1/who", from("10.0.0.5")).status, 200);
}

TEST_F(Guard, AProxyThatNoSettingNamesIsToldToOperators) {
  const KeptLog log;
  EXPECT_EQ(client().get("/api/v1/who").status, 200);
  EXPECT_FALSE(log.has("trusted_proxies"));
  EXPECT_EQ(client().get("/api/v1/who", from("203.0.113.9")).status, 200);
  EXPECT_TRUE(log.has("peer=127.0.0.1 setting=server.trusted_proxies"));
}

TEST_F(Guard, AndNotOneThatIsNamed) {
  t_.config.trusted_proxies = *Networks::parse("127.0.0.1");
  const KeptLog log;
  EXPECT_EQ(client().get("/api/v1/who", from("203.0.113.9")).status, 200);
  EXPECT_FALSE(log.has("trusted_proxies"));
}

std::string bearer_of(int person) {
  return "Authorization: Bearer buyer-" + std::to_string(person) + "\r\n";
}

TEST_F(Guard, SignedInPeopleBehindOneAddressHaveABucketEach) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.rate_per_second = 1;
  t_.config.limits.rate_burst = 3;
  for (int person = 0; person < 80; ++person)
    for (int call = 0; call < 3; ++call)
      EXPECT_EQ(client().get("/api/v1/mine", bearer_of(person)).status, 204) << person;
  const auto refused = client().get("/api/v1/mine", bearer_of(0));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(refused.header("RateLimit-Limit"), "3");
  EXPECT_EQ(client().get("/api/v1/mine", bearer_of(80)).status, 204);
}

// A carrier's address, at the limits that nobody changed: everybody signs in, looks and holds.
TEST_F(Guard, EightyPeopleBehindOneAddressBuyAtTheDefaultLimits) {
  t_.config.limits = {};
  ASSERT_TRUE(t_.config.limits.rate_enabled);
  for (int person = 0; person < 80; ++person) {
    EXPECT_EQ(client().get("/api/v1/strict").status, 204) << person;
    for (int call = 0; call < 5; ++call)
      EXPECT_EQ(client().get("/api/v1/mine", bearer_of(person)).status, 204) << person;
  }
}

std::string token(const std::string& name) { return "X-Token: " + name + "\r\n"; }

TEST_F(Guard, ManyPeopleBehindOneAddressHaveABucketEach) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.rate_per_second = 1;
  t_.config.limits.rate_burst = 3;
  for (int i = 0; i < 20; ++i)
    for (int call = 0; call < 3; ++call)
      EXPECT_EQ(client().get("/api/v1/shared", token("good" + std::to_string(i))).status, 204) << i;
  const auto refused = client().get("/api/v1/shared", token("good0"));
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "rate_limited");
  EXPECT_EQ(refused.header("Retry-After"), "1");
  EXPECT_EQ(refused.header("RateLimit-Limit"), "3");
  EXPECT_EQ(client().get("/api/v1/shared", token("good20")).status, 204);
}

TEST_F(Guard, AnAddressOfManyTokensHasALimitToo) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_per_second = 1;
  t_.config.limits.address_burst = 40;
  int passed = 0;
  for (int i = 0; i < 30; ++i)
    if (client().get("/api/v1/shared", token("good" + std::to_string(i))).status == 204) ++passed;
  for (int i = 0; i < 30; ++i)
    if (client().get("/api/v1/mine", bearer_of(i)).status == 204) ++passed;
  EXPECT_EQ(passed, 40);
}

TEST_F(Guard, ForgedTokensCostTheirAddressDearly) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_per_second = 1;
  t_.config.limits.address_burst = 40;
  const std::string forged = "Authorization: Bearer forged\r\n";
  const std::string cookie = "Cookie: onsale_access=forged\r\n";
  int checked = 0;
  for (int i = 0; i < 50; ++i) {
    const auto answer = i % 3 == 0   ? client().get("/api/v1/shared", token("forged"))
                        : i % 3 == 1 ? client().get("/api/v1/mine", forged)
                                     : client().get("/api/v1/mine", cookie);
    if (answer.status == 401) ++checked;
  }
  EXPECT_EQ(checked, 40 / (1 + kForgedCost) + 1);
  EXPECT_EQ(client().get("/api/v1/shared", token("good")).status, 429);
  t_.clock.advance(Millis(1000 * (1 + kForgedCost)));
  EXPECT_EQ(client().get("/api/v1/shared", token("good")).status, 204);
}

TEST_F(Guard, WhoShowsNoTokenPaysForNone) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_per_second = 1;
  t_.config.limits.address_burst = 40;
  for (int i = 0; i < 40; ++i) EXPECT_EQ(client().get("/api/v1/mine").status, 401) << i;
  EXPECT_EQ(client().get("/api/v1/mine").status, 429);
}

TEST_F(Guard, ForwardedAddressesAreOnlyBelievedFromOurProxies) {
  t_.config.limits.rate_enabled = true;
  t_.config.limits.address_burst = 1;
  t_.config.limits.address_per_second = 1;
  EXPECT_EQ(client().get("/api/v1/who", from("1.1.1.1")).status, 200);
  EXPECT_EQ(client().get("/api/v1/who", from("2.2.2.2")).status, 429);
}

// Whose bucket a chain of proxies draws from.
class Forwarding : public Guard {
 protected:
  Forwarding() {
    t_.config.limits.rate_enabled = true;
    t_.config.limits.address_burst = 1;
    t_.config.limits.address_per_second = 0.001;
    t_.config.trusted_proxies = *Networks::parse("127.0.0.0/8, 10.0.0.0/8");
  }
  bool passes(const std::string& lines) { return client().get("/api/v1/who", lines).status == 200; }
};

// A proxy that adds a line of its own instead of its address to the client's line.
TEST_F(Forwarding, ALineThatTheClientSentFirstIsNotWhoItIs) {
  EXPECT_TRUE(passes(from("1.1.1.1") + from("6.6.6.6")));
  EXPECT_FALSE(passes(from("2.2.2.2") + from("6.6.6.6"))) << "it chose its address";
  EXPECT_FALSE(passes(from("3.3.3.3, 4.4.4.4") + from("6.6.6.6") + from("10.1.2.3")));
  EXPECT_TRUE(passes(from("6.6.6.6") + from("7.7.7.7")));
}

TEST_F(Forwarding, EveryFormOfAnAddressIsUnderstood) {
  EXPECT_TRUE(passes(from("198.51.100.1:5151")));
  EXPECT_FALSE(passes(from("198.51.100.1:5252"))) << "a port is no client";
  EXPECT_FALSE(passes(from("::ffff:198.51.100.1")));
  EXPECT_TRUE(passes(from("198.51.100.2:5151, 10.0.0.1:80"))) << "a proxy's port neither";
  EXPECT_TRUE(passes(from("[2001:db8::1]:443")));
}

TEST_F(Forwarding, AnIPv6ClientIsItsNetworkOf64Bits) {
  EXPECT_TRUE(passes(from("2001:db8:0:1::1")));
  EXPECT_FALSE(passes(from("2001:db8:0:1:ffff::2")));
  EXPECT_TRUE(passes(from("2001:db8:0:2::1")));
}

TEST_F(Guard, FieldsOnSeveralLinesAreOneList) {
  EXPECT_EQ(client().get("/api/v1/who", "Cookie: a=b\r\nCookie: onsale_access=buyer-1\r\n").body,
            R"({"name":"acc_buyer-1"})");
  const auto two = kBearer + "Authorization: Bearer buyer-2\r\n";
  EXPECT_NE(client().get("/api/v1/who", two).body, R"({"name":"acc_buyer-1"})")
      << "nobody chooses between two people";
  const std::string body = R"({"name":"x"})";
  const auto post = [&](const std::string& headers) {
    return client().post("/api/v1/things", body, kCookie + headers).status;
  };
  EXPECT_EQ(post(kCsrf + "Origin: http://localhost\r\nOrigin: https://evil.test\r\n"), 403);
  EXPECT_EQ(post(kCsrf + "Sec-Fetch-Site: same-origin\r\nSec-Fetch-Site: cross-site\r\n"), 403);
  EXPECT_EQ(post(kCsrf), 201);
}

}  // namespace
}  // namespace onsale::http
