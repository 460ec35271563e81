// Who is called: those who are there. The others are passed, and come back before the rest.
#include <gtest/gtest.h>

#include <cstring>
#include <ranges>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {
namespace {

DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

class EnginePresence : public testing::Test {
 protected:
  EnginePresence() {
    settings_.capacity = 2;
    settings_.lanes = {{.name = "VIP", .share = 400}};
    configure();
  }
  void configure() { engine_.configure(settings_, now_, out_); }
  Sequence join(std::uint64_t number, LaneId lane = kMainLane) {
    return engine_.join(device(number), lane, now_, out_).value();
  }
  bool admitted(Sequence place) { return engine_.slot(place) != nullptr; }
  void live(std::int64_t seconds, std::initializer_list<Sequence> places) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      for (const Sequence place : places) engine_.sign_of_life(place, now_, out_);
      now_ += Millis(1'000);
      engine_.tick(now_, out_);
    }
  }
  std::int64_t facts(Fact fact) {
    return std::ranges::count_if(out_, [&](const Record& r) { return r.fact == fact; });
  }

  Settings settings_;
  Engine engine_{Engine::Options{}};
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  Records out_;
};

TEST_F(EnginePresence, WhoIsSilentWhenCalledIsPassedAndCalledFirstWhenBack) {
  const Sequence a = join(1), b = join(2), sleeper = join(3), d = join(4), e = join(5);
  live(2, {a, b, sleeper, d, e});
  live(20, {a, b, d, e});
  engine_.complete(a, now_, out_);
  EXPECT_TRUE(admitted(d)) << "at once, in the same step";
  EXPECT_EQ(facts(Fact::passed), 1);
  EXPECT_EQ(engine_.ending(sleeper), Ending::none);
  EXPECT_TRUE(engine_.sign_of_life(sleeper, now_, out_));
  engine_.complete(b, now_, out_);
  EXPECT_TRUE(admitted(sleeper));
  EXPECT_FALSE(admitted(e));
  EXPECT_FALSE(engine_.find(sleeper)->missed) << "being passed costs no turn";
}

// Everybody was silent when the room opened: who asks first is not before who joined first.
TEST_F(EnginePresence, ThePassedKeepTheirOrderAmongThemselves) {
  settings_.mode = Mode::paused;
  configure();
  std::vector<Sequence> people;
  for (std::uint64_t i = 0; i < 20; ++i) people.push_back(join(i));
  live(20, {});
  settings_.mode = Mode::queue;
  configure();
  EXPECT_EQ(facts(Fact::passed), 20);
  for (const Sequence place : people | std::views::reverse) {
    engine_.sign_of_life(place, now_, out_);
  }
  engine_.tick(now_, out_);
  EXPECT_EQ(engine_.active(), 2);
  EXPECT_TRUE(admitted(people[0]));
  EXPECT_TRUE(admitted(people[1]));
}

// A program that joins and looks later is no robot yet; a crowd of them is.
TEST_F(EnginePresence, AFewWhoSaidNothingSinceJoiningAreCalledForFifteenSeconds) {
  settings_.capacity = 0;
  configure();
  std::vector<Sequence> quiet;
  for (std::uint64_t i = 0; i < 30; ++i) quiet.push_back(join(i));
  live(10, {});
  settings_.capacity = 100;
  settings_.admit_per_minute = 6'000;
  configure();
  EXPECT_EQ(engine_.active(), 10);
  EXPECT_TRUE(admitted(quiet[9]));
  EXPECT_EQ(facts(Fact::passed), 20);
  EXPECT_FALSE(engine_.find(quiet[10])->missed);
}

TEST_F(EnginePresence, TheNegativeControlGivesTheSlotToNobody) {
  engine_ = Engine(Engine::Options{.guards = {.presence = false}});
  configure();
  const Sequence a = join(1), b = join(2), sleeper = join(3), d = join(4);
  live(2, {a, b, sleeper, d});
  live(20, {a, b, d});
  engine_.complete(a, now_, out_);
  EXPECT_TRUE(admitted(sleeper));
  EXPECT_FALSE(admitted(d));
}

TEST_F(EnginePresence, WhoNeverComesBackIsAGhostAfterTheGracePeriod) {
  const Sequence a = join(1), b = join(2), ghost = join(3), d = join(4);
  live(20, {a, b, d});
  engine_.complete(a, now_, out_);
  EXPECT_TRUE(admitted(d));
  live(settings_.grace_seconds, {b, d});
  EXPECT_EQ(engine_.ending(ghost), Ending::expired);
  EXPECT_EQ(facts(Fact::ghosted), 1);
  EXPECT_EQ(facts(Fact::forfeited), 0);
}

TEST_F(EnginePresence, ANewcomerMayBeWaitedForButNotForLong) {
  settings_.capacity = 20;
  configure();
  for (std::uint64_t i = 0; i < 10; ++i)
    EXPECT_TRUE(admitted(join(i))) << "ten are let straight in, whatever the rate";
  live(10, {});
  const Sequence robot = join(10), person = join(11);
  EXPECT_FALSE(admitted(robot));
  engine_.sign_of_life(person, now_, out_);
  engine_.tick(now_, out_);
  EXPECT_FALSE(admitted(person)) << "nobody is overtaken in the first moment";
  live(3, {person});
  EXPECT_TRUE(admitted(person));
  EXPECT_FALSE(admitted(robot));
  const Sequence quick = join(12);
  engine_.sign_of_life(quick, now_, out_);
  engine_.tick(now_, out_);
  EXPECT_TRUE(admitted(quick)) << "a first word is enough";
}

// Being passed must not be a way past other lanes: whoever comes back waits for the lane's turn.
TEST_F(EnginePresence, ASilentCrowdOfTheSlowLaneGainsNothing) {
  settings_.capacity = 4;
  settings_.mode = Mode::paused;
  configure();
  std::vector<Sequence> slow, main;
  for (std::uint64_t i = 0; i < 40; ++i) slow.push_back(join(100 + i, kSlowLane));
  live(20, {});
  for (std::uint64_t i = 0; i < 40; ++i) main.push_back(join(200 + i));
  for (const Sequence place : main) engine_.sign_of_life(place, now_, out_);
  settings_.mode = Mode::queue;
  settings_.admit_per_minute = 6'000;
  configure();
  EXPECT_EQ(facts(Fact::passed), 40);
  for (const Sequence place : slow) engine_.sign_of_life(place, now_, out_);
  for (int i = 0; i < 22; ++i) {
    for (const Sequence place : main) engine_.sign_of_life(place, now_, out_);
    for (const Sequence place : slow) engine_.sign_of_life(place, now_, out_);
    Sequence done = 0;
    engine_.visit_slots([&](Sequence place, const Slot&) { done = place; });
    engine_.complete(done, now_, out_);
    now_ += Millis(1'000);
    engine_.tick(now_, out_);
  }
  const auto served = std::ranges::count_if(out_, [&](const Record& record) {
    return record.fact == Fact::admitted && engine_.settings().capacity == 4 &&
           record.place <= slow.back();
  });
  EXPECT_LE(served, 4) << "one in eleven";
}

// A hundred thousand a tick, like all that a tick does.
TEST_F(EnginePresence, ASilentCrowdHoldsUpNobodyForLong) {
  settings_.mode = Mode::paused;
  configure();
  constexpr std::uint64_t kSilent = 300'000;
  for (std::uint64_t i = 0; i < kSilent; ++i) join(i);
  const Sequence person = join(kSilent);
  live(20, {});
  settings_.mode = Mode::queue;
  out_.clear();
  configure();
  EXPECT_LE(out_.size(), kStepsPerTick + 1);
  for (int tick = 0; tick < 3; ++tick) {
    EXPECT_FALSE(admitted(person));
    out_.clear();
    now_ += Millis(100);
    engine_.sign_of_life(person, now_, out_);
    engine_.tick(now_, out_);
    EXPECT_LE(out_.size(), kStepsPerTick);
  }
  EXPECT_TRUE(admitted(person));
}

TEST_F(EnginePresence, ASnapshotKeepsThePassedAndThoseWhoCameBack) {
  const Sequence a = join(1), b = join(2), c = join(3), d = join(4), e = join(5);
  live(2, {a, b, c, d, e});
  live(20, {a, b, e});
  engine_.complete(a, now_, out_);
  EXPECT_TRUE(admitted(e));
  engine_.sign_of_life(d, now_, out_);  // c stays away
  Engine again{Engine::Options{}};
  ASSERT_TRUE(again.restore(engine_.snapshot()));
  again.resume(now_);
  EXPECT_TRUE(again.find(c)->away);
  EXPECT_TRUE(again.find(d)->aside);
  again.complete(b, now_, out_);
  EXPECT_NE(again.slot(d), nullptr);
}

}  // namespace
}  // namespace onsale::waitroom
