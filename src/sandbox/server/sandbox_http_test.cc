// Both providers as a shop sees them: over a socket, JSON and headers as documented.
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
  EXPECT_EQ(done.number("/vat"), 4'545);
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
  const auto list = shop.control("GET", "/books/payments?provider=toss");
  EXPECT_EQ(list.word("/payments/0/payment"), key);
  EXPECT_EQ(list.number("/payments/0/refunded"), 20'000);
}

TEST(TossHttp, WhatMovedIsListedByItsTimeAndWhatIsKeptByTheDay) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  shop.control("PUT", "/clock", R"({"now":"2026-12-01T14:59:00Z","rate":0})");
  std::vector<std::string> keys;
  for (int i = 0; i < 3; ++i) {
    const std::string order = "order-000" + std::to_string(i);
    keys.push_back(shop.approved(order, 10'000 * (i + 1)));
    ASSERT_EQ(shop.confirm(keys.back(), order, 10'000 * (i + 1)).status, 200);
  }
  shop.control("PUT", "/clock", R"({"now":"2026-12-01T15:00:00Z","rate":0})");  // the next day
  ASSERT_EQ(shop.cancel(keys[2], R"("cancelAmount":5000)").status, 200);

  const std::string days = "?startDate=2026-12-01T00:00:00&endDate=2026-12-02T23:59:59";
  const auto first = shop.toss("GET", "/transactions" + days + "&limit=2");
  ASSERT_EQ(first.json.as_array().size(), 2U) << first.text;
  const auto rest = shop.toss(
      "GET", "/transactions" + days + "&limit=2&startingAfter=" + first.word("/1/transactionKey"));
  ASSERT_EQ(rest.json.as_array().size(), 2U) << rest.text;
  EXPECT_EQ(rest.word("/1/status"), "PARTIAL_CANCELED");
  EXPECT_EQ(rest.number("/1/amount"), 5'000);
  EXPECT_EQ(rest.word("/1/transactionAt"), "2026-12-02T00:00:00+09:00");
  EXPECT_EQ(rest.word("/1/orderId"), "order-0002");
  EXPECT_EQ(shop.toss("GET", "/transactions" + days + "&startingAfter=x").code(),
            "INVALID_REQUEST");
  EXPECT_EQ(shop.toss("GET", "/transactions?startDate=2026-12-01").code(), "INVALID_REQUEST");

  const auto kept = shop.toss("GET", "/settlements?startDate=2026-12-01&endDate=2026-12-01");
  ASSERT_EQ(kept.json.as_array().size(), 3U) << kept.text;
  EXPECT_EQ(kept.number("/2/amount") + kept.number("/1/amount") + kept.number("/0/amount"), 60'000);
  EXPECT_EQ(kept.number("/0/fee"), kept.number("/0/amount") * 33 / 1'000);
  EXPECT_EQ(kept.number("/0/payOutAmount"), kept.number("/0/amount") - kept.number("/0/fee"));
  const auto back = shop.toss("GET", "/settlements?startDate=2026-12-02&endDate=2026-12-02");
  EXPECT_EQ(back.number("/0/amount"), -5'000) << back.text;
  EXPECT_EQ(back.number("/0/fee"), -165);
  EXPECT_EQ(shop.toss("GET", "/settlements?startDate=2026-12-01&endDate=2026-12-02&size=3&page=2")
                .json.as_array()
                .size(),
            1U);
}

TEST(TossHttp, EveryFieldOfAPaymentIsThere) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 50'000, "virtual_account");
  const auto waiting = shop.confirm(key, "order-0001", 50'000);
  for (const auto* name : {"mId",
                           "lastTransactionKey",
                           "paymentKey",
                           "orderId",
                           "orderName",
                           "taxExemptionAmount",
                           "status",
                           "requestedAt",
                           "approvedAt",
                           "useEscrow",
                           "cultureExpense",
                           "card",
                           "virtualAccount",
                           "transfer",
                           "mobilePhone",
                           "giftCertificate",
                           "cashReceipt",
                           "cashReceipts",
                           "discount",
                           "cancels",
                           "secret",
                           "type",
                           "easyPay",
                           "country",
                           "failure",
                           "isPartialCancelable",
                           "receipt",
                           "checkout",
                           "currency",
                           "totalAmount",
                           "balanceAmount",
                           "suppliedAmount",
                           "vat",
                           "taxFreeAmount",
                           "metadata",
                           "method",
                           "version"})
    EXPECT_TRUE(waiting.json.as_object().contains(name)) << name;
  EXPECT_EQ(waiting.word("/status"), "WAITING_FOR_DEPOSIT");
  EXPECT_EQ(waiting.word("/method"), "가상계좌");
  EXPECT_TRUE(waiting.word("/virtualAccount/accountNumber").starts_with("X"));
  EXPECT_FALSE(waiting.word("/secret").empty());
  EXPECT_TRUE(waiting.json.at("approvedAt").is_null());
  EXPECT_TRUE(waiting.word("/requestedAt").ends_with("+09:00"));
  shop.control("POST", "/decide", R"({"payment":"order-0001","decision":"deposit"})");
  EXPECT_EQ(shop.toss("GET", "/payments/" + key).word("/status"), "DONE");
  shop.control("POST", "/decide", R"({"payment":"order-0001","decision":"withdraw"})");
  EXPECT_EQ(shop.toss("GET", "/payments/" + key).word("/status"), "WAITING_FOR_DEPOSIT");
}

TEST(TossHttp, ACashReceiptFollowsWhatGoesBack) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto decided =
      shop.control("POST", "/decide",
                   R"({"payment":")" + Shop::pay_address("order-0001", 50'000) +
                       R"(","decision":"approve","method":"transfer","cash_receipt":"income"})");
  const auto key = decided.word("/payment");
  const auto done = shop.confirm(key, "order-0001", 50'000);
  EXPECT_EQ(done.word("/cashReceipt/type"), "소득공제");
  EXPECT_EQ(done.word("/cashReceipts/0/transactionType"), "CONFIRM");
  const auto receipt = done.word("/receipt/url");
  EXPECT_EQ(shop.call("GET", receipt.substr(receipt.find("/toss/"))).status, 200);
  const auto part = shop.cancel(key, R"("cancelAmount":10000)");
  EXPECT_EQ(part.number("/cashReceipt/amount"), 40'000);
  EXPECT_EQ(part.word("/cashReceipts/1/transactionType"), "CANCEL");
}

TEST(TossHttp, WhoAsksIsChecked) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto code = [&](const std::string& header) {
    return shop.call("GET", "/toss/v1/payments/x", {}, header).code();
  };
  EXPECT_EQ(code(""), "UNAUTHORIZED_KEY");
  EXPECT_EQ(code("Authorization: Bearer x\r\n"), "INCORRECT_BASIC_AUTH_FORMAT");
  // "test_sk_shop", without its colon; then the client key, a live one, and a word
  EXPECT_EQ(code("Authorization: Basic dGVzdF9za19zaG9w\r\n"), "INCORRECT_BASIC_AUTH_FORMAT");
  EXPECT_EQ(code("Authorization: Basic dGVzdF9ja19zaG9wOg==\r\n"), "INVALID_API_KEY");
  EXPECT_EQ(code("Authorization: Basic bGl2ZV9za19zaG9wOg==\r\n"), "INVALID_API_KEY");
  EXPECT_EQ(code("Authorization: Basic d2hhdGV2ZXI6\r\n"), "UNAUTHORIZED_KEY");
  EXPECT_EQ(code(std::string(Shop::kTossKey)), "NOT_FOUND_PAYMENT");
  const auto key = shop.approved("order-0001", 1'000);
  const auto other = shop.call("GET", "/toss/v1/payments/" + key, {},
                               "Authorization: Basic dGVzdF9za19vdGhlcjo=\r\n");
  EXPECT_EQ(other.code(), "INVALID_API_KEY");
  EXPECT_EQ(other.status, 400);
}

TEST(TossHttp, ErrorsAreForcedByTheirCode) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 1'000);
  const auto forced =
      shop.confirm(key, "order-0001", 1'000, "TossPayments-Test-Code: REJECT_CARD_COMPANY\r\n");
  EXPECT_EQ(forced.status, 403);
  EXPECT_EQ(forced.code(), "REJECT_CARD_COMPANY");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000, "TossPayments-Test-Code: NONSENSE\r\n").code(),
            "INVALID_REQUEST");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).status, 200);
}

TEST(TossHttp, OneIdempotencyKeyIsOneAnswerWhateverTheBodySays) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto first = shop.approved("order-0001", 1'000);
  const auto second = shop.approved("order-0002", 2'000);
  const auto* header = "Idempotency-Key: one\r\n";
  const auto done = shop.confirm(first, "order-0001", 1'000, header);
  ASSERT_EQ(done.status, 200);
  EXPECT_EQ(shop.confirm(second, "order-0002", 2'000, header).text, done.text);
  EXPECT_EQ(shop.toss("GET", "/payments/" + second).word("/status"), "IN_PROGRESS");
  // Another address is another scope, and a refusal is an answer, too.
  EXPECT_EQ(shop.cancel(first, R"("cancelAmount":2000)", header).code(), "NOT_CANCELABLE_AMOUNT");
  EXPECT_EQ(shop.cancel(first, R"("cancelAmount":100)", header).code(), "NOT_CANCELABLE_AMOUNT");
  EXPECT_EQ(shop.confirm(second, "order-0002", 2'000,
                         "Idempotency-Key: " + std::string(301, 'k') + "\r\n")
                .code(),
            "INVALID_IDEMPOTENCY_KEY");
}

TEST(TossHttp, NegativeControlARepeatIsNoReplayWithoutTheIdempotencyGuard) {
  TestSandbox sandbox({}, {}, {.idempotency = false});
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 3'000);
  const auto* header = "Idempotency-Key: one\r\n";
  EXPECT_EQ(shop.confirm(key, "order-0001", 3'000, header).status, 200);
  EXPECT_EQ(shop.confirm(key, "order-0001", 3'000, header).code(), "ALREADY_PROCESSED_PAYMENT");
}

TEST(TossHttp, AKeyInFlightIsToldSo) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 1'000);
  shop.control("PUT", "/faults",
               R"({"path":"/toss/v1/payments/confirm","fault":"delay_ms","min_ms":300,"times":1})");
  const std::string body =
      R"({"paymentKey":")" + key + R"(","orderId":"order-0001","amount":1000})";
  http::TestClient slow(sandbox.port());
  slow.send("POST /toss/v1/payments/confirm HTTP/1.1\r\nHost: x\r\n" + std::string(Shop::kTossKey) +
            "Idempotency-Key: one\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
            body);
  TestReply second;
  do {  // until the first one has arrived
    second = shop.confirm(key, "order-0001", 1'000, "Idempotency-Key: one\r\n");
  } while (second.status == 404);
  const auto first = slow.receive();
  if (second.status != 200) {
    EXPECT_EQ(second.status, 409);
    EXPECT_EQ(second.code(), "IDEMPOTENT_REQUEST_PROCESSING");
    EXPECT_EQ(first.status, 200);
  } else {  // it was the first, and the slow one its repeat
    EXPECT_EQ(first.status, 409);
  }
}

TEST(TossHttp, ABillingKeyIsIssuedChargedAndDeleted) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const std::string page =
      "/toss/billing?clientKey=test_ck_shop&customerKey=cust-1"
      "&successUrl=http%3A%2F%2Fshop.test%2Fok&failUrl=http%3A%2F%2Fshop.test%2Fno";
  EXPECT_EQ(shop.call("GET", page).status, 200);
  const auto back =
      shop.call("POST", page, "decision=approve", {}, "application/x-www-form-urlencoded");
  ASSERT_EQ(back.status, 303);
  const auto auth = back.location.substr(back.location.find("authKey=") + 8);
  const auto issued = shop.toss("POST", "/billing/authorizations/issue",
                                R"({"authKey":")" + auth + R"(","customerKey":"cust-1"})");
  ASSERT_EQ(issued.status, 200) << issued.text;
  const auto key = issued.word("/billingKey");
  const auto charged = shop.toss(
      "POST", "/billing/" + key,
      R"({"customerKey":"cust-1","amount":9900,"orderId":"sub-0001","orderName":"Month"})");
  ASSERT_EQ(charged.status, 200) << charged.text;
  EXPECT_EQ(charged.word("/type"), "BILLING");
  EXPECT_EQ(shop.toss("DELETE", "/billing/" + key).status, 200);
  EXPECT_EQ(shop.toss("POST", "/billing/" + key, R"({"customerKey":"cust-1"})").code(),
            "INVALID_BILL_KEY_REQUEST");
}

class KakaoPayHttp : public testing::Test {
 protected:
  // Ready with numbers as texts, as the documented sample sends them.
  std::string ready(const std::string& cid = "TC0ONETIME", const std::string& total = "2200") {
    const auto made = shop.kakaopay(
        "/ready",
        R"({"cid":")" + cid +
            R"(","partner_order_id":"o1","partner_user_id":"u1","item_name":"Seat","quantity":"1",)"
            R"("total_amount":")" +
            total +
            R"(","tax_free_amount":0,"approval_url":"http://shop.test/ok",)"
            R"("cancel_url":"http://shop.test/no","fail_url":"http://shop.test/bad"})");
    EXPECT_EQ(made.status, 200) << made.text;
    return made.word("/tid");
  }
  // The buyer's pg_token.
  std::string decide(const std::string& tid, const std::string& decision = "approve") {
    const auto decided = shop.control(
        "POST", "/decide", R"({"payment":")" + tid + R"(","decision":")" + decision + R"("})");
    const auto back = decided.word("/redirect_url");
    const auto at = back.find("pg_token=");
    return at == std::string::npos ? back : back.substr(at + 9);
  }
  TestReply approve(const std::string& tid, const std::string& token,
                    const std::string& cid = "TC0ONETIME") {
    return shop.kakaopay("/approve", R"({"cid":")" + cid + R"(","tid":")" + tid +
                                         R"(","partner_order_id":"o1","partner_user_id":"u1",)" +
                                         R"("pg_token":")" + token + R"("})");
  }

  TestSandbox sandbox;
  Shop shop{sandbox.port()};
};

TEST_F(KakaoPayHttp, APaymentIsMadeReadyApprovedOnceAndCancelled) {
  const auto tid = ready();
  EXPECT_EQ(tid.size(), 20U);
  const auto token = decide(tid);
  const auto done = approve(tid, token);
  ASSERT_EQ(done.status, 200) << done.text;
  EXPECT_EQ(done.number("/amount/vat"), 200);
  EXPECT_EQ(done.word("/aid").size(), 20U);
  EXPECT_EQ(done.word("/approved_at").size(), 19U);  // no zone
  EXPECT_EQ(approve(tid, token).status, 400);
  const std::string named = R"({"cid":"TC0ONETIME","tid":")" + tid + R"(")";
  const auto part =
      shop.kakaopay("/cancel", named + R"(,"cancel_amount":"200","cancel_tax_free_amount":0})");
  ASSERT_EQ(part.status, 200) << part.text;
  EXPECT_EQ(part.word("/status"), "PART_CANCEL_PAYMENT");
  EXPECT_EQ(part.number("/approved_cancel_amount/total"), 200);
  const auto order = shop.kakaopay("/order", named + "}");
  EXPECT_EQ(order.number("/cancel_available_amount/total"), 2'000);
  EXPECT_EQ(order.json.at("payment_action_details").as_array().size(), 2U);
  EXPECT_EQ(shop.control("GET", "/books").number("/kakaopay/refunded"), 200);
}

TEST_F(KakaoPayHttp, RefusalsHaveTheDocumentedShape) {
  const auto tid = ready();
  const auto refused = approve(tid, decide(tid, "refuse"));
  EXPECT_EQ(refused.status, 400);
  EXPECT_EQ(refused.number("/error_code"), -780);
  EXPECT_EQ(refused.word("/error_message"), "approval failure!");
  EXPECT_EQ(refused.word("/extras/method_result_code"), "USER_LOCKED");
  EXPECT_EQ(shop.call("POST", "/kakaopay/online/v1/payment/order", "{}").status, 401);
  EXPECT_EQ(shop.kakaopay("/order", R"({"cid":"XX0ONETIME"})").number("/error_code"), -9011);
  EXPECT_EQ(shop.kakaopay("/order", "nonsense").number("/error_code"), -9010);
  const auto legacy = shop.call("POST", "/kakaopay/online/v1/payment/order", "{}",
                                "Authorization: KakaoAK 0123456789\r\n");
  EXPECT_EQ(legacy.number("/error_code"), -9002);
}

TEST_F(KakaoPayHttp, ASidIsChargedAndEnded) {
  const auto tid = ready("TCSUBSCRIP", "0");
  const auto issued = approve(tid, decide(tid), "TCSUBSCRIP");
  ASSERT_EQ(issued.status, 200) << issued.text;
  const std::string sid = R"({"cid":"TCSUBSCRIP","sid":")" + issued.word("/sid") + R"(")";
  const auto paid = shop.kakaopay(
      "/subscription", sid + R"(,"partner_order_id":"o2","partner_user_id":"u1","quantity":1,)"
                             R"("total_amount":9900,"tax_free_amount":0})");
  ASSERT_EQ(paid.status, 200) << paid.text;
  const auto status = shop.kakaopay("/manage/subscription/status", sid + "}");
  EXPECT_TRUE(status.json.at("available").as_bool());
  EXPECT_EQ(status.word("/status"), "ACTIVE");
  EXPECT_EQ(shop.kakaopay("/manage/subscription/inactive", sid + "}").word("/status"), "INACTIVE");
  EXPECT_FALSE(
      shop.kakaopay("/manage/subscription/status", sid + "}").json.at("available").as_bool());
}

TEST_F(KakaoPayHttp, ThePageDecidesOnceAndLeadsBack) {
  const auto tid = ready();
  const auto page = shop.call("GET", "/kakaopay/pay/" + tid + "?device=mobile&lang=en");
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.text.find("name=\"decision\" value=\"approve\""), std::string::npos);
  EXPECT_NE(page.text.find("₩2,200"), std::string::npos);
  const std::string named = R"({"cid":"TC0ONETIME","tid":")" + tid + R"("})";
  EXPECT_EQ(shop.kakaopay("/order", named).word("/status"), "OPEN_PAYMENT");
  const auto form = "application/x-www-form-urlencoded";
  const auto left = shop.call("POST", "/kakaopay/pay/" + tid, "decision=leave", {}, form);
  EXPECT_EQ(left.location, "http://shop.test/no");
  const auto again = shop.call("POST", "/kakaopay/pay/" + tid, "decision=approve", {}, form);
  EXPECT_EQ(again.location, "http://shop.test/no");
  EXPECT_EQ(shop.kakaopay("/order", named).word("/status"), "QUIT_PAYMENT");
  EXPECT_NE(shop.call("GET", "/kakaopay/pay/" + tid).text.find("http://shop.test/no"),
            std::string::npos);
  EXPECT_EQ(shop.call("GET", "/kakaopay/pay/T0").status, 404);
}

TEST(TossPage, DecidesAndLeadsBack) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto page = shop.call("GET", Shop::pay_address("order-0001", 12'345) + "&lang=ko");
  ASSERT_EQ(page.status, 200);
  EXPECT_NE(page.text.find("12,345원"), std::string::npos);
  const auto at = page.text.find("action=\"") + 8;
  const auto action = page.text.substr(at, page.text.find('"', at) - at);
  ASSERT_TRUE(action.starts_with("pay/")) << action;
  const auto* form = "application/x-www-form-urlencoded";
  const auto decided =
      shop.call("POST", "/toss/" + action, "method=transfer&decision=approve", {}, form);
  ASSERT_EQ(decided.status, 303);
  EXPECT_TRUE(decided.location.starts_with("http://shop.test/back?key=1&paymentType=NORMAL"))
      << decided.location;
  EXPECT_NE(decided.location.find("&amount=12345"), std::string::npos);
  EXPECT_EQ(shop.toss("GET", "/payments/orders/order-0001").word("/method"), "계좌이체");
  const auto bad = shop.call("GET", "/toss/pay?clientKey=test_ck_shop&orderId=x");
  EXPECT_EQ(bad.status, 400);
  EXPECT_NE(bad.text.find("orderId"), std::string::npos);
  EXPECT_EQ(shop.call("POST", "/toss/" + action, "decision=perhaps", {}, form).status, 422);
}

}  // namespace
}  // namespace onsale::sandbox
