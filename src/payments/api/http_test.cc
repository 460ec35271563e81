// The payment's address and the refunds that need people over a live server.
#include "payments/api/http.h"

#include <gtest/gtest.h>

#include "base/fakes.h"
#include "payments/api/refund_tasks_http.h"
#include "payments/provider_fakes.h"
#include "payments/service.h"
#include "payments/store/sql_store.h"
#include "platform/http/http_fixture.h"
#include "tests/contract/databases.h"

namespace onsale::payments {
namespace {

using http::TestClient;

// "Bearer <account>" or "Bearer admin".
class TrustingAuthenticator final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    if (token == "admin") return http::Principal{"acc_00000000000000000000000000", "admin"};
    return http::Principal{std::string(token), "buyer"};
  }
};

class PaymentRoutes : public testing::Test {
 protected:
  PaymentRoutes() {
    routes(server_.router, *payments_);
    refund_task_routes(server_.router, *payments_);
    believing_route();
    server_.authenticator = &authenticator_;
    server_.start();
    client_.emplace(server_.port());
    const auto created = sync_wait(payments_->create({.id = PaymentId::make(now(), random_),
                                                      .subject = "res_1",
                                                      .owner = owner_,
                                                      .provider = "sandbox",
                                                      .amount = {30'000, "KRW"},
                                                      .order_name = "오페라의 유령"}));
    payment_ = *sync_wait(
        payments_->begin({.payment = created->id,
                          .return_address = "/api/v1/payments/" + created->id.str() + "/return"}));
  }
  Timestamp now() { return server_.clock.now(); }
  // What no route of ours may be: it asks the query who is there.
  static Task<http::Answer<void>> believe(Payments& payments, PaymentId id, std::string account) {
    const auto payment = co_await payments.find(id);
    if (!payment || account != payment->owner.str()) {
      co_return http::Problem{404, "not_found", "There is no such payment."};
    }
    co_return http::Answer<void>{};
  }
  void believing_route() {
    server_.router.get("/believing/{payment}", {.access = http::Access::signed_in},
                       [this](http::Call& call) {
                         return believe(*payments_, call.id<PaymentId>("payment"),
                                        std::string(call.query("account")));
                       });
  }
  // I10: whether a stranger who only says that they are the owner is shown the payment.
  bool fooled(const std::string& path) {
    const std::string stranger = AccountId::make(now(), random_).str();
    const std::string name = owner_.str();
    const std::string asked =
        path + payment_.id.str() + "?account=" + name + "&owner=" + name + "&role=admin";
    return client_
               ->get(asked, bearer(stranger) + "X-Account: " + name +
                                "\r\nCookie: account=" + name + "\r\n")
               .status < 300;
  }
  static std::string bearer(const std::string& token) {
    return "Authorization: Bearer " + token + "\r\n";
  }
  void pay() {
    const std::string& page = payment_.redirect_url;
    const std::string key = page.substr(page.find("key=") + 4);
    ASSERT_TRUE(provider_.decide(payment_.id, key, Decision::approve));
    const std::string own = sync_wait(store_->find(payment_.id))->key;
    ASSERT_EQ(sync_wait(payments_->settle(payment_.id, {{"key", own}}))->state, PaymentState::paid);
  }

  SeededRandom random_{1};
  http::TestServer server_;
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(sql::Dialect::sqlite);
  AccountId owner_ = AccountId::make(server_.clock.now(), random_);
  std::unique_ptr<Store> store_ = make_sql_store(*database_);
  ProviderWithBooks provider_;
  std::unique_ptr<Payments> payments_ = make_payments(
      {.store = *store_, .providers = {&provider_}, .clock = server_.clock, .random = random_});
  TrustingAuthenticator authenticator_;
  std::optional<TestClient> client_;
  Payment payment_;
};

TEST_F(PaymentRoutes, APaymentIsSeenByItsOwnerAndByOperators) {
  const std::string path = "/api/v1/payments/" + payment_.id.str();
  const auto mine = client_->get(path, bearer(owner_.str()));
  EXPECT_EQ(mine.status, 200);
  EXPECT_NE(mine.body.find("\"state\":\"pending\""), std::string::npos);
  EXPECT_NE(mine.body.find("\"amount\":30000"), std::string::npos);
  EXPECT_NE(mine.body.find("\"currency\":\"KRW\""), std::string::npos);
  EXPECT_EQ(client_->get(path, bearer("admin")).status, 200);
  const auto other = AccountId::make(now(), random_).str();
  EXPECT_EQ(client_->get(path, bearer(other)).status, 404);
  EXPECT_EQ(client_->get(path).status, 401);
  const auto nobody = PaymentId::make(now(), random_).str();
  EXPECT_EQ(client_->get("/api/v1/payments/" + nobody, bearer(owner_.str())).status, 404);
  EXPECT_EQ(client_->get("/api/v1/payments/res_1", bearer(owner_.str())).status, 404);
}

TEST_F(PaymentRoutes, WhomBuyersMayPayWithIsToldToAnybody) {
  const auto told = client_->get("/api/v1/payments/providers");
  EXPECT_EQ(told.status, 200);
  EXPECT_EQ(told.body, R"({"items":["sandbox"]})");
}

TEST_F(PaymentRoutes, NobodyBecomesTheOwnerBySayingSo) {
  EXPECT_FALSE(fooled("/api/v1/payments/"));
}

TEST_F(PaymentRoutes, NegativeControlARouteThatBelievesTheQueryIsFooled) {
  EXPECT_TRUE(fooled("/api/v1/believing/"));
}

TEST_F(PaymentRoutes, TheBalanceTellsWhatIsStillToBeRefunded) {
  pay();
  for (const std::int64_t amount : {10'000, 5'000}) {
    const Refund refund{.id = RefundId::make(now(), random_),
                        .payment = payment_.id,
                        .amount = {amount, "KRW"},
                        .created_at = now()};
    ASSERT_EQ(sync_wait(store_->request_refund(refund, now())), RefundRequested::requested);
    if (amount == 10'000) {
      ASSERT_TRUE(sync_wait(store_->finish_refund(refund.id, RefundState::done, now())));
    }
  }
  const auto answer = client_->get("/api/v1/admin/payments/balance", bearer("admin"));
  EXPECT_EQ(answer.body, R"({"captured":30000,"refunded":10000,"refunding":5000})");
}

TEST_F(PaymentRoutes, OperatorsSeeToRefundsThatTheProviderRefused) {
  pay();
  const auto refused = [&](std::int64_t amount) {
    server_.clock.advance(Millis(1));
    const Refund refund{.id = RefundId::make(now(), random_),
                        .payment = payment_.id,
                        .amount = {amount, "KRW"},
                        .reason = "cancelled",
                        .created_at = now()};
    EXPECT_EQ(sync_wait(store_->request_refund(refund, now())), RefundRequested::requested);
    EXPECT_TRUE(sync_wait(store_->finish_refund(refund.id, RefundState::failed, now())));
    return refund.id.str();
  };
  const std::string first = refused(10'000);
  const std::string second = refused(5'000);
  const std::string path = "/api/v1/admin/refunds";
  const auto post = [&](const std::string& id, const std::string& what, const std::string& body,
                        const std::string& who) {
    return client_->request("POST", path + "/" + id + what,
                            bearer(who) + "Content-Type: application/json\r\n", body);
  };
  for (const auto& answer :
       {client_->get(path, bearer(owner_.str())), post(first, "/retry", "", owner_.str()),
        post(first, "/settle", R"({"outcome":"done","reason":"mine"})", owner_.str())}) {
    EXPECT_EQ(answer.status, 403) << "the buyer is no operator";
  }
  const auto page = client_->get(path + "?limit=1", bearer("admin"));
  EXPECT_EQ(page.status, 200);
  EXPECT_NE(page.body.find(first), std::string::npos);
  EXPECT_NE(page.body.find("\"next_cursor\":\"" + first), std::string::npos);
  EXPECT_NE(page.body.find("\"subject\":\"res_1\""), std::string::npos);

  const auto again = post(first, "/retry", "", "admin");
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_NE(again.body.find("\"state\":\"done\""), std::string::npos) << again.body;
  EXPECT_NE(again.body.find("\"attempt\":1"), std::string::npos);
  EXPECT_EQ(post(first, "/retry", "", "admin").status, 409);
  EXPECT_EQ(post(second, "/settle", R"({"outcome":"done","reason":""})", "admin").status, 422);
  const auto settled =
      post(second, "/settle", R"({"outcome":"done","reason":"bank transfer"})", "admin");
  EXPECT_EQ(settled.status, 200) << settled.body;
  EXPECT_NE(settled.body.find("\"settled_reason\":\"bank transfer\""), std::string::npos);
  EXPECT_EQ(post("rfd_00000000000000000000000000", "/retry", "", "admin").status, 404);
  EXPECT_EQ(client_->get(path, bearer("admin")).body, R"({"items":[]})");
  EXPECT_EQ(client_->get("/api/v1/admin/payments/balance", bearer("admin")).body,
            R"({"captured":30000,"refunded":15000,"refunding":0})");
}

}  // namespace
}  // namespace onsale::payments
