// Maintained stand-ins, for the tests of this module and of those that sell its seats.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>

#include "catalogue/catalogue.h"
#include "catalogue/ports.h"

namespace onsale::catalogue {

// Whatever a test says; everything is free otherwise. Thread: any, but set before use.
class FakeCounts final : public SeatCounts {
 public:
  std::int64_t available(PerformanceId performance) const override {
    const auto at = available_.find(performance);
    return at == available_.end() ? 100 : at->second;
  }
  std::int64_t sold(PerformanceId performance) const override {
    const auto at = sold_.find(performance);
    return at == sold_.end() ? 0 : at->second;
  }
  void set(PerformanceId performance, std::int64_t available, std::int64_t sold) {
    available_[performance] = available;
    sold_[performance] = sold;
  }

 private:
  std::map<PerformanceId, std::int64_t> available_, sold_;
};

// The store's promises without a database: passes the same suite as SqlStore. Thread: any.
class MemoryStore final : public CatalogueStore {
 public:
  Task<std::optional<Stored>> load(std::int64_t seen, PlanByVersion) override {
    std::lock_guard lock(mutex_);
    if (stored_.revision == seen) co_return std::nullopt;
    co_return stored_;
  }
  Task<bool> write(std::shared_ptr<const CheckedChanges> checked, std::int64_t seen) override {
    std::lock_guard lock(mutex_);
    if (stored_.revision != seen) co_return false;
    const auto& changes = checked->changes;
    put(stored_.venues, changes.venues);
    std::vector<StoredHall> halls;
    for (std::size_t i = 0; i < changes.halls.size(); ++i)
      halls.push_back(
          {changes.halls[i].id, changes.halls[i].venue, changes.halls[i].name, checked->plans[i]});
    put(stored_.halls, halls);
    put(stored_.performers, changes.performers);
    put(stored_.shows, changes.shows);
    put(stored_.performances, changes.performances);
    ++stored_.revision;
    co_return true;
  }

 private:
  template <class T>
  static void put(std::vector<T>& into, const std::vector<T>& records) {
    for (const auto& record : records) {
      const auto at = std::ranges::find(into, record.id, &T::id);
      if (at == into.end())
        into.push_back(record);
      else
        *at = record;
    }
    std::ranges::sort(into, {}, &T::id);
  }

  std::mutex mutex_;
  Stored stored_{.revision = 1};
};

// A house of `rows` rows A, B, C… with seats 1..`width` and an aisle after the middle: ids A-1 to
// A-14, of which the first row is VIP and the rest R. At most 26 rows.
inline SeatMap small_house(int rows = 10, int width = 14) {
  SeatMap map;
  map.stage = {0, 0, width * kSeatPitch, 40, "STAGE"};
  auto& section = map.sections.emplace_back(Section{"main", "Main", {}});
  for (int r = 0; r < rows; ++r) {
    const std::string label(1, static_cast<char>('A' + r));
    auto& row = section.rows.emplace_back(SeatRow{label, {}});
    for (int n = 1; n <= width; ++n) {
      const int aisle = n > width / 2 ? 1 : 0;
      row.seats.push_back({label + "-" + std::to_string(n), std::to_string(n),
                           (n + aisle) * kSeatPitch, 80 + r * 30, r == 0 ? "VIP" : "R", false,
                           n + aisle});
    }
  }
  return map;
}

// A performance to sell, without a catalogue behind it: VIP 150,000, every other grade 100,000.
inline std::shared_ptr<PerformanceSale> fake_sale(PerformanceId id, Timestamp starts_at,
                                                  Timestamp sale_opens_at,
                                                  const SeatMap& map = small_house()) {
  auto plan = SeatPlan::make(map);
  if (!plan) throw std::invalid_argument(plan.error().front().field);
  auto sale = std::make_shared<PerformanceSale>();
  sale->id = id;
  sale->title = "A show";
  sale->hall = "Hall 1";
  sale->venue = "Venue";
  sale->starts_at = starts_at;
  sale->sale_opens_at = sale_opens_at;
  sale->plan = *plan;
  for (const auto& grade : sale->plan->grades())
    sale->prices.push_back(grade == "VIP" ? 150'000 : 100'000);
  return sale;
}

// A catalogue that knows the sales it is given, for those who only sell. Thread: any, but add
// before use.
class FakeCatalogue final : public Catalogue {
 public:
  void add(std::shared_ptr<const PerformanceSale> sale) { sales_[sale->id] = std::move(sale); }
  std::shared_ptr<const PerformanceSale> sale(PerformanceId performance) const override {
    const auto at = sales_.find(performance);
    return at == sales_.end() ? nullptr : at->second;
  }
  std::vector<std::shared_ptr<const PerformanceSale>> sales(Timestamp now) const override {
    std::vector<std::shared_ptr<const PerformanceSale>> out;
    for (const auto& [id, sale] : sales_)
      if (sale->starts_at > now) out.push_back(sale);
    std::ranges::sort(out, {}, [](const auto& s) { return std::pair(s->starts_at, s->id); });
    return out;
  }
  Result<Page<ShowSummary>, QueryRefusal> shows(const ShowQuery&, Timestamp) const override {
    return Page<ShowSummary>{};
  }
  // Only what kind it is.
  std::optional<ShowDetail> show(ShowId show, Timestamp) const override {
    for (const auto& [id, sale] : sales_) {
      if (sale->show == show) {
        return ShowDetail{.show = {.id = show, .kind = sale->kind, .title = sale->title}};
      }
    }
    return {};
  }
  Result<Page<PerformanceEntry>, QueryRefusal> performances(ShowId, const PerformanceQuery&,
                                                            Timestamp) const override {
    return std::unexpected(QueryRefusal::show_unknown);
  }
  std::optional<PerformanceEntry> performance(PerformanceId, Timestamp) const override {
    return {};
  }
  std::shared_ptr<const Poster> poster(ShowId) const override { return {}; }
  Task<Result<void, Refused<ChangeRefusal>>> apply(Changes) override {
    co_return refused(ChangeRefusal::invalid);
  }
  Task<void> refresh() override { co_return; }

 private:
  std::map<PerformanceId, std::shared_ptr<const PerformanceSale>> sales_;
};

}  // namespace onsale::catalogue
