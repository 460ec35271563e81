// What operators see of payments, Toss's webhook and our page for Toss, over a live server.
#include <gtest/gtest.h>

#include "base/fakes.h"
#include "base/log_fakes.h"
#include "payments/api/http.h"
#include "payments/api/office_http.h"
#include "payments/api/toss_http.h"
#include "payments/fakes.h"
#include "payments/providers/toss_client.h"
#include "payments/service.h"
#include "payments/store/records_store.h"
#include "payments/store/sql_store.h"
#include "platform/http/http_fixture.h"
#include "platform/net/net_fixture.h"
#include "tests/contract/databases.h"

namespace onsale::payments {
namespace {

class AdminOnly final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    return http::Principal{"acc_00000000000000000000000000", std::string(token)};
  }
};

class Office : public testing::Test {
 protected:
  Office() {
    routes(server.router, *payments);
    office_routes(server.router, *payments, {&guard});
    toss_routes(server.router, *payments, "test_ck_shop");
    server.authenticator = &authenticator;
    server.start();
    client.emplace(server.port());
    const auto created = sync_wait(payments->create({.id = PaymentId::make(now(), random),
                                                     .subject = "res_1",
                                                     .owner = AccountId::make(now(), random),
                                                     .provider = "toss",
                                                     .amount = {30'000, "KRW"},
                                                     .order_name = "A</script><b>"}));
    payment = *sync_wait(payments->begin(
        {.payment = created->id, .return_address = "http://shop.test/api/v1/payments/x/return"}));
  }
  Timestamp now() { return server.clock.now(); }
  http::TestAnswer get(const std::string& path) {
    return client->get("/api/v1" + path, "Authorization: Bearer admin\r\n");
  }
  http::TestAnswer webhook(const std::string& body) {
    return client->post("/api/v1/webhooks/toss", body);
  }
  std::optional<Timestamp> next_look() { return sync_wait(store->find(payment.id))->check_at; }

  QuietLog quiet;
  SeededRandom random{1};
  http::TestServer server;
  net::ScriptedServer toss{[](const net::Asked&) {
    return net::Said{.status = 404, .body = R"({"code":"NOT_FOUND_PAYMENT","message":"none"})"};
  }};
  net::Client outgoing{server.loops};
  TossClient provider{
      outgoing, {.api = toss.url(), .client_key = "test_ck_shop", .secret_key = "test_sk_secret"}};
  GuardedProvider guard{provider, server.clock};
  std::unique_ptr<sql::Database> database = testing_support::fresh_database(sql::Dialect::sqlite);
  std::unique_ptr<Store> store = make_sql_store(*database);
  std::unique_ptr<Records> records = make_sql_records(*database);
  std::unique_ptr<Payments> payments =
      make_payments({*store, {&guard}, server.clock, random, records.get()});
  AdminOnly authenticator;
  std::optional<http::TestClient> client;
  Payment payment;
};

TEST_F(Office, BuyersSeeWhomTheyMayPayWith) {
  const auto answer = client->get("/api/v1/payments/providers");
  EXPECT_EQ(answer.body, R"({"items":["toss"]})");
  EXPECT_FALSE(answer.header("ETag").empty());
}

TEST_F(Office, OperatorsSeeThePaymentAndWhatItsProviderWasAsked) {
  EXPECT_EQ(client->get("/api/v1/admin/payments").status, 401);
  EXPECT_EQ(client->get("/api/v1/admin/payments", "Authorization: Bearer buyer\r\n").status, 403);
  const auto list = get("/admin/payments?state=pending&provider=toss&q=res_1");
  EXPECT_EQ(list.status, 200);
  EXPECT_NE(list.body.find(payment.id.str()), std::string::npos) << list.body;
  EXPECT_EQ(get("/admin/payments?provider=kakaopay").body.find(payment.id.str()),
            std::string::npos);
  EXPECT_EQ(get("/admin/payments?state=lost").status, 422);
  const auto looked = client->post("/api/v1/admin/payments/" + payment.id.str() + "/reconcile", "",
                                   "Authorization: Bearer admin\r\n");
  EXPECT_EQ(looked.status, 200) << looked.body;
  EXPECT_NE(looked.body.find(R"("code":"NOT_FOUND_PAYMENT")"), std::string::npos) << looked.body;
  EXPECT_EQ(toss.count("GET", "/v1/payments/orders/" + payment.id.str()), 1);
  EXPECT_EQ(toss.asked().front().header("Authorization"), "Basic dGVzdF9za19zZWNyZXQ6");
  const auto shown = get("/admin/payments/" + payment.id.str());
  EXPECT_NE(shown.body.find(R"("step":"lookup")"), std::string::npos) << shown.body;
  EXPECT_EQ(shown.body.find("test_sk_secret"), std::string::npos);
  const auto health = get("/admin/payments/providers");
  EXPECT_NE(health.body.find(R"("provider":"toss","state":"closed")"), std::string::npos);
  EXPECT_EQ(get("/admin/payments/" + PaymentId::make(now(), random).str()).status, 404);
}

TEST_F(Office, AWebhookSaysOnlyWhichPaymentToLookAt) {
  const auto before = next_look();
  for (const std::string& body : std::vector<std::string>{
           "", "nonsense", "[]", R"({"data":{"orderId":"order-1","status":"DONE"}})",
           R"({"data":{"orderId":")" + PaymentId::make(now(), random).str() + R"("}})"}) {
    EXPECT_EQ(webhook(body).status, 200) << body;
  }
  EXPECT_EQ(next_look(), before);
  const std::string body = R"({"eventType":"PAYMENT_STATUS_CHANGED","createdAt":"x","data":)"
                           R"({"orderId":")" +
                           payment.id.str() + R"(","status":"DONE","totalAmount":1}})";
  EXPECT_EQ(webhook(body).status, 200);
  EXPECT_EQ(next_look(), now());
  EXPECT_EQ(sync_wait(payments->find(payment.id))->state, PaymentState::pending);
  EXPECT_EQ(webhook(std::string(70'000, 'x')).status, 413);
}

TEST_F(Office, OurPageForTossLoadsItsScriptAndNothingElse) {
  const auto key = payment.redirect_url.find("/pay/toss/");
  ASSERT_NE(key, std::string::npos) << payment.redirect_url;
  const auto page = client->get(payment.redirect_url.substr(key));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find("https://js.tosspayments.com/v2/standard"), std::string::npos);
  EXPECT_NE(page.body.find(R"("amount":30000)"), std::string::npos) << page.body;
  EXPECT_EQ(page.body.find("A</script>"), std::string::npos) << page.body;
  EXPECT_EQ(page.body.find("test_sk_secret"), std::string::npos);
  const auto policy = page.header("Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos) << policy;
  EXPECT_EQ(client->get("/pay/toss/" + payment.id.str() + "?key=another").status, 404);
}

}  // namespace
}  // namespace onsale::payments
