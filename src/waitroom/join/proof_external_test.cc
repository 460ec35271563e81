// The external challenge against a stand-in of the siteverify kind, and against services that are
// slow, broken or away.
#include <gtest/gtest.h>

#include <atomic>

#include "platform/http/http_fixture.h"
#include "waitroom/join/proof_external_client.h"

namespace onsale::waitroom {
namespace {

struct VerifyForm {
  std::string secret, response, remoteip;
};
BOOST_DESCRIBE_STRUCT(VerifyForm, (), (secret, response, remoteip))

class ExternalService : public testing::Test {
 protected:
  ExternalService() {
    const auto verify = [this](VerifyForm form, http::Call&) {
      ++calls_;
      std::lock_guard lock(mutex_);
      last_ = form;
      const bool good = form.secret == "our secret" && form.response.starts_with("good");
      return http::Raw{.status = status_.load(),
                       .content_type = "application/json",
                       .body = broken_ ? "<html>"
                               : good  ? R"({"success":true,"hostname":"onsale.test"})"
                                       : R"({"success":false,"error-codes":["invalid"]})"};
    };
    service_.router.post("//siteverify", {.form = true}, verify);
    service_.start();
    config_.verify_url = "http://127.0.0.1:" + std::to_string(service_.port()) + "/siteverify";
  }
  ExternalAnswer check(HttpExternalChallenge& challenge, std::string response = "good") {
    return sync_wait(challenge.check(std::move(response), "192.0.2.1"));
  }

  http::TestServer service_;
  std::mutex mutex_;
  VerifyForm last_;
  std::atomic<int> calls_{0}, status_{200};
  std::atomic<bool> broken_{false};
  FakeClock clock_;
  ExternalChallengeConfig config_{
      .page_url = "https://challenge.test/", .secret = "our secret", .timeout = Millis(300)};
};

TEST_F(ExternalService, SaysWhatTheServiceSays) {
  HttpExternalChallenge challenge(config_, clock_);
  EXPECT_EQ(challenge.url(), "https://challenge.test/");
  EXPECT_EQ(check(challenge, "good & odd=1+2 %41 \xEA\xB0\x80"), ExternalAnswer::passed);
  EXPECT_EQ(last_.response, "good & odd=1+2 %41 \xEA\xB0\x80");
  EXPECT_EQ(last_.remoteip, "192.0.2.1");
  EXPECT_EQ(check(challenge, "bad"), ExternalAnswer::failed);
}

TEST_F(ExternalService, RestsAfterSomeFailuresAndIsTriedAgain) {
  HttpExternalChallenge challenge(config_, clock_);
  status_ = 500;
  for (int i = 0; i < 5; ++i) EXPECT_EQ(check(challenge), ExternalAnswer::unavailable);
  EXPECT_TRUE(challenge.url().empty());
  status_ = 200;
  EXPECT_EQ(check(challenge), ExternalAnswer::unavailable);
  EXPECT_EQ(calls_, 5);  // nobody waited for it meanwhile
  clock_.advance(config_.rest);
  EXPECT_FALSE(challenge.url().empty());
  EXPECT_EQ(check(challenge), ExternalAnswer::passed);
}

TEST_F(ExternalService, NonsenseIsNoPass) {
  HttpExternalChallenge challenge(config_, clock_);
  broken_ = true;
  EXPECT_EQ(check(challenge), ExternalAnswer::unavailable);
}

TEST_F(ExternalService, AServiceThatIsAwayIsUnavailable) {
  config_.verify_url = "http://127.0.0.1:1/siteverify";
  HttpExternalChallenge challenge(config_, clock_);
  EXPECT_EQ(check(challenge), ExternalAnswer::unavailable);
}

// Accepts connections and says nothing.
class Silent {
 public:
  Silent() : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in here{};
    here.sin_family = AF_INET;
    here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof here;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&here), size), 0);
    EXPECT_EQ(::listen(fd_, 100), 0);
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(here.sin_port)) + "/";
  }
  ~Silent() { ::close(fd_); }
  Silent(const Silent&) = delete;
  Silent& operator=(const Silent&) = delete;
  const std::string& url() const { return url_; }

 private:
  int fd_;
  std::string url_;
};

TEST_F(ExternalService, ASilentServiceCostsNoMoreThanItsTimeAndItsThreads) {
  const Silent silent;
  config_.verify_url = silent.url();
  config_.threads = 2;
  config_.queue_max = 3;
  std::atomic<int> unavailable{0};
  const auto begun = std::chrono::steady_clock::now();
  {
    HttpExternalChallenge challenge(config_, clock_);
    std::vector<std::thread> crowd;
    for (int i = 0; i < 50; ++i) {
      crowd.emplace_back([&] {
        if (check(challenge) == ExternalAnswer::unavailable) ++unavailable;
      });
    }
    for (auto& one : crowd) one.join();
  }
  EXPECT_EQ(unavailable, 50);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace onsale::waitroom
