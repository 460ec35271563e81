// Joining and inviting over real sockets: shapes and codes of challenges, proofs and invites.
#include "waitroom/join/join_http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/http/http_fixture.h"
#include "waitroom/api/http.h"
#include "waitroom/join/gatekeeper_fixture.h"
#include "waitroom/join/invite_http.h"

namespace onsale::waitroom {
namespace {

class Boss final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    if (token != "boss") return {};
    return http::Principal{"acc_boss", "admin"};
  }
};

struct Reply {
  int status = 0;
  std::string cookie;  // "onsale_device=…" when one was set
  bool replayed = false;
  boost::json::object body;

  std::string text(std::string_view member) const {
    return std::string(body.at(member).as_string());
  }
};

// Nothing may come here before the join check has been asked.
class CountingStore final : public http::IdempotencyStore {
 public:
  Task<http::IdempotencyBegin> begin(http::IdempotencyRequest) override {
    ++writes;
    co_return http::IdempotencyStarted{"t"};
  }
  Task<void> finish(http::IdempotencyRequest, std::string, http::StoredAnswer) override {
    ++writes;
    co_return;
  }
  Task<void> abandon(http::IdempotencyRequest, std::string) override {
    ++writes;
    co_return;
  }
  Task<std::size_t> sweep(Timestamp) override { co_return 0; }
  std::atomic<int> writes{0};
};

class ProofHttp : public testing::Test {
 protected:
  ProofHttp() {
    server_.authenticator = &boss_;
    server_.idempotency = &store_;
    routes(server_.router, world_.host, hub_, live_, &world_.keeper);
    join_status_routes(server_.router, world_.host, world_.keeper);
    invite_routes(server_.router, {world_.host, world_.invites, *world_.crypto, world_.random});
    live_.connect(world_.host);
    server_.start();
    // Both clocks stand still at the same time.
  }

  Reply call(std::string_view method, std::string_view path, std::string body = "",
             std::string headers = "") {
    http::TestClient client(server_.port());
    if (!body.empty()) headers += "Content-Type: application/json\r\n";
    const auto answer = client.request(method, "/api/v1" + std::string(path), headers, body);
    Reply reply{.status = answer.status, .cookie = answer.header("Set-Cookie"), .body = {}};
    reply.replayed = answer.header("Idempotency-Replayed") == "true";
    reply.cookie = reply.cookie.substr(0, reply.cookie.find(';'));
    if (!answer.body.empty()) reply.body = boost::json::parse(answer.body).as_object();
    return reply;
  }
  Reply join(std::string body = "", const std::string& cookie = "") {
    return call("POST", "/rooms/film-1/places", std::move(body),
                cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
  }
  Reply join_with(const std::string& key, std::string body = "") {
    return call("POST", "/rooms/film-1/places", std::move(body),
                "Idempotency-Key: " + key + "\r\n");
  }
  Reply boss(std::string_view method, std::string_view path, std::string body = "") {
    return call(method, "/admin/rooms/film-1" + std::string(path), std::move(body),
                "Authorization: Bearer boss\r\n");
  }
  // The body that answers this 428, as a page would make it.
  std::string solved(const Reply& asked) {
    const auto& challenge = asked.body.at("challenge").as_object();
    const std::string token(challenge.at("token").as_string());
    boost::json::array numbers;
    for (const auto n : solve(*world_.crypto, token, challenge.at("bits").to_number<int>(),
                              challenge.at("count").to_number<int>())) {
      numbers.push_back(n);
    }
    return boost::json::serialize(
        boost::json::object{{"proof", {{"token", token}, {"solutions", numbers}}}});
  }

  // GCC 12 breaks down over settings in a member's default.
  static Settings demanding() {
    return {.mode = Mode::queue, .capacity = 0, .proof = ProofMode::on, .proof_bits = 8};
  }

  JoinCheckWorld world_{demanding()};
  Boss boss_;
  CountingStore store_;
  http::TestServer server_;
  http::Hub hub_{server_.loops};
  LiveRooms live_{hub_, world_.clock};
};

TEST_F(ProofHttp, AnUnprovenJoinIsAskedAsTheContractSays) {
  const Reply asked = join();
  EXPECT_EQ(asked.status, 428);
  EXPECT_EQ(asked.text("code"), "proof_required");
  EXPECT_TRUE(asked.cookie.empty());
  const auto& challenge = asked.body.at("challenge").as_object();
  EXPECT_EQ(challenge.at("algorithm").as_string(), "sha256");
  EXPECT_EQ(challenge.at("bits").to_number<int>(), 8);
  EXPECT_EQ(challenge.at("count").to_number<int>(), 4);
  EXPECT_EQ(challenge.at("external_url").as_string(), "https://challenge.test/site");
  EXPECT_TRUE(parse_rfc3339(challenge.at("expires_at").as_string()).has_value());
  EXPECT_EQ(join("{}").status, 428);
  EXPECT_EQ(world_.places(), 0);
}

TEST_F(ProofHttp, AProofMakesAPlaceAndItsReplayTheSameOne) {
  const std::string proof = solved(join());
  const Reply first = join(proof);
  EXPECT_EQ(first.status, 202);
  ASSERT_FALSE(first.cookie.empty());
  const Reply replayed = join(proof);
  EXPECT_EQ(replayed.status, 202);
  EXPECT_EQ(replayed.cookie, first.cookie);
  EXPECT_EQ(replayed.text("place"), first.text("place"));
  // And the cookie alone is known by now.
  const Reply again = join("", first.cookie);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.text("place"), first.text("place"));
  EXPECT_EQ(world_.places(), 1);
}

TEST_F(ProofHttp, AnUnprovenJoinWritesNothingThoughItHasAKey) {
  const std::size_t appends = world_.journal.appends();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(join_with("k1").status, 428);
    EXPECT_EQ(join_with("k" + std::to_string(i)).status, 428);
  }
  EXPECT_EQ(store_.writes, 0);
  EXPECT_EQ(world_.journal.appends(), appends);
  // The controls: a route that keeps its answers does write, and so does a place.
  call("POST", "/admin/rooms/film-1/invites", R"({"count":1,"lane":"fans"})",
       "Authorization: Bearer boss\r\nIdempotency-Key: k1\r\n");
  EXPECT_EQ(store_.writes, 2);
  EXPECT_EQ(join_with("k1", solved(join_with("k1"))).status, 202);
  EXPECT_EQ(world_.journal.appends(), appends + 1);
}

TEST_F(ProofHttp, AJoinRepeatedWithItsKeyIsTheSamePlaceAsItIsNow) {
  world_.set({.proof = ProofMode::off});
  const Reply first = join_with("k1");
  EXPECT_EQ(first.status, 202);
  EXPECT_FALSE(first.replayed);
  world_.set({.capacity = 1});
  world_.clock.advance(Millis(1'000));
  world_.host.tick();
  world_.set(
      {.proof = ProofMode::on});  // a rush began meanwhile; the answer was lost, the cookie too
  const Reply again = join_with("k1");
  EXPECT_EQ(again.status, 200);
  EXPECT_TRUE(again.replayed);
  EXPECT_EQ(again.text("state"), "admitted");
  EXPECT_EQ(again.cookie, first.cookie);
  EXPECT_EQ(again.body.at("number"), first.body.at("number"));
  EXPECT_EQ(
      call("GET", "/rooms/film-1/places/me", "", "Onsale-Place: " + again.text("place") + "\r\n")
          .status,
      200);
  EXPECT_EQ(world_.places(), 1);
  // The control: another key is somebody else.
  world_.set({.proof = ProofMode::off});
  const Reply other = join_with("k2");
  EXPECT_EQ(other.status, 202);
  EXPECT_NE(other.cookie, first.cookie);
  EXPECT_EQ(world_.places(), 2);
}

TEST_F(ProofHttp, ARepeatedJoinIsASignOfLife) {
  world_.set({.proof = ProofMode::off});
  join_with("k1");
  join_with("silent");
  for (int i = 0; i < 3; ++i) {
    for (int second = 0; second < 100; ++second) {  // of a grace of 120
      world_.clock.advance(Millis(1000));
      world_.host.tick();
    }
    EXPECT_TRUE(join_with("k1").replayed);
  }
  world_.host.tick();
  EXPECT_EQ(world_.places(), 1);
}

TEST_F(ProofHttp, AProofForADeviceIsNoOtherDevices) {
  const std::string mine = "onsale_device=mine";
  const std::string proof = solved(join("", mine));
  const Reply stolen = join(proof, "onsale_device=other");
  EXPECT_EQ(stolen.status, 428);
  EXPECT_EQ(stolen.body.at("errors").at(0).at("code").as_string(), "foreign");
  EXPECT_EQ(join(proof, mine).status, 202);
}

TEST_F(ProofHttp, WhatIsNoProofIsRefusedBeforeAnyWork) {
  EXPECT_EQ(join(R"({"proof":{"token":"x"}})").status, 422);
  EXPECT_EQ(join(R"({"proof":{"token":"x","solutions":[-1]}})").status, 422);
  EXPECT_EQ(join(R"({"proof":{"token":"x","solutions":[1.5]}})").status, 422);
  EXPECT_EQ(join(R"({"other":1})").status, 422);
  const Reply forged = join(R"({"proof":{"token":"x","solutions":[1,2,3,4]}})");
  EXPECT_EQ(forged.status, 428);
  EXPECT_EQ(forged.body.at("errors").at(0).at("code").as_string(), "forged");
}

TEST_F(ProofHttp, AnExternalAnswerIsTakenToo) {
  EXPECT_EQ(join(R"({"external":"their token"})").status, 202);
  world_.external.answer = ExternalAnswer::failed;
  const Reply failed = join(R"({"external":"another"})");
  EXPECT_EQ(failed.status, 428);
  EXPECT_EQ(failed.body.at("errors").at(0).at("field").as_string(), "external");
}

TEST_F(ProofHttp, InvitesAreMadeListedAndUsed) {
  EXPECT_EQ(boss("POST", "/invites", R"({"count":1,"lane":"fans"})").text("code"), "room_opened");
  world_.set({.mode = Mode::closed});
  world_.set({.mode = Mode::prequeue, .lanes = std::vector<PriorityLane>{{.name = "fans"}}});
  EXPECT_EQ(boss("POST", "/invites", R"({"count":1,"lane":"x"})").text("code"), "lane_unknown");
  const Reply made = boss("POST", "/invites", R"({"count":1500,"lane":"fans"})");
  EXPECT_EQ(made.status, 201);
  EXPECT_EQ(made.body.at("items").as_array().size(), 1'000U);
  EXPECT_EQ(made.text("next_cursor"), "1000");
  const Reply rest = boss("GET", "/invites?cursor=1000");
  EXPECT_EQ(rest.body.at("items").as_array().size(), 500U);
  EXPECT_FALSE(rest.body.contains("next_cursor"));
  EXPECT_EQ(boss("GET", "/invites?cursor=x").status, 422);
  const std::string invite(rest.body.at("items").at(0).at("token").as_string());
  const Reply joined = join(R"({"invite":")" + invite + "\"}");
  EXPECT_EQ(joined.status, 202);
  EXPECT_EQ(join(R"({"invite":")" + invite + "\"}", "onsale_device=x").text("code"), "invite_used");
  EXPECT_EQ(join(R"({"invite":"nonsense"})").text("code"), "invite_invalid");
  const Reply batches = boss("GET", "/invites/batches");
  EXPECT_EQ(batches.body.at("items").at(0).at("used").to_number<int>(), 1);
  world_.set({.mode = Mode::queue});
  EXPECT_EQ(join(R"({"invite":")" + invite + "\"}", "onsale_device=x").text("code"), "lanes_fixed");
}

TEST_F(ProofHttp, OperatorsSeeTheGateAndOthersDoNot) {
  join();
  const Reply check = boss("GET", "/proof");
  EXPECT_EQ(check.status, 200);
  EXPECT_TRUE(check.body.at("proof_demanded").as_bool());
  EXPECT_EQ(check.body.at("asked").to_number<int>(), 1);
  EXPECT_EQ(call("GET", "/admin/rooms/film-1/proof").status, 401);
  EXPECT_EQ(call("POST", "/admin/rooms/film-1/invites", R"({"count":1,"lane":"fans"})").status,
            401);
}

}  // namespace
}  // namespace onsale::waitroom
