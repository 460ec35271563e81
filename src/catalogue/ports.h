// What the catalogue needs, in its own words.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "catalogue/catalogue.h"

namespace onsale::catalogue {

// How well a performance sells. Called for every performance of a list: answer from memory.
// Thread: any.
class SeatCounts {
 public:
  virtual ~SeatCounts() = default;
  virtual std::int64_t available(PerformanceId performance) const = 0;
  virtual std::int64_t sold(PerformanceId performance) const = 0;  // orders "popular"
  // It is not going to be: nothing of it is sold any more.
  virtual bool called_off(PerformanceId) const { return false; }
};

// A hall as the store keeps it: the plan is shared with the snapshot before when it is the same.
struct StoredHall {
  HallId id;
  VenueId venue;
  std::string name;
  std::shared_ptr<const SeatPlan> plan;
};

// Everything at one revision. Order of each list: by id.
struct Stored {
  std::int64_t revision = 0;
  std::vector<Venue> venues;
  std::vector<StoredHall> halls;
  std::vector<Performer> performers;
  std::vector<Show> shows;
  std::vector<Performance> performances;
};

using PlanByVersion = std::unordered_map<std::string, std::shared_ptr<const SeatPlan>>;

// A hall to be written, with the plan that its map made.
struct CheckedChanges {
  Changes changes;
  std::vector<std::shared_ptr<const SeatPlan>> plans;  // one for each of changes.halls
};

class CatalogueStore {
 public:
  virtual ~CatalogueStore() = default;
  // Empty when the store is still at `seen`. Seat plans whose version is in `known` are not read.
  virtual Task<std::optional<Stored>> load(std::int64_t seen, PlanByVersion known) = 0;
  // One transaction with its event. False, and nothing written, when the store is no longer at
  // `seen`: what was checked may not hold any more.
  virtual Task<bool> write(std::shared_ptr<const CheckedChanges> changes, std::int64_t seen) = 0;
};

}  // namespace onsale::catalogue
