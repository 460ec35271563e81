#include "app/demo/demo.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/fakes.h"
#include "catalogue/fakes.h"
#include "catalogue/service.h"
#include "catalogue/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::app {
namespace {

using catalogue::ShowKind;
using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNow = *parse_rfc3339("2026-11-21T03:00:00Z");  // a Saturday noon in Seoul

struct Seeded {
  SeededRandom random{5};
  catalogue::MemoryStore store;
  catalogue::FakeCounts counts;
  catalogue::CatalogueService catalogue{store, counts};
  bool done = sync_wait(seed_demo(catalogue, kNow, random));

  std::vector<catalogue::ShowSummary> shows(std::optional<ShowKind> kind = {}) const {
    return catalogue.shows({.kind = kind, .limit = 100}, kNow)->items;
  }
};

TEST(Demo, HasSixMusicalsFourFilmsAndAConcertWithDistinctPosters) {
  Seeded demo;
  ASSERT_TRUE(demo.done);
  EXPECT_EQ(demo.shows(ShowKind::musical).size(), 6U);
  EXPECT_EQ(demo.shows(ShowKind::film).size(), 4U);
  EXPECT_EQ(demo.shows(ShowKind::concert).size(), 1U);
  std::set<std::string> posters;
  for (const auto& show : demo.shows()) {
    const auto poster = demo.catalogue.poster(show.id);
    ASSERT_NE(poster, nullptr) << show.title;
    EXPECT_TRUE(posters.insert(poster->svg).second) << show.title;
    EXPECT_NE(poster->svg.find(show.title.substr(0, 9)), std::string::npos);
    for (const auto* word : {"http://", "https://", "<script", "<image", "@import", "url(h"}) {
      const auto at = poster->svg.find(word, 40);  // behind the name of the SVG namespace
      EXPECT_EQ(at, std::string::npos) << show.title << " " << word;
    }
  }
}

TEST(Demo, IsSeededOnce) {
  Seeded demo;
  EXPECT_FALSE(sync_wait(seed_demo(demo.catalogue, kNow, demo.random)));
  EXPECT_EQ(demo.shows().size(), 11U);
}

TEST(Demo, HallsHaveTheSeatsThatTheInventoriesName) {
  Seeded demo;
  for (const auto& sale : demo.catalogue.sales(kNow)) {
    const std::size_t expected = sale->kind == ShowKind::musical ? 140
                                 : sale->kind == ShowKind::film  ? 300
                                                                 : 60'000;
    ASSERT_EQ(sale->seats_total(), expected) << sale->title;
    if (sale->kind == ShowKind::concert) {
      EXPECT_NE(sale->find_seat("S101-12-8"), nullptr);
      EXPECT_NE(sale->find_seat("F20-20-25"), nullptr);
      EXPECT_NE(sale->find_seat("S240-40-20"), nullptr);
    } else {
      EXPECT_NE(sale->find_seat("A-12"), nullptr);
    }
  }
}

TEST(Demo, NoTwoSeatsOfAHallAreDrawnOnEachOther) {
  Seeded demo;
  std::set<std::string> seen;
  for (const auto& sale : demo.catalogue.sales(kNow)) {
    if (!seen.insert(sale->plan->version()).second) continue;
    std::set<std::pair<std::int32_t, std::int32_t>> spots;
    for (const auto& seat : sale->plan->seats())
      EXPECT_TRUE(spots.emplace(seat.x, seat.y).second) << sale->title << " " << seat.id;
  }
  EXPECT_EQ(seen.size(), 3U);
}

TEST(Demo, RoomsProtectEveryFilmAndNothingElse) {
  Seeded demo;
  std::set<std::string> rooms;
  for (const auto& room : demo_rooms()) rooms.emplace(room.id);
  EXPECT_TRUE(rooms.contains("film-topgun2"));
  for (const auto& show : demo.shows()) {
    EXPECT_EQ(show.room_id.has_value(), show.kind == ShowKind::film) << show.title;
    EXPECT_EQ(rooms.erase(show.room_id.value_or("")), show.room_id ? 1U : 0U) << show.title;
  }
  EXPECT_TRUE(rooms.empty());
}

TEST(Demo, KeepsThePricesOfTheInventory) {
  Seeded demo;
  std::map<std::string, std::int64_t> prices;
  for (const auto& sale : demo.catalogue.sales(kNow)) {
    const auto& grades = sale->plan->grades();
    for (std::size_t i = 0; i < grades.size(); ++i)
      if (grades[i] == "R" || grades[i] == "STANDARD") prices[sale->title] = sale->prices[i];
  }
  EXPECT_EQ(prices["레미제라블"], 120'000);
  EXPECT_EQ(prices["위키드"], 130'000);
  EXPECT_EQ(prices["지킬앤하이드"], 110'000);
  EXPECT_EQ(prices["헤드윅"], 90'000);
  EXPECT_EQ(prices["라이온 킹"], 140'000);
  EXPECT_EQ(prices["팬텀"], 125'000);
  EXPECT_EQ(prices["탑건 2"], 15'000);
}

// Whatever the hour at which it is started: nothing has begun yet, halls are used once at a time,
// one sale opens later.
TEST(Demo, FitsAnyMoment) {
  for (int hour = 0; hour < 24 * 7; hour += 23) {
    const auto now = kNow + hours(hour);
    SeededRandom random(1);
    const auto changes = demo_catalogue(now, random);
    std::map<catalogue::HallId, std::set<Timestamp>> starts;
    std::map<catalogue::ShowId, std::int32_t> minutes_of;
    for (const auto& show : changes.shows) minutes_of[show.id] = show.running_minutes;
    std::set<catalogue::ShowId> upcoming;
    for (const auto& one : changes.performances) {
      EXPECT_GT(one.starts_at, now);
      EXPECT_LT(one.starts_at, now + days(30));
      EXPECT_LT(one.sale_opens_at, one.starts_at);
      if (one.sale_opens_at > now) upcoming.insert(one.show);
      const auto wall =
          (one.starts_at + hours(9)) - std::chrono::floor<days>(one.starts_at + hours(9));
      EXPECT_GE(wall, hours(9));
      EXPECT_LT(wall, hours(22));
      for (const auto other : starts[one.hall])
        EXPECT_GE(std::chrono::abs(other - one.starts_at), minutes(minutes_of[one.show]));
      starts[one.hall].insert(one.starts_at);
    }
    EXPECT_EQ(upcoming.size(), 1U);
  }
}

TEST(Demo, HasOneAdministratorAndOneBuyer) {
  ASSERT_EQ(demo_accounts().size(), 2U);
  EXPECT_EQ(demo_accounts()[0].email, "admin@onsale.test");
  EXPECT_TRUE(demo_accounts()[0].admin);
  EXPECT_EQ(demo_accounts()[1].email, "buyer@onsale.test");
  EXPECT_FALSE(demo_accounts()[1].admin);
}

class DemoOnDatabase : public testing::TestWithParam<sql::Dialect> {};

TEST_P(DemoOnDatabase, GoesInAndComesBackAfterARestart) {
  const auto database = testing_support::fresh_database(GetParam());
  catalogue::SqlStore store(*database);
  catalogue::FakeCounts counts;
  SystemRandom random;
  const SystemClock clock;
  const auto begin = clock.now();
  {
    catalogue::CatalogueService first(store, counts);
    ASSERT_TRUE(sync_wait(seed_demo(first, kNow, random)));
  }
  const auto seeded = clock.now();
  catalogue::CatalogueService second(store, counts);
  sync_wait(second.refresh());
  EXPECT_FALSE(sync_wait(seed_demo(second, kNow, random)));
  EXPECT_EQ(second.shows({.limit = 100}, kNow)->items.size(), 11U);
  RecordProperty("seed_ms", static_cast<int>((seeded - begin).count()));
  RecordProperty("load_ms", static_cast<int>((clock.now() - seeded).count()));
}

ONSALE_ON_BOTH_DIALECTS(DemoOnDatabase);

}  // namespace
}  // namespace onsale::app
