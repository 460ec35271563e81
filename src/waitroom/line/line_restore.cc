// What a snapshot says of a line, and whether a line can be so.
#include <algorithm>

#include "waitroom/line/line.h"

namespace onsale::waitroom {

namespace {

// Every place drawn has one rank, every rank one place, and all numbers were given before `next`.
bool sound_draw(const Line::Draw& draw, const LostNumbers& lost, Sequence next) {
  if (draw.first == 0 || draw.first > next || draw.rank.size() > next - draw.first) return false;
  const auto drawn = std::ranges::count_if(draw.rank, [](std::uint32_t rank) { return rank > 0; });
  if (drawn != std::ssize(draw.at)) return false;
  if (draw.published.size() != draw.at.size()) return false;
  const auto more = [&](std::uint32_t rank) { return rank > draw.entrants; };
  if (std::ranges::any_of(draw.published, more)) return false;
  if (draw.at.empty()) return draw.base == 0;
  if (draw.base == 0 || draw.base > next || draw.at.size() > next - draw.base) return false;
  // Numbers that were skipped are nobody's rank, and nobody who was drawn has one.
  if (draw.base < lost.end && draw.base + draw.at.size() > lost.first) return false;
  for (std::size_t i = 0; i < draw.at.size(); ++i) {
    if (draw.at[i] >= draw.rank.size() || draw.rank[draw.at[i]] != i + 1) return false;
    if (lost.covers(draw.first + draw.at[i])) return false;
  }
  return true;
}

// "Joined as number n" is 1 at least for everybody.
bool sound_gaps(const std::vector<Line::Gap>& gaps, Sequence next) {
  std::uint64_t skipped = 0;
  Sequence from = 0;
  for (const Line::Gap& gap : gaps) {
    if (gap.from < from || gap.from > next || gap.size >= gap.from) return false;
    from = gap.from;
    skipped += gap.size;
    if (skipped >= from) return false;
  }
  return true;
}

}  // namespace

bool Line::sound(Sequence next) const {
  const bool in_order = lost_.first <= lost_.held_to && lost_.held_to <= lost_.end;
  if (!in_order || lost_.end > next || lost_.end - lost_.first > kLostMax) return false;
  if (lost_.first == 0 && lost_.end > 0) return false;  // numbers begin at 1
  return sound_gaps(gaps_, next) && std::ranges::all_of(draws_, [&](const Draw& draw) {
           return sound_draw(draw, lost_, next);
         });
}

bool Line::knows_order_of(Sequence place) const { return place_at(order_of(place)) == place; }

void Line::restore(std::vector<Draw> draws, std::vector<Gap> gaps, LostNumbers lost) {
  draws_ = std::move(draws);
  gaps_ = std::move(gaps);
  lost_ = lost;
}

}  // namespace onsale::waitroom
