// I3, I4 and I5 over long random histories with crashes; and each guard switched off, to see that
// the property would notice.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <random>

#include "waitroom/line/engine_world.h"

namespace onsale::waitroom {
namespace {

struct Step {
  int kind;
  std::uint64_t device;
  std::int64_t number;
};

void showValue(const Step& step, std::ostream& out) {
  out << step.kind << ':' << step.device << ':' << step.number;
}

Settings some_settings(const Settings& before, std::int64_t number) {
  static constexpr Mode kModes[] = {Mode::queue, Mode::queue,    Mode::queue,  Mode::queue,
                                    Mode::open,  Mode::prequeue, Mode::paused, Mode::closed,
                                    Mode::drain, Mode::prequeue};
  Settings settings = before;
  switch (number % 6) {
    case 0:
      settings.mode = kModes[number / 6 % 10];
      break;
    case 1:
      settings.capacity = number / 6 % 12;
      break;
    case 2:
      settings.admit_per_minute = number / 6 % 40;
      break;
    case 3:
      settings.lottery = !settings.lottery;
      break;
    case 4:
      settings.grace_seconds = 5 + number / 6 % 200;
      break;
    default:
      settings.idle_seconds = 5 + number / 6 % 60;
      break;
  }
  return settings;
}

void configure(EngineWorld& world, std::int64_t n) {
  const Engine& engine = world.engine();
  const Settings after = some_settings(engine.settings(), n);
  const std::int64_t waiting = engine.line().size() + std::ssize(engine.aside());
  const RoomNow present{.waiting = waiting, .lanes = {}, .draw_due = engine.draw_due()};
  if (!fixed_now(engine.settings(), after, present).empty()) return;
  world.configure(after);
}

// The disk loses its end; some of those it held come back, in any order.
void lose_and_find(EngineWorld& world, std::int64_t n) {
  std::vector<Sequence> lost = world.lose(static_cast<std::size_t>(n % 5));
  std::mt19937_64 dice(static_cast<std::uint64_t>(n));
  std::shuffle(lost.begin(), lost.end(), dice);
  lost.resize(lost.size() / 2);
  for (const Sequence place : lost) {
    world.restore_lost(place);
    world.flush();
    world.look();
  }
}

void draw(EngineWorld& world, std::int64_t n) {
  std::vector<Sequence> ranked = world.engine().entrants();
  std::mt19937_64 dice(static_cast<std::uint64_t>(n));
  std::shuffle(ranked.begin(), ranked.end(), dice);
  ranked.resize(ranked.size() - ranked.size() / 4);  // the last quarter came late
  world.draw(ranked);
}

void perform(EngineWorld& world, const Step& step) {
  const auto n = step.number;
  if (step.kind < 22) return world.join(step.device);
  if (step.kind < 30) return world.join(step.device, static_cast<LaneId>(n % kLanes));
  if (step.kind < 31) return world.join_with(step.device, static_cast<Sequence>(n) % 40 + 1);
  if (step.kind < 36) return world.leave(step.device);
  if (step.kind < 44) return world.sign_of_life(step.device);
  if (step.kind < 48) return world.use(step.device, n % 2 ? "acc_1" : "acc_2");
  if (step.kind < 52) return world.complete(step.device);
  if (step.kind < 54) return configure(world, n);
  if (step.kind < 66) return world.advance(Millis(n % 3000));
  if (step.kind < 67) return world.advance(Millis(n * 10));
  if (step.kind < 68) return world.stand_still(Millis(5'001 + n * 100));
  if (step.kind < 82) return world.tick();
  if (step.kind < 90) return world.flush(static_cast<std::size_t>(n % 7));
  if (step.kind < 92) return world.crash(static_cast<std::size_t>(n % 5));
  if (step.kind < 93) return world.compact();
  if (step.kind < 94) return lose_and_find(world, n);
  if (step.kind < 95) return draw(world, n);
  world.look();
}

rc::Gen<std::vector<Step>> histories() {
  auto step =
      rc::gen::build<Step>(rc::gen::set(&Step::kind, rc::gen::inRange(0, 100)),
                           rc::gen::set(&Step::device, rc::gen::inRange<std::uint64_t>(0, 60)),
                           rc::gen::set(&Step::number, rc::gen::inRange<std::int64_t>(0, 10'000)));
  return rc::gen::mapcat(rc::gen::inRange<std::size_t>(0, 1500), [step](std::size_t length) {
    return rc::gen::container<std::vector<Step>>(length, step);
  });
}

// The first broken promise, or nothing.
std::string run(const std::vector<Step>& history, EngineWorld::Config config) {
  EngineWorld world(config);
  Settings small;
  small.capacity = 4;
  small.admit_per_minute = 20;
  small.lanes = {{.name = "VIP", .share = 400}, {.name = "Fans", .share = 200}};
  world.configure(small);
  for (const Step& step : history) {
    perform(world, step);
    if (!world.broken().empty()) return world.broken();
  }
  world.flush();
  world.look();
  return world.broken();
}

RC_GTEST_PROP(EngineProperties, NoHistoryBreaksAPromise, ()) {
  const auto history = *histories();
  const std::string broken = run(history, {});
  RC_ASSERT(broken == "");
}

// The first promise that a few hundred fixed histories break under `config`.
std::set<std::string> broken_under(EngineWorld::Config config) {
  std::set<std::string> found;
  const auto generator = histories();
  rc::Random random(20'261'121);
  for (int i = 0; i < 200; ++i) {
    const std::string broken = run(generator(random.split(), 100).value(), config);
    if (!broken.empty()) found.insert(broken);
  }
  return found;
}

TEST(EngineProperties, TheFixedHistoriesOfTheControlsBreakNothingWithAllGuardsOn) {
  EXPECT_EQ(broken_under({}), std::set<std::string>());
}

TEST(EngineProperties, NegativeControlPositionsRiseWhenUndurableOnesAreShown) {
  const auto broken = broken_under({.show_only_durable = false});
  EXPECT_TRUE(broken.contains("I3: a shown position rose") ||
              broken.contains("I3: an admission was forgotten"));
}

TEST(EngineProperties, NegativeControlNewcomersOvertakeWhenTheLineIsNotAsked) {
  const auto broken = broken_under({.guards = {.order = false}});
  EXPECT_TRUE(broken.contains("I4: somebody was admitted before somebody earlier"));
}

TEST(EngineProperties, NegativeControlCapacityIsExceededWithoutItsGuard) {
  const auto broken = broken_under({.guards = {.capacity = false}});
  EXPECT_TRUE(broken.contains("I5: more slots in use than capacity"));
}

TEST(EngineProperties, NegativeControlTheRateIsExceededWithoutItsGuard) {
  const auto broken = broken_under({.guards = {.rate = false}});
  EXPECT_TRUE(broken.contains("I5: more admissions than the rate"));
}

TEST(EngineProperties, NegativeControlAnOpenLineIsDrawnAnewWithoutItsGuard) {
  const auto broken = broken_under({.guards = {.pool = false}});
  EXPECT_TRUE(broken.contains("I4: an open line was drawn anew"));
}

TEST(EngineProperties, NegativeControlAStandstillEndsPlacesWithoutItsGuard) {
  const auto broken = broken_under({.guards = {.standstill = false}});
  EXPECT_TRUE(broken.contains("a standstill ends nobody's place"));
}

}  // namespace
}  // namespace onsale::waitroom
