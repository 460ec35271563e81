// What goes wrong on purpose, what is recorded, what survives.
#include <gtest/gtest.h>
#include <sqlite3.h>

#include <filesystem>
#include <mutex>

#include "sandbox/server/sandbox_fixture.h"

namespace onsale::sandbox {
namespace {

constexpr std::string_view kConfirm = "/toss/v1/payments/confirm";

std::string fault(std::string_view path, std::string_view kind, std::string_view more = {}) {
  return R"({"path":")" + std::string(path) + R"(","fault":")" + std::string(kind) + R"(")" +
         std::string(more) + "}";
}

class Faulty : public testing::Test {
 protected:
  std::string status(const std::string& key) {
    return shop.toss("GET", "/payments/" + key).word("/status");
  }
  void set(std::string_view kind, std::string_view more = {}) {
    const auto done = shop.control("PUT", "/faults", fault(kConfirm, kind, more));
    ASSERT_EQ(done.status, 200) << done.text;
  }

  TestSandbox sandbox;
  Shop shop{sandbox.port()};
  std::string key = shop.approved("order-0001", 1'000);
};

TEST_F(Faulty, DroppedBeforeNothingHappened) {
  set("drop_before", R"(,"times":1)");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).status, 0);
  EXPECT_EQ(status(key), "IN_PROGRESS");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).status, 200);
}

TEST_F(Faulty, DroppedAfterItHappened) {
  set("drop_after", R"(,"times":1)");
  const auto* once = "Idempotency-Key: one\r\n";
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000, once).status, 0);
  EXPECT_EQ(status(key), "DONE");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000, once).word("/status"), "DONE");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).code(), "ALREADY_PROCESSED_PAYMENT");
  EXPECT_EQ(shop.control("GET", "/books").number("/toss/captured"), 1'000);
}

TEST_F(Faulty, AnErrorComesBeforeOrAfterTheWork) {
  set("status", R"(,"status":503,"times":1)");
  const auto before = shop.confirm(key, "order-0001", 1'000);
  EXPECT_EQ(before.status, 503);
  EXPECT_EQ(before.code(), "FAILED_INTERNAL_SYSTEM_PROCESSING");
  EXPECT_EQ(status(key), "IN_PROGRESS");
  set("status", R"(,"after":true,"times":1)");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).status, 500);
  EXPECT_EQ(status(key), "DONE");
}

TEST_F(Faulty, ADuplicateAnswersWithItsSecondHalf) {
  set("duplicate", R"(,"times":2)");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).code(), "ALREADY_PROCESSED_PAYMENT");
  const auto other = shop.approved("order-0002", 1'000);
  EXPECT_EQ(shop.confirm(other, "order-0002", 1'000, "Idempotency-Key: two\r\n").status, 200);
  EXPECT_EQ(shop.control("GET", "/books").number("/toss/captured"), 2'000);
}

TEST_F(Faulty, AReorderedCallIsOvertaken) {
  set("reorder", R"(,"max_ms":1500,"times":2)");
  const std::string body =
      R"({"paymentKey":")" + key + R"(","orderId":"order-0001","amount":1000})";
  http::TestClient first(sandbox.port());
  first.send("POST /toss/v1/payments/confirm HTTP/1.1\r\nHost: x\r\n" +
             std::string(Shop::kTossKey) + "Content-Length: " + std::to_string(body.size()) +
             "\r\n\r\n" + body);
  const auto other = shop.approved("order-0002", 1'000);
  while (shop.control("GET", "/faults").number("/faults/0/hits") == 0) {
  }
  EXPECT_EQ(shop.confirm(other, "order-0002", 1'000).status, 200);
  EXPECT_EQ(first.receive().status, 200);
  const auto calls =
      shop.control("GET", "/calls?path=/toss/v1/payments/confirm").json.at("calls").as_array();
  ASSERT_EQ(calls.size(), 2U);
  EXPECT_EQ(calls[0].at("payment").as_string(), other);
  EXPECT_EQ(calls[1].at("payment").as_string(), key);
}

TEST_F(Faulty, CallsAreRecordedWithoutSecrets) {
  set("drop_after", R"(,"times":1)");
  shop.confirm(key, "order-0001", 1'000, "Idempotency-Key: one\r\n");
  shop.confirm(key, "order-0001", 1'000, "Idempotency-Key: one\r\n");
  const auto all = shop.control("GET", "/calls?path=/toss/v1/payments/confirm");
  ASSERT_EQ(all.json.at("calls").as_array().size(), 2U) << all.text;
  EXPECT_EQ(all.number("/calls/0/status"), 0);
  EXPECT_EQ(all.word("/calls/0/fault"), "drop_after");
  EXPECT_EQ(all.word("/calls/0/idempotency_key"), "one");
  EXPECT_TRUE(all.json.at_pointer("/calls/1/replayed").as_bool());
  EXPECT_EQ(all.text.find("dGVzdF9za19zaG9wOg"), std::string::npos);
  const auto after = all.number("/calls/0/number");
  EXPECT_EQ(shop.control("GET", "/calls?path=/toss/v1&after=" + std::to_string(after))
                .json.at("calls")
                .as_array()
                .size(),
            1U);
}

TEST_F(Faulty, ControlRefusesNonsense) {
  EXPECT_EQ(shop.control("PUT", "/faults", fault("/", "explode")).status, 422);
  EXPECT_EQ(shop.control("PUT", "/faults", fault("/", "status", R"(,"status":200)")).status, 422);
  EXPECT_EQ(shop.control("PUT", "/faults", fault("/", "duplicate", R"(,"probability":2)")).status,
            422);
  EXPECT_EQ(shop.control("PUT", "/clock", R"({"rate":-1})").status, 422);
  EXPECT_EQ(shop.control("PUT", "/webhook", R"({"url":"ftp://x"})").status, 422);
  EXPECT_EQ(shop.control("POST", "/decide", R"({"payment":"nobody","decision":"approve"})").status,
            404);
  EXPECT_EQ(shop.control("GET", "/books/payments?provider=gold").status, 422);
  EXPECT_EQ(shop.control("DELETE", "/faults").status, 200);
}

TEST(SandboxTime, TimersFollowTheClockThatIsSet) {
  TestSandbox sandbox;
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 1'000);
  const auto later =
      parse_rfc3339(shop.control("GET", "/clock").word("/now")).value() + std::chrono::minutes(10);
  shop.control("PUT", "/clock", R"({"now":")" + to_rfc3339(later) + R"(","rate":0})");
  EXPECT_EQ(shop.toss("GET", "/payments/" + key).word("/status"), "EXPIRED");
  EXPECT_EQ(shop.confirm(key, "order-0001", 1'000).code(), "NOT_FOUND_PAYMENT_SESSION");
  EXPECT_EQ(shop.control("GET", "/clock").word("/now"), to_rfc3339(later));
}

// A folder that goes with the test.
class Folder {
 public:
  Folder() {
    std::string pattern = std::filesystem::temp_directory_path() / "onsale-sandbox-XXXXXX";
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

TEST(SandboxFile, EverythingThatWasToldIsThereAfterARestart) {
  const Folder folder;
  std::string key, kakao, answer;
  {
    TestSandbox sandbox(folder.path());
    Shop shop(sandbox.port());
    key = shop.approved("order-0001", 5'000, "virtual_account");
    answer = shop.confirm(key, "order-0001", 5'000, "Idempotency-Key: one\r\n").text;
    shop.control("POST", "/decide", R"({"payment":"order-0001","decision":"deposit"})");
    shop.cancel(key, R"("cancelAmount":1000,"refundReceiveAccount":)"
                     R"({"bank":"20","accountNumber":"1","holderName":"김"})");
    const auto ready = shop.kakaopay(
        "/ready",
        R"({"cid":"TC0ONETIME","partner_order_id":"o","partner_user_id":"u","item_name":"좌석",)"
        R"("quantity":1,"total_amount":100,"tax_free_amount":0,"approval_url":"http://a.test",)"
        R"("cancel_url":"http://a.test","fail_url":"http://a.test"})");
    kakao = ready.word("/tid");
    shop.control("PUT", "/clock", R"({"now":"2030-01-01T00:00:00Z","rate":0})");
  }
  TestSandbox sandbox(folder.path());
  Shop shop(sandbox.port());
  const auto payment = shop.toss("GET", "/payments/" + key);
  EXPECT_EQ(payment.word("/status"), "PARTIAL_CANCELED");
  EXPECT_EQ(payment.number("/balanceAmount"), 4'000);
  EXPECT_EQ(payment.word("/virtualAccount/refundReceiveAccount/holderName"), "김");
  const auto books = shop.control("GET", "/books");
  EXPECT_EQ(books.number("/toss/captured"), 5'000);
  EXPECT_EQ(books.number("/toss/refunded"), 1'000);
  EXPECT_EQ(shop.kakaopay("/order", R"({"cid":"TC0ONETIME","tid":")" + kakao + R"("})")
                .word("/item_name"),
            "좌석");
  EXPECT_EQ(shop.control("GET", "/clock").word("/now"), "2030-01-01T00:00:00.000Z");
  shop.control("PUT", "/clock", R"({"now":"2026-12-01T00:00:00Z"})");
  EXPECT_EQ(shop.confirm(key, "order-0001", 5'000, "Idempotency-Key: one\r\n").text, answer);
}

TEST(SandboxFile, NobodyIsToldOfWhatCantBeKept) {
  const Folder folder;
  TestSandbox sandbox(folder.path());
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 5'000);
  {
    // Somebody takes the table away.
    sqlite3* file = nullptr;
    ASSERT_EQ(sqlite3_open((folder.path() + "/sandbox.db").c_str(), &file), SQLITE_OK);
    sqlite3_busy_timeout(file, 5'000);
    EXPECT_EQ(sqlite3_exec(file, "DROP TABLE sandbox_record", nullptr, nullptr, nullptr),
              SQLITE_OK);
    sqlite3_close(file);
  }
  EXPECT_GE(shop.confirm(key, "order-0001", 5'000).status, 500);
  EXPECT_GE(shop.toss("GET", "/payments/" + key).status, 500);
  EXPECT_GE(shop.call("GET", Shop::pay_address("order-0002", 1'000)).status, 500);
}

// The shop's side of a webhook.
struct Receiver {
  Receiver() {
    server.router.post("//hook", {.any_body = true}, [this](http::Call& call) -> http::Raw {
      const std::lock_guard lock(mutex);
      bodies.emplace_back(call.body());
      retried.emplace_back(call.header("tosspayments-webhook-transmission-retried-count"));
      ids.emplace_back(call.header("tosspayments-webhook-transmission-id"));
      return {.status = broken ? 500 : 200, .content_type = "text/plain"};
    });
    server.start();
  }
  std::string url() { return "http://127.0.0.1:" + std::to_string(server.port()) + "/hook"; }
  std::size_t count() {
    const std::lock_guard lock(mutex);
    return bodies.size();
  }

  std::mutex mutex;
  std::vector<std::string> bodies, retried, ids;
  std::atomic<bool> broken = false;
  http::TestServer server;
};

template <class Check>
bool soon(Check check) {
  for (int i = 0; i < 400; ++i) {
    if (check()) return true;
    std::this_thread::sleep_for(Millis(25));
  }
  return false;
}

TEST(SandboxWebhooks, ComeOnEveryChangeAndAreTriedAgainOnTheLadder) {
  Receiver receiver;
  receiver.broken = true;
  TestSandbox sandbox({}, receiver.url());
  Shop shop(sandbox.port());
  shop.approved("order-0001", 1'000);
  ASSERT_TRUE(soon([&] { return receiver.count() == 1; }));
  Timestamp now{};
  ASSERT_TRUE(soon([&] {  // until the first failure is known
    now = parse_rfc3339(shop.control("GET", "/clock").word("/now")).value();
    const auto waiting = shop.control("GET", "/webhook");
    return parse_rfc3339(waiting.word("/next/0/next_at")).value() > now + std::chrono::seconds(30);
  }));
  receiver.broken = false;
  shop.control("PUT", "/clock",
               R"({"now":")" + to_rfc3339(now + std::chrono::seconds(50)) + R"(","rate":0})");
  EXPECT_EQ(receiver.count(), 1U);
  shop.control("PUT", "/clock",
               R"({"now":")" + to_rfc3339(now + std::chrono::seconds(61)) + R"("})");
  ASSERT_TRUE(soon([&] { return receiver.count() == 2; }));
  const std::lock_guard lock(receiver.mutex);
  EXPECT_EQ(receiver.retried, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(receiver.ids[0], receiver.ids[1]);
  EXPECT_EQ(receiver.bodies[0], receiver.bodies[1]);
  const auto body = boost::json::parse(receiver.bodies[0]);
  EXPECT_EQ(body.at("eventType").as_string(), "PAYMENT_STATUS_CHANGED");
  EXPECT_EQ(body.at_pointer("/data/status").as_string(), "IN_PROGRESS");
  EXPECT_EQ(body.at("createdAt").as_string().size(), 26U);
}

TEST(SandboxWebhooks, GetLostAndComeTwiceOnPurpose) {
  Receiver receiver;
  TestSandbox sandbox({}, receiver.url());
  Shop shop(sandbox.port());
  shop.control("PUT", "/faults", fault("webhook", "duplicate", R"(,"times":1)"));
  shop.approved("order-0001", 1'000);
  ASSERT_TRUE(soon([&] { return receiver.count() == 2; }));
  ASSERT_TRUE(soon([&] { return shop.control("GET", "/webhook").number("/delivered") == 1; }));
  // Taken, and yet counted as failed: it comes again by the ladder.
  shop.control("PUT", "/faults", fault("webhook", "drop_after", R"(,"times":1)"));
  shop.approved("order-0002", 1'000);
  ASSERT_TRUE(soon([&] { return receiver.count() == 3; }));
  EXPECT_EQ(shop.control("GET", "/webhook").number("/waiting"), 1);
  // Not sent at all.
  shop.control("PUT", "/faults", fault("webhook", "drop_before", R"(,"times":1)"));
  shop.approved("order-0003", 1'000);
  ASSERT_TRUE(soon([&] {
    return shop.control("GET", "/faults").text.find(R"("fault":"drop_before")") !=
               std::string::npos &&
           shop.control("GET", "/webhook").number("/waiting") == 2;
  }));
  EXPECT_EQ(receiver.count(), 3U);
}

TEST(SandboxWebhooks, ADepositCarriesItsSecret) {
  Receiver receiver;
  TestSandbox sandbox({}, receiver.url());
  Shop shop(sandbox.port());
  const auto key = shop.approved("order-0001", 1'000, "virtual_account");
  const auto secret = shop.confirm(key, "order-0001", 1'000).word("/secret");
  shop.control("POST", "/decide", R"({"payment":"order-0001","decision":"deposit"})");
  ASSERT_TRUE(soon([&] { return receiver.count() == 4; }));
  const std::lock_guard lock(receiver.mutex);
  const auto deposit = std::ranges::find_if(receiver.bodies, [](const std::string& body) {
    return body.find("DEPOSIT_CALLBACK") != std::string::npos;
  });
  ASSERT_NE(deposit, receiver.bodies.end());
  const auto body = boost::json::parse(*deposit);
  EXPECT_EQ(body.at("secret").as_string(), secret);
  EXPECT_EQ(body.at("status").as_string(), "DONE");
  EXPECT_EQ(body.at("orderId").as_string(), "order-0001");
}

}  // namespace
}  // namespace onsale::sandbox
