// The routes over real sockets: shapes, codes, who may, and what is kept from whom.
#include "waitroom/lottery/lottery_http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "platform/http/http_fixture.h"
#include "waitroom/lottery/lottery_client.h"
#include "waitroom/lottery/lottery_fakes.h"

namespace onsale::waitroom::lottery {
namespace {

class ByToken final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    if (token == "boss") return http::Principal{"acc_boss", "admin"};
    if (token == "buyer") return http::Principal{"acc_buyer", "buyer"};
    return {};
  }
};

struct Reply {
  int status = 0;
  std::string head, text;
  boost::json::value body;
  std::string operator[](std::string_view member) const {
    return std::string(body.as_object().at(member).as_string());
  }
  std::int64_t number(std::string_view member) const {
    return body.as_object().at(member).to_number<std::int64_t>();
  }
  bool has(std::string_view member) const { return body.as_object().contains(member); }
};

class LotteryHttp : public testing::Test {
 protected:
  LotteryHttp() {
    here_.authenticator = &by_token_;
    routes(here_.router, lotteries_);
    here_.start();
    round_.signature = std::string(48, 's');
    round_.round = 50;
  }
  Reply call(std::string_view method, const std::string& path, const std::string& body = "",
             const std::string& who = "boss", const std::string& headers = "") {
    http::TestClient client(here_.port());
    std::string all = headers;
    if (!who.empty()) all += "Authorization: Bearer " + who + "\r\n";
    if (!body.empty()) all += "Content-Type: application/json\r\n";
    const auto answer = client.request(method, "/api/v1" + path, all, body);
    Reply reply{.status = answer.status, .head = answer.head, .text = answer.body, .body = {}};
    boost::system::error_code error;
    reply.body = boost::json::parse(answer.body, error);
    return reply;
  }
  Reply operate(const std::string& step, const std::string& body = "") {
    return call("POST", "/admin/rooms/film-1/lottery" + step, body);
  }
  // A round 500 s after the clock's start.
  std::string close_body() const {
    const auto genesis = to_unix_ms(started_) / 1000;
    return R"({"beacon":{"kind":"drand","chain":{"hash":")" + std::string(64, 'a') +
           R"(","genesis_time":)" + std::to_string(genesis + 10) +
           R"(,"period":10},"round":50,"url":"https://drand.test"}})";
  }
  std::string draw_body() const {
    return R"({"round":50,"signature":")" + hex(round_.signature) + "\"}";
  }
  void join(int count) {
    for (int i = 0; i < count; ++i) pool_.waiting.push_back(pool_.waiting.size() + 1);
  }

  http::TestServer here_;
  const Timestamp started_ = here_.clock.now();
  ByToken by_token_;
  SeededRandom random_{3};
  const CryptoHashing hashing_;
  FakeStore store_;
  FakeVault vault_;
  FakePool pool_{*RoomId::parse("film-1")};
  FakeRounds rounds_;
  ImmediateWorker worker_;
  Lotteries lotteries_{{here_.clock, random_, hashing_, store_, vault_, pool_, rounds_, worker_}};
  DrandRound round_;
};

TEST_F(LotteryHttp, TellsEachStepAndNoSecretBeforeItsTime) {
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery", "", "")["state"], "none");
  const Reply committed = operate("");
  EXPECT_EQ(committed.status, 200) << committed.text;
  EXPECT_EQ(committed["state"], "committed");
  EXPECT_EQ(committed["commitment"].size(), 64U);
  EXPECT_EQ(committed.number("number"), 1);
  EXPECT_FALSE(committed.has("seed") || committed.has("root"));
  join(25);
  const Reply closed = operate("/close", close_body());
  EXPECT_EQ(closed.status, 200) << closed.text;
  EXPECT_EQ(closed.number("count"), 25);
  EXPECT_EQ(closed["root"].size(), 64U);
  EXPECT_FALSE(closed.has("seed") || closed.has("value") || closed.has("drand"));
  const auto& beacon = closed.body.at("beacon").as_object();
  EXPECT_EQ(beacon.at("kind"), "drand");
  EXPECT_EQ(beacon.at("round"), 50);
  EXPECT_EQ(beacon.at("chain").at("period"), 10);
  EXPECT_EQ(beacon.at("round_at").as_string(), to_rfc3339(started_ + Millis(500'000)));
  here_.clock.advance(Millis(600'000));
  const Reply drawn = operate("/draw", draw_body());
  EXPECT_EQ(drawn.status, 200) << drawn.text;
  EXPECT_EQ(drawn["state"], "drawn");
  EXPECT_EQ(hex(bytes_of(hashing_.sha256(*from_hex(drawn["seed"])))), committed["commitment"]);
  EXPECT_EQ(drawn["value"], hex(bytes_of(hashing_.sha256(round_.signature))));
  EXPECT_EQ(drawn.body.at("drand").at("signature").as_string(), hex(round_.signature));
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery", "", "").body, drawn.body);
}

TEST_F(LotteryHttp, ListsTheEntriesInPagesThatMayBeCached) {
  operate("");
  join(25);
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery/entries", "", "")["code"], "lottery_not_closed");
  operate("/close", close_body());
  const Reply first = call("GET", "/rooms/film-1/lottery/entries?limit=20", "", "");
  const Reply rest = call("GET", "/rooms/film-1/lottery/entries?from=20", "", "");
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.head.find("Content-Type: text/plain"), first.head.npos);
  EXPECT_NE(first.head.find("Cache-Control: public, max-age=60"), first.head.npos);
  EXPECT_NE(first.head.find("ETag: "), first.head.npos);
  EXPECT_NE(first.head.find("Onsale-Entries-Count: 25"), first.head.npos);
  EXPECT_EQ(first.text.size(), 20 * 65U);
  EXPECT_EQ(rest.text.size(), 5 * 65U);
  EXPECT_NE(rest.head.find("Onsale-Entries-First: 20"), rest.head.npos);
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery/entries?from=99", "", "").text, "");
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery/entries?limit=10001", "", "").status, 422);
  EXPECT_EQ(call("GET", "/rooms/film-1/lottery/entries?from=x", "", "").status, 422);
}

TEST_F(LotteryHttp, ShowsOneselfWithAProof) {
  const std::string path = "/rooms/film-1/places/me/lottery";
  operate("");
  join(25);
  const Reply early = call("GET", path, "", "", "Onsale-Place: 7\r\n");
  EXPECT_EQ(early.status, 200) << early.text;
  EXPECT_FALSE(early.body.at("entered").as_bool());
  EXPECT_EQ(early["entry"].size(), 64U);
  operate("/close", close_body());
  join(1);
  const Reply mine = call("GET", path, "", "", "Onsale-Place: 7\r\n");
  EXPECT_TRUE(mine.body.at("entered").as_bool());
  EXPECT_EQ(mine["entry"], early["entry"]);
  EXPECT_EQ(mine.number("place"), 7);
  EXPECT_EQ(mine.number("index"), 6);
  EXPECT_EQ(mine["salt"].size(), 32U);
  EXPECT_FALSE(mine.has("rank"));
  std::vector<Digest> proof;
  for (const auto& one : mine.body.at("proof").as_array()) {
    proof.push_back(*digest_from_hex(std::string_view(one.as_string())));
  }
  EXPECT_TRUE(included(hashing_, lotteries_.find(*RoomId::parse("film-1"))->root,
                       *digest_from_hex(mine["entry"]), 6, 25, proof));
  const Reply late = call("GET", path, "", "", "Onsale-Place: 26\r\n");
  EXPECT_FALSE(late.body.at("entered").as_bool());
  EXPECT_FALSE(late.has("entry"));
  here_.clock.advance(Millis(600'000));
  operate("/draw", draw_body());
  const auto rank = call("GET", path, "", "", "Onsale-Place: 7\r\n").number("rank");
  EXPECT_EQ(pool_.waiting[static_cast<std::size_t>(rank - 1)], 7U);
  EXPECT_EQ(call("GET", path, "", "")["code"], "place_invalid");
  EXPECT_EQ(call("GET", "/rooms/nowhere/places/me/lottery", "", "").status, 404);
}

TEST_F(LotteryHttp, OnlyAdministratorsActAndEveryStepIsAudited) {
  for (const std::string step : {"", "/close", "/draw"}) {
    const std::string path = "/admin/rooms/film-1/lottery" + step;
    EXPECT_EQ(call("POST", path, "", "").status, 401);
    EXPECT_EQ(call("POST", path, "", "buyer").status, 403);
  }
  EXPECT_TRUE(store_.told.empty());
  operate("");
  operate("/close", close_body());
  here_.clock.advance(Millis(600'000));
  operate("/draw", draw_body());
  ASSERT_EQ(store_.told.size(), 3U);
  for (const RoomChanged& entry : store_.told) {
    EXPECT_EQ(entry.who, "acc_boss");
    EXPECT_EQ(entry.changes[0].field, "lottery");
  }
}

TEST_F(LotteryHttp, EveryRefusalHasItsCode) {
  EXPECT_EQ(call("GET", "/rooms/nowhere/lottery", "", "")["code"], "room_not_found");
  EXPECT_EQ(operate("/close", close_body())["code"], "lottery_not_committed");
  EXPECT_EQ(operate("/draw", draw_body())["code"], "lottery_not_closed");
  pool_.open = false;
  EXPECT_EQ(operate("")["code"], "lottery_not_a_pool");
  pool_.open = true;
  join(1);
  EXPECT_EQ(operate("")["code"], "lottery_joining_began");
  pool_.waiting.clear();
  operate("");
  for (const char* body : {
           R"({})",
           R"({"beacon":{"kind":"dice"}})",
           R"({"beacon":{"kind":"drand"}})",
           R"({"beacon":{"kind":"drand","round":0}})",
           R"({"beacon":{"kind":"drand","round":5,"k":1}})",
           R"({"beacon":{"kind":"parties","k":1}})",
           R"({"beacon":{"kind":"parties","k":1,"commitments":[]}})",
           R"({"beacon":{"kind":"parties","k":1,"commitments":["x"]}})",
           R"({"beacon":{"kind":"parties","k":1,"round":5,"commitments":[]}})",
       }) {
    EXPECT_EQ(operate("/close", body).status, 422) << body;
  }
  const Reply past = operate("/close", R"({"beacon":{"kind":"drand","round":5}})");
  EXPECT_EQ(past.status, 409);
  EXPECT_EQ(past["code"], "lottery_round_not_future");
  operate("/close", close_body());
  EXPECT_EQ(operate("")["code"], "lottery_already_closed");
  EXPECT_EQ(operate("/draw", draw_body())["code"], "lottery_round_not_reached");
  here_.clock.advance(Millis(600'000));
  const Reply unavailable = operate("/draw");
  EXPECT_EQ(unavailable.status, 503);
  EXPECT_EQ(unavailable["code"], "lottery_beacon_unavailable");
  const std::string signature = hex(round_.signature);
  EXPECT_EQ(operate("/draw", R"({"round":50})").status, 422);
  EXPECT_EQ(operate("/draw", R"({"round":51,"signature":")" + signature + "\"}")["code"],
            "lottery_wrong_evidence");
  EXPECT_EQ(operate("/draw", R"({"reveals":[]})")["code"], "lottery_wrong_evidence");
  EXPECT_EQ(operate("/draw", R"({"round":50,"signature":")" + signature + R"(","randomness":")" +
                                 std::string(64, '0') + "\"}")["code"],
            "lottery_beacon_mismatch");
  EXPECT_EQ(operate("/draw", draw_body()).status, 200);
  const Reply other =
      operate("/draw", R"({"round":50,"signature":")" + std::string(96, 'b') + "\"}");
  EXPECT_EQ(other["code"], "lottery_already_drawn");
}

TEST_F(LotteryHttp, PartiesDecide) {
  const auto commitment = [&](char fill) {
    return hex(bytes_of(hashing_.sha256(std::string(32, fill))));
  };
  operate("");
  join(9);
  const std::string close = R"({"beacon":{"kind":"parties","k":2,"commitments":[")" +
                            commitment('a') + R"(",")" + commitment('b') + R"("]}})";
  const Reply closed = operate("/close", close);
  ASSERT_EQ(closed.status, 200) << closed.text;
  EXPECT_EQ(closed.body.at("beacon").at("k"), 2);
  const auto reveal = [](int party, char fill) {
    return R"({"party":)" + std::to_string(party) + R"(,"value":")" + hex(std::string(32, fill)) +
           "\"}";
  };
  EXPECT_EQ(operate("/draw", R"({"reveals":[)" + reveal(1, 'a') + "]}")["code"],
            "lottery_too_few_reveals");
  const Reply wrong =
      operate("/draw", R"({"reveals":[)" + reveal(1, 'a') + "," + reveal(2, 'x') + "]}");
  EXPECT_EQ(wrong["code"], "lottery_reveal_mismatch");
  EXPECT_EQ(wrong.body.at("errors").at(0).at("field"), "reveals[1].value");
  const Reply drawn =
      operate("/draw", R"({"reveals":[)" + reveal(2, 'b') + "," + reveal(1, 'a') + "]}");
  ASSERT_EQ(drawn.status, 200) << drawn.text;
  EXPECT_EQ(drawn.body.at("reveals").as_array().size(), 2U);
}

// The whole way of a round: from a relay's address on another server into the ranks.
TEST(LotteryRounds, AreFetchedFromWhereTheOperatorSaid) {
  http::TestServer relay;
  relay.router.get("//{chain}/public/{round}", {}, [](http::Call& call) {
    const bool known = call.param("chain") == quicknet().hash && call.param("round") == "77";
    return http::Raw{.status = known ? 200 : 404,
                     .content_type = "application/json",
                     .body = known ? R"({"round":77,"signature":")" + std::string(96, 'a') + "\"}"
                                   : std::string(R"({"error":"no"})")};
  });
  relay.start();
  exec::BlockingPool threads("rounds", 1, 4);
  HttpRounds rounds("http://127.0.0.1:" + std::to_string(relay.port()) + "/", threads);
  EXPECT_TRUE(rounds.configured());
  const auto round = sync_wait(rounds.fetch({.chain = quicknet(), .round = 77, .url = {}}));
  ASSERT_TRUE(round);
  EXPECT_EQ(hex(round->signature), std::string(96, 'a'));
  EXPECT_FALSE(sync_wait(rounds.fetch({.chain = quicknet(), .round = 78, .url = {}})));
  HttpRounds nowhere("http://127.0.0.1:1", threads);
  EXPECT_FALSE(sync_wait(nowhere.fetch({.chain = quicknet(), .round = 77, .url = {}})));
  HttpRounds off("", threads);
  EXPECT_FALSE(off.configured());
  EXPECT_FALSE(sync_wait(off.fetch({.chain = quicknet(), .round = 77, .url = {}})));
}

}  // namespace
}  // namespace onsale::waitroom::lottery
