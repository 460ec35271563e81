// I1 and I2 through a purchase: paying, confirming, running out, cancelling, in every order.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using payments::Decision;
using std::chrono::hours;
using std::chrono::seconds;

class BookingPurchase : public testing::TestWithParam<sql::Dialect> {
 protected:
  World world{GetParam()};
};

TEST_P(BookingPurchase, APaidReservationHasItsSeatsAndTickets) {
  const AccountId buyer = world.buyer();
  const Reservation r = world.reserved(buyer, {"A-3", "C-4"});
  EXPECT_EQ(r.state, ReservationState::pending);
  EXPECT_EQ(r.payable, 250'000);
  EXPECT_EQ(r.number.size(), 8U);
  EXPECT_EQ(r.pay_by, world.clock.now() + seconds(300));
  const auto paying = world.pay(r);
  ASSERT_TRUE(paying);
  EXPECT_EQ(world.find(r).pay_by, world.clock.now() + seconds(600)) << "paying buys time";
  const auto back = world.come_back(*paying, world.decide(*paying, Decision::approve));
  ASSERT_TRUE(back);
  EXPECT_EQ(*back, "http://shop.test/back?x=1&reservation=" + r.id.str() + "&state=confirmed#end");

  const Reservation after = world.find(r);
  EXPECT_EQ(after.state, ReservationState::confirmed);
  EXPECT_EQ(after.payment, paying->payment);
  EXPECT_EQ(world.claims(),
            (std::map<std::string, SeatState>{{"A-3", SeatState::sold}, {"C-4", SeatState::sold}}));
  EXPECT_EQ(world.board(), world.claims());
  EXPECT_EQ(world.watched(), world.claims());
  const auto tickets = sync_wait(world.service.tickets(r.id, buyer));
  ASSERT_EQ(tickets->size(), 2U);
  EXPECT_EQ(tickets->at(0).seat, "A-3");
  EXPECT_TRUE(tickets->at(0).token.starts_with("signed:"));
  EXPECT_EQ(world.kept_money(), 250'000);
  EXPECT_EQ(world.ticket_money(), 250'000);
  // A sold seat is never sold again, whatever the clock says.
  world.clock.advance(hours(40));
  sync_wait(world.service.sweep());
  EXPECT_FALSE(world.hold(world.buyer(), {"A-3"}));
}

TEST_P(BookingPurchase, ForeignIdsAreNotThere) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  const AccountId other = world.buyer();
  EXPECT_FALSE(sync_wait(world.service.find(r.id, other)));
  EXPECT_FALSE(sync_wait(world.service.tickets(r.id, other)));
  const auto ticket = sync_wait(world.service.tickets(r.id, r.buyer))->at(0).id;
  EXPECT_TRUE(sync_wait(world.service.ticket(ticket, r.buyer)));
  EXPECT_FALSE(sync_wait(world.service.ticket(ticket, other)));
  const auto cancelled = sync_wait(world.service.cancel({.reservation = r.id, .buyer = other}));
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error(), CancelRefusal::reservation_unknown);
  const auto held = world.hold(r.buyer, {"B-1"});
  const auto made = sync_wait(world.service.reserve({.hold = held->id, .buyer = other}));
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error(), ReserveRefusal::hold_unknown);
  // Nor by a hold that was bought, nor by one that is being paid.
  const Reservation pending = world.reserved(r.buyer, {"B-2"});
  for (const HoldId hold : {r.hold, pending.hold}) {
    EXPECT_FALSE(sync_wait(world.service.reserve({.hold = hold, .buyer = other})));
    EXPECT_FALSE(sync_wait(world.service.release(hold, other)));
  }
  EXPECT_EQ(world.find(pending).state, ReservationState::pending);
  (void)sync_wait(world.service.cancel({.reservation = pending.id, .buyer = r.buyer}));
  EXPECT_EQ(sync_wait(world.service.list({.buyer = other})).items.size(), 0U);
  EXPECT_EQ(sync_wait(world.service.list({.buyer = r.buyer})).items.size(), 2U);
}

TEST_P(BookingPurchase, OneHoldBecomesOneReservationHoweverOftenItIsAsked) {
  const AccountId buyer = world.buyer();
  const auto held = world.hold(buyer, {"A-3"});
  struct Seen {
    std::mutex mutex;
    std::set<ReservationId> ids;
  } seen;
  const auto ask = [](World& w, ReserveRequest request, Seen& all) -> Task<void> {
    const auto made = co_await w.service.reserve(std::move(request));
    std::lock_guard lock(all.mutex);
    all.ids.insert(made.value().id);
  };
  all_at_once(20, [&](int) { return ask(world, {.hold = held->id, .buyer = buyer}, seen); });
  EXPECT_EQ(seen.ids.size(), 1U);
  const auto coupon =
      sync_wait(world.service.reserve({.hold = held->id, .buyer = buyer, .coupon = "SUMMER"}));
  ASSERT_FALSE(coupon);
  EXPECT_EQ(coupon.error(), ReserveRefusal::coupon_unknown);
  world.clock.advance(seconds(300));
  const auto other = world.hold(world.buyer(), {"A-3"});
  EXPECT_TRUE(other);
  const auto late = world.hold(buyer, {"B-3"});
  world.clock.advance(seconds(300));
  const auto refused = sync_wait(world.service.reserve({.hold = late->id, .buyer = buyer}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error(), ReserveRefusal::hold_expired);
}

TEST_P(BookingPurchase, ListsAreNewestFirstPagedAndFiltered) {
  const AccountId buyer = world.buyer();
  std::vector<ReservationId> made;
  for (int i = 0; i < 4; ++i) {
    world.clock.advance(Millis(10));
    made.push_back(world.reserved(buyer, {"A-" + std::to_string(i + 1)}).id);
  }
  auto page = sync_wait(world.service.list({.buyer = buyer, .limit = 3}));
  ASSERT_EQ(page.items.size(), 3U);
  EXPECT_EQ(page.items[0].id, made[3]);
  EXPECT_EQ(page.items[0].seats.size(), 1U);
  EXPECT_EQ(page.items[0].occasion.title, "A show");
  ASSERT_TRUE(page.next);
  page = sync_wait(world.service.list({.buyer = buyer, .limit = 3, .before = page.next}));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].id, made[0]);
  EXPECT_FALSE(page.next);
  page = sync_wait(
      world.service.list({.buyer = buyer, .state = ReservationState::confirmed, .limit = 3}));
  EXPECT_TRUE(page.items.empty());
  const std::string number = sync_wait(world.service.find(made[1], buyer))->number;
  page = sync_wait(world.service.list({.performance = world.performance, .number = number}));
  ASSERT_EQ(page.items.size(), 1U);
  EXPECT_EQ(page.items[0].id, made[1]);
}

TEST_P(BookingPurchase, ListsCarryTheRefundsOfEachReservation) {
  const AccountId buyer = world.buyer();
  const Reservation some = world.bought(buyer, {"A-3", "B-1"});
  const Reservation none = world.bought(buyer, {"A-4"});
  const auto one =
      sync_wait(world.service.cancel({.reservation = some.id, .buyer = buyer, .seats = {"B-1"}}));
  const auto two =
      sync_wait(world.service.cancel({.reservation = some.id, .buyer = buyer, .seats = {"A-3"}}));
  ASSERT_TRUE(one && two);
  ASSERT_EQ(two->refunds.size(), 2U);
  const auto listed = sync_wait(world.service.list({.buyer = buyer})).items;
  ASSERT_EQ(listed.size(), 2U);
  for (const Reservation& each : listed) {
    EXPECT_EQ(each.refunds.size(), each.id == some.id ? 2U : 0U);
    const Reservation shown = world.find(each);
    for (std::size_t i = 0; i < each.refunds.size(); ++i) {
      EXPECT_EQ(each.refunds[i].id, shown.refunds[i].id);
      EXPECT_EQ(each.refunds[i].amount, shown.refunds[i].amount);
      EXPECT_EQ(each.refunds[i].state, payments::RefundState::done);
    }
  }
}

TEST_P(BookingPurchase, ADeclinedPaymentLeavesTheSeatsForAnotherTry) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto first = world.pay(r);
  const auto back = world.come_back(*first, world.decide(*first, Decision::decline));
  EXPECT_NE(back->find("&state=failed"), std::string::npos) << *back;
  EXPECT_EQ(world.find(r).state, ReservationState::pending);
  const auto second = world.pay(r);
  ASSERT_TRUE(second);
  EXPECT_NE(second->payment, first->payment);
  const auto again = world.come_back(*second, world.decide(*second, Decision::approve));
  EXPECT_NE(again->find("&state=confirmed"), std::string::npos) << *again;
  EXPECT_EQ(world.kept_money(), 150'000);
  // Confirmed is confirmed: nothing more to pay.
  const auto third = world.pay(r);
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error(), PayRefusal::not_payable);
}

TEST_P(BookingPurchase, PayingAgainWhileThePageIsOpenIsTheSamePage) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto first = world.pay(r);
  const auto second = world.pay(r);
  ASSERT_TRUE(second);
  EXPECT_EQ(first->payment, second->payment);
  EXPECT_EQ(first->redirect_url, second->redirect_url);
}

TEST_P(BookingPurchase, WhoWalksAwayLosesTheSeatsAndIsNotCharged) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  world.clock.advance(seconds(600));
  sync_wait(world.service.sweep());
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  EXPECT_TRUE(world.board().empty());
  world.run_events();
  EXPECT_EQ(sync_wait(world.payments->find(*paying->payment))->state,
            payments::PaymentState::cancelled);
  EXPECT_EQ(world.kept_money(), 0);
  const auto late = world.pay(r);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error(), PayRefusal::not_payable);
}

TEST_P(BookingPurchase, APaymentThatArrivesLateClaimsItsSeatsAgainWhenTheyAreFree) {
  const Reservation r = world.reserved(world.buyer(), {"A-3", "A-4"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.clock.advance(seconds(600));
  sync_wait(world.service.sweep());
  ASSERT_EQ(world.find(r).state, ReservationState::expired);
  const auto back = world.come_back(*paying, data);
  EXPECT_NE(back->find("&state=confirmed"), std::string::npos) << *back;
  EXPECT_EQ(world.claims().size(), 2U);
  EXPECT_EQ(world.board(), world.claims());
  EXPECT_EQ(world.kept_money(), world.ticket_money());
}

TEST_P(BookingPurchase, APaymentThatArrivesLateIsRefundedWhenASeatIsGone) {
  const Reservation r = world.reserved(world.buyer(), {"A-3", "A-4"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.clock.advance(seconds(600));
  ASSERT_TRUE(world.hold(world.buyer(), {"A-4"})) << "taken over, not even swept";
  const auto back = world.come_back(*paying, data);
  EXPECT_NE(back->find("&state=expired"), std::string::npos) << *back;
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.ticket_money(), 0);
  const Reservation after = world.find(r);
  EXPECT_EQ(after.state, ReservationState::expired);
  ASSERT_EQ(after.refunds.size(), 1U);
  EXPECT_EQ(sync_wait(world.service.list({.buyer = r.buyer})).items.at(0).refunds.size(), 1U);
  EXPECT_EQ(after.refunds[0].amount.amount, 300'000);
  EXPECT_EQ(after.refunds[0].state, payments::RefundState::done);
  EXPECT_EQ(world.claims(), (std::map<std::string, SeatState>{{"A-4", SeatState::held}}));
  // However often it is told.
  world.run_events();
  (void)world.come_back(*paying, data);
  EXPECT_EQ(world.find(r).refunds.size(), 1U);
  EXPECT_EQ(world.kept_money(), 0);
}

TEST_P(BookingPurchase, NothingIsConfirmedOnceThePerformanceHasStarted) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.clock.advance(hours(48));
  EXPECT_TRUE(world.come_back(*paying, data));
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  ASSERT_EQ(world.find(r).refunds.size(), 1U);
  EXPECT_EQ(world.find(r).refunds[0].reason, "the performance has started");
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.ticket_money(), 0);
}

TEST_P(BookingPurchase, ALatePaymentDoesNotLiftTheLimitOfAnAccount) {
  const AccountId buyer = world.buyer();
  const Reservation r = world.reserved(buyer, {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  world.clock.advance(seconds(600));
  world.bought(buyer, {"B-1", "B-2", "B-3", "B-4"});
  (void)world.come_back(*paying, data);
  EXPECT_EQ(world.find(r).state, ReservationState::expired);
  EXPECT_EQ(world.kept_money(), 400'000);
  EXPECT_EQ(world.ticket_money(), 400'000);
}

TEST_P(BookingPurchase, ACrashBetweenCaptureAndConfirmConvergesByTheEvent) {
  const auto guarded = world.add_performance(catalogue::small_house(), "film-x");
  const AccountId buyer = world.buyer();
  HoldRequest request = world.wish(buyer, {"A-3"});
  request.performance = guarded;
  request.pass = "pass-" + buyer.str();
  const auto held = sync_wait(world.service.hold(request));
  ASSERT_TRUE(held);
  const auto r = sync_wait(world.service.reserve({.hold = held->id, .buyer = buyer}));
  const auto paying = world.pay(*r);
  const auto data = world.decide(*paying, Decision::approve);
  // The capture happens, and then the server is gone.
  EXPECT_EQ(sync_wait(world.payments->settle(*paying->payment, data))->state,
            payments::PaymentState::paid);
  EXPECT_EQ(world.find(*r).state, ReservationState::pending);
  world.run_events();
  EXPECT_EQ(world.find(*r).state, ReservationState::confirmed);
  EXPECT_EQ(world.claims(guarded).size(), 1U);
  EXPECT_EQ(world.rooms.completed().size(), 1U) << "the purchase gives its slot back";
  world.run_events();
  EXPECT_EQ(world.kept_money(), world.ticket_money());
}

TEST_P(BookingPurchase, ACrashBeforeTheProviderWasAskedForARefundConvergesByTheEvent) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4"});
  const auto cancelled =
      sync_wait(world.store.cancel({.reservation = r.id,
                                    .buyer = r.buyer,
                                    .refund = RefundId::make(world.clock.now(), world.random),
                                    .reason = "changed my mind",
                                    .now = world.clock.now()}));
  ASSERT_TRUE(cancelled);
  EXPECT_EQ(world.kept_money(), 300'000);
  world.run_events();
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_EQ(world.find(r).refunds.at(0).state, payments::RefundState::done);
}

TEST_P(BookingPurchase, CancellingGivesSeatsAndMoneyBack) {
  const Reservation r = world.bought(world.buyer(), {"A-3", "A-4", "B-1"});
  const auto some = sync_wait(world.service.cancel(
      {.reservation = r.id, .buyer = r.buyer, .seats = {"B-1"}, .reason = "one less"}));
  ASSERT_TRUE(some);
  EXPECT_EQ(some->state, ReservationState::confirmed);
  ASSERT_EQ(some->refunds.size(), 1U);
  EXPECT_EQ(some->refunds[0].amount.amount, 100'000);
  EXPECT_EQ(world.kept_money(), 300'000);
  EXPECT_EQ(world.ticket_money(), 300'000);
  EXPECT_FALSE(world.board().contains("B-1"));
  EXPECT_EQ(sync_wait(world.service.tickets(r.id, r.buyer))->size(), 2U);

  const auto why = [&](std::vector<std::string> seats) {
    const auto again = sync_wait(
        world.service.cancel({.reservation = r.id, .buyer = r.buyer, .seats = std::move(seats)}));
    return again ? std::optional<CancelRefusal>{} : again.error();
  };
  EXPECT_EQ(why({"B-1"}), CancelRefusal::not_cancellable);
  EXPECT_EQ(why({"Z-1"}), CancelRefusal::seat_unknown);
  EXPECT_EQ(why({"A-3", "A-3"}), CancelRefusal::seat_unknown);
  EXPECT_EQ(why({}), std::nullopt);
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(world.kept_money(), 0);
  EXPECT_TRUE(world.claims().empty());
  EXPECT_TRUE(world.watched().empty());
  EXPECT_EQ(why({}), CancelRefusal::not_cancellable);
  EXPECT_TRUE(world.hold(world.buyer(), {"A-3"}));
}

TEST_P(BookingPurchase, NothingIsCancelledAfterThePerformanceStarted) {
  const Reservation r = world.bought(world.buyer(), {"A-3"});
  world.clock.advance(hours(48));
  const auto cancelled = sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer}));
  ASSERT_FALSE(cancelled);
  EXPECT_EQ(cancelled.error(), CancelRefusal::not_cancellable);
  EXPECT_EQ(world.kept_money(), 150'000);
}

TEST_P(BookingPurchase, LettingAHoldGoEndsItsReservationAndItsPayPage) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  const auto paying = world.pay(r);
  const auto data = world.decide(*paying, Decision::approve);
  EXPECT_TRUE(sync_wait(world.service.release(r.hold, r.buyer)));
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_TRUE(world.claims().empty());
  (void)world.come_back(*paying, data);  // approved all the same
  world.run_events();
  EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
  EXPECT_EQ(world.kept_money(), 0);
}

TEST_P(BookingPurchase, CancelAndConfirmAtOnceEndTogether) {
  for (int round = 0; round < 15; ++round) {
    const Reservation r = world.reserved(world.buyer(), {"A-3", "A-4"});
    const auto paying = world.pay(r);
    const auto data = world.decide(*paying, Decision::approve);
    const auto back = [](World& w, PaymentId id, payments::ReturnData d) -> Task<void> {
      (void)co_await w.service.returned(id, std::move(d));
    };
    const auto cancel = [](World& w, CancelRequest request) -> Task<void> {
      (void)co_await w.service.cancel(std::move(request));
    };
    all_at_once(4, [&](int i) {
      return i % 2 == 0 ? back(world, *paying->payment, data)
                        : cancel(world, {.reservation = r.id, .buyer = r.buyer});
    });
    EXPECT_EQ(world.find(r).state, ReservationState::cancelled);
    EXPECT_TRUE(world.claims().empty());
    EXPECT_TRUE(world.board().empty());
    EXPECT_EQ(world.ticket_money(), 0);
    world.run_events();
    EXPECT_EQ(world.kept_money(), 0) << "round " << round;
  }
}

TEST_P(BookingPurchase, RunningOutAndConfirmingAtOnceEndWithMoneyForTickets) {
  for (int round = 0; round < 15; ++round) {
    const std::string seat = "C-" + std::to_string(round % 14 + 1);
    const Reservation r = world.reserved(world.buyer(), {seat});
    const auto paying = world.pay(r);
    const auto data = world.decide(*paying, Decision::approve);
    world.clock.advance(seconds(600));
    const auto back = [](World& w, PaymentId id, payments::ReturnData d) -> Task<void> {
      (void)co_await w.service.returned(id, std::move(d));
    };
    const auto sweep = [](World& w) -> Task<void> { co_await w.service.sweep(); };
    const auto snatch = [](World& w, HoldRequest request) -> Task<void> {
      (void)co_await w.service.hold(std::move(request));
    };
    const HoldRequest other = world.wish(world.buyer(), {seat});
    all_at_once(3, [&](int i) {
      if (i == 0) return back(world, *paying->payment, data);
      return i == 1 ? sweep(world) : snatch(world, other);
    });
    world.run_events();
    const auto state = world.find(r).state;
    EXPECT_TRUE(state == ReservationState::confirmed || state == ReservationState::expired);
    EXPECT_EQ(world.kept_money(), world.ticket_money());
    EXPECT_EQ(world.board(), world.claims());
    if (state == ReservationState::confirmed) {
      (void)sync_wait(world.service.cancel({.reservation = r.id, .buyer = r.buyer}));
    }
  }
}

TEST_P(BookingPurchase, AFreeTicketNeedsNoProvider) {
  const auto id = PerformanceId::make(world.clock.now(), world.random);
  auto sale = catalogue::fake_sale(id, world.clock.now() + hours(2), world.clock.now() - hours(1));
  sale->prices = {0, 0};
  world.catalogue.add(sale);
  HoldRequest request = world.wish(world.buyer(), {"A-3"});
  request.performance = id;
  const auto held = sync_wait(world.service.hold(request));
  const auto r = sync_wait(world.service.reserve({.hold = held->id, .buyer = request.buyer}));
  const auto paying = world.pay(*r);
  ASSERT_TRUE(paying);
  EXPECT_FALSE(paying->payment);
  EXPECT_EQ(paying->state, payments::PaymentState::paid);
  EXPECT_NE(paying->redirect_url.find("&state=confirmed"), std::string::npos);
  EXPECT_EQ(world.find(*r).state, ReservationState::confirmed);
  EXPECT_EQ(sync_wait(world.service.tickets(r->id, r->buyer))->size(), 1U);
  EXPECT_TRUE(sync_wait(world.service.cancel({.reservation = r->id, .buyer = r->buyer})));
  EXPECT_TRUE(world.find(*r).refunds.empty());
}

TEST_P(BookingPurchase, RefusesToPayForReasons) {
  const Reservation r = world.reserved(world.buyer(), {"A-3"});
  PayRequest request{.reservation = r.id,
                     .buyer = r.buyer,
                     .provider = "toss",
                     .return_url = "/x",
                     .return_address = "/payments/{payment}/return"};
  const auto why = [&] {
    const auto paying = sync_wait(world.service.pay(request));
    return paying ? std::optional<PayRefusal>{} : paying.error();
  };
  EXPECT_EQ(why(), PayRefusal::provider_unavailable);
  request.return_url = "javascript:alert(1)";
  EXPECT_EQ(why(), PayRefusal::return_url_invalid);
  request.buyer = world.buyer();
  EXPECT_EQ(why(), PayRefusal::reservation_unknown);
  EXPECT_EQ(world.find(r).state, ReservationState::pending);
  const auto paying = world.pay(r);
  EXPECT_EQ(world.come_back(*paying, {{"key", "forged"}}).error(), ReturnRefusal::key_invalid);
}

ONSALE_ON_BOTH_DIALECTS(BookingPurchase);

}  // namespace
}  // namespace onsale::booking
