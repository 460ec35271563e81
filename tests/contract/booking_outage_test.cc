// The tables go away in the middle of a checkout: what is shown, and what becomes of it afterwards.
#include <gtest/gtest.h>

#include "tests/contract/booking_world.h"

namespace onsale::booking {
namespace {

using namespace std::chrono_literals;
using payments::Decision;

class BookingOutage : public testing::TestWithParam<sql::Dialect> {
 protected:
  // Does it; the answer of the first change of seats is lost.
  template <class Make>
  void unheard(Make make) {
    for (int units = 0;; ++units) {
      ASSERT_LT(units, 20);
      const auto before = world_.claims();
      world_.flaky.breaks_after(units, true);
      EXPECT_ANY_THROW((void)sync_wait(make()));
      world_.flaky.mend();
      if (world_.claims() != before) return;
    }
  }
  void expect_board_is_right() {
    sync_wait(world_.service.sweep());
    EXPECT_EQ(world_.board(), world_.claims());
    EXPECT_EQ(world_.watched(), world_.claims());
  }

  World world_{GetParam()};
};
ONSALE_ON_BOTH_DIALECTS(BookingOutage);

TEST_P(BookingOutage, SeatsGivenBackWhileNobodyHeardAreForSaleAgain) {
  const Reservation r = world_.bought(world_.buyer(), {"A-1", "A-2"});
  const CancelRequest request{.reservation = r.id, .buyer = r.buyer, .seats = {"A-1"}};
  unheard([&] { return world_.service.cancel(request); });
  expect_board_is_right();
  EXPECT_TRUE(world_.hold(world_.buyer(), {"A-1"})) << "and not only after a restart";
  EXPECT_FALSE(world_.hold(world_.buyer(), {"A-2"}));
}

TEST_P(BookingOutage, SeatsHeldOrLetGoWhileNobodyHeardAreShownAsTheyAre) {
  const HoldRequest wish = world_.wish(world_.buyer(), {"A-1", "A-2"});
  unheard([&] { return world_.service.hold(wish); });
  expect_board_is_right();
  EXPECT_EQ(world_.board().size(), 2U);
  unheard([&] { return world_.service.release(wish.id, wish.buyer); });
  expect_board_is_right();
  EXPECT_TRUE(world_.board().empty());
}

TEST_P(BookingOutage, SeatsSoldWhileNobodyHeardAreShownAsSold) {
  const Reservation r = world_.reserved(world_.buyer(), {"A-1"});
  const auto paying = world_.pay(r);
  const auto data = world_.decide(*paying, Decision::approve);
  const auto paid = sync_wait(world_.payments->settle(*paying->payment, data));
  const payments::Settled event{.payment = paid->id,
                                .subject = r.id.str(),
                                .owner = r.buyer,
                                .amount = paid->captured,
                                .currency = "KRW"};
  unheard([&] { return world_.service.on_payment_settled(event); });
  EXPECT_EQ(world_.find(r).state, ReservationState::confirmed);
  expect_board_is_right();
  EXPECT_EQ(world_.service.seats_sold(world_.performance), 1);
  EXPECT_EQ(world_.kept_money(), world_.ticket_money());
}

TEST_P(BookingOutage, WhatRanOutWhileNobodyHeardIsShownFree) {
  ASSERT_TRUE(world_.hold(world_.buyer(), {"A-1"}));
  world_.clock.advance(6min);
  unheard([&] { return world_.service.sweep(); });
  expect_board_is_right();
  EXPECT_TRUE(world_.board().empty());
}

}  // namespace
}  // namespace onsale::booking
