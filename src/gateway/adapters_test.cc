// What stands between the door and the outside: headers, pages, and what the server says.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "gateway/fields_http.h"
#include "gateway/pages_http.h"
#include "gateway/pass_client.h"

namespace onsale::gateway {
namespace {

using beast_http::field;

beast_http::fields fields(std::initializer_list<std::pair<const char*, const char*>> list) {
  beast_http::fields out;
  for (const auto& [name, value] : list) out.insert(name, value);
  return out;
}

beast_http::fields forwarded(const beast_http::fields& from, bool believe = false) {
  beast_http::fields to;
  copy_request_fields(
      from, {.client_address = "10.0.0.7", .scheme = "https", .place = "plc_1", .believe = believe},
      to);
  return to;
}

TEST(Fields, WhatBelongsToTheConnectionStaysHere) {
  const auto out = forwarded(fields({{"Host", "shop.test"},
                                     {"Connection", "close, X-Hop, Host, Cookie"},
                                     {"X-Hop", "1"},
                                     {"TE", "trailers"},
                                     {"Transfer-Encoding", "chunked"},
                                     {"Proxy-Authorization", "x"},
                                     {"Expect", "100-continue"},
                                     {"Accept", "a"},
                                     {"X-Own", "1"},
                                     {"X-Own", "2"}}));
  for (const char* gone :
       {"Connection", "X-Hop", "TE", "Transfer-Encoding", "Proxy-Authorization", "Expect"})
    EXPECT_EQ(out.count(gone), 0U) << gone;
  EXPECT_EQ(out[field::host], "shop.test");
  EXPECT_EQ(out.count("X-Own"), 2U);
}

TEST(Fields, TheGatesOwnCookiesAndPassesGoNoFurther) {
  const auto out = forwarded(fields({{"Cookie", "a=1; onsale_gate_film-1=x.y; b=2"},
                                     {"Cookie", "onsale_pass=p;c=3"},
                                     {"Onsale-Pass", "p"},
                                     {"Onsale-Place-Id", "plc_me"}}));
  EXPECT_EQ(out[field::cookie], "a=1; b=2; c=3");
  EXPECT_EQ(out.count("Onsale-Pass"), 0U);
  EXPECT_EQ(out["Onsale-Place-Id"], "plc_1");
  EXPECT_EQ(forwarded(fields({{"Cookie", "onsale_pass=p"}})).count("Cookie"), 0U);
}

TEST(Fields, OnlyAProxyOfOursIsBelieved) {
  const auto claims = fields({{"Host", "shop.test"},
                              {"X-Forwarded-For", "6.6.6.6"},
                              {"X-Forwarded-Proto", "http"},
                              {"X-Real-IP", "6.6.6.6"}});
  const auto plain = forwarded(claims);
  EXPECT_EQ(plain["X-Forwarded-For"], "10.0.0.7");
  EXPECT_EQ(plain["X-Forwarded-Proto"], "https");
  EXPECT_EQ(plain["X-Forwarded-Host"], "shop.test");
  EXPECT_EQ(plain.count("X-Real-IP"), 0U);
  const auto believed = forwarded(claims, true);
  EXPECT_EQ(believed["X-Forwarded-For"], "6.6.6.6, 10.0.0.7");
  const auto two = fields({{"X-Forwarded-For", "6.6.6.6"}, {"x-forwarded-for", "7.7.7.7"}});
  EXPECT_EQ(forwarded(two, true)["X-Forwarded-For"], "6.6.6.6, 7.7.7.7, 10.0.0.7");
  EXPECT_EQ(believed["X-Forwarded-Proto"], "http");
}

TEST(Pages, SpeakBothLanguagesAndEscapeTheWay) {
  const Page page = refusal_page(Refusal::pass_used, "https://t.test/wait/x?return=\"><script>",
                                 true, Language::ko);
  EXPECT_EQ(page.status, 403);
  EXPECT_NE(page.body.find("lang=\"ko\""), page.body.npos);
  EXPECT_EQ(page.body.find("\"><script>"), page.body.npos);
  EXPECT_NE(trouble_page(Trouble::origin_away, true, Language::en).body.find("lang=\"en\""),
            page.body.npos);
  const Page problem = refusal_page(Refusal::not_ready, "", false, Language::en);
  EXPECT_EQ(problem.content_type, "application/problem+json");
  EXPECT_NE(problem.body.find(R"("code":"not_ready")"), problem.body.npos);
}

TEST(Fields, APreflightIsWhatBrowsersSend) {
  const auto head = [](std::initializer_list<std::pair<const char*, const char*>> fields,
                       beast_http::verb verb = beast_http::verb::options) {
    beast_http::request_header<> made;
    made.method(verb);
    for (const auto& [name, value] : fields) made.insert(name, value);
    return made;
  };
  const std::pair<const char*, const char*> origin{"Origin", "https://app.test"};
  const std::pair<const char*, const char*> wants{"Access-Control-Request-Method", "PUT"};
  EXPECT_TRUE(is_preflight(head({origin, wants})));
  EXPECT_TRUE(is_preflight(head({origin, wants, {"Content-Length", "0"}})));
  EXPECT_FALSE(is_preflight(head({origin})));
  EXPECT_FALSE(is_preflight(head({wants})));
  EXPECT_FALSE(is_preflight(head({origin, wants}, beast_http::verb::get)));
  EXPECT_FALSE(is_preflight(head({origin, wants, {"Content-Length", "3"}})));
  EXPECT_FALSE(is_preflight(head({origin, wants, {"Transfer-Encoding", "chunked"}})));
  EXPECT_FALSE(is_preflight(head({origin, wants, {"X-HTTP-Method-Override", "POST"}})));
  EXPECT_FALSE(is_preflight(head({origin, wants, {"x-method-override", "POST"}})));
  beast_http::fields from, to;
  for (const char* name : {"Access-Control-Allow-Origin", "Vary", "Set-Cookie", "X-Seats"})
    from.insert(name, "x");
  copy_preflight_fields(from, to);
  EXPECT_EQ(std::distance(to.begin(), to.end()), 2);
}

struct Server : testing::Test {
  static std::string between(const std::string& from, const std::string& to) {
    std::ifstream in("gates/vectors.json");
    std::ostringstream read;
    read << in.rdbuf();
    const std::string text = read.str();
    const std::size_t at = text.find(from) + from.size();
    return text.substr(at, text.find(to, at) - at);
  }
  const std::string keys = between("\"jwks\": ", ",\n");
  const std::string pass = between("\"pass\":\"", "\"");
  const Timestamp now = from_unix_ms(1'800'000'000'000);
  static std::string room(std::string_view name, int epoch) {
    return R"({"room":")" + std::string(name) +
           R"(","issuer":"https://onsale.test","session_seconds":90,"later":[{}],"epoch":)" +
           std::to_string(epoch) + R"(,"enter_url":"/wait/film-1"})";
  }
  GatePasses passes{"film-1"};
};

TEST_F(Server, BothKeysAndEpochMustHaveComeBeforeAnybodyEnters) {
  EXPECT_EQ(passes.use(pass, "one", now).error(), Refusal::not_ready);
  EXPECT_TRUE(passes.take_keys(keys));
  EXPECT_FALSE(passes.ready());
  const auto facts = passes.take_room(room("film-1", 3), now);
  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->session_seconds, 90);
  EXPECT_TRUE(passes.ready());
  const auto entered = passes.use(pass, "one", now);
  ASSERT_TRUE(entered);
  EXPECT_EQ(entered->pass_id, "pas_1");
  EXPECT_EQ(passes.use(pass, "two", now).error(), Refusal::pass_used);
  EXPECT_EQ(passes.use("x", "two", now).error(), Refusal::pass_invalid);
  EXPECT_EQ(passes.use(pass, "one", now + std::chrono::minutes(5)).error(), Refusal::pass_expired);
}

TEST_F(Server, WhatCannotBeReadChangesNothing) {
  passes.take_keys(keys);
  passes.take_room(room("film-1", 3), now);
  EXPECT_FALSE(passes.take_keys("{}"));
  for (const std::string& bad :
       {std::string("{"), std::string("[]"), room("film-2", 9),
        std::string(R"({"room":"film-1","issuer":"x","epoch":9,"enter_url":"a\"b"})")})
    EXPECT_FALSE(passes.take_room(bad, now)) << bad;
  EXPECT_EQ(passes.epoch(), 3);
  EXPECT_TRUE(passes.use(pass, "one", now));
  passes.take_room(room("film-1", 4), now);
  EXPECT_EQ(passes.use(pass, "one", now).error(), Refusal::pass_revoked);
  passes.take_room(room("film-1", 3), now);
  EXPECT_EQ(passes.epoch(), 4);  // a stale copy brings nothing back
}

TEST_F(Server, StampsAreOfThisProcess) {
  const std::string stamp = passes.stamp("session");
  EXPECT_TRUE(passes.stamped("session", stamp));
  EXPECT_FALSE(passes.stamped("sessiom", stamp));
  EXPECT_FALSE(passes.stamped("session", ""));
  EXPECT_FALSE(GatePasses("film-1").stamped("session", stamp));
  EXPECT_EQ(ended_leases(R"({"ended":["a","b"]})"), (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(ended_leases("nonsense").empty());
}

TEST_F(Server, ARestartForgetsNoUse) {
  const std::string folder = testing::TempDir() + "gate-" + std::to_string(::getpid());
  const auto start = [&](UseStore* store) {
    auto made = std::make_unique<GatePasses>("film-1", store);
    made->take_keys(keys);
    made->take_room(room("film-1", 3), now);
    return made;
  };
  std::string stamp;
  {
    UseStore store(folder);
    const auto first = start(&store);
    EXPECT_TRUE(first->use(pass, "one", now));
    stamp = first->stamp("one");
  }
  std::ofstream(folder + "/used", std::ios::app) << "1800000300 cut";
  {
    UseStore store(folder);
    const auto again = start(&store);
    EXPECT_EQ(again->use(pass, "two", now).error(), Refusal::pass_used);
    EXPECT_TRUE(again->use(pass, "one", now));
    EXPECT_TRUE(again->stamped("one", stamp));
    EXPECT_EQ(store.load(to_unix_ms(now) / 1000 + 1'000).size(), 0U);
  }
  EXPECT_TRUE(
      start(nullptr)->use(pass, "two", now));  // the control: without a store it is forgotten
  std::filesystem::remove_all(folder);
  EXPECT_THROW(UseStore("/proc/nowhere"), std::runtime_error);
}

// The disk is full in the middle of a line, and then it is not.
TEST_F(Server, HalfALineTakesNoOtherUseWithIt) {
  const std::string folder = testing::TempDir() + "gate-half-" + std::to_string(::getpid());
  const std::int64_t now_s = to_unix_ms(now) / 1000;
  const auto use = [&](const std::string& id) { return Use{.pass_id = id, .until_s = now_s + 60}; };
  {
    UseStore store(folder);
    EXPECT_TRUE(store.load(now_s).empty());
    EXPECT_TRUE(store.add(use("first"), now_s));
    const rlimit none{std::filesystem::file_size(folder + "/used") + 12, RLIM_INFINITY};
    rlimit before{};
    ::getrlimit(RLIMIT_FSIZE, &before);
    const auto handler = ::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &none);
    EXPECT_FALSE(store.add(use("second"), now_s));
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, handler);
    EXPECT_TRUE(store.add(use("third"), now_s));
  }
  std::vector<std::string> kept;
  for (const Use& one : UseStore(folder).load(now_s)) kept.push_back(one.pass_id);
  EXPECT_EQ(kept, (std::vector<std::string>{"first", "third"}));
  std::filesystem::remove_all(folder);
}

TEST_F(Server, NobodyGetsInWhenAUseCannotBeKept) {
  const std::string folder = testing::TempDir() + "gate-full-" + std::to_string(::getpid());
  UseStore store(folder);
  GatePasses kept("film-1", &store);
  kept.take_keys(keys);
  std::filesystem::remove_all(folder);
  EXPECT_THROW(kept.take_room(room("film-1", 3), now), std::runtime_error);
  EXPECT_TRUE(kept.take_keys(keys));
  EXPECT_FALSE(kept.ready());
  EXPECT_FALSE(kept.use(pass, "one", now));
  // The same with a disk.
  UseStore there(folder);
  GatePasses later("film-1", &there);
  later.take_keys(keys);
  EXPECT_TRUE(later.take_room(room("film-1", 3), now));
  EXPECT_TRUE(later.use(pass, "one", now));
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace onsale::gateway
