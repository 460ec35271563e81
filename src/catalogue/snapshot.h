// Everything in the catalogue at one revision, laid out for reading. Never changes once made.
// Thread: any.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <memory>
#include <vector>

#include "catalogue/catalogue.h"
#include "catalogue/ports.h"

namespace onsale::catalogue {

struct PerformanceRecord {
  std::shared_ptr<const PerformanceSale> sale;
  HallId hall;
  std::int64_t price_from = 0;
};

struct ShowRecord {
  Show show;  // without its poster
  std::shared_ptr<const Poster> poster;
  std::string poster_url;
  std::vector<PerformanceRecord> performances;  // by (starts_at, id)
};

class Snapshot {
 public:
  Snapshot() = default;  // empty, revision 0
  explicit Snapshot(Stored stored);

  std::int64_t revision() const { return revision_; }
  const std::vector<ShowRecord>& shows() const { return shows_; }  // by id
  const ShowRecord* show(ShowId id) const;
  std::shared_ptr<const PerformanceSale> sale(PerformanceId id) const;
  const PerformanceRecord* performance(PerformanceId id) const;
  const Venue* venue(VenueId id) const;
  const StoredHall* hall(HallId id) const;
  const Performer* performer(PerformerId id) const;
  const Venue& venue_of(const PerformanceRecord& performance) const;
  bool hall_in_use(HallId id) const;  // at least one performance is in it
  PlanByVersion plans() const;

 private:
  template <class I, class T>
  using ById = boost::unordered_flat_map<I, T, std::hash<I>>;
  struct Address {
    std::uint32_t show = 0;
    std::uint32_t performance = 0;
  };
  void add_performances(std::vector<Performance> performances);
  PerformanceRecord record(const Performance& one, const ShowRecord& show) const;

  std::int64_t revision_ = 0;
  std::vector<ShowRecord> shows_;
  ById<ShowId, std::uint32_t> show_at_;
  ById<PerformanceId, Address> performance_at_;
  ById<VenueId, Venue> venues_;
  ById<HallId, StoredHall> halls_;
  ById<HallId, bool> halls_in_use_;
  ById<PerformerId, Performer> performers_;
};

}  // namespace onsale::catalogue
