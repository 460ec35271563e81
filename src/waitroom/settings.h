// Rules about a room's settings: what is out of range, how a patch changes them, what can't change
// now, how they are stored.
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

class ByteReader;

// Every member that is out of its range, in the words of the API.
std::vector<Obstacle> out_of_range(const Settings& settings);
Settings patched(Settings settings, const SettingsPatch& patch);

// What a room is like when its settings shall change.
struct RoomNow {
  std::int64_t waiting = 0;                  // in line, or aside
  std::array<std::int64_t, kLanes> lanes{};  // with a place, by lane
  bool draw_due = false;
};
// What can't change now. Lanes are fixed before people may be called, and with people in them; a
// lottery begins with nobody in line, who might have been shown a position; until it is drawn, the
// room doesn't open; whose one place it is stays so while anybody waits, who would get a second
// one; and what was revoked stays so.
std::vector<Obstacle> fixed_now(const Settings& before, const Settings& after, const RoomNow& now);
// What asks for a moment that is over: a planned change that is not waiting already, which would
// run a second time, or an opening.
std::vector<Obstacle> over_by(const Settings& before, const Settings& after, Timestamp now);
// The settings at `now`, with every planned change that is due. While a draw is due the room opens
// neither by plan nor by opens_at: the planned mode waits for the draw, and a later one that
// doesn't open takes its place.
Settings followed(Settings settings, Timestamp now, bool draw_due);
// Is anything of the plan due? followed() changes nothing otherwise.
bool plan_due(const Settings& settings, Timestamp now);
// Names these values: two versions are equal when no setting differs. 16 hexadecimal digits.
std::string version_of(const Settings& settings);
// The patch that a planned change is.
SettingsPatch patch_of(const PlannedChange& planned);
// The weight of a lane among those with people in it; 0 for one that is served before all others.
std::int64_t share_of(const Settings& settings, LaneId lane);
// Empty for the main lane, and for those without a name of their own.
std::string lane_name(const Settings& settings, LaneId lane);

// Slots that one process may fill.
std::int64_t capacity_of(const Settings& settings, std::int64_t nodes);

// What changed, for operators and the audit log: every member that differs, with its whole value.
std::vector<Change> changes(const Settings& before, const Settings& after);

// The stored form. decode refuses what encode can't have written.
std::string encode(const Settings& settings);
std::optional<Settings> decode_settings(std::string_view bytes);
// The settings from the `first` declared on, each behind its name: how those are stored that a
// format without names doesn't know. What is absent keeps its value. False for what put_by_name
// can't have written.
void put_by_name(std::string& out, const Settings& settings, std::size_t first);
bool read_by_name(ByteReader& reader, Settings& settings, std::size_t first);

}  // namespace onsale::waitroom
