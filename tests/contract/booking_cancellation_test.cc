// What a cancellation costs is told before it is done, and is what is done: under the terms of the
// day of buying, seat by seat or whole, at every moment, with the books balanced.
#include <gtest/gtest.h>

#include "booking/events.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using std::chrono::days;
using std::chrono::hours;

class BookingCancellation : public testing::TestWithParam<sql::Dialect> {
 protected:
  BookingCancellation() {
    world.performance = world.add_show(catalogue::ShowKind::musical, days(20));
    show = world.catalogue.sale(world.performance)->show;
  }
  void until_start(Millis left) {
    const Timestamp starts = world.catalogue.sale(world.performance)->starts_at;
    world.clock.advance(starts - left - world.clock.now());
  }
  Result<Cancellation, CancelRefusal> told(const Reservation& r,
                                           std::vector<std::string> seats = {}) {
    return sync_wait(world.service.cancellation(r.id, r.buyer, std::move(seats)));
  }
  Result<Reservation, CancelRefusal> cancel(const Reservation& r,
                                            std::vector<std::string> seats = {},
                                            std::optional<std::int64_t> expected = {}) {
    CancelRequest request{.reservation = r.id,
                          .buyer = r.buyer,
                          .seats = std::move(seats),
                          .refund_expected = expected};
    return sync_wait(world.service.cancel(std::move(request)));
  }
  Result<ShowPolicy, Refused<PolicyRefusal>> set(CancellationPolicy steps) {
    return sync_wait(world.service.set_policy({show, std::move(steps), "acc_1"}));
  }
  std::int64_t sum(const Reservation& r) {
    std::int64_t all = 0;
    for (const Refund& refund : r.refunds) all += refund.amount.amount;
    return all;
  }

  World world{GetParam()};
  catalogue::ShowId show;
};
ONSALE_ON_BOTH_DIALECTS(BookingCancellation);

TEST_P(BookingCancellation, WhatIsToldIsWhatComesBackLessTheFee) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "C-4"});
  EXPECT_EQ(told(r)->refund, 250'000) << "free within seven days of buying";
  until_start(days(8));
  const auto cost = told(r);
  ASSERT_TRUE(cost);
  EXPECT_EQ(cost->refund, 225'000);
  EXPECT_EQ(cost->fee, 25'000);
  ASSERT_EQ(cost->seats.size(), 2U);
  EXPECT_EQ(cost->seats[0].paid, 150'000);
  EXPECT_EQ(cost->seats[0].fee, 15'000);
  EXPECT_EQ(cost->seats[0].refund, 135'000);
  EXPECT_EQ(cost->seats[0].rule->days_before, 7);
  const auto after = cancel(r, {}, 225'000);
  ASSERT_TRUE(after);
  EXPECT_EQ(after->state, ReservationState::cancelled);
  EXPECT_EQ(sum(*after), 225'000);
  EXPECT_EQ(world.kept_money(), 25'000) << "the fee stays";
  EXPECT_EQ(world.owed({"fees:" + show.str()}), 25'000);
  EXPECT_EQ(world.owed({"revenue:"}), 0);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, SeatBySeatCostsNoMoreThanAtOnce) {
  world.catalogue.add(world.priced(world.performance, 33'333));
  const Reservation parts = world.bought(world.buyer(), {"A-3", "A-4", "A-5"});
  const Reservation whole = world.bought(world.buyer(), {"B-3", "B-4", "B-5"});
  until_start(days(5));
  const std::int64_t at_once = told(whole)->refund;
  std::int64_t refunds = 0;
  for (const char* seat : {"A-5", "A-3", "A-4"}) {
    const std::int64_t one = told(parts, {seat})->refund;
    ASSERT_TRUE(cancel(parts, {seat}, one)) << seat;
    refunds += one;
  }
  ASSERT_TRUE(cancel(whole));
  EXPECT_GE(refunds, at_once);
  EXPECT_EQ(sum(world.find(parts)), refunds);
  EXPECT_EQ(world.kept_money(), 2 * 99'999 - refunds - at_once);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, AnotherAmountThanWasToldIsAskedForAgain) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  until_start(days(11));
  const auto cost = told(r, {"A-3"});
  EXPECT_EQ(cost->refund, 150'000);
  // The last moment at which it holds, and the one after.
  world.clock.advance(cost->valid_until - Millis(1) - world.clock.now());
  ASSERT_TRUE(cancel(r, {"A-3"}, 150'000));
  world.clock.advance(Millis(1));
  const auto late = cancel(r, {"A-4"}, 150'000);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), CancelRefusal::refund_changed);
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
  EXPECT_EQ(sum(world.find(r)), 150'000);
  EXPECT_EQ(told(r)->refund, 135'000);
  ASSERT_TRUE(cancel(r, {}, 135'000));
  EXPECT_EQ(cancel(r, {}, 135'000).error(), CancelRefusal::not_cancellable) << "once";
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, WhatWasPaidMeanwhileIsNotGivenUpForNothing) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  EXPECT_EQ(told(r)->refund, 0);
  const auto paying = world.pay(r);
  ASSERT_TRUE(world.come_back(*paying, world.decide(*paying, payments::Decision::approve)));
  EXPECT_EQ(cancel(r, {}, 0).error(), CancelRefusal::refund_changed);
  EXPECT_EQ(world.find(r).state, ReservationState::confirmed);
}

TEST_P(BookingCancellation, NothingComesBackOnTheDayButWhatIsNotPaidCanGo) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  until_start(hours(1));
  EXPECT_EQ(told(r).error(), CancelRefusal::not_cancellable);
  EXPECT_EQ(cancel(r).error(), CancelRefusal::not_cancellable);
  const Reservation pending = world.reserved(world.buyer(), {"A-4"});
  EXPECT_TRUE(cancel(pending, {}, 0));
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, TheTermsOfTheDayOfBuyingStay) {
  const Reservation before = world.bought(world.buyer(), {"A-3"});
  ASSERT_TRUE(set({{.days_before = 1, .fee_percent = 50}}));
  const Reservation after = world.bought(world.buyer(), {"A-4"});
  EXPECT_EQ(told(before)->refund, 150'000);
  EXPECT_EQ(told(after)->refund, 75'000);
  // Another server on the same tables says the same, and sells under the new ones.
  Service other({world.catalogue, world.rooms, *world.payments, world.store, world.feed,
                 world.signer, world.clock, world.random},
                World::leading_anywhere({}));
  sync_wait(other.start());
  EXPECT_FALSE(other.policy(show)->is_default);
  EXPECT_EQ(sync_wait(other.cancellation(before.id, before.buyer, {}))->refund, 150'000);
  EXPECT_EQ(sync_wait(other.cancellation(after.id, after.buyer, {}))->refund, 75'000);
}

TEST_P(BookingCancellation, ReservationsFromBeforeGetEverythingBackUntilTheStart) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  sync_wait(world.database->write([](sql::Tx& tx) {
    tx.exec("UPDATE booking_reservation SET terms = NULL, bought_at = NULL");
  }));
  until_start(Millis(1));
  EXPECT_EQ(told(r)->refund, 150'000);
  ASSERT_TRUE(cancel(r, {}, 150'000));
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, AFeeOfEverythingIsBookedWithoutARefund) {
  ASSERT_TRUE(set({{.fee_percent = 100}}));
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  ASSERT_TRUE(cancel(r, {"A-4"}, 0));
  EXPECT_TRUE(world.find(r).refunds.empty());
  EXPECT_EQ(world.owed({"fees:"}), 150'000);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, SeatsThatGoAtOnceEachBringWhatTheyShould) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4", "A-5", "A-6"});
  until_start(days(5));
  const auto give_back = [&](std::string seat) -> Task<void> {
    CancelRequest request{.reservation = r.id, .buyer = r.buyer, .refund_expected = 120'000};
    request.seats.push_back(std::move(seat));
    return discard(world.service.cancel(std::move(request)));
  };
  // Each twice.
  all_at_once(8, [&](int i) { return give_back(r.seats[static_cast<std::size_t>(i % 4)].seat); });
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(sum(world.find(r)), 480'000);
  EXPECT_EQ(world.owed({"fees:"}), 120'000);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCancellation, ChangesOfAPolicyAreToldWithWhatWasBefore) {
  (void)world.news();
  EXPECT_EQ(set({{.fee_percent = 101}}).error().why, PolicyRefusal::policy_invalid);
  EXPECT_EQ(sync_wait(world.service.set_policy({catalogue::ShowId(RawId{9, 9}), {}, "acc_1"}))
                .error()
                .why,
            PolicyRefusal::show_unknown);
  EXPECT_TRUE(world.news().empty());
  const auto change = [&](std::int64_t percent) {
    CancellationPolicy steps{{.fee_percent = percent}};
    return discard(world.service.set_policy({show, std::move(steps), "acc_1"}));
  };
  all_at_once(4, [&](int i) { return change(10 * (i + 1)); });
  const auto news = world.news();
  ASSERT_EQ(news.size(), 4U);
  std::set<std::string> bodies;
  for (const sql::Event& event : news) {
    EXPECT_EQ(event.topic, kPolicyChangedTopic);
    bodies.insert(event.json);
  }
  const auto stored = sync_wait(world.store.policies());
  ASSERT_EQ(stored.size(), 1U);
  EXPECT_EQ(stored[0].version, 4);
  EXPECT_EQ(stored[0].steps, world.service.policy(show)->steps) << "memory is not behind";
}

}  // namespace
}  // namespace onsale::booking
