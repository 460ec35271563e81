#include "booking/seat_finder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/check.h"

namespace onsale::booking {

namespace {

// People like to sit on the middle axis, about a third of the way back.
constexpr float kBestDepth = 0.33F;
constexpr float kWheelchairPenalty = 1e7F;

}  // namespace

SeatFinder::SeatFinder(std::shared_ptr<const catalogue::SeatPlan> plan) : plan_(std::move(plan)) {
  const auto& stage = plan_->stage();
  float near = 0;
  float far = 0;
  bool first = true;
  for (const auto& seat : plan_->seats()) {
    const auto y = static_cast<float>(seat.y);
    near = first ? y : std::min(near, y);
    far = first ? y : std::max(far, y);
    first = false;
  }
  const float x = static_cast<float>(stage.x) + static_cast<float>(stage.width) / 2;
  const float y = near + (far - near) * kBestDepth;
  distance_.reserve(plan_->size());
  for (const auto& seat : plan_->seats()) {
    const float dx = static_cast<float>(seat.x) - x;
    const float dy = static_cast<float>(seat.y) - y;
    distance_.push_back(std::sqrt(dx * dx + dy * dy) + (seat.accessible ? kWheelchairPenalty : 0));
  }
}

bool SeatFinder::linked(std::uint32_t a, std::uint32_t b) const {
  return plan_->neighbours(plan_->seat(a), plan_->seat(b));
}

bool SeatFinder::fits(std::uint32_t window, std::size_t quantity,
                      std::optional<std::uint16_t> grade) const {
  if (!grade) return true;
  for (std::uint32_t k = 0; k < quantity; ++k) {
    if (plan_->seat(window + k).grade != *grade) return false;
  }
  return true;
}

const std::vector<std::uint32_t>& SeatFinder::windows(std::size_t quantity) const {
  check(quantity >= 1 && quantity <= kGroupMax, "a group has a size");
  std::call_once(sorted_[quantity], [&] {
    std::vector<std::pair<float, std::uint32_t>> scored;
    for (std::uint32_t i = 0; i + quantity <= plan_->size(); ++i) {
      bool together = true;
      float sum = distance_[i];
      for (std::uint32_t k = 1; together && k < quantity; ++k) {
        together = linked(i + k - 1, i + k);
        sum += distance_[i + k];
      }
      if (together) scored.emplace_back(sum, i);
    }
    std::ranges::sort(scored);
    windows_[quantity].reserve(scored.size());
    for (const auto& [sum, i] : scored) windows_[quantity].push_back(i);
  });
  return windows_[quantity];
}

void SeatFinder::keep_nearest(std::vector<std::uint32_t>& seats, std::size_t quantity) const {
  const std::uint32_t anchor = *std::ranges::min_element(
      seats, {}, [&](std::uint32_t seat) { return std::pair(distance_[seat], seat); });
  const auto& at = plan_->seat(anchor);
  const auto apart = [&](std::uint32_t index) {
    const auto& seat = plan_->seat(index);
    const auto dx = static_cast<std::int64_t>(seat.x) - at.x;
    const auto dy = static_cast<std::int64_t>(seat.y) - at.y;
    return std::tuple(seat.accessible != at.accessible, dx * dx + dy * dy, index);
  };
  std::ranges::partial_sort(seats, seats.begin() + static_cast<std::ptrdiff_t>(quantity), {},
                            apart);
  seats.resize(quantity);
}

}  // namespace onsale::booking
