#include "catalogue/seat_map_http.h"

#include <algorithm>

#include "catalogue/views_http.h"

namespace onsale::catalogue {
namespace {

SeatMapView view_of(const SeatPlan& plan) {
  SeatMapView view{plan.version(), {}, plan.stage()};
  for (const PlanRow& row : plan.rows()) {
    if (view.sections.empty() || view.sections.back().id != row.section)
      view.sections.push_back({std::string(row.section), std::string(row.section_name), {}});
    auto& seats = view.sections.back().rows.emplace_back(RowView{std::string(row.label), {}}).seats;
    seats.reserve(row.count);
    for (const SeatInfo& seat : plan.seats_of(row))
      seats.push_back({std::string(seat.id), std::string(seat.label), seat.x, seat.y,
                       plan.grades()[seat.grade], seat.accessible, seat.adjacency});
  }
  return view;
}

}  // namespace

std::shared_ptr<const std::string> SeatMapTexts::find(std::string_view version) {
  const auto at = std::ranges::find(entries_, version, &Entry::version);
  if (at == entries_.end()) return {};
  entries_.splice(entries_.begin(), entries_, at);
  return at->text;
}

std::shared_ptr<const std::string> SeatMapTexts::get(const SeatPlan& plan) {
  {
    std::lock_guard lock(mutex_);
    if (auto text = find(plan.version())) return text;
  }
  // Outside the lock: two loops may both write it, none waits for the other.
  auto text = std::make_shared<std::string>(json::write(view_of(plan)));
  text->shrink_to_fit();
  std::lock_guard lock(mutex_);
  if (auto first = find(plan.version())) return first;
  bytes_ += text->size();
  entries_.push_front({plan.version(), text});
  while (bytes_ > kBytesMax && entries_.size() > 1) {
    bytes_ -= entries_.back().text->size();
    entries_.pop_back();
  }
  return text;
}

}  // namespace onsale::catalogue
