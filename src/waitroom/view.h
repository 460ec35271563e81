// What people may be told about a room: the line as its durable facts say, never as it was decided
// a moment ago. A decision that kill -9 could still undo has lowered nobody's position and admitted
// nobody, so a restart can only move people forward. This is the guard of I3.
#pragma once

#include "waitroom/engine.h"

namespace onsale::waitroom {

class View {
 public:
  View() = default;
  // After a restart everything the engine knows is durable.
  explicit View(const Engine& engine)
      : line_(engine.line()), next_(engine.next_sequence()), active_(engine.active()) {}

  // The same records in the same order as the engine, once they are durable.
  void apply(const Record& record) {
    if (record.fact == Fact::joined) {
      line_.append(record.place);
      next_ = record.place + 1;
    }
    if (leaves_line(record.fact)) line_.erase(record.place);
    if (record.fact == Fact::admitted) ++active_;
    if (frees_slot(record.fact)) --active_;
  }

  // 1 for the next to be admitted; 0 for somebody not (or not yet, or no longer) in line.
  std::int64_t position(Sequence place) const { return line_.position(place); }
  // False until the joining is durable.
  bool knows(Sequence place) const { return place < next_; }
  std::int64_t waiting() const { return line_.size(); }
  std::int64_t active() const { return active_; }
  const LineIndex& line() const { return line_; }

 private:
  LineIndex line_;
  Sequence next_ = 1;
  std::int64_t active_ = 0;
};

}  // namespace onsale::waitroom
