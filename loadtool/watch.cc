#include "loadtool/watch.h"

#include <algorithm>

namespace onsale::load {
namespace {

// Clocks, scheduling and the server's own rounding.
constexpr double kSlackS = 3;

std::string seconds(double value) { return std::to_string(static_cast<int>(value)) + " s"; }

}  // namespace

const char* name_of(BreachKind kind) {
  switch (kind) {
    case BreachKind::backward:
      return "backward_position";
    case BreachKind::inversion:
      return "inversion";
    case BreachKind::lost:
      return "lost_place";
    case BreachKind::duplicate:
      return "duplicate_place";
    case BreachKind::over_capacity:
      return "over_capacity";
    case BreachKind::over_rate:
      return "over_rate";
  }
  return "";
}

void PlaceWatch::observe(const PlaceAnswer& answer, Floor& asked_with, std::vector<Breach>& out) {
  same_place(answer, out);
  if (answer.state == PlaceState::admitted) {
    admitted_ = true;
    return;
  }
  if (answer.state != PlaceState::waiting && answer.state != PlaceState::prequeue) return;
  waited_ = true;
  // Called, and in line again: a missed turn, kept in a lane of its own.
  if (answer.called_at_ms || admitted_ || answer.passed) missed_turn_ = true;
  if (floor_.lane != answer.lane) {
    if (!floor_.lane.empty()) ++lane_changes_;
    floor_ = {.lane = answer.lane};
  }
  if (asked_with.lane != answer.lane) asked_with = {.lane = answer.lane};
  if (!answer.position) return;
  if (*answer.position > asked_with.position) {
    out.push_back({BreachKind::backward, "position " + std::to_string(asked_with.position) +
                                             " became " + std::to_string(*answer.position) +
                                             " in lane " + answer.lane});
  }
  asked_with.position = std::min(asked_with.position, *answer.position);
  floor_.position = std::min(floor_.position, *answer.position);
}

void PlaceWatch::same_place(const PlaceAnswer& answer, std::vector<Breach>& out) {
  if (answer.number) {
    if (number_ >= 0 && number_lane_ == answer.lane && number_ != *answer.number) {
      out.push_back({BreachKind::duplicate, "number " + std::to_string(number_) + " became " +
                                                std::to_string(*answer.number)});
    }
    number_ = *answer.number;
    number_lane_ = answer.lane;
  }
  if (answer.place_id.empty()) return;
  if (!place_id_.empty() && place_id_ != answer.place_id)
    out.push_back({BreachKind::duplicate, "place " + place_id_ + " became " + answer.place_id});
  place_id_ = answer.place_id;
}

std::string PlaceWatch::loss(const PlaceAnswer& answer, double silent_s, double inside_s,
                             const Patience& patience) const {
  const std::string after = " after " + seconds(silent_s) + " of silence";
  switch (answer.state) {
    case PlaceState::unknown:
      return "the server no longer knows the place" + after;
    case PlaceState::left:
      return "the server says that the place was left; its owner did not";
    case PlaceState::completed:
      return {};
    default:
      break;
  }
  if (admitted_) {
    const bool overdue = inside_s + kSlackS >= patience.session_s;
    if (overdue || silent_s + kSlackS >= patience.idle_s) return {};
    return "the slot was taken back" + after + ", " + seconds(inside_s) + " after admission";
  }
  // Whoever is called without knowing it has less time than whoever waits.
  if (silent_s + kSlackS >= std::min(patience.grace_s, patience.no_show_s)) return {};
  return "the place expired" + after;
}

}  // namespace onsale::load
