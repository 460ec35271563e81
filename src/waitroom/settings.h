// Rules about a room's settings: their ranges, how a patch changes them, how they are stored.
#pragma once

#include <array>
#include <vector>

#include "base/result.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

inline constexpr std::int64_t kCapacityMax = 10'000'000;
inline constexpr std::int64_t kAdmitPerMinuteMax = 10'000'000;
inline constexpr std::int64_t kPassSecondsMin = 10, kPassSecondsMax = 3'600;
inline constexpr std::int64_t kIdleSecondsMin = 5, kIdleSecondsMax = 3'600;
inline constexpr std::int64_t kSessionSecondsMin = 10, kSessionSecondsMax = 86'400;
inline constexpr std::int64_t kGraceSecondsMin = 5, kGraceSecondsMax = 86'400;
inline constexpr std::int64_t kNoShowSecondsMin = 5, kNoShowSecondsMax = 3'600;
inline constexpr std::int64_t kMissedSecondsMax = 3'600;
inline constexpr std::int64_t kPassEpochMax = 1'000'000'000;
inline constexpr std::int64_t kProofBitsMin = 8, kProofBitsMax = 26;
inline constexpr std::int64_t kProofCountMin = 1, kProofCountMax = 16;
inline constexpr std::int64_t kJoinsPerPrefixMax = 1'000'000;
inline constexpr std::size_t kLaneNameBytesMax = 40;
inline constexpr std::int64_t kLaneShareMin = 1, kLaneShareMax = 10'000;
inline constexpr std::size_t kPlannedMax = 50;
inline constexpr std::size_t kMessageBytesMax = 500;

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
// The patch that a planned change is.
SettingsPatch patch_of(const PlannedChange& planned);
// The weight of a lane among those with people in it; 0 for one that is served before all others.
std::int64_t share_of(const Settings& settings, LaneId lane);
// Empty for the main lane, and for those without a name of their own.
std::string lane_name(const Settings& settings, LaneId lane);

// Slots that one process may fill.
std::int64_t capacity_of(const Settings& settings, std::int64_t nodes);

// What changed, as text, for the audit log.
struct Change {
  std::string field, before, after;
};
std::vector<Change> changes(const Settings& before, const Settings& after);

// The stored form. decode refuses what encode can't have written.
std::string encode(const Settings& settings);
std::optional<Settings> decode_settings(std::string_view bytes);

}  // namespace onsale::waitroom
