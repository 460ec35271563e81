// A stand-in of its own on a free port, and clients that speak to it as a shop does, for tests.
#pragma once

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "platform/exec/loop.h"
#include "platform/http/http_fixture.h"
#include "sandbox/server/sandbox_http.h"

namespace onsale::sandbox {

class TestSandbox {
 public:
  explicit TestSandbox(std::string data = {}, std::string webhook = {}, toss::Guards guards = {}) {
    server_.emplace(
        SandboxConfig{
            .port = 0, .data = std::move(data), .webhook = std::move(webhook), .guards = guards},
        loops_);
    server_->start();
    loops_.start();
  }
  ~TestSandbox() {
    OneShot<bool> done;
    loops_.at(0).post([this, done] {
      onsale::start(server_->stop(Millis(200)),
                    [done](std::exception_ptr) mutable { done.set(true); });
    });
    sync_wait(done.wait());
    server_->close();
    loops_.stop();
  }
  std::uint16_t port() const { return server_->port(); }

 private:
  exec::Loops loops_{1};
  std::optional<SandboxServer> server_;
};

struct TestReply {
  int status = 0;
  boost::json::value json;
  std::string text;
  std::string location;
  std::string code() const {
    const auto* object = json.if_object();
    const auto* value = object != nullptr ? object->if_contains("code") : nullptr;
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
  }
  std::int64_t number(std::string_view pointer) const {
    return json.at_pointer(pointer).to_number<std::int64_t>();
  }
  std::string word(std::string_view pointer) const {
    return std::string(json.at_pointer(pointer).get_string());
  }
};

// One keep-alive connection; opens another when the stand-in hung up.
class Shop {
 public:
  explicit Shop(std::uint16_t port) : port_(port) {}

  TestReply call(std::string_view method, std::string_view path, std::string_view body = {},
                 std::string_view headers = {}, std::string_view type = "application/json") {
    if (!client_) client_.emplace(port_);
    std::string all(headers);
    if (!body.empty()) all.append("Content-Type: ").append(type).append("\r\n");
    const auto answer = client_->request(method, path, all, body);
    if (answer.status == 0) client_.reset();
    boost::system::error_code error;
    auto json = boost::json::parse(answer.body, error);
    return {.status = answer.status,
            .json = error ? nullptr : std::move(json),
            .text = answer.body,
            .location = answer.header("Location")};
  }

  // base64("test_sk_shop:")
  static constexpr std::string_view kTossKey =
      "Authorization: Basic dGVzdF9za19zaG9wOg==\r\nAccept-Language: en-US\r\n";
  static constexpr std::string_view kKakaoPayKey = "Authorization: SECRET_KEY DEVKEY0123456789\r\n";

  TestReply toss(std::string_view method, std::string_view path, std::string_view body = {},
                 std::string_view headers = {}) {
    return call(method, "/toss/v1" + std::string(path), body,
                std::string(kTossKey) + std::string(headers));
  }
  TestReply kakaopay(std::string_view path, std::string_view body) {
    return call("POST", "/kakaopay/online/v1/payment" + std::string(path), body, kKakaoPayKey);
  }
  TestReply control(std::string_view method, std::string_view path, std::string_view body = {}) {
    return call(method, "/control" + std::string(path), body);
  }

  // The address of Toss's pay page for an order.
  static std::string pay_address(const std::string& order, std::int64_t amount) {
    return "/toss/pay?clientKey=test_ck_shop&orderId=" + order +
           "&amount=" + std::to_string(amount) +
           "&orderName=Seat%20A-1&successUrl=http%3A%2F%2Fshop.test%2Fback%3Fkey%3D1"
           "&failUrl=http%3A%2F%2Fshop.test%2Ffailed&customerName=Kim";
  }
  // Opens and approves; the paymentKey.
  std::string approved(const std::string& order, std::int64_t amount,
                       const std::string& method = "card") {
    const auto decided = control("POST", "/decide",
                                 R"({"payment":")" + pay_address(order, amount) +
                                     R"(","decision":"approve","method":")" + method + R"("})");
    return decided.word("/payment");
  }
  TestReply confirm(const std::string& key, const std::string& order, std::int64_t amount,
                    std::string_view headers = {}) {
    return toss("POST", "/payments/confirm",
                R"({"paymentKey":")" + key + R"(","orderId":")" + order + R"(","amount":)" +
                    std::to_string(amount) + "}",
                headers);
  }
  TestReply cancel(const std::string& key, const std::string& members = {},
                   std::string_view headers = {}) {
    return toss(
        "POST", "/payments/" + key + "/cancel",
        R"({"cancelReason":"change of mind")" + (members.empty() ? "" : "," + members) + "}",
        headers);
  }

 private:
  std::uint16_t port_;
  std::optional<http::TestClient> client_;
};

}  // namespace onsale::sandbox
