// The comparison in small: our own pass marks, and that the models are no strawmen.
#include <gtest/gtest.h>

#include "compare/report.h"

namespace onsale::compare {
namespace {

constexpr double kSize = 0.02;

Scenario scenario(std::string_view name, double size = kSize) {
  for (Scenario& one : scenarios(size)) {
    if (one.name == name) return one;
  }
  return {};
}

class Notes final : public Court {
 public:
  void granted(Person person, Seconds) override { in.push_back(person); }
  void freed(Person, Seconds) override {}
  void pushed(Person) override {}
  std::vector<Person> in;
};

TEST(Compare, EverybodyGetsInWhenItIsCalm) {
  const Scenario calm = scenario("calm");
  for (const Contender& contender : contenders()) {
    const Result result = run(calm, contender);
    EXPECT_EQ(result.admitted, calm.people) << result.queue;
    EXPECT_EQ(result.unserved, 0) << result.queue;
    EXPECT_EQ(result.over, 0) << result.queue;
    EXPECT_GE(result.used, 0.9) << result.queue;
    EXPECT_LE(result.stall, 10) << result.queue;
  }
}

// Slot use of at least 98 % while live people wait, the next one told within a second, and nobody
// is ever overtaken or put back, in front of the production host.
TEST(Compare, HalfTheLineGivesUpAndOurSlotsStayInUse) {
  const Result result = run(scenario("abandon"), ours);
  EXPECT_GE(result.given, 0.98);
  EXPECT_GE(result.used, 0.88);
  EXPECT_EQ(result.inversions, 0);
  EXPECT_EQ(result.backward, 0);
  EXPECT_EQ(result.over, 0);
  EXPECT_EQ(result.unserved, 0);
  EXPECT_LT(result.told_p99, 1.0);
  EXPECT_GE(result.told_p99, 0);
}

// The same without those who walk away from inside without a word: nobody but the idle period can
// know of them, in line or not.
TEST(Compare, SlotsAreUsedByTheLivingThoughHalfGiveUpOrNineInTenAreBots) {
  for (const char* name : {"abandon", "bots"}) {
    Scenario one = scenario(name);
    one.walk_away = 0;
    const Result result = run(one, ours);
    EXPECT_GE(result.used, 0.98) << name;
    EXPECT_EQ(result.inversions, 0) << name;
    EXPECT_EQ(result.over, 0) << name;
  }
}

TEST(Compare, NineInTenAheadAreBotsAndOurSlotsStayInUse) {
  const Result result = run(scenario("bots"), ours);
  EXPECT_GE(result.given, 0.98);
  EXPECT_GE(result.used, 0.85);
  EXPECT_EQ(result.inversions, 0);
  EXPECT_EQ(result.backward, 0);
  EXPECT_EQ(result.unserved, 0);
  EXPECT_LT(result.told_p99, 1.0);
}

TEST(Compare, OurOrderHoldsInAStampedeUnderSkewedClocksAndThroughACrash) {
  for (const char* name : {"stampede", "skew", "crash"}) {
    const Result result = run(scenario(name), ours);
    EXPECT_EQ(result.inversions, 0) << name;
    EXPECT_EQ(result.overtaken, 0) << name;
    EXPECT_EQ(result.backward, 0) << name;
    EXPECT_EQ(result.over, 0) << name;
    EXPECT_GE(result.given, 0.98) << name;
    EXPECT_LE(result.stall, 5) << name;
  }
}

// A queue that lets the last one in first.
class Backwards final : public Queue {
 public:
  Backwards(const Limits& limits, Court& court) : limits_(limits), court_(court) {}
  std::string_view name() const override { return "backwards"; }
  Answer arrive(Person person, Seconds) override {
    line_.push_back(person);
    return {.state = Answer::State::waiting, .position = static_cast<double>(line_.size())};
  }
  Answer ask(Person person, Seconds now) override {
    if (line_.empty() || line_.back() != person || taken_ >= limits_.capacity / 2) {
      return {.state = Answer::State::waiting, .position = now};
    }
    line_.pop_back();
    ++taken_;
    court_.granted(person, now);
    return {.state = Answer::State::inside};
  }
  void act(Person, Seconds) override {}
  void finish(Person person, Seconds now) override {
    --taken_;
    court_.freed(person, now);
  }
  void tick(Seconds) override {}
  std::int64_t taken() const override { return taken_; }

 private:
  Limits limits_;
  Court& court_;
  std::vector<Person> line_;
  std::int64_t taken_ = 0;
};

TEST(Compare, NegativeControlTheJudgeSeesABadQueue) {
  Scenario stampede = scenario("stampede");
  stampede.walk_away = 0;
  stampede.horizon = 1'200;
  const Result result = run(stampede, [](const Limits& limits, Court& court) {
    return std::make_unique<Backwards>(limits, court);
  });
  EXPECT_GT(result.inversions, 1'000);
  EXPECT_GT(result.overtaken, 0.5);
  EXPECT_GT(result.backward, 1'000);
  EXPECT_LT(result.used, 0.6);
  EXPECT_GT(result.stall, 10);
}

TEST(Compare, MinuteBucketsServeTheEarlierMinuteFirstAndWaitFiveMinutesForWhoIsGone) {
  Notes notes;
  const auto queue = minute_buckets({.capacity = 1}, notes);
  EXPECT_EQ(queue->arrive(0, 0).state, Answer::State::inside);
  queue->arrive(1, 10);  // is never seen again
  queue->arrive(2, 70);
  queue->finish(0, 80);
  EXPECT_EQ(queue->ask(2, 90).state, Answer::State::waiting);
  for (Seconds now = 90; now < 309; now += 1) queue->tick(now);
  EXPECT_EQ(queue->ask(2, 309).state, Answer::State::waiting);
  queue->tick(311);
  EXPECT_EQ(queue->ask(2, 311).state, Answer::State::inside);
}

TEST(Compare, TheBatchCounterServesAsManyAsLeft) {
  Notes notes;
  const auto queue = batch_counter({.capacity = 2}, notes);
  const auto pass = [&](Seconds from, Seconds to) {
    for (Seconds now = from; now < to; now += 0.25) queue->tick(now);
  };
  for (Person person = 0; person < 4; ++person) queue->arrive(person, 3.0 * person);
  pass(0, 20);
  EXPECT_EQ(queue->ask(0, 20).state, Answer::State::inside);
  EXPECT_EQ(queue->ask(1, 20).state, Answer::State::inside);
  const Answer third = queue->ask(2, 20);
  ASSERT_TRUE(third.position.has_value());
  EXPECT_EQ(*third.position, 1);
  queue->finish(0, 21);
  pass(20, 25);
  EXPECT_EQ(queue->ask(3, 25).state, Answer::State::waiting);
  EXPECT_EQ(queue->ask(2, 25).state, Answer::State::inside);
}

TEST(Compare, TheSortedSetPromotesInTheOrderOfItsClocksEveryTwoSeconds) {
  Notes notes;
  const auto queue = sorted_set({.capacity = 1}, notes);
  EXPECT_EQ(queue->arrive(0, 0).state, Answer::State::inside);
  queue->arrive(1, 1);
  queue->arrive(2, 2);
  EXPECT_EQ(*queue->ask(2, 3).position, 2);
  queue->tick(3);
  queue->finish(0, 3.5);
  queue->tick(4);
  EXPECT_EQ(queue->ask(1, 4).state, Answer::State::waiting);
  queue->tick(5);
  EXPECT_EQ(queue->ask(1, 5).state, Answer::State::inside);
  queue->tick(400);  // a session ends whatever happens
  EXPECT_EQ(queue->ask(1, 403).state, Answer::State::nothing);
}

TEST(Compare, ProbabilityFillsTheFreeSlotsAndNoMore) {
  Notes notes;
  const auto queue = probability({.capacity = 10}, notes);
  for (Person person = 0; person < 100; ++person) queue->arrive(person, 0);
  EXPECT_EQ(queue->taken(), 10);
  for (const Person person : std::vector<Person>(notes.in)) queue->finish(person, 1);
  for (Seconds now = 5; now < 200; now += 5) {
    queue->tick(now);
    for (Person person = 0; person < 100; ++person) queue->ask(person, now);
    EXPECT_LE(queue->taken(), 10);
  }
  EXPECT_EQ(queue->taken(), 10);
}

TEST(Compare, TheDocumentNamesEveryContenderScenarioAndAssumption) {
  const Scenario calm = scenario("calm", 0.01);
  Chapter chapter{.scenario = calm, .results = {}};
  for (const Contender& contender : contenders()) chapter.results.push_back(run(calm, contender));
  const std::string document = compare::document({chapter}, "waiting-rooms.svg");
  for (const Result& result : chapter.results) {
    EXPECT_NE(document.find("| " + result.queue + " |"), document.npos) << result.queue;
  }
  EXPECT_NE(document.find("## Assumptions"), document.npos);
  EXPECT_NE(document.find("## Sources"), document.npos);
  EXPECT_NE(document.find(calm.title), document.npos);
  const std::string picture = svg({chapter});
  EXPECT_EQ(picture.find("<svg"), 0U);
  EXPECT_NE(picture.find("</svg>"), picture.npos);
}

}  // namespace
}  // namespace onsale::compare
