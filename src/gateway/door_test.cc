#include "gateway/door.h"

#include <gtest/gtest.h>

#include <map>

#include "base/fakes.h"
#include "gateway/fakes.h"

namespace onsale::gateway {
namespace {

struct DoorTest : testing::Test {
  Decision visit(std::string_view target, std::string cookies = "", std::string_view method = "GET",
                 bool html = true) {
    return door.decide({.method = method,
                        .target = target,
                        .host = "shop.test",
                        .cookies = cookies,
                        .pass = header,
                        .html = html},
                       clock.now());
  }
  static std::string pair(const std::string& set_cookie) {
    return set_cookie.substr(0, set_cookie.find(';'));
  }
  // A browser that waited and comes back with this pass: its cookie.
  std::string inside(const std::string& pass) {
    const Decision sent = visit("/buy");
    const std::string cookie = pair(sent.set_cookie);
    EXPECT_EQ(visit("/buy?onsale_pass=" + pass, cookie).step, Step::redirect);
    return "a=b; " + cookie;
  }

  FakeClock clock;
  SeededRandom random{1};
  FakePasses passes;
  std::string header;
  Door door{
      {.room = "film-1", .issuer_url = "http://onsale.test", .prefixes = {"/buy"}}, passes, random};
};

TEST_F(DoorTest, OnlyGuardedAddressesNeedAPass) {
  const Decision free = visit("/about?x=1");
  EXPECT_EQ(free.step, Step::forward);
  EXPECT_EQ(free.target, "/about?x=1");
  EXPECT_EQ(free.place, "");
  const Decision sent = visit("/buy/7?x=1");
  EXPECT_EQ(sent.step, Step::redirect);
  EXPECT_EQ(sent.location,
            "http://onsale.test/wait/film-1?return=http%3A%2F%2Fshop.test%2Fbuy%2F7%3Fx%3D1");
  EXPECT_NE(sent.set_cookie.find("HttpOnly; SameSite=Lax"), std::string::npos);
  const Decision api = visit("/buy", "", "GET", false);
  EXPECT_EQ(api.step, Step::refuse);
  EXPECT_EQ(api.refusal, Refusal::pass_required);
  EXPECT_NE(api.enter_url, "");
  EXPECT_EQ(visit("/buy", "", "POST").step, Step::refuse);
}

TEST_F(DoorTest, APreflightBringsNoPassAndGetsNoPage) {
  const Visit ask{.method = "OPTIONS", .target = "/buy", .host = "shop.test", .preflight = true};
  const Decision let = door.decide(ask, clock.now());
  EXPECT_EQ(let.step, Step::forward);
  EXPECT_TRUE(let.head_only);
  EXPECT_EQ(let.place, "");
  EXPECT_EQ(visit("/buy", "", "OPTIONS").step, Step::refuse);  // one that isn't
  EXPECT_FALSE(visit("/about", "", "OPTIONS").head_only);
  passes.has_keys = false;
  EXPECT_EQ(door.decide(ask, clock.now()).refusal, Refusal::not_ready);
}

TEST_F(DoorTest, WhatOriginsReadDifferentlyIsRefusedEverywhere) {
  for (const char* target : {"/buy/../about", "/about/../buy", "/about/%2e%2e/x", "/a\\b"})
    EXPECT_EQ(visit(target).refusal, Refusal::bad_target) << target;
}

TEST_F(DoorTest, WithoutKeysNobodyEntersAndTheRestGoesOn) {
  passes.has_keys = false;
  EXPECT_EQ(visit("/buy").refusal, Refusal::not_ready);
  EXPECT_EQ(visit("/buy?onsale_pass=good:1:plc_1:0").refusal, Refusal::not_ready);
  EXPECT_EQ(visit("/about").step, Step::forward);
}

TEST_F(DoorTest, APassOpensOnceAndTheCookieFromThenOn) {
  const std::string cookie = pair(visit("/buy").set_cookie);
  const Decision entered = visit("/buy?a=1&onsale_pass=good:1:plc_1:0", cookie);
  EXPECT_EQ(entered.step, Step::redirect);
  EXPECT_EQ(entered.location, "http://shop.test/buy?a=1");
  const Decision again = visit("/buy?a=1", cookie);
  EXPECT_EQ(again.step, Step::forward);
  EXPECT_EQ(again.place, "plc_1");
  // The answer was lost and the address is asked for once more.
  EXPECT_EQ(visit("/buy?onsale_pass=good:1:plc_1:0", cookie).location, "http://shop.test/buy");
  const Decision replay = visit("/buy?onsale_pass=good:1:plc_1:0");
  EXPECT_EQ(replay.step, Step::refuse);
  EXPECT_EQ(replay.refusal, Refusal::pass_used);
  EXPECT_EQ(visit("/buy", "onsale_gate_film-1=0123.456").step, Step::redirect);
}

TEST_F(DoorTest, NegativeControlAReplayGetsInWhenPassesDoNotBind) {
  passes.binds = false;
  inside("good:1:plc_1:0");
  EXPECT_EQ(visit("/buy?onsale_pass=good:1:plc_1:0").step, Step::redirect);
}

TEST_F(DoorTest, AProgramBringsItsPassInAHeaderAndKeepsTheCookie) {
  header = "good:1:plc_1:0";
  const Decision entered = visit("/buy", "", "POST", false);
  EXPECT_EQ(entered.step, Step::forward);
  EXPECT_EQ(entered.place, "plc_1");
  EXPECT_EQ(visit("/buy", "", "POST", false).refusal, Refusal::pass_used);
  EXPECT_EQ(visit("/buy", pair(entered.set_cookie), "POST", false).step, Step::forward);
}

TEST_F(DoorTest, ARefusedPassInTheAddressIsExplainedNotSentRound) {
  const Decision refused = visit("/buy?onsale_pass=x&b=1");
  EXPECT_EQ(refused.step, Step::refuse);
  EXPECT_EQ(refused.refusal, Refusal::pass_invalid);
  EXPECT_TRUE(refused.enter_url.ends_with("%2Fbuy%3Fb%3D1"));
}

TEST_F(DoorTest, AnEpochEndsVisitsAtOnce) {
  const std::string cookie = inside("good:1:plc_1:0");
  EXPECT_EQ(visit("/buy", cookie).step, Step::forward);
  passes.now_epoch = 1;
  EXPECT_EQ(visit("/buy", cookie).step, Step::redirect);
  EXPECT_EQ(visit("/buy?onsale_pass=good:2:plc_2:0", cookie).refusal, Refusal::pass_revoked);
  EXPECT_EQ(visit("/buy?onsale_pass=good:3:plc_1:1", cookie).step, Step::redirect);
  EXPECT_EQ(visit("/buy", cookie).step, Step::forward);
}

TEST_F(DoorTest, AVisitEndsWithTheSessionOfTheRoom) {
  door.set_room("https://onsale.test/wait/film-1", 60);
  const std::string cookie = inside("good:1:plc_1:0");
  clock.advance(Millis(59'999));
  EXPECT_EQ(visit("/buy", cookie).step, Step::forward);
  clock.advance(Millis(1));
  EXPECT_TRUE(visit("/buy", cookie).location.starts_with("https://onsale.test/wait/film-1?"));
  EXPECT_TRUE(door.due_leases(10, clock.now()).empty());
  EXPECT_EQ(door.inside(), 0U);
}

TEST_F(DoorTest, LeasesAreDueForThoseWhoCameAndEndWhenTheSlotIsGone) {
  const std::string first = inside("good:1:plc_1:0");
  const std::string second = inside("good:2:plc_2:0");
  EXPECT_EQ(door.due_leases(10, clock.now()).size(), 2U);
  EXPECT_TRUE(door.due_leases(10, clock.now()).empty());
  clock.advance(Door::kRenewEvery);
  EXPECT_TRUE(door.due_leases(10, clock.now()).empty());  // nobody came
  visit("/buy", first);
  EXPECT_EQ(door.due_leases(10, clock.now()), std::vector<std::string>{"good:1:plc_1:0"});
  door.ended({"1", "unknown"}, clock.now());
  EXPECT_EQ(visit("/buy", first).step, Step::redirect);
  EXPECT_EQ(visit("/buy", second).step, Step::forward);
}

// The pass may be good for two minutes more, and its cookie comes along with every request.
TEST_F(DoorTest, APassWhoseSlotIsGoneOpensNothingAnyMore) {
  const std::string pass = "good:1:plc_1:0";
  const std::string cookie = inside(pass);
  const std::string cookies = cookie + "; onsale_pass=" + pass;
  EXPECT_EQ(visit("/buy", cookies).step, Step::forward);
  door.ended({"1"}, clock.now());
  EXPECT_EQ(visit("/buy", cookies).step, Step::redirect);
  EXPECT_EQ(visit("/buy?onsale_pass=" + pass, cookie).refusal, Refusal::pass_expired);
  EXPECT_EQ(door.check({.cookies = cookies}, "https://shop.test/buy", clock.now()).step,
            Step::refuse);
  EXPECT_EQ(door.inside(), 0U);
  const std::string fresh = inside("good:2:plc_1:0");
  EXPECT_EQ(visit("/buy", fresh).step, Step::forward) << "another turn, another pass";
}

TEST_F(DoorTest, ALeaseThatCouldNotBeRenewedIsDueAtOnce) {
  const std::string pass = "good:1:plc_1:0";
  inside(pass);
  EXPECT_EQ(door.due_leases(10, clock.now()), std::vector<std::string>{pass});
  clock.advance(Millis(1'000));
  EXPECT_TRUE(door.due_leases(10, clock.now()).empty());
  const std::vector<std::string> failed{pass, "unknown"};
  door.due_again(failed);  // the server is away, and this visitor reads for a while
  EXPECT_EQ(door.due_leases(10, clock.now()), std::vector<std::string>{pass});
}

TEST_F(DoorTest, LeasesAreRenewedLongestWaitingFirstHoweverManyAreInside) {
  std::map<std::string, std::string> cookies;  // by pass
  for (int i = 0; i < 30; ++i) {
    const std::string number = std::to_string(i);
    const std::string pass = "good:" + number + ":plc_" + number + ":0";
    cookies[pass] = inside(pass);
  }
  std::map<std::string, Timestamp> renewed;
  for (int round = 0; round < 20; ++round) {
    clock.advance(Door::kRenewEvery);
    for (const auto& [pass, cookie] : cookies) visit("/buy", cookie);
    for (const std::string& pass : door.due_leases(10, clock.now())) renewed[pass] = clock.now();
    if (round < 3) continue;
    EXPECT_EQ(renewed.size(), 30U);
    for (const auto& [pass, at] : renewed) EXPECT_GE(at + 3 * Door::kRenewEvery, clock.now());
  }
}

// Such as a WebSocket whose visitor went away and left it open.
TEST_F(DoorTest, AnOpenConnectionThatSaysNothingKeepsNoSlotAndTakesNone) {
  const std::string pass = "good:1:plc_1:0";
  const std::string cookie = inside(pass);
  const auto look = [&] {
    const std::string cookies = cookie + "; onsale_pass=" + pass;
    return door.decide({.target = "/buy", .host = "shop.test", .cookies = cookies, .silent = true},
                       clock.now());
  };
  EXPECT_EQ(door.due_leases(10, clock.now()).size(), 1U);
  clock.advance(Door::kRenewEvery);
  EXPECT_EQ(look().step, Step::forward);
  EXPECT_TRUE(door.due_leases(10, clock.now()).empty());
  visit("/buy", cookie);
  EXPECT_EQ(door.due_leases(10, clock.now()).size(), 1U);
  door.ended({"1"}, clock.now());
  EXPECT_EQ(look().step, Step::refuse);
  EXPECT_EQ(door.inside(), 0U);
}

TEST_F(DoorTest, ACheckForAnotherServerAnswersTheSame) {
  const auto check = [&](std::string_view pass, const std::string& cookies) {
    return door.check({.cookies = cookies, .pass = pass}, "https://shop.test/buy", clock.now());
  };
  const Decision none = check("", "");
  EXPECT_EQ(none.refusal, Refusal::pass_required);
  EXPECT_TRUE(none.enter_url.ends_with("?return=https%3A%2F%2Fshop.test%2Fbuy"));
  const std::string cookie = pair(none.set_cookie);
  EXPECT_EQ(check("good:1:plc_1:0", cookie).step, Step::forward);
  EXPECT_EQ(check("", cookie).place, "plc_1");
  EXPECT_EQ(check("good:1:plc_1:0", "").refusal, Refusal::pass_used);
}

TEST_F(DoorTest, RedirectsNeverLeaveTheSite) {
  const std::string cookie = inside("good:1:plc_1:0");
  const Decision clean = visit("//buy/evil.test?onsale_pass=x", cookie);
  EXPECT_EQ(clean.location, "http://shop.test//buy/evil.test");
  EXPECT_EQ(visit("//evil.test/../buy?onsale_pass=x", cookie).refusal, Refusal::bad_target);
}

}  // namespace
}  // namespace onsale::gateway
