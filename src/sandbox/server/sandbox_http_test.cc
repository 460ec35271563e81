// Toss's stand-in as a shop sees it: over a socket, JSON and headers as documented.
#include <gtest/gtest.h>

#include "sandbox/server/sandbox_fixture.h"

namespace onsale::sandbox {
namespace {

TEST(TossHttp, APaymentIsConfirmedLookedUpAndCancelledInParts) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 50'000);
  const auto done = shop.confirm(key, "order-0001", 50'000);
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_EQ(done.word("/status"), "DONE");
  EXPECT_EQ(done.word("/method"), "카드");
  EXPECT_EQ(done.word("/version"), "2022-11-16");
  EXPECT_EQ(done.number("/totalAmount"), 50'000);
  EXPECT_EQ(done.number("/vat"), 4545);
  EXPECT_EQ(done.number("/suppliedAmount"), 45'455);
  EXPECT_TRUE(done.json.at("cancels").is_null());
  EXPECT_EQ(shop.toss("GET", "/payments/orders/order-0001").word("/paymentKey"), key);

  const auto part = shop.cancel(key, R"("cancelAmount":20000,"refundableAmount":50000)");
  ASSERT_EQ(part.status, 200) << part.text;
  EXPECT_EQ(part.word("/status"), "PARTIAL_CANCELED");
  EXPECT_EQ(part.number("/balanceAmount"), 30'000);
  EXPECT_EQ(part.number("/cancels/0/cancelAmount"), 20'000);
  EXPECT_EQ(shop.cancel(key).code(), "FORBIDDEN_CONSECUTIVE_REQUEST");
  const auto books = shop.control("GET", "/books");
  EXPECT_EQ(books.number("/toss/captured"), 50'000);
  EXPECT_EQ(books.number("/toss/refunded"), 20'000);
}

TEST(TossHttp, OneIdempotencyKeyIsOneAnswerWhateverTheBodySays) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto first = shop.approved("order-0001", 1000);
  const auto second = shop.approved("order-0002", 2000);
  const auto header = "Idempotency-Key: one\r\n";
  const auto done = shop.confirm(first, "order-0001", 1000, header);
  ASSERT_EQ(done.status, 200);
  const auto again = shop.confirm(second, "order-0002", 2000, header);
  EXPECT_EQ(again.text, done.text);
  EXPECT_EQ(shop.toss("GET", "/payments/" + second).word("/status"), "IN_PROGRESS");
}

TEST(KakaoPayHttp, APaymentIsMadeReadyApprovedAndCancelled) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto ready = shop.kakaopay(
      "/ready",
      R"({"cid":"TC0ONETIME","partner_order_id":"o1","partner_user_id":"u1","item_name":"Seat",
          "quantity":"1","total_amount":"2200","tax_free_amount":"0",
          "approval_url":"http://shop.test/ok","cancel_url":"http://shop.test/no",
          "fail_url":"http://shop.test/bad"})");
  ASSERT_EQ(ready.status, 200) << ready.text;
  const auto tid = ready.word("/tid");
  EXPECT_EQ(tid.size(), 20U);
  const auto decided =
      shop.control("POST", "/decide", R"({"payment":")" + tid + R"(","decision":"approve"})");
  const auto back = decided.word("/redirect_url");
  const auto token = back.substr(back.find("pg_token=") + 9);
  const std::string approve = R"({"cid":"TC0ONETIME","tid":")" + tid +
                              R"(","partner_order_id":"o1","partner_user_id":"u1","pg_token":")" +
                              token + R"("})";
  const auto done = shop.kakaopay("/approve", approve);
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_EQ(done.number("/amount/vat"), 200);
  EXPECT_EQ(shop.kakaopay("/approve", approve).status, 400);
  const std::string named = R"({"cid":"TC0ONETIME","tid":")" + tid + R"(")";
  const auto part =
      shop.kakaopay("/cancel", named + R"(,"cancel_amount":"200","cancel_tax_free_amount":0})");
  ASSERT_EQ(part.status, 200) << part.text;
  EXPECT_EQ(part.word("/status"), "PART_CANCEL_PAYMENT");
  const auto order = shop.kakaopay("/order", named + "}");
  EXPECT_EQ(order.number("/cancel_available_amount/total"), 2000);
  EXPECT_EQ(order.json.at("payment_action_details").as_array().size(), 2U);
}

}  // namespace
}  // namespace onsale::sandbox
