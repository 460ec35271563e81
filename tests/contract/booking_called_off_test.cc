// A performance is called off: nothing of it is sold any more, everybody gets everything back once,
// whatever happens to the process in between, and what needs people is listed.
#include <gtest/gtest.h>

#include "booking/events.h"
#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::Decision;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

class BookingCalledOff : public testing::TestWithParam<sql::Dialect> {
 protected:
  BookingCalledOff() { world.performance = world.add_show(catalogue::ShowKind::musical, days(20)); }
  OfficeJob call_off() {
    CallOff request{.performance = world.performance, .reason = "flood", .who = "acc_1"};
    return *sync_wait(world.service.call_off(std::move(request)));
  }
  OfficeJob job(const OfficeJob& of) { return *sync_wait(world.service.job(of.id)); }
  void work() { sync_wait(world.service.work_off()); }
  // What a seat's buyer got back.
  std::int64_t refunds(const Reservation& r) {
    std::int64_t all = 0;
    for (const Refund& refund : world.find(r).refunds) all += refund.amount.amount;
    return all;
  }

  World world{GetParam()};
};
ONSALE_ON_BOTH_DIALECTS(BookingCalledOff);

TEST_P(BookingCalledOff, EverybodyGetsEverythingBackEvenOnTheDay) {
  const Reservation whole = world.bought(world.buyer(), {"A-3", "C-4"});
  const Reservation part = world.bought(world.buyer(), {"A-5", "A-6"});
  world.clock.advance(days(19) + hours(23));
  const Reservation pending = world.reserved(world.buyer(), {"B-1"});
  sync_wait(world.service.cancellation(whole.id, whole.buyer, {}));
  const auto held = world.hold(world.buyer(), {"B-2"});
  const OfficeJob asked = call_off();
  EXPECT_FALSE(sync_wait(world.service.reserve({.hold = held->id, .buyer = held->buyer})));
  EXPECT_EQ(asked.total, 3);
  EXPECT_EQ(asked.done, 0);
  EXPECT_FALSE(asked.over);
  EXPECT_EQ(world.kept_money(), 550'000) << "durable before the first refund";
  EXPECT_EQ(call_off().id, asked.id) << "once";
  EXPECT_EQ(world.hold(world.buyer(), {"D-1"}).error().why, HoldRefusal::not_on_sale);
  EXPECT_EQ(world.pay(pending).error(), PayRefusal::not_payable);

  work();
  EXPECT_EQ(job(asked).done, 3);
  EXPECT_EQ(refunds(whole), 250'000);
  EXPECT_EQ(refunds(part), 300'000);
  EXPECT_EQ(world.find(pending).state, ReservationState::cancelled);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_FALSE(job(asked).over) << "whatever was being written is waited for";
  world.clock.advance(minutes(3));
  work();
  EXPECT_TRUE(job(asked).over);
  EXPECT_TRUE(job(asked).problems.empty());
  EXPECT_EQ(world.owed({"fees:"}), 0);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCalledOff, ABuyerWhoIsFasterThanTheJobPaysNoFeeEither) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  world.clock.advance(days(18));  // 30 % a day later
  const auto before = sync_wait(world.service.cancellation(r.id, r.buyer, {}));
  ASSERT_GT(before->fee, 0);
  call_off();
  const auto quoted = sync_wait(world.service.cancellation(r.id, r.buyer, {}));
  EXPECT_EQ(quoted->fee, 0);
  EXPECT_EQ(quoted->refund, r.payable);
  ASSERT_TRUE(sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer})));
  EXPECT_EQ(refunds(r), r.payable);
  work();
  EXPECT_EQ(refunds(r), r.payable) << "once";
  EXPECT_EQ(world.owed({"fees:"}), 0);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCalledOff, NothingOfItLooksAsIfItWereOnSale) {
  EXPECT_GT(world.service.seats_available(world.performance), 0);
  EXPECT_FALSE(world.service.availability(world.performance)->called_off);
  call_off();
  EXPECT_TRUE(world.service.called_off(world.performance));
  EXPECT_EQ(world.service.seats_available(world.performance), 0);
  EXPECT_TRUE(world.service.availability(world.performance)->called_off);
  EXPECT_EQ(world.service.availability(world.performance)->available, 0);
}

TEST_P(BookingCalledOff, WhoeverBoughtCanBeToldWhyAndSinceWhen) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  world.clock.advance(minutes(1));
  ASSERT_TRUE(
      sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer, .seats = {"A-4"}})));
  EXPECT_FALSE(world.find(r).called_off_at);
  world.clock.advance(minutes(1));
  call_off();
  world.clock.advance(minutes(1));
  work();
  const Reservation after = world.find(r);
  ASSERT_TRUE(after.called_off_at);
  ASSERT_EQ(after.refunds.size(), 2U);
  EXPECT_LT(after.refunds[0].created_at, *after.called_off_at) << "the buyer's own";
  EXPECT_GE(after.refunds[1].created_at, *after.called_off_at);
}

TEST_P(BookingCalledOff, OperatorsSeeEveryJobWithWhatItBroughtTheNewestFirst) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  const OfficeJob first = call_off();
  EXPECT_EQ(first.reason, "flood");
  ASSERT_TRUE(first.occasion);
  world.clock.advance(minutes(3));
  work();
  world.performance = world.add_show(catalogue::ShowKind::film, days(5));
  const OfficeJob second = call_off();
  const auto all = sync_wait(world.service.jobs(1, {}));
  ASSERT_EQ(all.items.size(), 1U);
  EXPECT_EQ(all.items[0].id, second.id);
  ASSERT_TRUE(all.next);
  const auto rest = sync_wait(world.service.jobs(1, all.next));
  ASSERT_EQ(rest.items.size(), 1U);
  EXPECT_FALSE(rest.next);
  EXPECT_EQ(rest.items[0].id, first.id);
  EXPECT_EQ(rest.items[0].refunds_done, 1);
  EXPECT_EQ(rest.items[0].refunded, r.payable);
  EXPECT_EQ(rest.items[0].performance, first.performance);
}

TEST_P(BookingCalledOff, MoneyThatComesLaterGoesBackAsWell) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  const Reservation s = world.reserved(world.buyer(), {"A-4"});
  const auto other = world.pay(s);
  const auto approved = world.decide(*other, Decision::approve);
  call_off();
  ASSERT_TRUE(world.come_back(*paying, data)) << "before its turn";
  EXPECT_NE(world.find(r).state, ReservationState::confirmed);
  work();
  ASSERT_TRUE(world.come_back(*other, approved)) << "after it";
  EXPECT_NE(world.find(s).state, ReservationState::confirmed);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_TRUE(world.claims().empty());
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCalledOff, AProcessThatDiesBetweenAnyTwoStepsLosesNothing) {
  std::vector<Reservation> all;
  for (const char* seat : {"A-1", "A-2", "A-3", "A-4"}) {
    all.push_back(world.bought(world.buyer(), {seat}));
  }
  const OfficeJob asked = call_off();
  for (int units = 0; units < 40; ++units) {
    world.flaky.breaks_after(units % 7, units % 2 == 0);
    try {
      work();
    } catch (const sql::Failure&) {
      // As it would be for a process that is killed there.
    }
    world.flaky.mend();
    world.restart();
    EXPECT_EQ(world.hold(world.buyer(), {"D-1"}).error().why, HoldRefusal::not_on_sale);
    EXPECT_EQ(world.money_wrong(), "");
  }
  for (int round = 0; round < 5; ++round) {  // what a server does every few seconds
    world.clock.advance(minutes(1));
    sync_wait(world.payments->reconcile());
    (void)world.run_news();
    sync_wait(world.service.reconcile());
    work();
  }
  EXPECT_TRUE(job(asked).over);
  EXPECT_EQ(job(asked).done, 4);
  for (const Reservation& r : all) EXPECT_EQ(refunds(r), 150'000);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.owed_to_buyers(), 0);
}

TEST_P(BookingCalledOff, WhatTheProviderRefusesIsForPeople) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  world.refuses_refunds = true;
  const OfficeJob asked = call_off();
  work();
  ASSERT_EQ(job(asked).problems.size(), 1U);
  EXPECT_EQ(job(asked).problems[0].reservation, r.id);
  EXPECT_EQ(job(asked).problems[0].refund, world.find(r).refunds.at(0).id);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCalledOff, BuyersWhoCancelAtTheSameMomentGetTheirMoneyOnce) {
  std::vector<Reservation> all;
  for (const char* seat : {"A-1", "A-2", "A-3", "A-4", "A-5", "A-6"}) {
    all.push_back(world.bought(world.buyer(), {seat}));
  }
  call_off();
  all_at_once(12, [&](int i) -> Task<void> {
    if (i % 2 == 0) return world.service.work_off();
    const Reservation& r = all[static_cast<std::size_t>(i / 2)];
    return discard(world.service.cancel({.reservation = r.id, .buyer = r.buyer}));
  });
  work();
  for (const Reservation& r : all) EXPECT_EQ(refunds(r), 150'000);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.money_wrong(), "");
}

TEST_P(BookingCalledOff, ItIsToldOnceWhoDidIt) {
  (void)world.news();
  const auto ask = [&] {
    CallOff request{.performance = world.performance, .reason = "flood", .who = "acc_1"};
    return discard(world.service.call_off(std::move(request)));
  };
  all_at_once(4, [&](int) { return ask(); });
  const auto news = world.news();
  ASSERT_EQ(news.size(), 1U);
  EXPECT_EQ(news[0].topic, kCalledOffTopic);
  EXPECT_NE(news[0].json.find("\"who\":\"acc_1\""), std::string::npos) << news[0].json;
}

}  // namespace
}  // namespace onsale::booking
