// The routes over a live server, with the real tokens.
#include "identity/http.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/overload.h"
#include "identity/fakes.h"
#include "identity/service.h"
#include "platform/crypto/fakes.h"
#include "platform/http/http_fixture.h"

namespace onsale::identity {
namespace {

using http::TestAnswer;
using http::TestClient;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kCsrf = "X-Onsale-CSRF: 1\r\n";
constexpr const char* kAda =
    R"({"email":"ada@example.com","password":"correct horse","name":"Ada"})";
constexpr const char* kAdaLogin = R"({"email":"ada@example.com","password":"correct horse"})";

class IdentityRoutes : public testing::Test {
 protected:
  IdentityRoutes() {
    identity_ = make_identity({.store = store_,
                               .passwords = passwords_,
                               .tokens = tokens_,
                               .ended = ended_,
                               .clock = server_.clock,
                               .random = random_});
    routes(server_.router, *identity_, verifier_);
    server_.authenticator = &verifier_;
    server_.config.trusted_proxies = *http::Networks::parse("127.0.0.1");
    server_.start();
    client_.emplace(server_.port());
  }

  // The value of a JSON member that is plain text.
  static std::string member(const TestAnswer& answer, const std::string& name) {
    const std::string key = "\"" + name + "\":\"";
    const auto at = answer.body.find(key);
    if (at == std::string::npos) return {};
    const auto from = at + key.size();
    return answer.body.substr(from, answer.body.find('"', from) - from);
  }
  static std::string code(const TestAnswer& answer) { return member(answer, "code"); }
  static std::string cookie(const TestAnswer& answer, const std::string& name) {
    const std::string key = "Set-Cookie: " + name + "=";
    const auto at = answer.head.find(key);
    if (at == std::string::npos) return {};
    return answer.head.substr(at + 12, answer.head.find("\r\n", at) - at - 12);
  }
  static std::string pair(const TestAnswer& answer, const std::string& name) {
    const std::string line = cookie(answer, name);
    return line.substr(0, line.find(';'));
  }
  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }

  SeededRandom random_{1};
  FakeStore store_;
  FakePasswords passwords_;
  http::TestServer server_;
  crypto::MemoryKeyStore key_store_;
  crypto::KeyRing ring_{key_store_, server_.clock.now()};
  SignedTokens tokens_{ring_, "onsale"};
  EndedSessions ended_{kAccessLife + kEndedSlack};
  AccessVerifier verifier_{ring_, "onsale", ended_};
  std::unique_ptr<Identity> identity_;
  std::optional<TestClient> client_;
};

TEST_F(IdentityRoutes, SigningUpAnswersWithTokensAndCookies) {
  const auto answer = client_->post("/api/v1/auth/signup", kAda);
  EXPECT_EQ(answer.status, 201);
  EXPECT_NE(answer.body.find(R"("email":"ada@example.com","name":"Ada","role":"buyer")"),
            std::string::npos);
  EXPECT_NE(answer.body.find("\"expires_in\":900"), std::string::npos);
  EXPECT_EQ(answer.header("Cache-Control"), "no-store");
  const std::string access = cookie(answer, "onsale_access");
  EXPECT_NE(access.find("; Path=/; Max-Age=900; HttpOnly; SameSite=Lax"), std::string::npos);
  const std::string refresh = cookie(answer, "onsale_refresh");
  EXPECT_NE(refresh.find("; Path=/api/v1/auth; Max-Age=2592000; HttpOnly"), std::string::npos);
  const auto me = client_->get("/api/v1/me", bearer(member(answer, "access_token")));
  EXPECT_EQ(me.status, 200);
  EXPECT_EQ(member(me, "email"), "ada@example.com");
  EXPECT_EQ(me.body.find("password"), std::string::npos);
  const auto by_cookie =
      client_->get("/api/v1/me", "Cookie: " + pair(answer, "onsale_access") + "\r\n");
  EXPECT_EQ(by_cookie.status, 200);
}

TEST_F(IdentityRoutes, EveryRefusalHasItsCode) {
  struct Case {
    const char *path, *body;
    int status;
    const char* code;
  };
  ASSERT_EQ(client_->post("/api/v1/auth/signup", kAda).status, 201);
  const Case cases[] = {
      {"/api/v1/auth/signup", kAda, 409, "email_taken"},
      {"/api/v1/auth/signup", R"({"email":"b@c.test","password":"12345678","name":"B"})", 422,
       "weak_password"},
      {"/api/v1/auth/signup", R"({"email":"nobody","password":"correct horse","name":"B"})", 422,
       "invalid"},
      {"/api/v1/auth/signup", R"({"email":"b@c.test","password":"correct horse","name":""})", 422,
       "invalid"},
      {"/api/v1/auth/signup",
       R"({"email":"b@c.test","password":"correct horse","name":"B","role":"admin"})", 422,
       "invalid"},
      {"/api/v1/auth/signup", R"({"email":"b@c.test"})", 422, "invalid"},
      {"/api/v1/auth/signup", R"({"email":1,"password":[],"name":{}})", 422, "invalid"},
      {"/api/v1/auth/signup", "{", 400, "malformed_json"},
      {"/api/v1/auth/login", R"({"email":"ada@example.com","password":"wrong horse"})", 401,
       "bad_credentials"},
      {"/api/v1/auth/login", R"({"email":"no@example.com","password":"correct horse"})", 401,
       "bad_credentials"},
      {"/api/v1/auth/login", R"({"email":"ada@example.com"})", 422, "invalid"},
      {"/api/v1/auth/refresh", "{}", 401, "token_invalid"},
      {"/api/v1/auth/refresh", R"({"refresh_token":"made up"})", 401, "token_invalid"},
      {"/api/v1/auth/refresh", R"({"refresh_token":7})", 422, "invalid"},
  };
  for (const Case& c : cases) {
    const auto answer = client_->post(c.path, c.body);
    EXPECT_EQ(answer.status, c.status) << c.path << c.body;
    EXPECT_EQ(code(answer), c.code) << c.path << c.body;
  }
  EXPECT_EQ(client_->get("/api/v1/me").status, 401);
  EXPECT_EQ(client_->get("/api/v1/me", bearer("forged")).status, 401);
}

TEST_F(IdentityRoutes, TooManyTriesAreAnsweredWithAWait) {
  ASSERT_EQ(client_->post("/api/v1/auth/signup", kAda).status, 201);
  TestAnswer answer;
  for (int i = 0; i < 11; ++i)
    answer = client_->post("/api/v1/auth/login",
                           R"({"email":"ada@example.com","password":"wrong horse"})");
  EXPECT_EQ(answer.status, 429);
  EXPECT_EQ(code(answer), "too_many_attempts");
  EXPECT_EQ(answer.header("Retry-After"), "30");
}

// One customer's network of 64 bits is one client, however many of its addresses it uses, and locks
// out neither its neighbour nor the owner.
TEST_F(IdentityRoutes, ANetworkOf64BitsGuessesNoMoreThanOneAddress) {
  client_->post("/api/v1/auth/signup", kAda);
  const auto guess = [this](const std::string& address, const std::string& password) {
    const std::string body = R"({"email":"ada@example.com","password":")" + password + "\"}";
    return client_->post("/api/v1/auth/login", body, "X-Forwarded-For: " + address + "\r\n").status;
  };
  int looked_at = 0;
  for (int i = 0; i < 150; ++i)
    if (guess("2001:db8:0:1::" + std::to_string(i), "wrong horse") == 401) ++looked_at;
  EXPECT_EQ(looked_at, 10);
  EXPECT_EQ(guess("2001:db8:0:2::1", "correct horse"), 200);
  EXPECT_EQ(guess("198.51.100.7:5151", "wrong horse"), 401);
}

// What costs a hash or tells whether a password is right.
TEST_F(IdentityRoutes, SignInAndSignUpAreStrict) {
  std::set<std::string> strict;
  for (const auto& entry : server_.router.entries())
    if (entry.route.rate == http::RateClass::strict) strict.insert(entry.path);
  EXPECT_EQ(strict, (std::set<std::string>{"/api/v1/auth/login", "/api/v1/auth/signup"}));
}

TEST_F(IdentityRoutes, ABrowserRefreshesByCookieAlone) {
  const auto login = client_->post("/api/v1/auth/signup", kAda);
  const std::string old = "Cookie: " + pair(login, "onsale_refresh") + "\r\n";
  server_.clock.advance(minutes(16));
  const auto next = client_->request("POST", "/api/v1/auth/refresh", old + kCsrf);
  EXPECT_EQ(next.status, 200);
  EXPECT_NE(pair(next, "onsale_refresh"), pair(login, "onsale_refresh"));
  server_.clock.advance(seconds(16));
  const auto again = client_->request("POST", "/api/v1/auth/refresh", old + kCsrf);
  EXPECT_EQ(pair(again, "onsale_refresh"), pair(next, "onsale_refresh")) << "the answer was lost";
  const std::string shown = "Cookie: " + pair(next, "onsale_refresh") + "\r\n";
  EXPECT_EQ(client_->request("POST", "/api/v1/auth/refresh", shown + kCsrf).status, 200);
  server_.clock.advance(seconds(11));
  const auto reused = client_->request("POST", "/api/v1/auth/refresh", old + kCsrf);
  EXPECT_EQ(reused.status, 401);
  EXPECT_EQ(code(reused), "token_reused");
  EXPECT_NE(cookie(reused, "onsale_refresh").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(client_->get("/api/v1/me", bearer(member(next, "access_token"))).status, 401);
}

TEST_F(IdentityRoutes, AForeignPageCannotUseTheCookies) {
  const auto login = client_->post("/api/v1/auth/signup", kAda);
  const std::string cookies =
      "Cookie: " + pair(login, "onsale_access") + "; " + pair(login, "onsale_refresh") + "\r\n";
  EXPECT_EQ(client_->request("POST", "/api/v1/auth/logout", cookies).status, 403);
  EXPECT_EQ(client_
                ->request("POST", "/api/v1/auth/logout",
                          cookies + kCsrf + "Origin: https://evil.test\r\n")
                .status,
            403);
  EXPECT_EQ(client_->get("/api/v1/me", cookies).status, 200);
}

TEST_F(IdentityRoutes, TooManyTriesSayWhenToComeBack) {
  constexpr const char* kWrong = R"({"email":"ada@example.com","password":"wrong horse"})";
  for (int i = 0; i < 10; ++i) ASSERT_EQ(client_->post("/api/v1/auth/login", kWrong).status, 401);
  const auto refused = client_->post("/api/v1/auth/login", kWrong);
  EXPECT_EQ(refused.status, 429);
  EXPECT_EQ(code(refused), "too_many_attempts");
  EXPECT_EQ(refused.header("Retry-After"), "30");
  EXPECT_EQ(refused.header("RateLimit-Limit"), "10");
  EXPECT_EQ(refused.header("RateLimit-Remaining"), "0");
  EXPECT_EQ(refused.header("RateLimit-Reset"), "30");
}

TEST_F(IdentityRoutes, LoggingOutEndsTheSessionByWhicheverTokenIsShown) {
  ASSERT_EQ(client_->post("/api/v1/auth/signup", kAda).status, 201);
  const auto by_bearer = client_->post("/api/v1/auth/login", kAdaLogin);
  const std::string access = bearer(member(by_bearer, "access_token"));
  const auto out = client_->request("POST", "/api/v1/auth/logout", access);
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(cookie(out, "onsale_access").find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(client_->get("/api/v1/me", access).status, 401);

  for (const char* scheme : {"bearer ", "BEARER "}) {
    const auto again = client_->post("/api/v1/auth/login", kAdaLogin);
    const std::string line = "Authorization: " + (scheme + member(again, "access_token")) + "\r\n";
    EXPECT_EQ(client_->get("/api/v1/me", line).status, 200);
    EXPECT_EQ(client_->request("POST", "/api/v1/auth/logout", line).status, 204);
    EXPECT_EQ(client_->get("/api/v1/me", line).status, 401) << scheme;
  }

  const auto by_cookie = client_->post("/api/v1/auth/login", kAdaLogin);
  server_.clock.advance(minutes(16));  // only the refresh cookie is left
  const std::string refresh = "Cookie: " + pair(by_cookie, "onsale_refresh") + "\r\n";
  EXPECT_EQ(client_->request("POST", "/api/v1/auth/logout", refresh + kCsrf).status, 204);
  EXPECT_EQ(client_->request("POST", "/api/v1/auth/refresh", refresh + kCsrf).status, 401);
  EXPECT_EQ(client_->request("POST", "/api/v1/auth/logout").status, 204);
}

}  // namespace
}  // namespace onsale::identity
