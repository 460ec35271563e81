#include "catalogue/rules.h"

#include <gtest/gtest.h>

#include "catalogue/cursor.h"
#include "catalogue/sample_fakes.h"

namespace onsale::catalogue {
namespace {

using sample::kNow;
using std::chrono::hours;

TEST(SaleState, FollowsTheClockAndTheSeats) {
  const auto opens = kNow;
  const auto starts = kNow + hours(2);
  EXPECT_EQ(sale_state(opens, starts, 5, kNow - Millis(1)), SaleState::upcoming);
  EXPECT_EQ(sale_state(opens, starts, 5, kNow), SaleState::on_sale);
  EXPECT_EQ(sale_state(opens, starts, 0, kNow), SaleState::sold_out);
  EXPECT_EQ(sale_state(opens, starts, 5, starts - Millis(1)), SaleState::on_sale);
  EXPECT_EQ(sale_state(opens, starts, 5, starts), SaleState::ended);
  EXPECT_EQ(sale_state(opens, starts, 0, starts), SaleState::ended);
}

PerformanceFacts facts(hours starts, hours opens, std::int64_t available, std::int64_t price) {
  return {kNow + starts, kNow + opens, 100, available, price};
}

TEST(ShowFacts, CountOnlyWhatCanStillBeAttended) {
  const std::vector<PerformanceFacts> run = {facts(hours(-1), hours(-9), 40, 10),
                                             facts(hours(5), hours(-9), 0, 30),
                                             facts(hours(9), hours(-9), 7, 20)};
  const auto sum = show_facts(run, kNow);
  EXPECT_EQ(sum.sale_state, SaleState::on_sale);
  EXPECT_EQ(sum.seats_total, 200);
  EXPECT_EQ(sum.seats_available, 7);
  EXPECT_EQ(sum.price_from, 20) << "the cheaper one is over";
}

TEST(ShowFacts, WhatIsCalledOffCountsAsEnded) {
  PerformanceFacts off{.starts_at = kNow + Millis(10),
                       .sale_opens_at = kNow - Millis(1),
                       .seats_total = 100,
                       .seats_available = 50,
                       .price_from = 10,
                       .called_off = true};
  PerformanceFacts on = off;
  on.called_off = false;
  PerformanceFacts ended = on;
  ended.starts_at = kNow;
  const auto all = show_facts(std::vector{off, ended}, kNow);
  EXPECT_TRUE(all.called_off);
  EXPECT_EQ(all.sale_state, SaleState::ended);
  EXPECT_EQ(all.seats_available, 0);
  const auto one = show_facts(std::vector{off, on}, kNow);
  EXPECT_FALSE(one.called_off);
  EXPECT_EQ(one.sale_state, SaleState::on_sale);
  EXPECT_EQ(one.seats_total, 100);
  off.starts_at = kNow;  // it would be over by now
  EXPECT_FALSE(show_facts(std::vector{off, ended}, kNow).called_off);
}

TEST(ShowFacts, TakeTheBestState) {
  const auto ended = facts(hours(-1), hours(-9), 1, 10);
  const auto sold_out = facts(hours(5), hours(-9), 0, 10);
  const auto upcoming = facts(hours(5), hours(1), 9, 10);
  const auto state = [&](std::vector<PerformanceFacts> run) {
    return show_facts(run, kNow).sale_state;
  };
  EXPECT_EQ(state({}), SaleState::upcoming);
  EXPECT_EQ(state({ended}), SaleState::ended);
  EXPECT_EQ(state({ended, sold_out}), SaleState::sold_out);
  EXPECT_EQ(state({ended, upcoming, sold_out}), SaleState::upcoming);
  EXPECT_EQ(show_facts(std::vector{ended}, kNow).price_from, 10);
}

TEST(CalendarDay, IsTheVenuesDay) {
  const auto evening = *parse_rfc3339("2026-11-21T16:30:00Z");  // 01:30 of the next day in Seoul
  EXPECT_EQ(calendar_day(evening, 540), "2026-11-22");
  EXPECT_EQ(calendar_day(evening, 0), "2026-11-21");
  EXPECT_EQ(calendar_day(evening, -17 * 60), "2026-11-20");
}

TEST(Cursor, ReadsWhatItWroteAndNothingElse) {
  SeededRandom random(1);
  for (const auto sort : {ShowSort::popular, ShowSort::newest, ShowSort::title}) {
    const ShowCursor cursor{sort, true, 12'345, ShowId::make(kNow, random)};
    EXPECT_EQ(read_cursor(write_cursor(cursor)), cursor);
  }
  const auto id = ShowId::make(kNow, random).str();
  for (const auto& text : {std::string(), std::string("p"), "p0." + id, "x01." + id, "p21." + id,
                           "p0-1." + id, "p01x." + id, "p01." + id + "0", std::string("p01.shw_"),
                           "p0" + std::string(40, '9') + "." + id})
    EXPECT_FALSE(read_cursor(text)) << text;
}

}  // namespace
}  // namespace onsale::catalogue
