#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log_fakes.h"
#include "evening.h"
#include "tests/long_run.h"

namespace onsale::waitroom::sim {
namespace {

// The log is not what this is about.
const QuietLog quiet;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void print(std::uint64_t seed, const Report& report) {
  const auto n = [](auto number) { return static_cast<unsigned long long>(number); };
  std::printf(
      "seed %llu: %llu steps, %llu joins, %llu looks, %llu admitted, %llu refused; messages: %llu "
      "lost, %llu repeated; %llu crashes, %llu restarts, %llu disk faults, %llu lies, %llu "
      "standstills; %llu draws, %llu minds changed, %llu draws refused; %llu requests again later; "
      "%llu times sessions lengthened; %llu places handed "
      "on, "
      "%llu turns missed, %llu made up, %llu places brought back, %llu lost twice\n",
      n(seed), n(report.steps), n(report.joins), n(report.looks), n(report.admitted),
      n(report.refused), n(report.lost), n(report.repeated), n(report.crashes), n(report.restarts),
      n(report.disk_faults), n(report.lies), n(report.standstills), n(report.draws),
      n(report.changed_minds), n(report.late_draws), n(report.replayed), n(report.lengthened),
      n(report.given), n(report.missed), n(report.made_up), n(report.restored), n(report.forsaken));
}

// ONSALE_SIM_SEED and ONSALE_SIM_STEPS replay or lengthen an evening: see README.md.
TEST(WaitroomSim, AnEveningOfCrowdsCrashesAndBadDisksBreaksNoPromise) {
  const std::uint64_t steps =
      number_from("ONSALE_SIM_STEPS", testing_support::in_long_run(1'000'000, 25'000));
  const char* fixed = std::getenv("ONSALE_SIM_SEED");
  const std::uint64_t evenings = fixed || steps > 1'000'000 ? 1 : 4;
  for (std::uint64_t i = 0; i < evenings; ++i) {
    const std::uint64_t seed = fixed ? number_from("ONSALE_SIM_SEED", 0) : std::random_device{}();
    Evening evening(seed);
    const Report report = evening.run(steps);
    print(seed, report);
    EXPECT_EQ(report.broken, "")
        << "replay: ONSALE_SIM_SEED=" << seed << " ONSALE_SIM_STEPS=" << report.steps
        << " build/asan/tests/sim_test --gtest_filter=WaitroomSim.AnEvening*";
    EXPECT_GT(report.admitted, 0);
  }
}

TEST(WaitroomSim, TheSameSeedIsTheSameEvening) {
  const auto run = [] { return Evening(7).run(20'000); };
  const Report a = run(), b = run();
  EXPECT_EQ(a.broken, "");
  EXPECT_EQ(std::tie(a.joins, a.looks, a.admitted, a.crashes, a.lost, a.restored),
            std::tie(b.joins, b.looks, b.admitted, b.crashes, b.lost, b.restored));
}

// The judges see what they are for.
TEST(WaitroomSim, NegativeControlADiskThatForgetsBreaksAPromise) {
  std::string broken;
  for (std::uint64_t seed = 1; seed <= 6 && broken.empty(); ++seed) {
    broken = Evening(seed, {.durable_before_told = false}).run(300'000).broken;
  }
  EXPECT_TRUE(broken.starts_with("I3") || broken.starts_with("I6")) << broken;
}

TEST(WaitroomSim, NegativeControlAnOpenLineThatIsDrawnAnewIsSeen) {
  std::string broken;
  for (std::uint64_t seed = 1; seed <= 12 && broken.empty(); ++seed) {
    broken = Evening(seed, {.pool = false}).run(60'000).broken;
  }
  EXPECT_EQ(broken, "I4: an open line was drawn anew");
}

TEST(WaitroomSim, NegativeControlAStandstillThatEndsPlacesIsSeen) {
  EXPECT_EQ(Evening(1, {.standstill = false}).run(60'000).broken,
            "a standstill ends nobody's place");
}

TEST(WaitroomSim, NegativeControlASessionThatGrowsForNoReasonIsSeen) {
  EXPECT_EQ(Evening(1, {.lengths = false}).run(60'000).broken,
            "everybody's session is lengthened by a standstill only");
}

TEST(WaitroomSim, NegativeControlMixedUpTokensAreSeen) {
  EXPECT_EQ(Evening(1, {.one_token = false}).run(20'000).broken, "a token is one place for ever");
}

}  // namespace
}  // namespace onsale::waitroom::sim
