// Everybody who waits in a room, lane by lane. Numbers rise by joining and never change; a lane is
// in their order, save where a lottery drew one anew. The engine and the view (what people are
// told) each hold one and apply the same facts to it. Positions count inside one's own lane, so
// another lane can't raise them. O(log n).
#pragma once

#include <array>
#include <vector>

#include "waitroom/line/line_index.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Numbers skipped after an unclean end: at most so many joins may have been lost with it.
inline constexpr Sequence kLostMax = Sequence{1} << 20;

// Numbers that a lost end of the journal may have given away: first <= n < end. Those below
// `held_to` are held for who comes back with a token.
struct LostNumbers {
  Sequence first = 0, end = 0, held_to = 0;
  bool covers(Sequence place) const { return place >= first && place < end; }
};

class Line {
 public:
  struct Standing {
    LaneId lane = kMainLane;
    std::int64_t position = 0;  // 1 for the first of the lane; 0 for who isn't in line
  };

  // `place` is greater than every one that joined before.
  void append(LaneId lane, Sequence place);
  bool erase(Sequence place);
  Standing find(Sequence place) const;
  std::optional<Sequence> first(LaneId lane) const;
  std::int64_t size() const;
  std::int64_t size(LaneId lane) const { return lanes_[lane].size(); }

  // A lottery with `entrants` ranks over `span` numbers from `first` on. Then every member of the
  // main lane in its new order, each with the next free number; nobody joins in between. `rank` as
  // it was published, with those who have left; 0 for who is no entrant.
  void begin_draw(Sequence first, std::uint64_t span, std::uint64_t entrants);
  void draw(Sequence place, Sequence order, std::uint32_t rank);
  bool drawn(Sequence place) const { return order_of(place) != place; }

  // Numbers from `first` up to `end` were skipped after an unclean end.
  void skip(Sequence first, Sequence end);
  // Holds every skipped number up to `place` in the lane of the restored, and returns the first of
  // those that are new there; place + 1 when it was held already.
  Sequence hold_lost(Sequence place);
  const LostNumbers& lost() const { return lost_; }

  // "Joined as number n": without the numbers that nobody got.
  std::int64_t number_of(Sequence place) const;
  std::size_t memory_bytes() const;

  // For snapshots.
  struct Draw {
    Sequence first = 0;                      // the lowest number drawn
    std::vector<std::uint32_t> rank;         // of number first + i, from 1; 0: not drawn
    Sequence base = 0;                       // order of rank 1; 0 until the first is drawn
    std::vector<std::uint32_t> at;           // rank - 1 -> number - first
    std::uint64_t entrants = 0;              // 0: older than this was kept
    std::vector<std::uint32_t> published{};  // rank - 1 -> the rank people can check; 0: none
  };
  struct Gap {
    Sequence from = 0;
    std::uint64_t size = 0;
  };
  const std::vector<Draw>& draws() const { return draws_; }
  const std::vector<Gap>& gaps() const { return gaps_; }
  void restore(std::vector<Draw> draws, std::vector<Gap> gaps, LostNumbers lost);
  // What was restored may be so when `next` is the next number.
  bool sound(Sequence next) const;
  // Nobody else has its order.
  bool knows_order_of(Sequence place) const;
  // In the order that a lane is in.
  Sequence order_of(Sequence place) const;
  void append_in_order(LaneId lane, Sequence order) { lanes_[lane].append(order); }

 private:
  Sequence place_at(Sequence order) const;

  std::array<LineIndex, kLanes> lanes_;
  std::vector<Draw> draws_;
  std::vector<Gap> gaps_;  // rising
  LostNumbers lost_;
};

}  // namespace onsale::waitroom
