#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <thread>

#include "base/encoding.h"
#include "base/fakes.h"
#include "base/id.h"
#include "base/korea.h"
#include "base/money.h"
#include "base/origin.h"
#include "base/steady_clock.h"
#include "base/task.h"

namespace onsale {
namespace {

struct TestKind {
  static constexpr std::string_view prefix = "tst";
};
using TestId = Id<TestKind>;

RC_GTEST_PROP(IdTest, EveryIdComesBackFromItsText, (std::uint64_t high, std::uint64_t low)) {
  const TestId id(RawId{high, low});
  const auto back = TestId::parse(id.str());
  RC_ASSERT(back.has_value());
  RC_ASSERT(*back == id);
  RC_ASSERT(id.str().size() <= 40U);
}

TEST(Origin, IsWhatTellsOneSiteFromAnother) {
  EXPECT_EQ(origin_of("https://Shop.test/a?b#c"), "https://shop.test");
  EXPECT_EQ(origin_of("HTTPS://shop.test:443"), "https://shop.test");
  EXPECT_EQ(origin_of("http://shop.test:80/"), "http://shop.test");
  EXPECT_EQ(origin_of("http://shop.test:443"), "http://shop.test:443");
  EXPECT_EQ(origin_of("http://[::1]:8080/x"), "http://[::1]:8080");
  for (const char* bad : {"", "null", "/x", "shop.test", "ftp://shop.test", "https://",
                          "https://:443", "https://us@them.test", "https://us\\.them.test"})
    EXPECT_EQ(origin_of(bad), "") << bad;
}

TEST(Origin, OfAServerIsAnAddressThatCanBeOpened) {
  EXPECT_EQ(origin_at("127.0.0.1", 8080), "http://127.0.0.1:8080");
  EXPECT_EQ(origin_at("tickets.test", 80), "http://tickets.test:80");
  EXPECT_EQ(origin_at("::1", 8080), "http://[::1]:8080");
  EXPECT_EQ(origin_at("::", 8080), "http://[::]:8080");
}

TEST(Origin, AUsualPortIsTheSameAsNone) {
  for (const char* host : {"shop.test", "shop.test:443", "SHOP.test"})
    EXPECT_TRUE(origin_is_host("https://shop.test", host)) << host;
  EXPECT_TRUE(origin_is_host("http://shop.test", "shop.test:80"));
  EXPECT_TRUE(origin_is_host("http://shop.test:8080", "shop.test:8080"));
  EXPECT_FALSE(origin_is_host("http://shop.test", "shop.test:443"));
  EXPECT_FALSE(origin_is_host("https://shop.test:8443", "shop.test"));
  EXPECT_FALSE(origin_is_host("null", "null"));
  EXPECT_FALSE(origin_is_host("https://shop.test", ""));
}

TEST(Money, IsWrittenByTheCurrencysOwnDigits) {
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(-999), "-999");
  EXPECT_EQ(amount_text(150'000, "KRW"), "150,000");
  EXPECT_EQ(amount_text(1'500, "JPY"), "1,500");
  EXPECT_EQ(amount_text(123'405, "USD"), "1,234.05");
  EXPECT_EQ(amount_text(1'250, "KWD"), "1.250");
  EXPECT_EQ(amount_text(7, "KWD"), "0.007");
  EXPECT_EQ(amount_text(-5, "USD"), "-0.05");
  EXPECT_EQ(amount_text(-123'405, "USD"), "-1,234.05");
  EXPECT_EQ(amount_text(12'345, "CLF"), "1.2345");
  EXPECT_EQ(amount_text(12'345, "XYZ"), "123.45");
}

TEST(Encoding, PercentsWhatIsNotPlain) {
  EXPECT_EQ(percent_encoded("aZ09-._~"), "aZ09-._~");
  EXPECT_EQ(percent_encoded("/a b&\xEC\0", "/"), "/a%20b%26%EC");
  EXPECT_EQ(percent_encoded(std::string_view("\0%", 2)), "%00%25");
}

RC_GTEST_PROP(Encoding, HexComesBack, (const std::string& bytes)) {
  RC_ASSERT(hex_decoded(hex_encoded(bytes)) == bytes);
}

TEST(Encoding, WhatIsNoHexIsRefused) {
  EXPECT_EQ(hex_decoded("0aFf"), "\x0A\xFF");
  EXPECT_FALSE(hex_decoded("0").has_value());
  EXPECT_FALSE(hex_decoded("0g").has_value());
  SeededRandom random(7);
  const std::string name = random_hex(random);
  EXPECT_EQ(name.size(), 32U);
  EXPECT_TRUE(hex_decoded(name).has_value());
  EXPECT_NE(name, random_hex(random));
}

TEST(IdTest, LaterIdsSortBehindEarlierOnes) {
  SeededRandom random(7);
  const auto first = TestId::make(from_unix_ms(1000), random);
  const auto second = TestId::make(from_unix_ms(1001), random);
  EXPECT_LT(first.str(), second.str());
  EXPECT_LT(first, second);
}

TEST(IdTest, ForeignTextIsRefused) {
  SeededRandom random(7);
  const auto text = TestId::make(from_unix_ms(1000), random).str();
  EXPECT_TRUE(TestId::parse(text));
  EXPECT_FALSE(TestId::parse("abc" + text.substr(3)));
  EXPECT_FALSE(TestId::parse(text + "0"));
  EXPECT_FALSE(TestId::parse(""));
  EXPECT_FALSE(TestId::parse("tst_8" + text.substr(5)));  // would overflow 128 bits
  EXPECT_FALSE(TestId::parse(text.substr(0, text.size() - 1) + "u"));
}

TEST(TimeTest, Rfc3339RoundTripsAndCutsOffsets) {
  const auto t = from_unix_ms(1'795'253'405'678);
  EXPECT_EQ(parse_rfc3339(to_rfc3339(t)), t);
  EXPECT_EQ(parse_rfc3339("2026-11-21T20:00:00+09:00"), parse_rfc3339("2026-11-21T11:00:00.000Z"));
  EXPECT_FALSE(parse_rfc3339("2026-02-30T00:00:00Z"));
  EXPECT_FALSE(parse_rfc3339("2026-11-21 20:00"));
  EXPECT_FALSE(parse_rfc3339("2026-11-21T20:00:00.Z"));
  EXPECT_FALSE(parse_rfc3339("2026-11-21T20:00:00"));
}

TEST(Korea, ADayBeginsAtThreeInTheAfternoonOfTheDayBeforeInUtc) {
  const auto last = *parse_rfc3339("2026-12-01T14:59:59.999Z");
  EXPECT_EQ(date_text(korean_day(last)), "2026-12-01");
  EXPECT_EQ(date_text(korean_day(last + Millis(1))), "2026-12-02");
  EXPECT_EQ(begin_of_korean_day(korean_day(last + Millis(1))), last + Millis(1));
  EXPECT_EQ(korean_time_text(last), "2026-12-01T23:59:59");
}

TEST(Korea, ADateIsReadAsItIsWritten) {
  for (const auto* text : {"2026-12-01", "2028-02-29", "1970-01-01"})
    EXPECT_EQ(date_text(*parse_date(text)), text);
  for (const auto* text :
       {"", "2026-12-1", "2026-02-30", "2026-12-01T", "1969-12-31", "abcd-ef-gh"})
    EXPECT_FALSE(parse_date(text)) << text;
}

Task<int> three() { co_return 3; }
Task<int> fails() {
  throw std::runtime_error("no");
  co_return 0;
}
Task<int> sum_many(int n) {
  int total = 0;
  for (int i = 0; i < n; ++i) {
    const int value = co_await three();
    total += value;
  }
  co_return total;
}

TEST(TaskTest, AMillionChildrenThatFinishAtOnceKeepTheStackFlat) {
  EXPECT_EQ(sync_wait(sum_many(1'000'000)), 3'000'000);
}

TEST(TaskTest, AnExceptionReachesTheAwaiter) {
  EXPECT_THROW(sync_wait(fails()), std::runtime_error);
}

TEST(TaskTest, AOneShotSetOnAnotherThreadWakesItsAwaiterWhicheverComesFirst) {
  for (int i = 0; i < 2'000; ++i) {
    OneShot<int> shot;
    std::jthread setter([shot, i]() mutable { shot.set(i); });
    EXPECT_EQ(sync_wait(shot.wait()), i);
  }
}

TEST(MoneyTest, SumsKeepTheirCurrency) {
  EXPECT_EQ((Money{1000} + Money{500}).amount, 1500);
  EXPECT_DEATH((Money{1, "KRW"} + Money{1, "USD"}), "one currency");
}

struct TwoClocks {
  std::int64_t wall = 1'800'000'000'000;
  std::int64_t uptime = 5'000;
  SteadyWallClock clock{
      {.wall_ms = [this] { return wall; }, .uptime_ms = [this] { return uptime; }}};
  // `ms` go by, looked at ten times a second.
  void pass(std::int64_t ms) {
    for (std::int64_t left = ms; left > 0; left -= 100) {
      wall += 100;
      uptime += 100;
      (void)clock.now();
    }
  }
};

TEST(SteadyWallClock, AStepForwardAndBackMovesItByATenthAtMost) {
  TwoClocks world;
  world.wall += 3'600'000;
  world.pass(60'000);
  const std::int64_t ahead = to_unix_ms(world.clock.now()) - 1'800'000'060'000;
  EXPECT_GT(ahead, 0);
  EXPECT_LE(ahead, 6'100);
  world.wall -= 3'600'000;  // corrected
  const Timestamp before = world.clock.now();
  world.pass(1'000);
  EXPECT_GE(world.clock.now() - before, Millis(800)) << "it goes on";
  world.pass(120'000);
  EXPECT_EQ(to_unix_ms(world.clock.now()), world.wall);
}

TEST(SteadyWallClock, CatchesUpAtOnceAndOnlyForward) {
  TwoClocks world;
  world.wall += 1'000'000;
  EXPECT_EQ(world.clock.behind(), Millis(1'000'000));
  world.clock.catch_up();
  EXPECT_EQ(to_unix_ms(world.clock.now()), world.wall);
  world.wall -= 1'000'000;
  world.clock.catch_up();
  EXPECT_EQ(world.clock.behind(), Millis(-1'000'000));
}

TEST(SteadyWallClock, NeverGoesBackAndFollowsInTheEnd) {
  TwoClocks world;
  world.wall -= 30'000;
  Timestamp last{};
  for (int i = 0; i < 4'000; ++i) {
    world.pass(100);
    ASSERT_GE(world.clock.now(), last);
    last = world.clock.now();
  }
  EXPECT_EQ(to_unix_ms(last), world.wall);
}

struct Noted final : TaskContext {};

Task<const TaskContext*> innermost(OneShot<int>& gate) {
  co_await gate.wait();
  const TaskContext* context = co_await task_context();
  co_return context;
}
Task<const TaskContext*> outermost(OneShot<int>& gate) {
  const TaskContext* context = co_await innermost(gate);
  co_return context;
}
Task<void> keep(Task<const TaskContext*> task, const TaskContext*& out) {
  out = co_await std::move(task);
}

TEST(TaskContext, GoesAlongWithEveryTaskThatIsAwaited) {
  const Noted noted;
  OneShot<int> gate;
  const TaskContext* seen = nullptr;
  auto task = keep(outermost(gate), seen);
  task.accompany(noted);
  start(std::move(task), [](std::exception_ptr) {});
  std::thread([&] { gate.set(1); }).join();
  EXPECT_EQ(seen, &noted);

  OneShot<int> other;
  other.set(1);
  EXPECT_EQ(sync_wait(outermost(other)), nullptr);
}

}  // namespace
}  // namespace onsale
