#include "catalogue/snapshot.h"

#include <algorithm>

#include "base/check.h"
#include "catalogue/content_hash.h"

namespace onsale::catalogue {
namespace {

template <class Map, class Key>
const typename Map::mapped_type* find_in(const Map& map, const Key& key) {
  const auto at = map.find(key);
  return at == map.end() ? nullptr : &at->second;
}

std::shared_ptr<const Poster> make_poster(std::string svg) {
  if (svg.empty()) return {};
  ContentHash hash;
  hash.add(svg);
  svg.shrink_to_fit();
  return std::make_shared<const Poster>(Poster{std::move(svg), hash.hex()});
}

}  // namespace

Snapshot::Snapshot(Stored stored) : revision_(stored.revision) {
  for (auto& venue : stored.venues) venues_.emplace(venue.id, std::move(venue));
  for (auto& hall : stored.halls) halls_.emplace(hall.id, std::move(hall));
  for (auto& performer : stored.performers) performers_.emplace(performer.id, std::move(performer));
  std::ranges::sort(stored.shows, {}, &Show::id);
  shows_.reserve(stored.shows.size());
  for (auto& show : stored.shows) {
    show_at_.emplace(show.id, static_cast<std::uint32_t>(shows_.size()));
    ShowRecord record;
    record.poster = make_poster(std::exchange(show.poster_svg, {}));
    // The version makes the address immutable: browsers keep it for good.
    if (record.poster)
      record.poster_url = "/posters/" + show.id.str() + ".svg?v=" + record.poster->version;
    record.show = std::move(show);
    shows_.push_back(std::move(record));
  }
  add_performances(std::move(stored.performances));
}

void Snapshot::add_performances(std::vector<Performance> performances) {
  std::ranges::sort(performances, {},
                    [](const Performance& p) { return std::pair(p.starts_at, p.id); });
  for (const auto& one : performances) {
    const auto at = show_at_.find(one.show);
    check(at != show_at_.end(), "a stored performance has its show");
    auto& show = shows_[at->second];
    performance_at_.emplace(
        one.id, Address{at->second, static_cast<std::uint32_t>(show.performances.size())});
    show.performances.push_back(record(one, show));
    halls_in_use_[one.hall] = true;
  }
}

PerformanceRecord Snapshot::record(const Performance& one, const ShowRecord& show) const {
  const auto* hall = this->hall(one.hall);
  check(hall != nullptr, "a stored performance has its hall");
  const auto* venue = this->venue(hall->venue);
  check(venue != nullptr, "a stored hall has its venue");
  auto sale = std::make_shared<PerformanceSale>();
  sale->id = one.id;
  sale->show = one.show;
  sale->kind = show.show.kind;
  sale->title = show.show.title;
  sale->poster_url = show.poster_url;
  sale->hall = hall->name;
  sale->venue = venue->name;
  sale->starts_at = one.starts_at;
  sale->sale_opens_at = one.sale_opens_at;
  sale->room = show.show.room;
  sale->currency = one.currency;
  sale->plan = hall->plan;
  for (const auto& grade : hall->plan->grades()) {
    const auto price = std::ranges::find(one.prices, grade, &GradePrice::grade);
    check(price != one.prices.end(), "a stored performance has a price for every grade");
    sale->prices.push_back(price->price);
  }
  const auto price_from = std::ranges::min(sale->prices);
  return {std::move(sale), one.hall, price_from};
}

const ShowRecord* Snapshot::show(ShowId id) const {
  const auto at = show_at_.find(id);
  return at == show_at_.end() ? nullptr : &shows_[at->second];
}

const PerformanceRecord* Snapshot::performance(PerformanceId id) const {
  const auto at = performance_at_.find(id);
  if (at == performance_at_.end()) return nullptr;
  return &shows_[at->second.show].performances[at->second.performance];
}

std::shared_ptr<const PerformanceSale> Snapshot::sale(PerformanceId id) const {
  const auto* record = performance(id);
  return record ? record->sale : nullptr;
}

const Venue* Snapshot::venue(VenueId id) const { return find_in(venues_, id); }
const StoredHall* Snapshot::hall(HallId id) const { return find_in(halls_, id); }
const Performer* Snapshot::performer(PerformerId id) const { return find_in(performers_, id); }

const Venue& Snapshot::venue_of(const PerformanceRecord& performance) const {
  return *venue(hall(performance.hall)->venue);
}

bool Snapshot::hall_in_use(HallId id) const { return halls_in_use_.contains(id); }

PlanByVersion Snapshot::plans() const {
  PlanByVersion out;
  for (const auto& [id, hall] : halls_) out.emplace(hall.plan->version(), hall.plan);
  return out;
}

}  // namespace onsale::catalogue
