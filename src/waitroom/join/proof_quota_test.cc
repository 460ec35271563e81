// A simulation of an opening with a farm of browsers in the crowd: what the farm gets of the main
// lane, and how many honest people it costs theirs. The farm solves every challenge for nothing:
// the price comes on top.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/long_run.h"
#include "waitroom/join/gatekeeper_fixture.h"

namespace onsale::waitroom {
namespace {

constexpr std::int64_t kQuota = 60;
const std::int64_t kMinutes = testing_support::in_long_run<std::int64_t>(10, 4);
constexpr std::int64_t kFarmBrowsers = 10'000;
constexpr std::string_view kFarmNetwork = "203.0.113.";

// Honest people: three in five at home, one of 40,000 networks; two in five behind 300 networks of
// mobile carriers, of which the busiest carries 0.5 % of everybody.
class Honest {
 public:
  explicit Honest(Random& random) : random_(random) {
    double sum = 0;
    for (int rank = 1; rank <= 300; ++rank) carriers_.push_back(sum += std::pow(rank, -0.3));
  }
  // How many come in this second: half of all in the first minute, then ever fewer.
  static std::int64_t in_second(std::int64_t second) {
    return second < 60 ? 500 : std::max<std::int64_t>(20, 200 - second / 3);
  }
  std::string address() {
    if (random_.next_u64() % 5 < 3) return home(random_.next_u64() % 40'000);
    const double at = static_cast<double>(random_.next_u64() >> 11) * 0x1p-53 * carriers_.back();
    const auto found = std::ranges::upper_bound(carriers_, at);
    return "100.64." + std::to_string((found - carriers_.begin()) / 2) + "." +
           std::to_string(1 + random_.next_u64() % 250);
  }

 private:
  static std::string home(std::uint64_t network) {
    return "10." + std::to_string(network / 256) + "." + std::to_string(network % 256) + ".4";
  }
  Random& random_;
  std::vector<double> carriers_;
};

struct Outcome {
  std::int64_t honest = 0, honest_slow = 0;
  std::int64_t farm_main = 0, farm_slow = 0, farm_minute_most = 0;
  std::int64_t share = 0;  // what one network may have of the main lane, all minutes together

  double over() const { return static_cast<double>(farm_main) / static_cast<double>(share); }
  double false_positives() const {
    return static_cast<double>(honest_slow) / static_cast<double>(honest);
  }
};

class Opening {
 public:
  explicit Opening(const ProofGuards& guards)
      : world_({.mode = Mode::queue,
                .capacity = 0,
                .proof = ProofMode::on,
                .joins_per_prefix = kQuota},
               guards) {}

  Outcome run() {
    std::int64_t browser = 0;
    for (std::int64_t second = 0; second < kMinutes * 60; ++second) {
      const std::int64_t honest = Honest::in_second(second);
      const std::int64_t farm = kFarmBrowsers / 60;
      for (std::int64_t i = 0; i < honest + farm; ++i) {
        world_.clock.advance(Millis(i % ((honest + farm) / 10) == 0 ? 100 : 0));
        if (i * farm / (honest + farm) != (i + 1) * farm / (honest + farm)) {
          farm_joins(++browser % kFarmBrowsers);
        } else {
          honest_joins();
        }
      }
      if (second % 60 == 59) end_minute();
    }
    return out_;
  }

 private:
  LaneId join(std::string_view address) {
    DeviceKey device{};  // each browser with a cookie of its own
    world_.random.fill(std::as_writable_bytes(std::span(device)));
    JoinAttempt attempt = world_.attempt(device, address);
    const Verdict question = world_.ask(attempt);
    attempt.proof = Solutions{std::get<AskProof>(question).token, {1, 2, 3, 4}};
    const LaneId lane = std::get<Admit>(world_.ask(std::move(attempt))).lane;
    if (lane == kMainLane) ++main_this_minute_;
    return lane;
  }
  void honest_joins() {
    ++out_.honest;
    if (join(honest_.address()) == kSlowLane) ++out_.honest_slow;
  }
  void farm_joins(std::int64_t browser) {
    const std::string address = std::string(kFarmNetwork) + std::to_string(browser % 250 + 1);
    if (join(address) == kMainLane) {
      ++out_.farm_main;
      ++farm_this_minute_;
    } else {
      ++out_.farm_slow;
    }
  }
  void end_minute() {
    out_.share += std::max(kQuota, main_this_minute_ / 100);
    out_.farm_minute_most = std::max(out_.farm_minute_most, farm_this_minute_);
    main_this_minute_ = farm_this_minute_ = 0;
  }

  JoinCheckWorld world_;
  SeededRandom random_{3};
  Honest honest_{random_};
  Outcome out_;
  std::int64_t main_this_minute_ = 0, farm_this_minute_ = 0;
};

void record(const Outcome& outcome) {
  testing::Test::RecordProperty("farm_over_share", std::to_string(outcome.over()));
  testing::Test::RecordProperty("honest_slow", std::to_string(outcome.false_positives()));
}

TEST(Quota, AFarmGetsItsShareAndHonestPeopleTheirs) {
  const Outcome outcome = Opening({.work = false}).run();
  record(outcome);
  EXPECT_LE(outcome.over(), 1.2);
  EXPECT_GT(outcome.over(), 0.5);  // and not nothing: it is no ban
  EXPECT_LT(outcome.false_positives(), 0.005);
  EXPECT_EQ(outcome.farm_main + outcome.farm_slow, kFarmBrowsers / 60 * 60 * kMinutes);
}

TEST(Quota, NegativeControlWithoutItTheFarmTakesTheLine) {
  const Outcome outcome = Opening({.work = false, .quota = false}).run();
  EXPECT_GT(outcome.over(), 15);
}

}  // namespace
}  // namespace onsale::waitroom
