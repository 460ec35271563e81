// What gates of other origins are told: the epoch, who may in, whose slot is gone.
#include "waitroom/api/gate_http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/crypto/fakes.h"
#include "platform/http/http_fixture.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {
namespace {

class GateHttp : public testing::Test {
 protected:
  static constexpr std::string_view kCheck = "/api/v1/rooms/film-1/gate/check";
  static constexpr std::string_view kLeases = "/api/v1/rooms/film-1/gate/leases";

  GateHttp() {
    declare("film-1");
    declare("film-2");
    gate_routes(server_.router,
                {host_, *signer_, ring_, std::string("onsale"), "https://onsale.test"});
    server_.start();
    client_.emplace(server_.port());
  }
  // The signer's threads may still be at the writer.
  ~GateHttp() override { sync_wait(host_.drain()); }

  void declare(const char* room) {
    sync_wait(host_.declare_room(*RoomId::parse(room), "A film",
                                 {.capacity = 2, .pass_seconds = 60, .idle_seconds = 60}));
  }
  PlaceView admitted(const char* room, std::uint8_t device) {
    auto joined = sync_wait(host_.join(*RoomId::parse(room), DeviceKey{device}));
    EXPECT_TRUE(joined && joined->state == PlaceState::admitted);
    return std::move(*joined);
  }
  void configure(SettingsPatch patch) {
    EXPECT_TRUE(sync_wait(host_.configure(*RoomId::parse("film-1"), std::move(patch), "acc_1")));
  }
  void pass_time(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {  // a longer step would be a standstill
      server_.clock.advance(Millis(1000));
      host_.tick();
    }
  }

  http::TestAnswer check(std::string_view pass, const std::string& cookie = "") {
    std::string headers = "Onsale-Return: https://shop.test/buy?a=1&b=2\r\n";
    if (!pass.empty()) headers += "Onsale-Pass: " + std::string(pass) + "\r\n";
    if (!cookie.empty()) headers += "Cookie: " + cookie + "\r\n";
    return client_->get(kCheck, headers);
  }
  static std::string cookie_of(const http::TestAnswer& answer) {
    const std::string set = answer.header("Set-Cookie");
    return set.substr(0, set.find(';'));
  }
  static std::string code(const http::TestAnswer& answer) {
    return std::string(boost::json::parse(answer.body).at("code").as_string());
  }
  std::vector<std::string> ended(const std::vector<std::string>& passes) {
    boost::json::array list(passes.begin(), passes.end());
    const auto answer = client_->post(
        kLeases, boost::json::serialize(boost::json::object{{"passes", std::move(list)}}));
    EXPECT_EQ(answer.status, 200) << answer.body;
    std::vector<std::string> ids;
    const auto body = boost::json::parse(answer.body);
    for (const auto& id : body.at("ended").as_array()) ids.emplace_back(id.as_string());
    return ids;
  }

  http::TestServer server_;
  SeededRandom random_{7};
  FakeJournal journal_;
  crypto::MemoryKeyStore keys_;
  crypto::KeyRing ring_{keys_, server_.clock.now()};
  std::unique_ptr<Signer> signer_ = make_signer(ring_, "onsale");
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  Host host_{{server_.clock, random_, journal_, *signer_, announcer_, audit_}};
  std::optional<http::TestClient> client_;
};

TEST_F(GateHttp, SaysWhatAGateHasToKnow) {
  configure({.pass_epoch = 4});
  const auto answer = client_->get("/api/v1/rooms/film-1/gate");
  EXPECT_EQ(answer.status, 200);
  const auto body = boost::json::parse(answer.body);
  EXPECT_EQ(body.at("room").as_string(), "film-1");
  EXPECT_EQ(body.at("issuer").as_string(), "onsale");
  EXPECT_EQ(body.at("epoch").as_int64(), 4);
  EXPECT_EQ(body.at("session_seconds").as_int64(), 600);
  EXPECT_EQ(body.at("jwks_url").as_string(), "https://onsale.test/.well-known/jwks.json");
  EXPECT_EQ(body.at("enter_url").as_string(), "https://onsale.test/wait/film-1");
  EXPECT_NE(answer.header("ETag"), "");
  const auto again =
      client_->get("/api/v1/rooms/film-1/gate", "If-None-Match: " + answer.header("ETag") + "\r\n");
  EXPECT_EQ(again.status, 304);
  EXPECT_EQ(client_->get("/api/v1/rooms/nowhere/gate").status, 404);
}

TEST_F(GateHttp, WithoutAPassTheWayToTheWaitPageIsTold) {
  const auto answer = check("");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(code(answer), "pass_required");
  EXPECT_EQ(answer.header("Onsale-Enter-Url"),
            "https://onsale.test/wait/film-1?return=https%3A%2F%2Fshop.test%2Fbuy%3Fa%3D1%26b%3D2");
  EXPECT_TRUE(cookie_of(answer).starts_with("onsale_gate_film-1="));
  EXPECT_NE(answer.header("Set-Cookie").find("HttpOnly"), std::string::npos);
}

TEST_F(GateHttp, APassIsForWhoeverCameWithItFirst) {
  const PlaceView place = admitted("film-1", 1);
  const std::string before = cookie_of(check(""));
  const auto entered = check(place.pass, before);
  EXPECT_EQ(entered.status, 204);
  EXPECT_EQ(entered.header("Onsale-Place-Id"), place.id.str());
  const std::string inside = cookie_of(entered);
  EXPECT_EQ(check("", inside).status, 204);          // the cookie is enough from now on
  EXPECT_EQ(check(place.pass, before).status, 204);  // an answer that got lost
  EXPECT_EQ(code(check(place.pass)), "pass_used");
  EXPECT_EQ(code(check(place.pass, cookie_of(check("")))), "pass_used");
  EXPECT_EQ(check(place.pass).status, 403);
  EXPECT_EQ(check("", "onsale_gate_film-1=" + std::string(80, 'A')).status, 401);
}

TEST_F(GateHttp, WhoIsInsideStaysPastThePassUntilTheSlotIsGone) {
  const PlaceView place = admitted("film-1", 1);
  const std::string inside = cookie_of(check(place.pass));
  for (int i = 0; i < 6; ++i) {
    pass_time(30);
    EXPECT_EQ(check("", inside).status, 204) << i;  // each look keeps the slot
  }
  EXPECT_EQ(code(check(place.pass)), "pass_expired");
  pass_time(61);
  const auto gone = check("", inside);
  EXPECT_EQ(gone.status, 401);
  EXPECT_NE(cookie_of(gone), "");
}

TEST_F(GateHttp, AnEpochEndsPassesAndTheVisitsThatBeganWithThem) {
  const PlaceView first = admitted("film-1", 1);
  const PlaceView second = admitted("film-1", 2);
  const std::string inside = cookie_of(check(first.pass));
  configure({.pass_epoch = 1});
  EXPECT_EQ(check("", inside).status, 401);
  EXPECT_EQ(code(check(second.pass)), "pass_revoked");
  const auto fresh = host_.look(*RoomId::parse("film-1"), {.token = first.token, .device = {}},
                                server_.clock.now());
  EXPECT_EQ(check(fresh->pass, inside).status, 204);
}

TEST_F(GateHttp, ForeignPassesAreRefused) {
  const PlaceView other = admitted("film-2", 1);
  EXPECT_EQ(code(check(other.pass)), "pass_invalid");
  const PlaceView place = admitted("film-1", 1);
  std::string changed = place.pass;
  changed[changed.size() / 2] = changed[changed.size() / 2] == 'A' ? 'B' : 'A';
  EXPECT_EQ(code(check(changed)), "pass_invalid");
  EXPECT_EQ(check(changed).status, 403);
  EXPECT_EQ(code(check("pass")), "pass_invalid");
  EXPECT_EQ(check(place.pass).status, 204);
  // A cookie of one room opens no other.
  const std::string inside = cookie_of(check(admitted("film-1", 2).pass));
  const auto there = client_->get("/api/v1/rooms/film-2/gate/check",
                                  "Cookie: onsale_gate_film-2=" + inside.substr(19) + "\r\n");
  EXPECT_EQ(there.status, 401);
}

TEST_F(GateHttp, LeasesKeepSlotsAliveAndNameThoseThatEnded) {
  const PlaceView first = admitted("film-1", 1);
  const PlaceView second = admitted("film-1", 2);
  EXPECT_TRUE(ended({second.pass}).empty());
  for (int i = 0; i < 5; ++i) {
    pass_time(30);
    EXPECT_TRUE(ended({first.pass}).empty()) << i;  // past the life of the pass
  }
  EXPECT_EQ(ended({first.pass, second.pass}).size(), 1U);
  sync_wait(host_.complete(*RoomId::parse("film-1"), first.id));
  EXPECT_EQ(ended({first.pass, second.pass}).size(), 2U);
  EXPECT_TRUE(ended({"nonsense", admitted("film-2", 1).pass}).empty());
  EXPECT_EQ(client_->post(kLeases, R"({"passes":"x"})").status, 422);
  EXPECT_EQ(client_->post("/api/v1/rooms/nowhere/gate/leases", R"({"passes":[]})").status, 404);
}

}  // namespace
}  // namespace onsale::waitroom
