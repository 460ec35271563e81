// The routes over real sockets: shapes, codes, cookies, who may.
#include "waitroom/api/http.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "waitroom/api/operator_http.h"
#include "waitroom/api/room_history_http.h"
#include "waitroom/api/served_fixture.h"

namespace onsale::waitroom {
namespace {

struct Reply {
  int status = 0;
  std::string head;
  boost::json::value body;

  std::string text(std::string_view member) const {
    return std::string(body.as_object().at(member).as_string());
  }
  std::int64_t number(std::string_view member) const {
    return body.as_object().at(member).to_number<std::int64_t>();
  }
  bool has(std::string_view member) const { return body.as_object().contains(member); }
  // "onsale_device=…" of Set-Cookie; empty when none was set.
  std::string device_cookie() const {
    const std::size_t at = head.find("onsale_device=");
    return at == head.npos ? "" : head.substr(at, head.find(';', at) - at);
  }
};

class ByToken final : public http::Authenticator {
 public:
  std::optional<http::Principal> authenticate(std::string_view token, Timestamp) override {
    if (token == "boss") return http::Principal{"acc_boss", "admin"};
    if (token == "chief") return http::Principal{"acc_chief", "admin"};
    if (token == "buyer") return http::Principal{"acc_buyer", "buyer"};
    return {};
  }
};

class WaitroomHttp : public ServedRooms {
 protected:
  explicit WaitroomHttp(http::Limits limits = {.rate_enabled = false}) {
    sync_wait(host_.declare_room(*RoomId::parse("film-1"), "A film", {.capacity = 1}));
    routes(router_, host_, hub_, live_);
    operator_routes(router_, host_);
    history_routes(router_, host_, history_);
    serve(&by_token_, limits);
  }

  Reply call(std::string method, std::string path, std::string headers = "",
             std::string body = "") {
    if (!body.empty()) headers += "Content-Type: application/json\r\n";
    http::TestClient client(server_->port());
    auto answer = client.request(method, "/api/v1" + path, headers, body);
    std::string text = std::move(answer.body);
    if (answer.header("Content-Type") == "text/event-stream") {
      EXPECT_TRUE(client.sees("}\n"));
      const std::string& events = client.received();
      const auto data = events.find("data: ") + 6;
      text = events.substr(data, events.find('\n', data) - data);
    }
    Reply reply{.status = answer.status, .head = std::move(answer.head), .body = nullptr};
    if (!text.empty()) reply.body = boost::json::parse(text);
    return reply;
  }
  Reply join(const std::string& cookie = "") {
    return call("POST", "/rooms/film-1/places", cookie.empty() ? "" : "Cookie: " + cookie + "\r\n");
  }
  static std::string place(const Reply& reply) {
    return "Onsale-Place: " + reply.text("place") + "\r\n";
  }
  Reply patch(const std::string& body, const std::string& who = "boss") {
    return call("PATCH", "/admin/rooms/film-1", "Authorization: Bearer " + who + "\r\n", body);
  }

  RoomHistory history_{clock_.now()};
  ByToken by_token_;
};

TEST_F(WaitroomHttp, OpeningWaitsForASecondOperatorWhereTheRuleIsOnAndStoppingDoesNot) {
  EXPECT_EQ(patch(R"({"two_person":true})").status, 200);
  EXPECT_EQ(patch(R"({"capacity":5})").status, 200) << "other changes need nobody else";
  EXPECT_EQ(patch(R"({"mode":"paused"})").status, 200) << "one alone stops it in need";
  EXPECT_EQ(patch(R"({"mode":"closed"})").status, 200);
  const Reply proposed = patch(R"({"mode":"queue","capacity":6})");
  ASSERT_EQ(proposed.status, 202);
  EXPECT_EQ(proposed.text("mode"), "closed") << "nothing has happened";
  const auto& pending = proposed.body.as_object().at("pending").as_object();
  EXPECT_EQ(pending.at("changes").as_array().size(), 2U);
  const auto say_yes = [&](const Reply& to, std::string who) {
    const auto& id = to.body.as_object().at("pending").as_object().at("id").as_string();
    return call("POST", "/admin/rooms/film-1/proposals/" + std::string(id) + "/approval",
                "Authorization: Bearer " + who + "\r\n");
  };
  EXPECT_EQ(say_yes(proposed, "boss").text("code"), "second_person_needed");
  EXPECT_EQ(say_yes(proposed, "boss").status, 403);
  const Reply approved = say_yes(proposed, "chief");
  ASSERT_EQ(approved.status, 200);
  EXPECT_EQ(approved.text("mode"), "queue");
  EXPECT_EQ(approved.number("capacity"), 6);
  EXPECT_FALSE(approved.has("pending"));
  EXPECT_EQ(say_yes(proposed, "chief").status, 404) << "it is over";
  EXPECT_EQ(patch(R"({"two_person":false})").status, 202) << "giving up the rule needs two";
}

TEST_F(WaitroomHttp, AnApprovalNeverAppliesToARoomThatItsApproverDidNotSee) {
  EXPECT_EQ(patch(R"({"two_person":true,"mode":"closed"})").status, 200);
  const Reply proposed = patch(R"({"mode":"queue"})");
  const auto& id = proposed.body.as_object().at("pending").as_object().at("id").as_string();
  EXPECT_EQ(patch(R"({"admit_per_minute":9000})").status, 200) << "the proposer's, alone";
  const std::string path = "/admin/rooms/film-1/proposals/" + std::string(id) + "/approval";
  const Reply refused = call("POST", path, "Authorization: Bearer chief\r\n");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.text("code"), "changed_meanwhile");
  EXPECT_EQ(host_.room(*RoomId::parse("film-1"))->settings.mode, Mode::closed);
  EXPECT_EQ(call("POST", path, "Authorization: Bearer chief\r\n").status, 404) << "over";
}

TEST_F(WaitroomHttp, AChangeOfARoomThatWasChangedMeanwhileIsRefused) {
  const Reply seen = call("GET", "/admin/rooms/film-1", "Authorization: Bearer boss\r\n");
  const std::string tag = "\"" + seen.text("version") + "\"";
  EXPECT_NE(seen.head.find("ETag: " + tag), seen.head.npos);
  const auto change = [&](const std::string& match, const std::string& body) {
    return call("PATCH", "/admin/rooms/film-1",
                "Authorization: Bearer boss\r\nIf-Match: " + match + "\r\n", body);
  };
  const Reply first = change(tag, R"({"capacity":7})");
  EXPECT_EQ(first.status, 200);
  EXPECT_NE(first.text("version"), seen.text("version"));
  const Reply second = change(tag, R"({"message":"Soon"})");
  EXPECT_EQ(second.status, 412);
  EXPECT_EQ(second.text("code"), "changed_meanwhile");
  EXPECT_EQ(change("\"" + first.text("version") + "\"", R"({"message":"Soon"})").status, 200);
  EXPECT_EQ(change("*", R"({"message":""})").status, 200);
  EXPECT_EQ(patch(R"({"message":"!"})").status, 200) << "without If-Match as ever";
  join();
  const Reply later = call("GET", "/admin/rooms/film-1", "Authorization: Bearer boss\r\n");
  EXPECT_EQ(later.number("active"), 1);
  const Reply still = change("\"" + later.text("version") + "\"", R"({"message":"?"})");
  EXPECT_EQ(still.status, 200) << "numbers are no settings";
}

TEST_F(WaitroomHttp, APlanSavedAgainRunsNothingThatAlreadyRan) {
  const Reply saved = patch(R"({"schedule":[{"at":"2020-01-01T00:00:00.000Z","capacity":1}]})");
  EXPECT_EQ(saved.status, 422);
  const auto& error = saved.body.as_object().at("errors").as_array().at(0).as_object();
  EXPECT_EQ(error.at("field").as_string(), "schedule[0].at");
  EXPECT_EQ(error.at("code").as_string(), "in_the_past");
  const Reply opens = patch(R"({"mode":"prequeue","opens_at":"2020-01-01T00:00:00.000Z"})");
  EXPECT_EQ(opens.status, 422) << "it would open at once";
}

TEST_F(WaitroomHttp, ARoomOfOnePerAccountKnowsTheAccountOnEveryDevice) {
  EXPECT_EQ(patch(R"({"one_per":"account"})").status, 200);
  EXPECT_EQ(join().status, 401);
  EXPECT_EQ(join().text("code"), "unauthenticated");
  const std::string who = "Authorization: Bearer buyer\r\n";
  const Reply phone = call("POST", "/rooms/film-1/places", who + "Cookie: onsale_device=phone\r\n");
  const Reply desk = call("POST", "/rooms/film-1/places", who + "Cookie: onsale_device=desk\r\n");
  ASSERT_EQ(phone.status, 200);
  EXPECT_EQ(phone.text("pass"), desk.text("pass")) << "one place";
  const Reply look = call("GET", "/rooms/film-1/places/me", who);
  EXPECT_EQ(look.text("state"), "admitted");
}

TEST_F(WaitroomHttp, EverySettingCanBeReadBackAsItWasSet) {
  const Reply reply = patch(R"({"lanes":[{"name":"VIP","share":300}],"mode":"closed"})");
  EXPECT_EQ(reply.status, 422) << "fixed while the room is open";
  EXPECT_EQ(patch(R"({"mode":"prequeue"})").status, 200);
  const Reply set =
      patch(R"({"offers_shown":"prices","missed_seconds":60,"no_show_seconds":30,)"
            R"("lanes":[{"name":"VIP","share":300}],)"
            R"("pass_epoch":3,"lottery":true,"proof":"on","proof_bits":18,"proof_count":2,)"
            R"("joins_per_prefix":50,"schedule":[{"at":"2030-01-01T00:00:00.000Z","mode":"queue",)"
            R"("capacity":9}]})");
  ASSERT_EQ(set.status, 200);
  const Reply got = call("GET", "/admin/rooms/film-1", "Authorization: Bearer boss\r\n");
  EXPECT_EQ(got.body.as_object(), set.body.as_object());
  EXPECT_EQ(got.number("pass_epoch"), 3);
  EXPECT_EQ(got.text("offers_shown"), "prices");
  EXPECT_EQ(patch(R"({"offers_shown":"everything"})").status, 422);
  EXPECT_EQ(got.body.as_object().at("lanes").as_array().size(), 1U);
  const Reply early = patch(R"({"mode":"queue"})");
  EXPECT_EQ(early.status, 422) << "a lottery is drawn first";
  const Reply backwards =
      patch(R"({"schedule":[{"at":"2030-01-02T00:00:00Z"},{"at":"2030-01-01T00:00:00Z"}]})");
  EXPECT_EQ(backwards.status, 422);
}

TEST_F(WaitroomHttp, JoinAnswersAsTheContractSays) {
  const Reply first = join();
  EXPECT_EQ(first.status, 200);
  EXPECT_EQ(first.text("state"), "admitted");
  EXPECT_TRUE(first.has("pass") && first.has("pass_expires_at") && first.has("place"));
  EXPECT_FALSE(first.has("position"));
  EXPECT_NE(first.head.find("HttpOnly"), first.head.npos);
  EXPECT_NE(first.head.find("SameSite=Lax"), first.head.npos);
  const Reply second = join();
  EXPECT_EQ(second.status, 202);
  EXPECT_EQ(second.text("state"), "waiting");
  EXPECT_EQ(second.number("position"), 1);
  EXPECT_EQ(second.number("waiting"), 1);
  EXPECT_GE(second.number("poll_after_ms"), 1000);
  EXPECT_FALSE(second.has("pass"));
  EXPECT_LE(second.text("place").size(), 200U);
  const Reply again = join(second.device_cookie());
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.number("position"), 1);
  EXPECT_EQ(again.device_cookie(), "");
  EXPECT_NE(join().device_cookie(), second.device_cookie());
}

TEST_F(WaitroomHttp, ATokenOrACookieFindsThePlace) {
  const Reply first = join();
  const Reply second = join();
  const Reply by_token = call("GET", "/rooms/film-1/places/me", place(second));
  EXPECT_EQ(by_token.status, 200);
  EXPECT_EQ(by_token.number("position"), 1);
  const Reply by_cookie =
      call("GET", "/rooms/film-1/places/me", "Cookie: " + second.device_cookie() + "\r\n");
  EXPECT_EQ(by_cookie.status, 200);
  EXPECT_EQ(by_cookie.number("position"), 1);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me").text("code"), "place_invalid");
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", "Onsale-Place: x\r\n").status, 401);
  EXPECT_EQ(call("GET", "/rooms/nowhere/places/me", place(second)).text("code"), "room_not_found");
  EXPECT_EQ(call("DELETE", "/rooms/film-1/places/me", place(first)).status, 204);
  EXPECT_EQ(call("DELETE", "/rooms/film-1/places/me", place(first)).status, 204);
  EXPECT_EQ(call("DELETE", "/rooms/film-1/places/me").status, 401);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", place(first)).text("state"), "left");
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", place(second)).text("state"), "admitted");
}

TEST_F(WaitroomHttp, AnAccountWithoutADeviceCookieHasOnePlace) {
  const std::string bearer = "Authorization: Bearer buyer\r\n";
  const std::string boss = "Authorization: Bearer boss\r\n";
  join();  // the one slot is taken
  const Reply first = call("POST", "/rooms/film-1/places", bearer);
  EXPECT_EQ(first.status, 202);
  EXPECT_EQ(first.number("position"), 1);
  EXPECT_EQ(first.device_cookie(), "");
  const Reply again = call("POST", "/rooms/film-1/places", bearer);
  EXPECT_EQ(again.number("position"), 1);
  EXPECT_EQ(again.number("waiting"), 1);
  EXPECT_EQ(call("POST", "/rooms/film-1/places", boss).number("position"), 2);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", bearer).number("position"), 1);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me/events", bearer).number("position"), 1);
  // A device keeps its own place when somebody signs in on it.
  const Reply device = join();
  EXPECT_EQ(device.number("position"), 3);
  const std::string both = bearer + "Cookie: " + device.device_cookie() + "\r\n";
  EXPECT_EQ(call("POST", "/rooms/film-1/places", both).number("position"), 3);
  // Nobody passes for an account with a cookie.
  EXPECT_EQ(join("onsale_device=acc_buyer").number("position"), 4);
  EXPECT_EQ(call("DELETE", "/rooms/film-1/places/me", bearer).status, 204);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", place(first)).text("state"), "left");
}

TEST_F(WaitroomHttp, UnknownRoomsAreNeverCreated) {
  for (const char* room : {"nowhere", "Film-1", "a%20b", "..."}) {
    const Reply reply = call("POST", std::string("/rooms/") + room + "/places");
    EXPECT_EQ(reply.status, 404) << room;
    EXPECT_EQ(reply.text("code"), "room_not_found");
    EXPECT_EQ(call("GET", std::string("/rooms/") + room).status, 404);
  }
  EXPECT_EQ(host_.rooms().size(), 1U);
}

TEST_F(WaitroomHttp, OperatorsSeeAndChangeRoomsAndOthersDoNot) {
  join();
  const Reply second = join();
  EXPECT_EQ(call("GET", "/admin/rooms").status, 401);
  EXPECT_EQ(patch("{}", "buyer").status, 403);
  const Reply list = call("GET", "/admin/rooms", "Authorization: Bearer boss\r\n");
  EXPECT_EQ(list.status, 200);
  EXPECT_EQ(list.body.at("items").as_array().size(), 1U);
  const Reply changed = patch(R"({"capacity":2,"message":"Soon"})");
  EXPECT_EQ(changed.status, 200);
  EXPECT_EQ(changed.number("capacity"), 2);
  EXPECT_EQ(changed.number("active"), 2);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me", place(second)).text("state"), "admitted");
  EXPECT_EQ(call("GET", "/rooms/film-1").text("message"), "Soon");
  EXPECT_EQ(audit_.entries.at(0).who, "acc_boss");
  EXPECT_EQ(audit_.entries.at(0).changes.size(), 2U);
  EXPECT_EQ(patch(R"({"capacity":-1})").status, 422);
  EXPECT_EQ(patch(R"({"colour":"red"})").status, 422);
  EXPECT_EQ(patch(R"({"mode":"ajar"})").status, 422);
  EXPECT_EQ(patch(R"({"mode":"closed"})").text("mode"), "closed");
  const Reply refused = join();
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(refused.text("code"), "room_closed");
  patch(R"({"mode":"prequeue","opens_at":"2100-01-01T00:00:00Z"})");
  const Reply early = join();
  EXPECT_EQ(early.status, 202);
  EXPECT_EQ(early.text("state"), "prequeue");
  EXPECT_EQ(early.text("opens_at"), "2100-01-01T00:00:00.000Z");
}

TEST_F(WaitroomHttp, OperatorsSeeWhatWasOfARoom) {
  const std::string boss = "Authorization: Bearer boss\r\n";
  join();
  join();
  const Reply fresh = call("GET", "/admin/rooms/film-1/history", boss);
  ASSERT_EQ(fresh.status, 200);
  EXPECT_TRUE(fresh.body.at("items").as_array().empty()) << "nothing of before the start";
  EXPECT_TRUE(fresh.has("since"));
  EXPECT_EQ(fresh.body.at("now").at("waiting"), 1);
  EXPECT_EQ(fresh.body.at("now").at("slot_use").to_number<double>(), 1.0);
  EXPECT_TRUE(fresh.body.at("now").as_object().contains("eta"));
  EXPECT_TRUE(fresh.body.at("now").as_object().contains("waited"));
  host_.remember(history_);
  const Reply later = call("GET", "/admin/rooms/film-1/history", boss);
  ASSERT_EQ(later.body.at("items").as_array().size(), 1U);
  const auto& kept = later.body.at("items").as_array()[0].as_object();
  EXPECT_EQ(kept.at("joins"), 2);
  EXPECT_EQ(kept.at("mode"), "queue");
  const std::string at(kept.at("at").as_string());
  const Reply none = call("GET", "/admin/rooms/film-1/history?after=" + at, boss);
  EXPECT_TRUE(none.body.at("items").as_array().empty());
  EXPECT_EQ(call("GET", "/admin/rooms/film-1/history?after=yesterday", boss).status, 422);
  EXPECT_EQ(call("GET", "/admin/rooms/nowhere/history", boss).status, 404);
  EXPECT_EQ(call("GET", "/admin/rooms/nowhere/history.csv", boss).status, 404);
  for (const char* path : {"/admin/rooms/film-1/history", "/admin/rooms/film-1/history.csv"}) {
    EXPECT_EQ(call("GET", path).status, 401);
    EXPECT_EQ(call("GET", path, "Authorization: Bearer buyer\r\n").status, 403);
  }
}

TEST_F(WaitroomHttp, NullTakesBackWhenARoomOpens) {
  patch(R"({"mode":"prequeue","opens_at":"2100-01-01T00:00:00Z"})");
  EXPECT_TRUE(patch(R"({"capacity":3})").has("opens_at"));  // what is absent stays
  const Reply cleared = patch(R"({"opens_at":null})");
  EXPECT_EQ(cleared.status, 200);
  EXPECT_EQ(cleared.text("mode"), "prequeue");
  EXPECT_FALSE(cleared.has("opens_at"));
  EXPECT_FALSE(join().has("opens_at"));
  EXPECT_EQ(audit_.entries.back().changes.at(0).field, "opens_at");
  EXPECT_EQ(patch(R"({"opens_at":""})").status, 422);
}

TEST_F(WaitroomHttp, AFullDiskIs503) {
  journal_.fail(true);
  const Reply reply = join();
  EXPECT_EQ(reply.status, 503);
  EXPECT_NE(reply.head.find("Retry-After"), reply.head.npos);
}

class CrowdedAddress : public WaitroomHttp {
 protected:
  CrowdedAddress()
      : WaitroomHttp({.rate_per_second = 0.1,
                      .rate_burst = 6,
                      .address_per_second = 1,
                      .address_burst = 200}) {}
  int look(const std::string& headers) {
    return call("GET", "/rooms/film-1/places/me", headers).status;
  }
};

TEST_F(CrowdedAddress, AValidTokenHasALimitOfItsOwn) {
  std::vector<std::string> people;
  for (int i = 0; i < 4; ++i) people.push_back(place(join()));
  for (const std::string& person : people)
    for (int i = 0; i < 5; ++i) EXPECT_EQ(look(person), 200);  // 20 of one address
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me/events", people[0]).status, 200);
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me/events", people[0]).status, 429);
  EXPECT_EQ(look(people[0]), 429);
  EXPECT_EQ(look(people[1]), 200);
  EXPECT_EQ(look(people[1]), 429);
}

TEST_F(CrowdedAddress, StrangersShareOne) {
  int checked = 0;
  for (int i = 0; i < 40; ++i) {
    const int status = look("Onsale-Place: forged" + std::to_string(i) + "\r\n");
    EXPECT_TRUE(status == 401 || status == 429) << status;
    if (status == 401) ++checked;
  }
  EXPECT_LT(checked, 20);
}

TEST_F(WaitroomHttp, AnEventStreamBeginsWithThePlace) {
  join();
  const Reply second = join();
  const Reply event = call("GET", "/rooms/film-1/places/me/events", place(second));
  EXPECT_EQ(event.status, 200);
  EXPECT_EQ(event.number("position"), 1);
  EXPECT_EQ(event.text("place"), second.text("place"));
  EXPECT_EQ(call("GET", "/rooms/film-1/places/me/events").status, 401);
}

}  // namespace
}  // namespace onsale::waitroom
