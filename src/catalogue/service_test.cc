#include "catalogue/service.h"

#include <gtest/gtest.h>

#include "catalogue/sample_fakes.h"

namespace onsale::catalogue {
namespace {

using sample::kNow;
using sample::Sample;
using std::chrono::hours;

struct World {
  MemoryStore store;
  FakeCounts counts;
  CatalogueService catalogue{store, counts};
  Sample sample;

  void apply() {
    auto done = sync_wait(catalogue.apply(sample.changes));
    ASSERT_TRUE(done) << (done.error().obstacles.empty() ? "no obstacle"
                                                         : done.error().obstacles[0].field + " " +
                                                               done.error().obstacles[0].code);
  }
  // Titles of all pages, one after the other.
  std::vector<std::string> titles(ShowQuery query) {
    std::vector<std::string> out;
    for (;;) {
      const auto page = catalogue.shows(query, kNow);
      EXPECT_TRUE(page);
      if (!page) return out;
      EXPECT_LE(page->items.size(), static_cast<std::size_t>(query.limit));
      for (const auto& item : page->items) out.push_back(item.title);
      if (!page->next_cursor) return out;
      query.cursor = *page->next_cursor;
    }
  }
};

using Titles = std::vector<std::string>;

TEST(Catalogue, SellsWhatWasApplied) {
  World w;
  const auto show = w.sample.add_show("위키드");
  const auto performance = w.sample.add_performance(show, kNow + hours(5));
  EXPECT_EQ(w.catalogue.sale(performance), nullptr);
  w.apply();
  const auto sale = w.catalogue.sale(performance);
  ASSERT_NE(sale, nullptr);
  EXPECT_EQ(sale->title, "위키드");
  EXPECT_EQ(sale->hall, "신한카드홀");
  EXPECT_EQ(sale->venue, "블루스퀘어");
  EXPECT_EQ(sale->seats_total(), 140U);
  EXPECT_EQ(sale->price(*sale->find_seat("A-1")), 150'000);
  EXPECT_EQ(sale->price(*sale->find_seat("B-1")), 130'000);
  EXPECT_TRUE(sale->open(kNow));
  EXPECT_FALSE(sale->open(kNow + hours(5)));
  EXPECT_EQ(sale->room, std::nullopt);
}

TEST(Catalogue, ASaleInUseOutlivesItsReplacement) {
  World w;
  const auto show = w.sample.add_show("위키드");
  const auto performance = w.sample.add_performance(show, kNow + hours(5));
  w.apply();
  const auto before = w.catalogue.sale(performance);
  w.sample.changes.performances[0].prices[1].price = 1;
  w.apply();
  EXPECT_EQ(before->price(*before->find_seat("B-1")), 130'000);
  const auto after = w.catalogue.sale(performance);
  EXPECT_EQ(after->price(*after->find_seat("B-1")), 1);
}

TEST(Catalogue, SortsAndPagesWithoutLossOrRepetition) {
  World w;
  const auto b = w.sample.add_show("B");
  const auto c = w.sample.add_show("C", ShowKind::film);
  w.sample.add_show("A");
  w.sample.add_show("A");
  const auto pb = w.sample.add_performance(b, kNow + hours(5));
  const auto pc = w.sample.add_performance(c, kNow + hours(5));
  w.counts.set(pb, 10, 3);
  w.counts.set(pc, 10, 9);
  w.apply();
  for (const int limit : {1, 2, 3, 4, 100}) {
    EXPECT_EQ(w.titles({.sort = ShowSort::popular, .limit = limit}), (Titles{"C", "B", "A", "A"}));
    EXPECT_EQ(w.titles({.sort = ShowSort::newest, .limit = limit}), (Titles{"A", "A", "C", "B"}));
    EXPECT_EQ(w.titles({.sort = ShowSort::title, .limit = limit}), (Titles{"A", "A", "B", "C"}));
  }
  EXPECT_EQ(w.titles({.kind = ShowKind::film}), Titles{"C"});
  EXPECT_EQ(w.titles({.kind = ShowKind::match}), Titles{});
}

TEST(Catalogue, APageFollowsItsCursorThoughOthersSellInBetween) {
  World w;
  std::vector<PerformanceId> performances;
  for (const auto* title : {"A", "B", "C"}) {
    const auto show = w.sample.add_show(title);
    performances.push_back(w.sample.add_performance(show, kNow + hours(5)));
  }
  w.counts.set(performances[0], 1, 30);
  w.counts.set(performances[1], 1, 20);
  w.counts.set(performances[2], 1, 10);
  w.apply();
  ShowQuery query{.limit = 1};
  query.cursor = *w.catalogue.shows(query, kNow)->next_cursor;
  w.counts.set(performances[0], 1, 99);
  EXPECT_EQ(w.titles(query), (Titles{"B", "C"}));
}

TEST(Catalogue, RefusesCursorsItDidNotMake) {
  World w;
  const auto show = w.sample.add_show("A");
  w.sample.add_show("B");
  const auto performance = w.sample.add_performance(show, kNow + hours(5));
  w.apply();
  const auto page = w.catalogue.shows({.sort = ShowSort::title, .limit = 1}, kNow);
  const auto refusal = [&](ShowSort sort, std::string cursor) {
    const auto answer = w.catalogue.shows({.sort = sort, .cursor = cursor}, kNow);
    return !answer && answer.error() == QueryRefusal::cursor_invalid;
  };
  EXPECT_FALSE(refusal(ShowSort::title, *page->next_cursor));
  EXPECT_TRUE(refusal(ShowSort::newest, *page->next_cursor));
  EXPECT_TRUE(refusal(ShowSort::title, "nonsense"));
  const auto other = w.catalogue.performances(show, {.cursor = "nonsense"}, kNow);
  ASSERT_FALSE(other);
  EXPECT_EQ(other.error(), QueryRefusal::cursor_invalid);
  const auto unknown = w.catalogue.performances(ShowId(), {}, kNow);
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error(), QueryRefusal::show_unknown);
  EXPECT_TRUE(w.catalogue.performance(performance, kNow));
}

TEST(Catalogue, ListsPerformancesInOrderPageByPage) {
  World w;
  const auto show = w.sample.add_show("A");
  const auto late = w.sample.add_performance(show, kNow + hours(9));
  const auto soon = w.sample.add_performance(show, kNow + hours(1));
  const auto over = w.sample.add_performance(show, kNow - hours(1));
  w.counts.set(soon, 0, 140);
  w.apply();
  std::vector<PerformanceId> seen;
  PerformanceQuery query{.limit = 1};
  for (int i = 0; i < 3; ++i) {
    const auto page = w.catalogue.performances(show, query, kNow);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->items.size(), 1U);
    seen.push_back(page->items[0].id);
    EXPECT_EQ(page->next_cursor.has_value(), i < 2);
    query.cursor = page->next_cursor.value_or("");
  }
  EXPECT_EQ(seen, (std::vector{over, soon, late}));
  EXPECT_EQ(w.catalogue.performance(soon, kNow)->sale_state, SaleState::sold_out);
  EXPECT_EQ(w.catalogue.performance(over, kNow)->sale_state, SaleState::ended);
  EXPECT_EQ(w.catalogue.performance(late, kNow)->grades,
            (std::vector<GradePrice>{{"VIP", 150'000}, {"R", 130'000}}));
  const auto detail = w.catalogue.show(show, kNow);
  EXPECT_EQ(detail->performers[0].role, "Elphaba");
  EXPECT_EQ(detail->venue->name, "블루스퀘어");
  EXPECT_EQ(detail->show.price_from, 130'000);
  const auto sales = w.catalogue.sales(kNow);
  ASSERT_EQ(sales.size(), 2U);
  EXPECT_EQ(sales[0]->id, soon);
}

TEST(Catalogue, EndedShowsComeLastByPopularity) {
  World w;
  const auto old = w.sample.add_show("old");
  const auto fresh = w.sample.add_show("fresh");
  w.counts.set(w.sample.add_performance(old, kNow - hours(1)), 0, 140);
  w.sample.add_performance(fresh, kNow + hours(1));
  w.apply();
  EXPECT_EQ(w.titles({.limit = 1}), (Titles{"fresh", "old"}));
}

// ---- changes that are refused

Refused<ChangeRefusal> refusal(World& w, Changes changes) {
  auto done = sync_wait(w.catalogue.apply(std::move(changes)));
  EXPECT_FALSE(done);
  return done ? Refused<ChangeRefusal>{ChangeRefusal::busy} : done.error();
}

TEST(Change, NeverTakesASeatFromAHallWithPerformances) {
  World w;
  const auto show = w.sample.add_show("A");
  w.apply();
  Changes smaller;
  smaller.halls.push_back({w.sample.hall, w.sample.venue, "small", small_house(9)});
  ASSERT_TRUE(sync_wait(w.catalogue.apply(smaller))) << "nobody plays there yet";
  w.sample.changes.halls[0].seats = small_house();
  const auto performance = w.sample.add_performance(show, kNow + hours(5));
  w.apply();
  EXPECT_EQ(refusal(w, smaller).why, ChangeRefusal::seats_fixed);
  auto regraded = w.sample.changes;
  for (auto& seat : regraded.halls[0].seats.sections[0].rows[0].seats) seat.grade = "R";
  EXPECT_EQ(refusal(w, regraded).why, ChangeRefusal::seats_fixed);
  EXPECT_EQ(w.catalogue.sale(performance)->seats_total(), 140U);
  auto moved = w.sample.changes;
  moved.halls[0].seats.sections[0].rows[0].seats[0].x = -5;
  ASSERT_TRUE(sync_wait(w.catalogue.apply(moved)));
  EXPECT_EQ(w.catalogue.sale(performance)->find_seat("A-1")->x, -5);
}

TEST(Change, KeepsAPerformanceInItsHall) {
  World w;
  const auto show = w.sample.add_show("A");
  w.sample.add_performance(show, kNow + hours(5));
  w.apply();
  auto changes = w.sample.changes;
  const auto other = HallId::make(kNow, w.sample.random);
  changes.halls.push_back({other, w.sample.venue, "other", small_house()});
  changes.performances[0].hall = other;
  EXPECT_EQ(refusal(w, changes).why, ChangeRefusal::hall_fixed);
}

TEST(Change, NamesEveryBrokenRule) {
  const auto with = [](auto change) {
    World w;
    const auto show = w.sample.add_show("A");
    w.sample.add_performance(show, kNow + hours(5));
    change(w.sample.changes);
    const auto no = refusal(w, w.sample.changes);
    EXPECT_FALSE(w.catalogue.show(show, kNow)) << "nothing of it was written";
    return no.obstacles.empty() ? "" : no.obstacles[0].field + " " + no.obstacles[0].code;
  };
  using C = Changes;
  EXPECT_EQ(with([](C& c) { c.venues[0].name = ""; }), "venues[0].name required");
  EXPECT_EQ(with([](C& c) { c.venues.push_back(c.venues[0]); }), "venues[1].id duplicate");
  EXPECT_EQ(with([](C& c) { c.halls[0].venue = VenueId(); }), "halls[0].venue unknown_reference");
  EXPECT_EQ(with([](C& c) { c.halls[0].seats.sections[0].rows[0].seats[1].id = "A-1"; }),
            "halls[0].seats.sections[0].rows[0].seats[1].id duplicate");
  EXPECT_EQ(with([](C& c) { c.shows[0].running_minutes = 0; }),
            "shows[0].running_minutes out_of_range");
  EXPECT_EQ(with([](C& c) { c.shows[0].room = "Film X"; }), "shows[0].room malformed");
  EXPECT_EQ(with([](C& c) { c.shows[0].poster_svg = "<html>"; }), "shows[0].poster_svg malformed");
  EXPECT_EQ(with([](C& c) { c.shows[0].cast[0].performer = PerformerId(); }),
            "shows[0].cast[0].performer unknown_reference");
  EXPECT_EQ(with([](C& c) { c.performances[0].show = ShowId(); }),
            "performances[0].show unknown_reference");
  EXPECT_EQ(with([](C& c) { c.performances[0].hall = HallId(); }),
            "performances[0].hall unknown_reference");
  EXPECT_EQ(with([](C& c) { c.performances[0].sale_opens_at = c.performances[0].starts_at; }),
            "performances[0].sale_opens_at out_of_range");
  EXPECT_EQ(with([](C& c) { c.performances[0].prices.pop_back(); }),
            "performances[0].prices required");
  EXPECT_EQ(with([](C& c) { c.performances[0].prices.push_back({"S", 1}); }),
            "performances[0].prices too_long");
  EXPECT_EQ(with([](C& c) { c.performances[0].prices[0].price = -1; }),
            "performances[0].prices[0].price out_of_range");
}

// Another node changes the catalogue between the check and the write.
class Meddler final : public CatalogueStore {
 public:
  Meddler(CatalogueStore& store, Changes changes, bool always)
      : store_(store), changes_(std::move(changes)), always_(always) {}
  Task<std::optional<Stored>> load(std::int64_t seen, PlanByVersion known) override {
    return store_.load(seen, std::move(known));
  }
  Task<bool> write(std::shared_ptr<const CheckedChanges> changes, std::int64_t seen) override {
    if (!done_ || always_) {
      done_ = true;
      FakeCounts counts;
      CatalogueService other(store_, counts);
      const auto result = co_await other.apply(changes_);
      EXPECT_TRUE(result);
    }
    const bool written = co_await store_.write(std::move(changes), seen);
    co_return written;
  }

 private:
  CatalogueStore& store_;
  Changes changes_;
  bool always_;
  bool done_ = false;
};

TEST(Change, IsCheckedAgainWhenAnotherNodeWasFaster) {
  World w;
  const auto show = w.sample.add_show("A");
  w.apply();
  // While we shrink the empty hall, another node puts a performance into it.
  const auto performance = w.sample.add_performance(show, kNow + hours(5));
  Meddler meddler(w.store, w.sample.changes, false);
  CatalogueService ours(meddler, w.counts);
  Changes smaller;
  smaller.halls.push_back({w.sample.hall, w.sample.venue, "small", small_house(9)});
  const auto done = sync_wait(ours.apply(smaller));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().why, ChangeRefusal::seats_fixed);
  EXPECT_EQ(ours.sale(performance)->seats_total(), 140U);
}

TEST(Change, GivesUpWhenOthersKeepChanging) {
  World w;
  w.apply();
  Meddler meddler(w.store, w.sample.changes, true);
  CatalogueService ours(meddler, w.counts);
  const auto done = sync_wait(ours.apply(w.sample.changes));
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().why, ChangeRefusal::busy);
}

TEST(Refresh, BringsWhatAnotherNodeWrote) {
  World w;
  CatalogueService other(w.store, w.counts);
  const auto show = w.sample.add_show("A");
  w.apply();
  EXPECT_FALSE(other.show(show, kNow));
  sync_wait(other.refresh());
  EXPECT_TRUE(other.show(show, kNow));
}

}  // namespace
}  // namespace onsale::catalogue
