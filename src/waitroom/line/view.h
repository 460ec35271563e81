// What people may be told about a room: the line as its durable facts say, never as it was decided
// a moment ago. A decision that kill -9 could still undo has lowered nobody's position and admitted
// nobody, so a restart can only move people forward. This is the guard of I3.
#pragma once

#include <unordered_set>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {

class View {
 public:
  View() = default;
  // After a restart everything the engine knows is durable.
  explicit View(const Engine& engine)
      : line_(engine.line()),
        aside_(engine.aside()),
        next_(engine.next_sequence()),
        active_(engine.active()),
        drawn_(engine.drawn()),
        settings_(engine.settings()) {}

  // The same records in the same order as the engine, once they are durable.
  void apply(const Record& record) {
    switch (record.fact) {
      case Fact::joined:
        line_.append(record.lane, record.place);
        next_ = record.place + 1;
        return;
      case Fact::missed:
        aside_.insert(record.place);
        break;
      case Fact::passed:
        if (aside_.insert(record.place).second) line_.erase(record.place);
        return;
      case Fact::skipped:
        line_.skip(next_, record.place);
        next_ = record.place;
        return;
      case Fact::restored:
        line_.hold_lost(record.place);
        return;
      case Fact::configured:
        settings_ = *decode_settings(record.text);
        drawn_ = drawn_ && settings_.lottery;
        return;
      case Fact::draw:
        drawn_ = true;
        line_.begin_draw(record.place, draw_span(record), draw_entrants(record));
        return;
      case Fact::drawn:
        line_.draw(record.place, next_++, drawn_rank(record));
        return;
      default:
        break;
    }
    if (leaves_line(record.fact) && aside_.erase(record.place) == 0) line_.erase(record.place);
    if (record.fact == Fact::admitted) ++active_;
    if (frees_slot(record.fact)) --active_;
  }

  // Position 0: not (or not yet, or no longer) in line.
  Line::Standing find(Sequence place) const { return line_.find(place); }
  // Out of line, but not for good: missed a turn and another one is kept, or was passed.
  bool aside(Sequence place) const { return aside_.contains(place); }
  // The lottery's order is in force: a draw is one batch, so it is whole.
  bool drawn() const { return drawn_; }
  // False until the joining is durable.
  bool knows(Sequence place) const {
    const LostNumbers& lost = line_.lost();
    return place < next_ && (!lost.covers(place) || place < lost.held_to);
  }
  std::int64_t waiting() const { return line_.size(); }
  std::int64_t active() const { return active_; }
  const Line& line() const { return line_; }
  const Settings& settings() const { return settings_; }

 private:
  Line line_;
  std::unordered_set<Sequence> aside_;
  Sequence next_ = 1;
  std::int64_t active_ = 0;
  bool drawn_ = false;
  Settings settings_;
};

}  // namespace onsale::waitroom
