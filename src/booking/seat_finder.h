// Which free seats are best for a group, and which choices strand a single seat. Pure: who has
// which seat comes in as a predicate.
//
// Best, in this order: side by side in one row without an orphan, nearest the point where people
// like to sit; the same with orphans; as near to each other as can be had. Seats for wheelchairs
// are given only when nothing else is left.
// An orphan is a single free seat between taken seats, aisles or the ends of its row.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "catalogue/catalogue.h"

namespace onsale::booking {

inline constexpr std::size_t kGroupMax = 10;

// How one board's search began last time; belongs to the board, under its lock. Every seat that
// becomes free resets it.
struct SearchHint {
  std::array<std::uint32_t, kGroupMax + 1> first_window{};
  void reset() { first_window.fill(0); }
};

// Thread: any. Built once per seat plan; windows of a size are sorted when first asked for.
class SeatFinder {
 public:
  explicit SeatFinder(std::shared_ptr<const catalogue::SeatPlan> plan);

  // The dense indices of `quantity` (1..kGroupMax) free seats, or nothing when there are not
  // enough. `grade` as in SeatInfo. `free` is called for dense indices.
  template <class Free>
  std::vector<std::uint32_t> best(std::size_t quantity, std::optional<std::uint16_t> grade,
                                  const Free& free, SearchHint& hint) const;

  // True when taking `chosen` leaves an orphan that was not one before, although the grade of the
  // first one still had a choice of this size without.
  template <class Free>
  bool strands_needlessly(std::span<const std::uint32_t> chosen, const Free& free) const;

  const catalogue::SeatPlan& plan() const { return *plan_; }

 private:
  const std::vector<std::uint32_t>& windows(std::size_t quantity) const;
  bool linked(std::uint32_t a, std::uint32_t b) const;
  template <class Free>
  bool leaves_orphan(std::uint32_t first, std::uint32_t last, const Free& free) const;
  template <class Free>
  bool single(std::uint32_t index, const Free& free) const;
  bool fits(std::uint32_t window, std::size_t quantity, std::optional<std::uint16_t> grade) const;
  template <class Free>
  std::vector<std::uint32_t> scattered(std::size_t quantity, std::optional<std::uint16_t> grade,
                                       const Free& free) const;
  void keep_nearest(std::vector<std::uint32_t>& seats, std::size_t quantity) const;

  std::shared_ptr<const catalogue::SeatPlan> plan_;
  std::vector<float> distance_;  // of a seat to the best point; wheelchair seats are far away
  mutable std::array<std::once_flag, kGroupMax + 1> sorted_;
  mutable std::array<std::vector<std::uint32_t>, kGroupMax + 1>
      windows_;  // first seats, best first
};

// ---- how

template <class Free>
bool SeatFinder::leaves_orphan(std::uint32_t first, std::uint32_t last, const Free& free) const {
  const auto alone = [&](std::uint32_t from, bool left) {
    const std::uint32_t size = static_cast<std::uint32_t>(plan_->size());
    if (left ? from == 0 : from + 1 >= size) return false;
    const std::uint32_t next = left ? from - 1 : from + 1;
    if (!linked(from, next) || !free(next)) return false;
    if (left ? next == 0 : next + 1 >= size) return true;
    const std::uint32_t beyond = left ? next - 1 : next + 1;
    return !linked(next, beyond) || !free(beyond);
  };
  return alone(first, true) || alone(last, false);
}

template <class Free>
std::vector<std::uint32_t> SeatFinder::best(std::size_t quantity,
                                            std::optional<std::uint16_t> grade, const Free& free,
                                            SearchHint& hint) const {
  const auto& order = windows(quantity);
  std::uint32_t& start = hint.first_window[quantity];
  bool prefix = true;  // everything before the present window is taken, whatever the grade
  std::optional<std::uint32_t> stranding;
  std::optional<std::uint32_t> found;
  for (std::uint32_t i = start; i < order.size() && !found; ++i) {
    const std::uint32_t first = order[i];
    bool open = true;
    for (std::uint32_t k = 0; open && k < quantity; ++k) open = free(first + k);
    if (!open) {
      if (prefix) start = i + 1;
      continue;
    }
    prefix = false;
    if (!fits(first, quantity, grade)) continue;
    const auto last = static_cast<std::uint32_t>(first + quantity - 1);
    if (!leaves_orphan(first, last, free)) {
      found = first;
    } else if (!stranding) {
      stranding = first;
    }
  }
  if (!found) found = stranding;
  if (!found) return scattered(quantity, grade, free);
  std::vector<std::uint32_t> seats(quantity);
  for (std::uint32_t k = 0; k < quantity; ++k) seats[k] = *found + k;
  return seats;
}

template <class Free>
std::vector<std::uint32_t> SeatFinder::scattered(std::size_t quantity,
                                                 std::optional<std::uint16_t> grade,
                                                 const Free& free) const {
  std::vector<std::uint32_t> seats;
  for (std::uint32_t i = 0; i < plan_->size(); ++i) {
    if ((!grade || plan_->seat(i).grade == *grade) && free(i)) seats.push_back(i);
  }
  if (seats.size() < quantity) return {};
  keep_nearest(seats, quantity);
  return seats;
}

template <class Free>
bool SeatFinder::single(std::uint32_t index, const Free& free) const {
  if (!free(index)) return false;
  if (index > 0 && linked(index - 1, index) && free(index - 1)) return false;
  return !(index + 1 < plan_->size() && linked(index, index + 1) && free(index + 1));
}

template <class Free>
bool SeatFinder::strands_needlessly(std::span<const std::uint32_t> chosen, const Free& free) const {
  const auto after = [&](std::uint32_t seat) {
    return std::ranges::find(chosen, seat) == chosen.end() && free(seat);
  };
  bool strands = false;
  for (const std::uint32_t seat : chosen) {
    if (seat > 0 && linked(seat - 1, seat) && single(seat - 1, after)) strands = true;
    if (seat + 1 < plan_->size() && linked(seat, seat + 1) && single(seat + 1, after)) {
      strands = true;
    }
  }
  if (!strands) return false;
  const std::uint16_t grade = plan_->seat(chosen.front()).grade;
  for (const std::uint32_t first : windows(chosen.size())) {
    bool open = fits(first, chosen.size(), grade);
    for (std::uint32_t k = 0; open && k < chosen.size(); ++k) open = free(first + k);
    const auto last = static_cast<std::uint32_t>(first + chosen.size() - 1);
    if (open && !leaves_orphan(first, last, free)) return true;
  }
  return false;
}

}  // namespace onsale::booking
