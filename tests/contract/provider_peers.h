// Both providers' stand-in in this process, over HTTP, with what the real clients need to reach it.
#pragma once

#include <gtest/gtest.h>

#include <boost/url.hpp>
#include <string>
#include <utility>

#include "base/log_fakes.h"
#include "payments/providers/kakaopay_client.h"
#include "payments/providers/toss_client.h"
#include "sandbox/server/sandbox_fixture.h"

namespace onsale::payments {

inline ReturnData data_of(const std::string& address) {
  ReturnData data;
  const auto url = boost::urls::parse_uri(address);
  EXPECT_TRUE(url.has_value()) << address;
  for (const auto& param : url->params()) data[param.key] = param.value;
  return data;
}

struct Peers {
  Peers() { loops.start(); }
  ~Peers() { loops.stop(); }

  std::string site() const { return "http://127.0.0.1:" + std::to_string(there.port()); }
  TossConfig toss_config() const {
    return {.api = site() + "/toss",
            .client_key = "test_ck_shop",
            .secret_key = "test_sk_shop",
            .pay_page = site() + "/toss/pay",
            .timeout = Millis(1'500)};
  }
  KakaoPayConfig kakaopay_config() const {
    return {
        .api = site() + "/kakaopay", .secret_key = "DEVKEY0123456789", .timeout = Millis(1'500)};
  }

  // What the browser brings back; the buyer stayed when it is empty.
  ReturnData decide(const Payment& payment, const std::string& decision,
                    const std::string& method = "") {
    const std::string name = payment.provider == "toss" ? payment.redirect_url : payment.id.str();
    const std::string with = method.empty() ? "" : R"(,"method":")" + method + "\"";
    const auto told =
        desk.control("POST", "/decide",
                     R"({"payment":")" + name + R"(","decision":")" + decision + "\"" + with + "}");
    EXPECT_EQ(told.status, 200) << told.text;
    const auto* address = told.json.as_object().if_contains("redirect_url");
    return address ? data_of(std::string(address->get_string())) : ReturnData();
  }
  // The stand-in's own books: captured, refunded.
  std::pair<std::int64_t, std::int64_t> books(const std::string& provider) {
    const auto told = desk.control("GET", "/books");
    return {told.number("/" + provider + "/captured"), told.number("/" + provider + "/refunded")};
  }
  // The stand-in's clock goes on.
  void pass(Millis time) {
    const auto now = parse_rfc3339(desk.control("GET", "/clock").word("/now"));
    desk.control("PUT", "/clock", R"({"now":")" + to_rfc3339(*now + time) + "\"}");
  }

  QuietLog quiet;
  sandbox::TestSandbox there;
  sandbox::Shop desk{there.port()};
  exec::Loops loops{1};
  net::Client client{loops};
};

}  // namespace onsale::payments
