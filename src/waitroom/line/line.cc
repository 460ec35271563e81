#include "waitroom/line/line.h"

#include <algorithm>

namespace onsale::waitroom {

void Line::append(LaneId lane, Sequence place) { lanes_[lane].append(place); }

bool Line::erase(Sequence place) {
  const Sequence order = order_of(place);
  return std::ranges::any_of(lanes_, [&](LineIndex& lane) { return lane.erase(order); });
}

Line::Standing Line::find(Sequence place) const {
  const Sequence order = order_of(place);
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    const std::int64_t position = lanes_[lane].position(order);
    if (position > 0) return {.lane = static_cast<LaneId>(lane), .position = position};
  }
  return {};
}

std::optional<Sequence> Line::first(LaneId lane) const {
  const auto order = lanes_[lane].first();
  if (!order) return {};
  return place_at(*order);
}

std::int64_t Line::size() const {
  std::int64_t sum = 0;
  for (const LineIndex& lane : lanes_) sum += lane.size();
  return sum;
}

void Line::begin_draw(Sequence first, std::uint64_t span, std::uint64_t entrants) {
  Draw& draw = draws_.emplace_back();
  draw.first = first;
  draw.entrants = entrants;
  draw.rank.resize(span);
}

void Line::draw(Sequence place, Sequence order, std::uint32_t rank) {
  lanes_[kMainLane].erase(order_of(place));
  Draw& draw = draws_.back();
  if (draw.base == 0) {
    draw.base = order;
    gaps_.push_back({.from = order, .size = 0});
  }
  ++gaps_.back().size;
  draw.at.push_back(static_cast<std::uint32_t>(place - draw.first));
  draw.published.push_back(rank);
  draw.rank[place - draw.first] = static_cast<std::uint32_t>(draw.at.size());
  lanes_[kMainLane].append(order);
}

void Line::skip(Sequence first, Sequence end) {
  lost_ = {.first = first, .end = end, .held_to = first};
  gaps_.push_back({.from = end, .size = end - first});
}

Sequence Line::hold_lost(Sequence place) {
  const Sequence first_new = std::min(lost_.held_to, place + 1);
  for (; lost_.held_to <= place; ++lost_.held_to) lanes_[kRestoredLane].append(lost_.held_to);
  return first_new;
}

std::int64_t Line::number_of(Sequence place) const {
  std::uint64_t number = place;
  for (const Gap& gap : gaps_) {
    if (gap.from <= place) number -= gap.size;
  }
  return static_cast<std::int64_t>(number);
}

std::size_t Line::memory_bytes() const {
  std::size_t sum = 0;
  for (const LineIndex& lane : lanes_) sum += lane.memory_bytes();
  for (const Draw& draw : draws_) sum += (draw.rank.capacity() + 2 * draw.at.capacity()) * 4;
  return sum;
}

// The latest draw counts.
Sequence Line::order_of(Sequence place) const {
  for (auto draw = draws_.rbegin(); draw != draws_.rend(); ++draw) {
    if (place < draw->first || place - draw->first >= draw->rank.size()) continue;
    const std::uint32_t rank = draw->rank[place - draw->first];
    if (rank > 0) return draw->base + rank - 1;
  }
  return place;
}

Sequence Line::place_at(Sequence order) const {
  for (auto draw = draws_.rbegin(); draw != draws_.rend(); ++draw) {
    if (draw->base == 0 || order < draw->base || order - draw->base >= draw->at.size()) continue;
    return draw->first + draw->at[order - draw->base];
  }
  return order;
}

}  // namespace onsale::waitroom
