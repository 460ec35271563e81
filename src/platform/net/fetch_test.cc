// Against our own server on a free port, and against sockets that say nothing.
#include "platform/net/fetch.h"

#include <gtest/gtest.h>

#include "platform/http/http_fixture.h"

namespace onsale::net {
namespace {

class Fetch : public testing::Test {
 protected:
  Fetch() {
    there_.router.get("//round/{number}", {}, [](http::Call& call) {
      return http::Raw{.status = call.param("number") == "7" ? 200 : 404,
                       .content_type = "application/json",
                       .body = R"({"q":")" + std::string(call.query("q")) + "\"}"};
    });
    there_.router.get("//large", {}, [](http::Call&) {
      return http::Raw{.content_type = "text/plain", .body = std::string(200'000, 'x')};
    });
    there_.router.get("//header", {}, [](http::Call& call) {
      return http::Raw{.content_type = "text/plain", .body = std::string(call.header("x-own"))};
    });
    there_.router.post("//echo", {}, [](http::Call& call) {
      return http::Raw{.content_type = "text/plain", .body = std::string(call.body())};
    });
    there_.start();
    here_ = "http://127.0.0.1:" + std::to_string(there_.port());
  }

  http::TestServer there_;
  std::string here_;
};

TEST_F(Fetch, BringsWhatTheOtherSideSays) {
  const Answer answer = fetch({.url = here_ + "/round/7?q=a"});
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body, R"({"q":"a"})");
  EXPECT_EQ(fetch({.url = here_ + "/round/8"}).status, 404);
  const Answer echo = fetch(
      {.url = here_ + "/echo", .method = "POST", .content_type = "text/plain", .body = "hello"});
  EXPECT_EQ(echo.body, "hello");
  EXPECT_EQ(fetch({.url = here_ + "/header", .headers = {{"X-Own", "1"}}}).body, "1");
}

TEST_F(Fetch, TakesNoMoreThanItWasToldTo) {
  EXPECT_THROW(fetch({.url = here_ + "/large"}), Unreachable);
  EXPECT_EQ(fetch({.url = here_ + "/large", .answer_max = 300'000}).body.size(), 200'000U);
}

TEST_F(Fetch, TlsIsNotSpokenToWhoDoesNotSpeakIt) {
  EXPECT_THROW(fetch({.url = "https" + here_.substr(4) + "/round/7", .timeout = Millis(300)}),
               Unreachable);
}

TEST(FetchFaults, EveryOneIsUnreachable) {
  for (const char* url : {"", "nonsense", "ftp://127.0.0.1/", "http:///x", "file:///etc/passwd"}) {
    EXPECT_THROW(fetch({.url = url}), Unreachable) << url;
  }
  EXPECT_THROW(fetch({.url = "http://127.0.0.1:1/"}), Unreachable);
}

TEST(FetchFaults, ASilentServerCostsNoMoreThanTheTimeout) {
  const int silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ASSERT_EQ(::bind(silent, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
  ASSERT_EQ(::listen(silent, 1), 0);
  socklen_t size = sizeof at;
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&at), &size);
  const auto began = std::chrono::steady_clock::now();
  EXPECT_THROW(fetch({.url = "http://127.0.0.1:" + std::to_string(ntohs(at.sin_port)) + "/",
                      .timeout = Millis(200)}),
               Unreachable);
  EXPECT_LT(std::chrono::steady_clock::now() - began, Millis(2'000));
  ::close(silent);
}

}  // namespace
}  // namespace onsale::net
