// Reads a room's log in plain words and containers and says which fact can't be: somebody admitted
// before somebody earlier of the same lane (I4), more slots than the capacity or more admissions
// than the rate (I5), a number given twice, a slot freed that nobody had. What it accepts, the
// engine can apply.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {

class LogAuditor {
 public:
  LogAuditor() = default;
  // A log that begins with a base: what the engine restored from it is believed. Admissions of the
  // minute before it are not known, so that its first minute may pass with too many.
  explicit LogAuditor(const Engine& base);

  // Empty when the fact may follow what was there; then it counts.
  std::string judge(const Record& record);

  std::int64_t waiting() const { return waiting_; }  // in a lane
  std::int64_t inside() const { return inside_; }
  const Settings& settings() const { return settings_; }

 private:
  enum class Doing { waiting, inside, away, aside };
  struct Person {
    Doing doing = Doing::waiting;
    LaneId lane = kMainLane;
    bool missed = false;
    std::uint64_t order = 0;
    DeviceKey device{};
  };

  std::string judge_join(const Record& record);
  std::string judge_admission(const Record& record);
  std::string judge_limits(const Record& record) const;
  std::string judge_restored(const Record& record);
  std::string judge_given(const Record& record);
  std::string judge_draw(const Record& record);
  std::string judge_drawn(const Record& record);
  std::string judge_room(const Record& record);
  std::string judge_person(const Record& record, Person& person);
  void put(LaneId lane, std::uint64_t order, Sequence place, const DeviceKey& device);
  void take(const Person& person);
  std::string judge_turn(Sequence place, const Person& person) const;
  void leave_side(Sequence place, const Person& person);
  void end(Sequence place);

  Settings settings_;
  std::unordered_map<Sequence, Person> people_;
  std::map<DeviceKey, Sequence> devices_;
  std::array<std::map<std::uint64_t, Sequence>, kLanes> lanes_;  // order -> place
  // Who came back: the passed by lane, in its order; those with a turn to make up as they came.
  std::array<std::map<std::uint64_t, Sequence>, kSides> aside_;
  std::uint64_t next_aside_ = 1;
  std::set<Sequence>
      unordered_;  // a turn to make up since before the base: in which order is unknown
  std::deque<Timestamp> admissions_;
  std::int64_t waiting_ = 0, inside_ = 0;
  Sequence next_ = 1;
  LostNumbers lost_;
  Timestamp now_{};
  bool drawn_before_ = false;
  Sequence draw_first_ = 0, draw_end_ = 0;  // of the lottery that is being told; 0: none
  std::set<Sequence> drawn_;
};

}  // namespace onsale::waitroom
