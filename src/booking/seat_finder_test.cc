#include "booking/seat_finder.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <set>

#include "booking/board.h"
#include "catalogue/fakes.h"

namespace onsale::booking {
namespace {

std::shared_ptr<const catalogue::SeatPlan> plan_of(const catalogue::SeatMap& map) {
  return *catalogue::SeatPlan::make(map);
}

// One row of `width` seats without an aisle.
catalogue::SeatMap one_row(int width) {
  catalogue::SeatMap map;
  map.stage = {0, 0, width * catalogue::kSeatPitch, 20, "STAGE"};
  auto& row = map.sections.emplace_back(catalogue::Section{"main", "Main", {}})
                  .rows.emplace_back(catalogue::SeatRow{"A", {}});
  for (int n = 1; n <= width; ++n) {
    row.seats.push_back({"A-" + std::to_string(n), std::to_string(n), n * catalogue::kSeatPitch, 60,
                         "R", false, n});
  }
  return map;
}

bool together(const SeatFinder& finder, const std::vector<std::uint32_t>& seats) {
  for (std::size_t i = 1; i < seats.size(); ++i) {
    if (!finder.plan().neighbours(finder.plan().seat(seats[i - 1]), finder.plan().seat(seats[i]))) {
      return false;
    }
  }
  return true;
}

// How many free seats have neither a free neighbour left nor right, counted the slow way.
int orphans(const catalogue::SeatPlan& plan, const std::set<std::uint32_t>& taken) {
  int count = 0;
  for (const auto& seat : plan.seats()) {
    if (taken.contains(seat.index)) continue;
    bool lonely = true;
    for (const auto& other : plan.seats()) {
      if (plan.neighbours(seat, other) && !taken.contains(other.index)) lonely = false;
    }
    count += lonely ? 1 : 0;
  }
  return count;
}

TEST(Best, SitsTogetherNearTheMiddleAndNotAcrossAnAisle) {
  const SeatFinder finder(plan_of(catalogue::small_house()));
  SearchHint hint;
  const auto seats = finder.best(4, {}, [](std::uint32_t) { return true; }, hint);
  ASSERT_EQ(seats.size(), 4U);
  EXPECT_TRUE(together(finder, seats));
  const auto& row = finder.plan().row_of(finder.plan().seat(seats[0])).label;
  EXPECT_TRUE(row == "D" || row == "C" || row == "E") << row;
}

TEST(Best, KeepsToTheGradeAskedFor) {
  const SeatFinder finder(plan_of(catalogue::small_house()));
  SearchHint hint;
  const auto seats = finder.best(2, 0, [](std::uint32_t) { return true; }, hint);
  ASSERT_EQ(seats.size(), 2U);
  for (const auto seat : seats) EXPECT_EQ(finder.plan().seat(seat).grade, 0);
}

TEST(Best, LeavesNoOrphanWhileItCan) {
  const SeatFinder finder(plan_of(one_row(7)));
  SearchHint hint;
  // Of seven, two in the middle would leave stretches of 2 and 3, or orphans further out.
  const auto seats = finder.best(2, {}, [](std::uint32_t) { return true; }, hint);
  EXPECT_EQ(orphans(finder.plan(), {seats.begin(), seats.end()}), 0);
}

TEST(Best, SeparatesAGroupOnlyWhenNoRowHasRoom) {
  const SeatFinder finder(plan_of(one_row(5)));
  SearchHint hint;
  const std::set<std::uint32_t> taken{1, 3};
  const auto seats = finder.best(3, {}, [&](std::uint32_t i) { return !taken.contains(i); }, hint);
  EXPECT_EQ(std::set<std::uint32_t>(seats.begin(), seats.end()),
            (std::set<std::uint32_t>{0, 2, 4}));
  SearchHint fresh;
  EXPECT_TRUE(
      finder.best(4, {}, [&](std::uint32_t i) { return !taken.contains(i); }, fresh).empty());
}

TEST(Best, GivesWheelchairSeatsLast) {
  auto map = one_row(4);
  map.sections[0].rows[0].seats[1].accessible = true;
  const SeatFinder finder(plan_of(map));
  SearchHint hint;
  EXPECT_NE(finder.best(1, {}, [](std::uint32_t) { return true; }, hint).at(0), 1U);
}

RC_GTEST_PROP(Best, AgreesWithBruteForce, ()) {
  const auto rows = *rc::gen::inRange(1, 4);
  const auto width = *rc::gen::inRange(2, 9);
  const auto plan = plan_of(catalogue::small_house(rows, width));
  const SeatFinder finder(plan);
  const auto taken = *rc::gen::container<std::set<std::uint32_t>>(
      rc::gen::inRange<std::uint32_t>(0, static_cast<std::uint32_t>(plan->size())));
  const auto quantity = static_cast<std::size_t>(*rc::gen::inRange(1, 5));
  const auto free = [&](std::uint32_t i) { return !taken.contains(i); };
  SearchHint hint;
  auto seats = finder.best(quantity, {}, free, hint);

  // What is possible: a window of free neighbours, and one that adds no orphan.
  bool window = false;
  bool clean = false;
  const int before = orphans(*plan, taken);
  for (std::uint32_t first = 0; first + quantity <= plan->size(); ++first) {
    std::vector<std::uint32_t> candidate;
    for (std::uint32_t k = 0; k < quantity; ++k) candidate.push_back(first + k);
    if (!std::ranges::all_of(candidate, free) || !together(finder, candidate)) continue;
    window = true;
    auto after = taken;
    after.insert(candidate.begin(), candidate.end());
    // Taking a lonely seat removes an orphan; taking others must not add one.
    const bool was_lonely = quantity == 1 && orphans(*plan, after) < before;
    clean = clean || was_lonely || orphans(*plan, after) <= before;
  }
  if (plan->size() - taken.size() < quantity) {
    RC_ASSERT(seats.empty());
    return;
  }
  RC_ASSERT(seats.size() == quantity);
  RC_ASSERT(std::ranges::all_of(seats, free));
  RC_ASSERT(std::set(seats.begin(), seats.end()).size() == quantity);
  if (window) RC_ASSERT(together(finder, seats));
  if (clean) {
    auto after = taken;
    after.insert(seats.begin(), seats.end());
    RC_ASSERT(orphans(*plan, after) <= before);
  }
}

TEST(Orphan, IsRefusedOnlyWhenThereWasAnotherWay) {
  const SeatFinder finder(plan_of(one_row(5)));
  const auto nobody = [](std::uint32_t) { return true; };
  const std::vector<std::uint32_t> leaves_first{1, 2};
  const std::vector<std::uint32_t> from_the_end{0, 1};
  EXPECT_TRUE(finder.strands_needlessly(leaves_first, nobody));
  EXPECT_FALSE(finder.strands_needlessly(from_the_end, nobody));
  // Only seats 0 to 2 are left: two of them always strand one.
  const auto few = [](std::uint32_t i) { return i < 3; };
  EXPECT_FALSE(finder.strands_needlessly(leaves_first, few));
  EXPECT_FALSE(finder.strands_needlessly(from_the_end, few));
}

TEST(Board, AppliesCommitsInTheirOrderWhateverOrderTheyArriveIn) {
  Board board(10, 1);
  const std::vector<std::uint32_t> seat{3};
  const Timestamp until = from_unix_ms(5000);
  board.apply(seat, SeatState::held, until, 3);
  board.apply(seat, SeatState::free, {}, 2);  // an older commit that was slow to arrive
  EXPECT_EQ(board.available(), 9);
  EXPECT_TRUE(board.taken(3, from_unix_ms(4999)));
  EXPECT_FALSE(board.taken(3, until));
  board.apply(seat, SeatState::sold, {}, 4);
  EXPECT_TRUE(board.taken(3, until));
  EXPECT_EQ(board.sold(), 1);
  board.apply(seat, SeatState::free, {}, 5);
  EXPECT_EQ(board.available(), 10);
}

TEST(Board, TellsWhatChangedSinceTheLastVersion) {
  Board board(10, 100);
  EXPECT_FALSE(board.drain());
  const std::vector<std::uint32_t> two{1, 2};
  const std::vector<std::uint32_t> one{1};
  board.apply(two, SeatState::held, from_unix_ms(1), 1);
  board.apply(one, SeatState::free, {}, 2);  // there and back
  const auto changes = board.drain();
  ASSERT_TRUE(changes);
  EXPECT_EQ(changes->from_version, 100U);
  EXPECT_EQ(changes->version, 101U);
  EXPECT_EQ(changes->seats,
            (std::vector<std::pair<std::uint32_t, SeatState>>{{2, SeatState::held}}));
  EXPECT_FALSE(board.drain());
  EXPECT_EQ(board.snapshot().version, 101U);
}

TEST(Board, DoesNotOfferASeatTwiceWhileItIsBeingClaimed) {
  const SeatFinder finder(plan_of(one_row(4)));
  Board board(4, 1);
  const auto first = board.pick(finder, 2, {});
  const auto second = board.pick(finder, 2, {});
  EXPECT_EQ(first.size() + second.size(), 4U);
  EXPECT_TRUE(board.pick(finder, 1, {}).empty());
  board.put_back(first);
  EXPECT_EQ(board.pick(finder, 2, {}), first);
}

}  // namespace
}  // namespace onsale::booking
