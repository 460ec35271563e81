#include "catalogue/seat_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include "catalogue/fakes.h"
#include "catalogue/seat_row_text.h"

namespace onsale::catalogue {
namespace {

// The code of the first obstacle, or "".
std::string refusal(const SeatMap& map) {
  const auto plan = SeatPlan::make(map);
  return plan ? "" : plan.error().front().field + " " + plan.error().front().code;
}

TEST(SeatPlan, FindsEverySeatUnderItsDenseIndexAndNoOther) {
  const auto plan = *SeatPlan::make(small_house());
  ASSERT_EQ(plan->size(), 140U);
  for (std::uint32_t i = 0; i < plan->size(); ++i) {
    EXPECT_EQ(plan->seat(i).index, i);
    EXPECT_EQ(plan->find(plan->seat(i).id), &plan->seat(i));
  }
  EXPECT_EQ(plan->find("A-1")->index, 0U);
  EXPECT_EQ(plan->row_of(*plan->find("J-14")).label, "J");
  EXPECT_EQ(plan->grades()[plan->find("A-3")->grade], "VIP");
  for (const auto* id : {"", "A-0", "A-15", "K-1", "a-1", "A-1 ", "A-100000000000000000000000000"})
    EXPECT_EQ(plan->find(id), nullptr) << id;
}

TEST(SeatPlan, NeighboursFollowAdjacencyNotPrintedNumbers) {
  const auto plan = *SeatPlan::make(small_house());
  const auto beside = [&](const char* a, const char* b) {
    return plan->neighbours(*plan->find(a), *plan->find(b));
  };
  EXPECT_TRUE(beside("B-1", "B-2"));
  EXPECT_TRUE(beside("B-2", "B-1"));
  EXPECT_FALSE(beside("B-7", "B-8")) << "the aisle is between them";
  EXPECT_FALSE(beside("B-1", "C-1"));
  EXPECT_FALSE(beside("A-14", "B-1")) << "consecutive in the plan, not in a row";
  EXPECT_FALSE(beside("B-1", "B-1"));
}

TEST(SeatPlan, RefusesWhatWouldMakeTwoSeatsOne) {
  auto map = small_house(2, 4);
  map.sections[0].rows[1].seats[2].id = "A-1";
  EXPECT_EQ(refusal(map), "sections[0].rows[1].seats[2].id duplicate");
  map = small_house(2, 4);
  map.sections[0].rows[0].seats[3].adjacency = map.sections[0].rows[0].seats[2].adjacency;
  EXPECT_EQ(refusal(map), "sections[0].rows[0].seats[3].adjacency out_of_order");
}

TEST(SeatPlan, NamesWhatIsWrong) {
  EXPECT_EQ(refusal({}), "sections required");
  const auto with = [](auto change) {
    auto map = small_house(2, 4);
    change(map.sections[0], map.sections[0].rows[1].seats[1]);
    return refusal(map);
  };
  const std::string seat = "sections[0].rows[1].seats[1].";
  EXPECT_EQ(with([](auto&, auto& s) { s.id = "A 1"; }), seat + "id malformed");
  EXPECT_EQ(with([](auto&, auto& s) { s.id = "-1"; }), seat + "id malformed");
  EXPECT_EQ(with([](auto&, auto& s) { s.label = "1\t2"; }), seat + "label malformed");
  EXPECT_EQ(with([](auto&, auto& s) { s.grade = ""; }), seat + "grade malformed");
  EXPECT_EQ(with([](auto&, auto& s) { s.x = 1'000'001; }), seat + "x out_of_range");
  EXPECT_EQ(with([](auto& section, auto&) { section.rows.push_back({"C", {}}); }),
            "sections required");
  auto twice = small_house(2, 4);
  twice.sections.push_back(small_house(4, 4).sections[0]);
  EXPECT_EQ(refusal(twice), "sections[1].id duplicate");
}

TEST(SeatPlan, VersionChangesWithEveryPartOfTheContent) {
  const auto base = (*SeatPlan::make(small_house()))->version();
  EXPECT_EQ(base, (*SeatPlan::make(small_house()))->version());
  const auto version = [](auto change) {
    auto map = small_house();
    change(map);
    return (*SeatPlan::make(map))->version();
  };
  EXPECT_NE(base, version([](SeatMap& m) { m.stage.label = "SCREEN"; }));
  EXPECT_NE(base, version([](SeatMap& m) { m.sections[0].name = "Stalls"; }));
  EXPECT_NE(base, version([](SeatMap& m) { m.sections[0].rows[2].label = "Z"; }));
  for (const auto part : {0, 1, 2, 3, 4}) {
    EXPECT_NE(base, version([&](SeatMap& m) {
                auto& seat = m.sections[0].rows[9].seats[13];
                if (part == 0) seat.x += 1;
                if (part == 1) seat.grade = "VIP";
                if (part == 2) seat.accessible = true;
                if (part == 3) seat.adjacency += 1;
                if (part == 4) seat.label = "x";
              }))
        << part;
  }
}

TEST(SeatPlan, MapComesBackAsItWentIn) {
  const auto map = small_house(5, 9);
  EXPECT_EQ((*SeatPlan::make(map))->to_map(), map);
}

TEST(SeatRowText, ReadsWhatItWrote) {
  const auto plan = *SeatPlan::make(small_house());
  SeatPlanBuilder builder;
  builder.section("main", "Main");
  for (const auto& row : plan->rows()) {
    builder.row(row.label);
    ASSERT_TRUE(read_seats(write_seats(*plan, row), builder));
  }
  const auto again = builder.finish(plan->stage());
  ASSERT_TRUE(again);
  EXPECT_EQ((*again)->version(), plan->version());
  EXPECT_EQ((*again)->to_map(), plan->to_map());
}

TEST(SeatRowText, RefusesDamage) {
  for (const auto* text :
       {"A-1", "A-1\t1\tR\t1\t2\t3\t0", "A-1\t1\tR\t1\t2\t3\t2\n", "A-1\t1\tR\t1\t2\t0\n",
        "A-1\t1\tR\tx\t2\t3\t0\n", "A-1\t1\tR\t1\t2\t3\t0\t\n"}) {
    SeatPlanBuilder builder;
    EXPECT_FALSE(read_seats(text, builder)) << text;
  }
}

RC_GTEST_PROP(SeatPlanProperty, EveryAcceptedMapIsFoundByItsIdsOnly, ()) {
  SeatMap map;
  const auto rows = *rc::gen::inRange(1, 8);
  std::set<std::string> ids;
  for (int r = 0; r < rows; ++r) {
    if (r == 0 || *rc::gen::inRange(0, 3) == 0)
      map.sections.push_back({"S" + std::to_string(r), "Section", {}});
    auto& row = map.sections.back().rows.emplace_back(SeatRow{std::to_string(r), {}});
    int adjacency = *rc::gen::inRange(-5, 5);
    for (int n = *rc::gen::inRange(1, 20); n > 0; --n) {
      adjacency += *rc::gen::inRange(1, 3);
      const auto id = std::to_string(r) + "-" + std::to_string(adjacency + 10);
      row.seats.push_back(
          {id, "n", 0, 0, *rc::gen::element<std::string>("R", "S"), false, adjacency});
      ids.insert(id);
    }
  }
  const auto made = SeatPlan::make(map);
  RC_ASSERT(made.has_value());
  RC_ASSERT((*made)->size() == ids.size());
  for (const auto& id : ids) RC_ASSERT((*made)->find(id)->id == id);
  RC_ASSERT((*made)->to_map() == map);
  const auto stranger = *rc::gen::arbitrary<std::string>();
  RC_ASSERT(((*made)->find(stranger) != nullptr) == ids.contains(stranger));
}

}  // namespace
}  // namespace onsale::catalogue
