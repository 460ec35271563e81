#include "catalogue/service.h"

#include <algorithm>

#include "catalogue/changes.h"
#include "catalogue/rules.h"

namespace onsale::catalogue {
namespace {

constexpr int kAttemptsMax = 5;  // to apply a change while others change the catalogue
constexpr std::int32_t kPageMax = 100;

std::int32_t page_size(std::int32_t limit) { return std::clamp(limit, 1, kPageMax); }

// Where `cursor` stands in the order of its sort, as something that compares.
bool before(const Snapshot& present, const ShowCursor& a, const ShowCursor& b) {
  switch (a.sort) {
    case ShowSort::popular:
      return std::tuple(a.ended, b.sold, b.last) < std::tuple(b.ended, a.sold, a.last);
    case ShowSort::newest:
      return b.last < a.last;
    case ShowSort::title:
      return std::pair<std::string_view, ShowId>(present.show(a.last)->show.title, a.last) <
             std::pair<std::string_view, ShowId>(present.show(b.last)->show.title, b.last);
  }
  return false;
}

}  // namespace

std::shared_ptr<const Snapshot> CatalogueService::present() const {
  std::lock_guard lock(mutex_);
  return present_;
}

std::shared_ptr<const PerformanceSale> CatalogueService::sale(PerformanceId performance) const {
  std::lock_guard lock(mutex_);
  return present_->sale(performance);
}

std::vector<std::shared_ptr<const PerformanceSale>> CatalogueService::sales(Timestamp now) const {
  std::vector<std::shared_ptr<const PerformanceSale>> out;
  const auto present = this->present();
  for (const auto& show : present->shows())
    for (const auto& record : show.performances)
      if (record.sale->starts_at > now) out.push_back(record.sale);
  std::ranges::sort(out, {}, [](const auto& sale) { return std::pair(sale->starts_at, sale->id); });
  return out;
}

ShowSummary CatalogueService::summary(const Snapshot& present, const ShowRecord& record,
                                      Timestamp now) const {
  const auto& show = record.show;
  std::vector<PerformanceFacts> facts;
  facts.reserve(record.performances.size());
  for (const auto& one : record.performances)
    facts.push_back({one.sale->starts_at, one.sale->sale_opens_at,
                     static_cast<std::int64_t>(one.sale->seats_total()),
                     counts_.available(one.sale->id), one.price_from,
                     counts_.called_off(one.sale->id)});
  const auto sum = show_facts(facts, now);
  ShowSummary out;
  out.id = show.id;
  out.kind = show.kind;
  out.title = show.title;
  out.summary = show.summary;
  out.poster_url = record.poster_url;
  out.age_rating = show.age_rating;
  out.running_minutes = show.running_minutes;
  out.room_id = show.room;
  out.price_from = sum.price_from;
  out.seats_total = sum.seats_total;
  out.seats_available = sum.seats_available;
  out.sale_state = sum.sale_state;
  out.called_off = sum.called_off;
  out.currency = "KRW";
  if (!record.performances.empty()) {
    const auto& first = record.performances.front();
    const auto& last = record.performances.back();
    const auto day = [&](const PerformanceRecord& one) {
      return calendar_day(one.sale->starts_at, present.venue_of(one).utc_offset_minutes);
    };
    out.currency = first.sale->currency;
    out.starts_on = day(first);
    out.ends_on = day(last);
  }
  return out;
}

PerformanceEntry CatalogueService::entry(const Snapshot& present, const PerformanceRecord& record,
                                         Timestamp now) const {
  const auto& sale = *record.sale;
  PerformanceEntry out;
  out.id = sale.id;
  out.show_id = sale.show;
  out.hall = {record.hall, sale.hall, present.venue_of(record).name};
  out.starts_at = sale.starts_at;
  out.sale_opens_at = sale.sale_opens_at;
  out.seats_total = static_cast<std::int64_t>(sale.seats_total());
  out.seats_available = counts_.available(sale.id);
  out.sale_state = sale_state(sale.sale_opens_at, sale.starts_at, out.seats_available, now);
  out.called_off = counts_.called_off(sale.id);
  if (out.called_off) out.sale_state = SaleState::ended;
  out.currency = sale.currency;
  for (std::size_t i = 0; i < sale.prices.size(); ++i)
    out.grades.push_back({sale.plan->grades()[i], sale.prices[i]});
  return out;
}

std::vector<ShowCursor> CatalogueService::sorted(const Snapshot& present, const ShowQuery& query,
                                                 Timestamp now) const {
  std::vector<ShowCursor> out;
  for (const auto& record : present.shows()) {
    if (query.kind && record.show.kind != *query.kind) continue;
    ShowCursor key{.sort = query.sort, .last = record.show.id};
    if (query.sort == ShowSort::popular) {
      key.ended = !record.performances.empty() && record.performances.back().sale->starts_at <= now;
      for (const auto& one : record.performances) key.sold += counts_.sold(one.sale->id);
    }
    out.push_back(key);
  }
  std::ranges::sort(out, [&](const auto& a, const auto& b) { return before(present, a, b); });
  return out;
}

Result<Page<ShowSummary>, QueryRefusal> CatalogueService::shows(const ShowQuery& query,
                                                                Timestamp now) const {
  const auto present = this->present();
  std::optional<ShowCursor> after;
  if (!query.cursor.empty()) {
    after = read_cursor(query.cursor);
    if (!after || after->sort != query.sort || !present->show(after->last))
      return std::unexpected(QueryRefusal::cursor_invalid);
  }
  const auto keys = sorted(*present, query, now);
  auto at = keys.begin();
  if (after)
    at = std::ranges::partition_point(
        keys, [&](const auto& key) { return !before(*present, *after, key); });
  Page<ShowSummary> page;
  const auto limit = static_cast<std::size_t>(page_size(query.limit));
  for (; at != keys.end() && page.items.size() < limit; ++at)
    page.items.push_back(summary(*present, *present->show(at->last), now));
  if (at != keys.end()) page.next_cursor = write_cursor(*std::prev(at));
  return page;
}

std::optional<ShowDetail> CatalogueService::show(ShowId show, Timestamp now) const {
  const auto present = this->present();
  const auto* record = present->show(show);
  if (!record) return {};
  ShowDetail out;
  out.show = summary(*present, *record, now);
  out.description = record->show.description;
  for (const auto& member : record->show.cast)
    if (const auto* performer = present->performer(member.performer))
      out.performers.push_back({performer->id, performer->name, member.role});
  if (record->performances.empty()) return out;
  auto next = std::ranges::find_if(record->performances,
                                   [&](const auto& one) { return one.sale->starts_at > now; });
  if (next == record->performances.end()) --next;
  const auto& venue = present->venue_of(*next);
  out.venue = VenueEntry{venue.id, venue.name, venue.address};
  return out;
}

Result<Page<PerformanceEntry>, QueryRefusal> CatalogueService::performances(
    ShowId show, const PerformanceQuery& query, Timestamp now) const {
  const auto present = this->present();
  const auto* record = present->show(show);
  if (!record) return std::unexpected(QueryRefusal::show_unknown);
  const auto& all = record->performances;
  const auto key = [](const PerformanceRecord& one) {
    return std::pair(one.sale->starts_at, one.sale->id);
  };
  auto at = all.begin();
  if (!query.cursor.empty()) {
    const auto last = PerformanceId::parse(query.cursor);
    const auto* seen = last ? present->performance(*last) : nullptr;
    if (!seen || seen->sale->show != show) return std::unexpected(QueryRefusal::cursor_invalid);
    at = std::ranges::upper_bound(all, key(*seen), {}, key);
  }
  Page<PerformanceEntry> page;
  const auto limit = static_cast<std::size_t>(page_size(query.limit));
  for (; at != all.end() && page.items.size() < limit; ++at)
    page.items.push_back(entry(*present, *at, now));
  if (at != all.end()) page.next_cursor = page.items.back().id.str();
  return page;
}

std::optional<PerformanceEntry> CatalogueService::performance(PerformanceId performance,
                                                              Timestamp now) const {
  const auto present = this->present();
  const auto* record = present->performance(performance);
  if (!record) return {};
  return entry(*present, *record, now);
}

std::shared_ptr<const Poster> CatalogueService::poster(ShowId show) const {
  const auto present = this->present();
  const auto* record = present->show(show);
  return record ? record->poster : nullptr;
}

Task<Result<void, Refused<ChangeRefusal>>> CatalogueService::apply(Changes changes) {
  for (int attempt = 0; attempt < kAttemptsMax; ++attempt) {
    co_await refresh();
    const auto present = this->present();
    auto checked = check_changes(changes, *present);
    if (!checked) co_return std::unexpected(std::move(checked.error()));
    const bool written = co_await store_.write(*checked, present->revision());
    if (!written) continue;
    co_await refresh();
    co_return Result<void, Refused<ChangeRefusal>>();
  }
  co_return refused(ChangeRefusal::busy);
}

Task<void> CatalogueService::refresh() {
  const auto before = present();
  auto stored = co_await store_.load(before->revision(), before->plans());
  if (!stored) co_return;
  auto next = std::make_shared<const Snapshot>(std::move(*stored));
  std::lock_guard lock(mutex_);
  if (next->revision() > present_->revision()) present_ = std::move(next);
}

}  // namespace onsale::catalogue
