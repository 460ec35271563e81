// The parts both providers share.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "base/fakes.h"
#include "sandbox/calls.h"
#include "sandbox/faults.h"
#include "sandbox/fields_http.h"
#include "sandbox/sandbox_clock.h"
#include "sandbox/texts.h"

namespace onsale::sandbox {
namespace {

TEST(SandboxClock, IsSetStoppedAndSpedUp) {
  FakeClock real;
  SandboxClock clock(real);
  EXPECT_EQ(clock.now(), real.now());
  clock.set(from_unix_ms(1'000));
  real.advance(Millis(50));
  EXPECT_EQ(to_unix_ms(clock.now()), 1'050);
  clock.set_rate(100);
  real.advance(Millis(10));
  EXPECT_EQ(to_unix_ms(clock.now()), 2'050);
  clock.set_rate(0);
  real.advance(Millis(9'999));
  EXPECT_EQ(to_unix_ms(clock.now()), 2'050);
  clock.set_rate(SandboxClock::kRateMax);
  real.advance(std::chrono::days(400));
  EXPECT_EQ(clock.now(), SandboxClock::kLatest);
  clock.set(from_unix_ms(-1));
  EXPECT_EQ(clock.now(), SandboxClock::kEarliest);
}

TEST(Faults, TheSameSeedMakesTheSameRun) {
  const auto run = [](std::uint64_t seed) {
    Faults faults;
    faults.set({.path = "/toss", .fault = FaultKind::drop_after, .probability = 0.3, .seed = seed});
    std::vector<bool> out;
    for (int i = 0; i < 200; ++i)
      out.push_back(faults.judge("/toss/v1/x", "/toss/v1/x").drop_after);
    return out;
  };
  EXPECT_EQ(run(7), run(7));
  EXPECT_NE(run(7), run(8));
  const auto hits = std::ranges::count(run(7), true);
  EXPECT_GT(hits, 30);
  EXPECT_LT(hits, 90);
}

TEST(Faults, FitWholePathsBeginningsAndPatterns) {
  Faults faults;
  const auto hit = [&](std::string rule, std::string_view path, std::string_view pattern) {
    faults.clear();
    faults.set({.path = std::move(rule), .fault = FaultKind::drop_before});
    return faults.judge(path, pattern).drop_before;
  };
  const std::string cancel = "/toss/v1/payments/{paymentKey}/cancel";
  EXPECT_TRUE(hit(cancel, "/toss/v1/payments/p1/cancel", cancel));
  EXPECT_FALSE(hit(cancel, "/toss/v1/payments/p1", "/toss/v1/payments/{paymentKey}"));
  EXPECT_TRUE(hit("/toss", "/toss/v1/payments/p1/cancel", cancel));
  EXPECT_FALSE(hit("/tos", "/toss/v1/payments/p1/cancel", cancel));
  EXPECT_TRUE(hit("/", "/kakaopay/pay/T1", "/kakaopay/pay/{tid}"));
}

TEST(Faults, AreUsedUpReplacedAndBounded) {
  Faults faults;
  EXPECT_TRUE(faults.set({.path = "/a", .fault = FaultKind::status, .status = 503, .times = 2}));
  EXPECT_EQ(faults.judge("/a", "/a").status, 503);
  EXPECT_EQ(faults.judge("/a", "/a").status, 503);
  EXPECT_EQ(faults.judge("/a", "/a").status, 0);
  EXPECT_TRUE(faults.set({.path = "/a", .fault = FaultKind::status, .status = 500}));
  EXPECT_EQ(faults.rules().size(), 1U);
  EXPECT_TRUE(faults.set({.path = "/a", .fault = FaultKind::status, .probability = 0}));
  EXPECT_TRUE(faults.rules().empty());
  for (std::size_t i = 0; i < Faults::kRulesMax; ++i)
    EXPECT_TRUE(faults.set({.path = "/" + std::to_string(i)}));
  EXPECT_FALSE(faults.set({.path = "/more"}));
}

RC_GTEST_PROP(Faults, ADelayKeepsItsBounds, ()) {
  Faults faults;
  const auto min = *rc::gen::inRange<std::int64_t>(0, 1'000);
  const auto max = min + *rc::gen::inRange<std::int64_t>(0, 1'000);
  faults.set({.path = "/a", .fault = FaultKind::delay_ms, .min_ms = min, .max_ms = max});
  for (int i = 0; i < 50; ++i) {
    const auto delay = faults.judge("/a", "/a").delay.count();
    RC_ASSERT(delay >= min && delay <= max);
  }
}

TEST(Calls, KeepTheNewest) {
  Calls calls;
  for (std::size_t i = 0; i < Calls::kMost + 5; ++i) calls.add({});
  EXPECT_EQ(calls.kept().size(), Calls::kMost);
  EXPECT_EQ(calls.kept().front().number, 6);
  EXPECT_EQ(calls.total(), static_cast<std::int64_t>(Calls::kMost) + 5);
}

TEST(Texts, ParametersGoBetweenQueryAndFragment) {
  EXPECT_EQ(with_query("http://a/b", {{"k", "v w"}}), "http://a/b?k=v%20w");
  EXPECT_EQ(with_query("http://a/b?x=1#top", {{"k", "v"}, {"l", "&"}}),
            "http://a/b?x=1&k=v&l=%26#top");
  EXPECT_EQ(with_query("http://a/b?", {{"k", "v"}}), "http://a/b?k=v");
}

TEST(Texts, OnlyAddressesABrowserMayBeSentTo) {
  EXPECT_TRUE(is_address("http://localhost:8080/a?b=c#d"));
  EXPECT_TRUE(is_address("https://a"));
  for (const auto* bad : {"", "javascript:alert(1)", "//a", "http://", "http:///a", "http://a b",
                          "http://a\r\nX: y", "http://a\"", "ftp://a", "http://a\\b"})
    EXPECT_FALSE(is_address(bad)) << bad;
}

TEST(Texts, TimesAreKorean) {
  const auto at = *parse_rfc3339("2026-11-30T15:30:00Z");
  EXPECT_EQ(korean_time(at), "2026-12-01T00:30:00");
  EXPECT_EQ(korean_month(at), 202'612);
  EXPECT_EQ(vat_of(1'000), 91);
  EXPECT_EQ(vat_of(2'200), 200);
  EXPECT_EQ(vat_of(0), 0);
}

TEST(Fields, ReadNumbersAndTextsEitherWayWhenLoose) {
  const Fields fields(R"({"a":1,"b":"2","c":3.0,"d":"x","e":null,"f":{"g":"\u0001h"},"i":1.5})");
  EXPECT_EQ(fields.number("a"), 1);
  EXPECT_EQ(fields.number("b"), std::nullopt);
  EXPECT_EQ(fields.number("b", true), 2);
  EXPECT_EQ(fields.number("c"), 3);
  EXPECT_EQ(fields.number("d", true), std::nullopt);
  EXPECT_EQ(fields.number("i"), std::nullopt);
  EXPECT_EQ(fields.text("a"), "");
  EXPECT_EQ(fields.text("a", true), "1");
  EXPECT_FALSE(fields.has("e"));
  EXPECT_EQ(fields.inner("f").text("g"), " h");
  EXPECT_FALSE(Fields("[1]").whole());
  EXPECT_FALSE(Fields("nonsense").whole());
}

}  // namespace
}  // namespace onsale::sandbox
