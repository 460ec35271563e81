// Decisions carried out after the world had changed, standstills, tokens on other devices.
#include "waitroom/line/engine_fixture.h"

namespace onsale::waitroom {
namespace {

TEST_F(EngineTest, AnOpenLineIsNeverDrawnAnew) {
  settings_.mode = Mode::prequeue;
  settings_.lottery = true;
  configure();
  const Sequence a = join(1), b = join(2), c = join(3);
  const std::vector<Sequence> ranked{c, a, b};
  settings_.lottery = false;  // the operator changes their mind
  settings_.mode = Mode::queue;
  settings_.capacity = 0;
  configure();
  out_.clear();
  EXPECT_EQ(engine_.draw(ranked, now_, out_), DrawOutcome::refused);
  EXPECT_TRUE(out_.empty());
  EXPECT_EQ(position(a), 1);
  EXPECT_EQ(position(b), 2);
  EXPECT_EQ(position(c), 3);
}

TEST_F(EngineTest, ADrawIsOfThePoolItsEntrantsJoined) {
  settings_.mode = Mode::prequeue;
  settings_.lottery = true;
  configure();
  const Sequence a = join(1);
  engine_.leave(a, now_, out_);
  settings_.lottery = false;
  configure();
  settings_.lottery = true;
  configure();
  join(2);
  EXPECT_EQ(engine_.draw(std::vector<Sequence>{a}, now_, out_), DrawOutcome::refused);
  EXPECT_TRUE(engine_.is_pool());
  EXPECT_EQ(engine_.draw({}, now_, out_), DrawOutcome::drawn);
  EXPECT_FALSE(engine_.is_pool());
  EXPECT_EQ(engine_.draw({}, now_, out_), DrawOutcome::drawn_before);
}

TEST_F(EngineTest, SilenceWhileNothingRanIsNoEvidence) {
  const Sequence inside = join(1), never_came = join(2);
  const Sequence waiting = join(3);
  live(20, {inside, waiting});
  stand_still(600);
  EXPECT_TRUE(admitted(inside));
  EXPECT_TRUE(admitted(never_came));
  EXPECT_EQ(position(waiting), 1);
  pass_time(24);  // what was left of 45 s
  EXPECT_TRUE(admitted(never_came));
  EXPECT_TRUE(admitted(inside));
  pass_time(2);
  EXPECT_FALSE(admitted(never_came)) << "the periods go on where they stood still";
}

TEST_F(EngineTest, AfterAStandstillTheFirstStepIsNotATick) {
  const Sequence inside = join(1);
  join(2);
  const Sequence waiting = join(3);
  live(20, {inside, waiting});
  now_ += Millis(300'000);
  join(4);  // a request is handled before the timer
  EXPECT_TRUE(admitted(inside));
  EXPECT_EQ(position(waiting), 1);
  pass_time(1);
  EXPECT_TRUE(admitted(inside));
}

TEST_F(EngineTest, ATokenGivesItsPlaceToTheDeviceItComesWith) {
  join(1);
  join(2);
  const Sequence mine = join(3);
  const Sequence later = join(4);
  EXPECT_EQ(engine_.join(device(5), kMainLane, now_, out_, mine), mine);
  EXPECT_EQ(out_.back().fact, Fact::given);
  EXPECT_EQ(join(5), mine);
  EXPECT_NE(join(3), mine) << "the old device is a stranger";
  EXPECT_EQ(engine_.join(device(4), kMainLane, now_, out_, mine), mine);
  EXPECT_EQ(engine_.ending(later), Ending::left) << "one person, one place: the later one ends";
  Engine again;
  for (const Record& record : out_) again.apply(record);
  EXPECT_EQ(again.find(device(4)), mine);
}

TEST_F(EngineTest, OfTwoPlacesTheOneInsideOrTheEarlierStays) {
  const Sequence inside = join(1);
  join(2);
  const Sequence early = join(3), late = join(4);
  EXPECT_EQ(engine_.join(device(3), kMainLane, now_, out_, late), early);
  EXPECT_EQ(engine_.ending(late), Ending::left);
  EXPECT_EQ(engine_.join(device(1), kMainLane, now_, out_, early), inside);
  EXPECT_EQ(engine_.ending(early), Ending::left);
  const Sequence stranger = join(7);
  EXPECT_EQ(engine_.join(device(7), kMainLane, now_, out_, early), stranger) << "it is over";
}

}  // namespace
}  // namespace onsale::waitroom
