// What operators are shown of the last hour: bounded, true, and said to nobody else.
#include "waitroom/room/room_history.h"

#include <gtest/gtest.h>

#include "waitroom/room/fakes.h"
#include "waitroom/room/host.h"

namespace onsale::waitroom {
namespace {

constexpr Timestamp kStart = Timestamp(Millis(1'800'000'000'000));
Timestamp at(std::int64_t seconds) { return kStart + Millis(seconds * 1'000); }
RoomId room(std::string_view name) { return *RoomId::parse(name); }

RoomSample sample(std::int64_t seconds, std::int64_t waiting = 1) {
  return {.at = at(seconds), .mode = Mode::queue, .waiting = waiting};
}

std::vector<std::int64_t> seconds_of(const std::vector<RoomSample>& samples) {
  std::vector<std::int64_t> seconds;
  for (const RoomSample& each : samples) seconds.push_back((each.at - kStart).count() / 1'000);
  return seconds;
}

TEST(RoomHistory, KeepsAnHourOfARoomAndNothingOfAnother) {
  RoomHistory history(kStart);
  for (std::int64_t s = 5; s <= 2 * 3'600; s += 5) history.add(room("film"), sample(s));
  const auto kept = history.samples(room("film"));
  EXPECT_EQ(kept.size(), 721U);
  EXPECT_EQ(seconds_of(kept).front(), 3'600);
  EXPECT_EQ(seconds_of(kept).back(), 7'200);
  EXPECT_EQ(seconds_of(history.samples(room("film"), at(7'190))),
            (std::vector<std::int64_t>{7'195, 7'200}));
  EXPECT_TRUE(history.samples(room("film"), at(7'200)).empty());
  EXPECT_TRUE(history.samples(room("other")).empty());
}

TEST(RoomHistory, AnEmptyRoomCostsTwoSamplesUntilSomethingHappens) {
  RoomHistory history(kStart);
  for (std::int64_t s = 5; s <= 600; s += 5) history.add(room("film"), sample(s, 0));
  EXPECT_EQ(seconds_of(history.samples(room("film"))), (std::vector<std::int64_t>{5, 600}));
  history.add(room("film"), sample(605, 3));
  history.add(room("film"), sample(610, 0));
  RoomSample changed = sample(615, 0);
  changed.capacity = 9;
  history.add(room("film"), changed);
  EXPECT_EQ(seconds_of(history.samples(room("film"))),
            (std::vector<std::int64_t>{5, 600, 605, 610, 615}));
}

TEST(RoomHistory, AnEmptyRoomsHourIsAnHourToo) {
  RoomHistory history(kStart);
  for (std::int64_t s = 5; s <= 3 * 3'600; s += 5) history.add(room("film"), sample(s, 0));
  EXPECT_EQ(seconds_of(history.samples(room("film"))),
            (std::vector<std::int64_t>{2 * 3'600, 3 * 3'600}));
}

TEST(RoomHistory, OfTooManyTheOldestOfAllRoomsGoes) {
  RoomHistory history(kStart, 6);
  for (std::int64_t s = 1; s <= 6; ++s) history.add(room("calm"), sample(s));
  for (std::int64_t s = 11; s <= 14; ++s) history.add(room("busy"), sample(s));
  EXPECT_EQ(seconds_of(history.samples(room("calm"))), (std::vector<std::int64_t>{5, 6}));
  EXPECT_EQ(history.samples(room("busy")).size(), 4U);
  for (std::int64_t s = 15; s <= 30; ++s) history.add(room("busy"), sample(s));
  EXPECT_TRUE(history.samples(room("calm")).empty());
  EXPECT_EQ(history.samples(room("busy")).size(), 6U);
}

TEST(RecentCalls, SayHowLongThoseOfTheLastMinuteHadWaited) {
  RecentCalls calls;
  EXPECT_FALSE(calls.waits(at(0)).has_value());
  for (std::int64_t i = 1; i <= 10; ++i) calls.add(at(i), Millis(i * 10'000));
  const auto waits = calls.waits(at(10));
  ASSERT_TRUE(waits.has_value());
  EXPECT_EQ(waits->p50_seconds, 50);
  EXPECT_EQ(waits->p80_seconds, 80);
  EXPECT_EQ(calls.waits(at(70))->p50_seconds, 100) << "only the last of them is recent";
  EXPECT_FALSE(calls.waits(at(71)).has_value());
  for (std::size_t i = 0; i < 2 * RecentCalls::kMax; ++i) calls.add(at(100), Millis(1'000));
  for (std::size_t i = 0; i < RecentCalls::kMax; ++i) calls.add(at(100), Millis(2'000));
  EXPECT_EQ(calls.waits(at(100))->p50_seconds, 2) << "the latest count, however many there were";
}

class Sampled : public testing::Test {
 protected:
  Sampled() { open(film_); }
  void open(const RoomId& id) {
    sync_wait(host_.declare_room(id, "A film", {.capacity = 1, .admit_per_minute = 60}));
  }
  PlaceView join(const RoomId& id, std::uint64_t number) {
    DeviceKey key{};
    std::memcpy(key.data(), &number, sizeof number);
    return sync_wait(host_.join(id, key)).value();
  }
  void pass(std::int64_t seconds) {
    for (std::int64_t i = 0; i < seconds; ++i) {
      clock_.advance(Millis(1'000));
      host_.tick();
    }
  }
  RoomSample now() { return host_.sample(film_).value(); }
  // Ten people in turn have the slot for some seconds, and `meanwhile` goes on. How many estimates
  // met a real wait: everybody is told one when joining.
  template <class F>
  std::int64_t checked(const RoomId& id, F meanwhile) {
    open(id);
    std::vector<PlaceView> places;
    for (std::uint64_t i = 1; i <= 10; ++i) places.push_back(join(id, i));
    for (const PlaceView& place : places) {
      for (int i = 0; i < 5; ++i) {
        pass(1);
        for (const PlaceView& each : places) {
          host_.sign_of_life(id, each.id, clock_.now());
          meanwhile(each);
        }
      }
      sync_wait(host_.complete(id, place.id));
    }
    pass(2);
    return host_.sample(id)->calibration.count;
  }

  FakeClock clock_{kStart};
  SeededRandom random_{5};
  FakeJournal journal_;
  FakeSigner signer_;
  FakeAnnouncer announcer_;
  FakeAuditLog audit_;
  Host host_{{clock_, random_, journal_, signer_, announcer_, audit_}};
  RoomId film_ = room("film");
  RoomHistory history_{kStart};
};

TEST_F(Sampled, ARoomSaysWhatANewcomerWouldWaitAndWhatTheCalledDidWait) {
  const PlaceView first = join(film_, 1);
  const PlaceView second = join(film_, 2);
  const RoomSample before = now();
  EXPECT_EQ(before.waiting, 1);
  EXPECT_EQ(before.active, 1);
  EXPECT_EQ(before.counts.joins, 2);
  ASSERT_TRUE(before.eta.has_value());
  EXPECT_GT(before.eta->p80_seconds, 0);
  EXPECT_LE(before.eta->p50_seconds, before.eta->p80_seconds);
  pass(20);
  (void)host_.look(film_, {.token = second.token, .device = {}}, clock_.now());
  sync_wait(host_.complete(film_, first.id));
  pass(1);
  ASSERT_EQ(now().counts.admissions, 2);
  const auto waited = now().waited;
  ASSERT_TRUE(waited.has_value());
  EXPECT_NEAR(static_cast<double>(waited->p80_seconds), 21, 1);
  sync_wait(host_.configure(film_, {.mode = Mode::paused}, "acc_a"));
  EXPECT_FALSE(now().eta.has_value()) << "nobody is admitted: there is nothing to say";
  EXPECT_FALSE(host_.sample(room("nowhere")).has_value());
}

TEST_F(Sampled, WhatOperatorsAreToldIsNotHeldAgainstTheForecast) {
  const RoomId seen = room("seen");
  const auto unseen = checked(room("unseen"), [](const PlaceView&) {});
  EXPECT_EQ(checked(seen, [&](const PlaceView&) { (void)host_.sample(seen); }), unseen);
}

TEST_F(Sampled, NegativeControlWhatPeopleAreToldIs) {
  const RoomId asked = room("asked");
  const auto silent = checked(room("silent"), [](const PlaceView&) {});
  EXPECT_GT(checked(asked,
                    [&](const PlaceView& each) {
                      (void)host_.look(asked, {.token = each.token, .device = {}}, clock_.now());
                    }),
            silent);
}

TEST_F(Sampled, EveryRoomIsRemembered) {
  open(room("another"));
  host_.remember(history_);
  pass(5);
  join(film_, 1);
  host_.remember(history_);
  EXPECT_EQ(history_.samples(film_).size(), 2U);
  EXPECT_EQ(history_.samples(film_).back().active, 1);
  EXPECT_EQ(history_.samples(room("another")).size(), 2U);
}

}  // namespace
}  // namespace onsale::waitroom
