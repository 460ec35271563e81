// Newcomers to a room with free slots: the rate is spread over the minute for them, too.
#include <gtest/gtest.h>

#include <cstring>
#include <deque>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {
namespace {

DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

// People come faster than the rate, each alone: slots are free all the time.
struct Rush {
  Millis longest_stall{0};
  std::int64_t most_in_a_minute = 0;
};

Rush rush(std::int64_t rate, Guards guards) {
  Engine engine{Engine::Options{.guards = guards}};
  Settings settings;
  settings.capacity = 100'000;
  settings.admit_per_minute = rate;
  const Timestamp start = from_unix_ms(1'800'000'000'000);
  Records out;
  engine.configure(settings, start, out);
  Rush seen;
  std::deque<Timestamp> minute;
  Timestamp last = start;
  std::uint64_t people = 0;
  for (Timestamp now = start; now < start + Millis(200'000); now += Millis(50)) {
    if (to_unix_ms(now) * rate / 30'000 > to_unix_ms(now - Millis(50)) * rate / 30'000) {
      (void)engine.join(device(++people), kMainLane, now, out);
    }
    const Sequence first = engine.line().first(kMainLane).value_or(engine.next_sequence());
    for (Sequence place = first; place < engine.next_sequence(); ++place) {
      engine.sign_of_life(place, now, out);
    }
    engine.tick(now, out);
    for (const Record& record : out) {
      if (record.fact != Fact::admitted) continue;
      minute.push_back(last = now);
    }
    out.clear();
    while (!minute.empty() && minute.front() < now - Millis(60'000)) minute.pop_front();
    seen.most_in_a_minute = std::max(seen.most_in_a_minute, std::ssize(minute));
    if (engine.line().size() == 0) last = now;
    seen.longest_stall = std::max(seen.longest_stall, Millis(now - last));
  }
  return seen;
}

TEST(EngineRate, ARushIsSpreadOverTheMinute) {
  for (const std::int64_t rate : {61, 90, 600}) {
    const Rush seen = rush(rate, {});
    // As long as the rate takes for those who were let straight in.
    EXPECT_LE(seen.longest_stall, Millis(600'000 / rate + 2'500)) << rate;
    EXPECT_LE(seen.most_in_a_minute, rate);
    EXPECT_GE(seen.most_in_a_minute, rate - 1) << "and the rate is used";
  }
}

TEST(EngineRate, NegativeControlNewcomersUseUpTheMinuteWithoutTheBucket) {
  EXPECT_GT(rush(600, {.spread = false}).longest_stall, Millis(10'000));
}

// What a higher rate let in is owed for a minute at most.
TEST(EngineRate, ACutOfTheRateStopsNobodyForLong) {
  Engine engine;
  Settings settings;
  settings.capacity = 100'000;
  settings.admit_per_minute = 60'000;
  Timestamp now = from_unix_ms(1'800'000'000'000);
  Records out;
  engine.configure(settings, now, out);
  for (std::uint64_t i = 0; i < 2'000; ++i) {
    const Sequence place = *engine.join(device(i), kMainLane, now, out);
    engine.sign_of_life(place, now, out);
    engine.tick(now, out);
    now += Millis(1);
  }
  const std::int64_t before = engine.active();
  EXPECT_GT(before, 1'000);
  settings.admit_per_minute = 60;
  engine.configure(settings, now, out);
  for (int second = 0; second < 63; ++second) {
    now += Millis(1'000);
    engine.visit_live([&](const Place& place) { engine.sign_of_life(place.sequence, now, out); });
    (void)engine.join(device(5'000), kMainLane, now, out);
    engine.tick(now, out);
  }
  EXPECT_GT(engine.active(), before);
}

}  // namespace
}  // namespace onsale::waitroom
