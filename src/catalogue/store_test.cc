// The promises of CatalogueStore, on the fake and on both databases.
#include <gtest/gtest.h>

#include "catalogue/changes.h"
#include "catalogue/sample_fakes.h"
#include "catalogue/service.h"
#include "catalogue/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::catalogue {
namespace {

using sample::kNow;
using sample::Sample;
using std::chrono::hours;

std::shared_ptr<const CheckedChanges> checked(const Changes& changes) {
  auto out = check_changes(changes, Snapshot());
  EXPECT_TRUE(out) << out.error().obstacles[0].field;
  return *out;
}

class Store : public testing::TestWithParam<std::string> {
 protected:
  Store() {
    if (GetParam() != "fake") {
      database_ = testing_support::fresh_database(GetParam() == "sqlite" ? sql::Dialect::sqlite
                                                                         : sql::Dialect::mysql);
      store_ = std::make_unique<SqlStore>(*database_);
    } else {
      store_ = std::make_unique<MemoryStore>();
    }
  }
  Stored load() {
    auto stored = sync_wait(store_->load(0, {}));
    EXPECT_TRUE(stored);
    return std::move(*stored);
  }
  bool write(const Changes& changes, std::int64_t seen) {
    return sync_wait(store_->write(checked(changes), seen));
  }

  std::unique_ptr<sql::Database> database_;
  std::unique_ptr<CatalogueStore> store_;
  Sample sample_;
};

TEST_P(Store, GivesBackEverythingThatWasWritten) {
  const auto show = sample_.add_show("위키드 'quoted' ? \\ 🎭", ShowKind::concert);
  const auto id = sample_.add_performance(show, kNow + hours(5));
  auto& written = sample_.changes.shows[0];
  written.room = "film-x";
  written.summary = "한 줄";
  written.description = "첫 문단\n\n둘째 문단";
  written.poster_svg = "<svg>" + std::string(70'000, 'x') + "</svg>";
  ASSERT_TRUE(write(sample_.changes, load().revision));
  const auto stored = load();
  ASSERT_EQ(stored.shows.size(), 1U);
  const auto& read = stored.shows[0];
  EXPECT_EQ(read.id, show);
  EXPECT_EQ(read.kind, ShowKind::concert);
  EXPECT_EQ(read.title, written.title);
  EXPECT_EQ(read.summary, written.summary);
  EXPECT_EQ(read.description, written.description);
  EXPECT_EQ(read.age_rating, "12");
  EXPECT_EQ(read.running_minutes, 150);
  EXPECT_EQ(read.room, "film-x");
  EXPECT_EQ(read.poster_svg, written.poster_svg);
  ASSERT_EQ(read.cast.size(), 1U);
  EXPECT_EQ(read.cast[0].role, "Elphaba");
  ASSERT_EQ(stored.venues.size(), 1U);
  EXPECT_EQ(stored.venues[0].name, "블루스퀘어");
  EXPECT_EQ(stored.venues[0].utc_offset_minutes, 540);
  ASSERT_EQ(stored.performers.size(), 1U);
  ASSERT_EQ(stored.halls.size(), 1U);
  EXPECT_EQ(stored.halls[0].plan->to_map(), small_house());
  ASSERT_EQ(stored.performances.size(), 1U);
  EXPECT_EQ(stored.performances[0].id, id);
  EXPECT_EQ(stored.performances[0].starts_at, kNow + hours(5));
  EXPECT_EQ(stored.performances[0].sale_opens_at, kNow - hours(24));
  EXPECT_EQ(stored.performances[0].currency, "KRW");
  EXPECT_EQ(stored.performances[0].prices.size(), 2U);
}

TEST_P(Store, ReplacesARecordAsAWhole) {
  const auto show = sample_.add_show("A");
  sample_.add_performance(show, kNow + hours(5));
  auto& changes = sample_.changes;
  changes.shows[0].poster_svg = "<svg/>";
  changes.shows[0].room = "film-x";
  ASSERT_TRUE(write(changes, load().revision));
  changes.shows[0].title = "B";
  changes.shows[0].poster_svg = "";
  changes.shows[0].room.reset();
  changes.shows[0].cast.clear();
  changes.halls[0].seats = small_house(3, 4);
  changes.performances[0].prices = {{"VIP", 1}, {"R", 2}};
  ASSERT_TRUE(write(changes, load().revision));
  const auto stored = load();
  ASSERT_EQ(stored.shows.size(), 1U);
  EXPECT_EQ(stored.shows[0].title, "B");
  EXPECT_EQ(stored.shows[0].poster_svg, "");
  EXPECT_EQ(stored.shows[0].room, std::nullopt);
  EXPECT_TRUE(stored.shows[0].cast.empty());
  EXPECT_EQ(stored.halls[0].plan->size(), 12U);
  EXPECT_EQ(stored.performances[0].prices.size(), 2U);
}

TEST_P(Store, SaysNothingWhenNothingChanged) {
  const auto revision = load().revision;
  EXPECT_FALSE(sync_wait(store_->load(revision, {})));
  ASSERT_TRUE(write(sample_.changes, revision));
  EXPECT_TRUE(sync_wait(store_->load(revision, {})));
}

// The guard of a change: what was checked against one revision is not written onto another.
TEST_P(Store, RefusesAWriterWhoHasNotSeenTheLastRevision) {
  const auto revision = load().revision;
  ASSERT_TRUE(write(sample_.changes, revision));
  sample_.changes.venues[0].name = "late";
  EXPECT_FALSE(write(sample_.changes, revision));
  EXPECT_EQ(load().venues[0].name, "블루스퀘어");
  EXPECT_TRUE(write(sample_.changes, revision + 1));
}

INSTANTIATE_TEST_SUITE_P(, Store, testing::Values("fake", "sqlite", "mariadb"),
                         [](const auto& info) { return info.param; });

// ---- the whole module on a database

class OnDatabase : public testing::TestWithParam<sql::Dialect> {
 protected:
  std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
  SqlStore store_{*database_};
  FakeCounts counts_;
};

TEST_P(OnDatabase, SharesThePlansThatAreKnown) {
  ASSERT_TRUE(sync_wait(store_.write(checked(Sample().changes), 1)));
  const auto plan = *SeatPlan::make(small_house());
  const auto again = sync_wait(store_.load(0, {{plan->version(), plan}}));
  EXPECT_EQ(again->halls[0].plan, plan);
}

TEST_P(OnDatabase, TellsTheOutboxInTheSameTransaction) {
  Sample sample;
  const auto show = sample.add_show("A");
  ASSERT_TRUE(sync_wait(store_.write(checked(sample.changes), 1)));
  EXPECT_FALSE(sync_wait(store_.write(checked(sample.changes), 1)));
  const auto events = sync_wait(database_->read([](sql::Tx& tx) {
    return tx.query<std::string, std::string>("SELECT topic, body FROM platform_outbox");
  }));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<0>(events[0]), "catalogue.changed");
  EXPECT_NE(std::get<1>(events[0]).find(show.str()), std::string::npos);
}

TEST_P(OnDatabase, AnotherNodeSellsTheSameSeats) {
  CatalogueService one(store_, counts_);
  CatalogueService two(store_, counts_);
  Sample sample;
  const auto show = sample.add_show("A");
  const auto performance = sample.add_performance(show, kNow + hours(5));
  ASSERT_TRUE(sync_wait(one.apply(sample.changes)));
  sync_wait(two.refresh());
  const auto ours = one.sale(performance);
  const auto theirs = two.sale(performance);
  ASSERT_NE(theirs, nullptr);
  ASSERT_EQ(ours->plan->version(), theirs->plan->version());
  for (const auto& seat : ours->plan->seats()) {
    EXPECT_EQ(theirs->find_seat(seat.id)->index, seat.index);
    EXPECT_EQ(theirs->price(*theirs->find_seat(seat.id)), ours->price(seat));
  }
}

TEST_P(OnDatabase, ManyWritersAtOnceLoseNothing) {
  constexpr int kWriters = 4;
  std::vector<std::unique_ptr<CatalogueService>> nodes;
  std::vector<OneShot<bool>> done(kWriters);
  SeededRandom random(99);
  for (int i = 0; i < kWriters; ++i) {
    nodes.push_back(std::make_unique<CatalogueService>(store_, counts_));
    Changes changes;
    changes.venues.push_back({VenueId::make(kNow, random), "venue", "", 540});
    start(
        [](Catalogue& node, Changes mine, OneShot<bool> told) -> Task<void> {
          auto result = co_await node.apply(std::move(mine));
          told.set(result.has_value());
        }(*nodes.back(), changes, done[i]),
        [](std::exception_ptr error) { EXPECT_FALSE(error); });
  }
  int applied = 0;
  for (auto& one : done) applied += sync_wait(one.wait()) ? 1 : 0;
  const auto stored = sync_wait(store_.load(0, {}));
  EXPECT_EQ(stored->venues.size(), static_cast<std::size_t>(applied));
  EXPECT_GE(applied, 1);
}

ONSALE_ON_BOTH_DIALECTS(OnDatabase);

}  // namespace
}  // namespace onsale::catalogue
