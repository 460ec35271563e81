// Long random histories at a checkout (booking_history.h) on either database.
//
//   ONSALE_SIM_STEPS=1000000 build/asan/tests/history_test --gtest_filter='BookingModel.Random*'
//   ONSALE_SIM_SEED=42 …     the history that a failure printed, from its first step
#include <cstdlib>

#include "base/log_fakes.h"
#include "tests/contract/booking_history.h"
#include "tests/long_run.h"

namespace onsale::booking {
namespace {

// Then tables grow long and histories alike.
const std::uint64_t kStepsOfWorld = testing_support::in_long_run<std::uint64_t>(1'000, 400);

const QuietLog quiet;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

void add(Tally& sum, const Tally& one) {
  sum.steps += one.steps;
  sum.requests += one.requests;
  sum.again += one.again;
  sum.pairs += one.pairs;
  sum.glitches += one.glitches;
  sum.outages += one.outages;
  sum.kills += one.kills;
  sum.provider_faults += one.provider_faults;
  sum.confirmed += one.confirmed;
  sum.cancelled += one.cancelled;
  sum.called_off += one.called_off;
  sum.banked += one.banked;
}

// What was broken; empty when nothing was.
std::string live_through(World& world, std::uint64_t seed, std::uint64_t steps, Faults faults,
                         Tally& sum) {
  History history(world, seed, faults);
  std::string broken;
  try {
    for (std::uint64_t i = 0; i < steps; ++i) {
      history.step();
      history.check();
    }
    history.settle();
  } catch (const Broken& why) {
    broken = why.what();
  }
  add(sum, history.tally());
  return broken;
}

class BookingModel : public testing::TestWithParam<sql::Dialect> {
 protected:
  std::string broken_within(std::uint64_t histories, Faults faults, Guards guards = {},
                            payments::SqlStoreOptions payment_options = {}) {
    std::string broken;
    for (std::uint64_t seed = 1; seed <= histories && broken.empty(); ++seed) {
      World world(GetParam(), {.holds_of_a_seat = 0}, guards, payment_options);
      Tally sum;
      broken = live_through(world, seed, kStepsOfWorld, faults, sum);
    }
    return broken;
  }
};

TEST_P(BookingModel, RandomHistoriesNeverSellASeatTwiceAndMoneyEqualsTickets) {
  const bool sqlite = GetParam() == sql::Dialect::sqlite;
  const std::uint64_t steps =
      number_from("ONSALE_SIM_STEPS", testing_support::in_long_run<std::uint64_t>(
                                          sqlite ? 1'000'000 : 50'000, sqlite ? 4'000 : 1'200));
  const std::uint64_t first = number_from("ONSALE_SIM_SEED", std::random_device{}());
  const auto began = std::chrono::steady_clock::now();
  std::printf("from seed %llu on\n", static_cast<unsigned long long>(first));
  Tally sum;
  for (std::uint64_t seed = first; sum.steps < static_cast<std::int64_t>(steps); ++seed) {
    World world(GetParam(), {.holds_of_a_seat = 0});
    const std::string broken = live_through(world, seed, kStepsOfWorld, {}, sum);
    ASSERT_EQ(broken, "") << "replay: ONSALE_SIM_SEED=" << seed
                          << " ONSALE_SIM_STEPS=" << kStepsOfWorld
                          << " --gtest_filter=BookingModel.Random*";
  }
  std::printf(
      "%lld steps: %lld requests, %lld of them again, %lld pairs; %lld glitches, %lld outages, "
      "%lld kills, %lld times the provider; %lld purchases, %lld cancelled as told, %lld called "
      "off, %lld at the bank; %.0f s\n",
      static_cast<long long>(sum.steps), static_cast<long long>(sum.requests),
      static_cast<long long>(sum.again), static_cast<long long>(sum.pairs),
      static_cast<long long>(sum.glitches), static_cast<long long>(sum.outages),
      static_cast<long long>(sum.kills), static_cast<long long>(sum.provider_faults),
      static_cast<long long>(sum.confirmed), static_cast<long long>(sum.cancelled),
      static_cast<long long>(sum.called_off), static_cast<long long>(sum.banked),
      std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count());
  EXPECT_GT(sum.confirmed, 0);
}

TEST_P(BookingModel, NegativeControlHistoriesFailWhenAnAccountIsNotCounted) {
  EXPECT_NE(broken_within(10, {.any = false}, {.quota = false}), "");
}

TEST_P(BookingModel, NegativeControlHistoriesFailWhenLiveClaimsAreTakenOver) {
  EXPECT_NE(broken_within(10, {.any = false}, {.only_expired = false}), "");
}

TEST_P(BookingModel, NegativeControlMoneyIsAdriftAfterFaultsWhenNobodyReconciles) {
  const std::string broken = broken_within(10, {.reconciled = false});
  EXPECT_TRUE(broken.starts_with("the kept money")) << broken;
}

TEST_P(BookingModel, NegativeControlTheBooksDoNotBalanceWithoutTheTransferOfACapture) {
  const std::string broken = broken_within(10, {.any = false}, {}, {.book_captures = false});
  EXPECT_NE(broken.find(":captured"), std::string::npos) << broken;
}

TEST_P(BookingModel, NegativeControlTheBooksDoNotBalanceWithoutTheTransferOfASale) {
  const std::string broken = broken_within(10, {.any = false}, {.book_sales = false});
  EXPECT_NE(broken.find(":confirmed"), std::string::npos) << broken;
}

ONSALE_ON_BOTH_DIALECTS(BookingModel);

}  // namespace
}  // namespace onsale::booking
