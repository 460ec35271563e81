// Rules about a room's settings: their ranges, how a patch changes them, how they are stored.
#pragma once

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
inline constexpr std::size_t kMessageBytesMax = 500;

// Every member that is out of its range, in the words of the API.
std::vector<Obstacle> out_of_range(const Settings& settings);
Settings patched(Settings settings, const SettingsPatch& patch);

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
