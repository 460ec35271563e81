// What one person is told about a place, held against what must hold: the shown position never
// rises (I3), the place stays the same one and does not get lost. Pure: all times come in.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "loadtool/answer.h"

namespace onsale::load {

using Micros = std::int64_t;  // since the start of the run, of the machine's monotonic clock

enum class BreachKind : std::uint8_t {
  backward,       // a shown position rose
  inversion,      // somebody later in the same lane was in while somebody earlier waited
  lost,           // a place was gone though its owner gave no reason
  duplicate,      // one place for two people, or two for one
  over_capacity,  // more inside than the room allows, and rising
  over_rate,      // more admitted within a minute than the room allows
};
inline constexpr std::size_t kBreachKinds = 6;
const char* name_of(BreachKind kind);

struct Breach {
  BreachKind kind = BreachKind::backward;
  std::string what;
};

// The lowest position known when something was asked. Answers that were under way at the same time
// may overtake each other, so each is only held against what was known before it was asked for.
struct Floor {
  std::string lane;
  std::int64_t position = std::numeric_limits<std::int64_t>::max();
};

// How long the server keeps a place without a sign of life.
struct Patience {
  double grace_s = 120, idle_s = 45, no_show_s = 45, session_s = 600;
};

class PlaceWatch {
 public:
  // Before asking, or subscribing. For a stream keep the floor and give it to every message.
  Floor mark() const { return floor_; }
  // Appends what is wrong to `out`.
  void observe(const PlaceAnswer& answer, Floor& asked_with, std::vector<Breach>& out);
  // The server says that the place is over (expired, left, completed) or knows none (401). What it
  // means when its owner was last heard of `silent_s` ago: empty when the server was right.
  std::string loss(const PlaceAnswer& answer, double silent_s, double inside_s,
                   const Patience& patience) const;

  bool waited() const { return waited_; }
  bool admitted() const { return admitted_; }
  std::int64_t number() const { return number_; }  // -1: never said
  const std::string& lane() const { return floor_.lane; }
  const std::string& place_id() const { return place_id_; }
  std::int64_t lowest() const { return floor_.position; }
  int lane_changes() const { return lane_changes_; }
  bool missed_turn() const { return missed_turn_; }

 private:
  void same_place(const PlaceAnswer& answer, std::vector<Breach>& out);

  Floor floor_;
  std::int64_t number_ = -1;
  std::string number_lane_;
  std::string place_id_;
  bool waited_ = false;
  bool admitted_ = false;
  bool missed_turn_ = false;
  int lane_changes_ = 0;
};

}  // namespace onsale::load
