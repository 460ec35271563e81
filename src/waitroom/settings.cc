#include "waitroom/settings.h"

#include <algorithm>
#include <utility>

namespace onsale::waitroom {

namespace {

using Found = std::vector<Obstacle>;

void demand_from_to(Found& found, std::string_view field, std::int64_t value, std::int64_t low,
                    std::int64_t high) {
  if (value >= low && value <= high) return;
  found.push_back({std::string(field), "out_of_range",
                   "must be from " + std::to_string(low) + " to " + std::to_string(high)});
}

// One for each kind of setting.
template <std::int64_t Min, std::int64_t Max>
void demand(Found& found, std::string_view field, Whole<Min, Max>, std::int64_t value) {
  demand_from_to(found, field, value, Min, Max);
}

template <std::size_t Max>
void demand(Found& found, std::string_view field, Words<Max>, const std::string& text) {
  if (text.size() <= Max) return;
  found.push_back(
      {std::string(field), "too_long", "must be at most " + std::to_string(Max) + " bytes"});
}

template <class T>
void demand(Found&, std::string_view, Choice<T>, T) {}
void demand(Found&, std::string_view, Moment, const std::optional<Timestamp>&) {}

void demand(Found& found, std::string_view name, Lanes, const std::vector<PriorityLane>& lanes) {
  if (lanes.size() > kPriorityLanesMax) {
    found.push_back({std::string(name), "too_many",
                     "must be at most " + std::to_string(kPriorityLanesMax) + " lanes"});
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::string field = std::string(name) + "[" + std::to_string(i) + "]";
    if (lanes[i].name.empty() || lanes[i].name.size() > kLaneNameBytesMax) {
      found.push_back({field + ".name", "wrong_length", "must be from 1 to 40 bytes"});
    }
    demand_from_to(found, field + ".share", lanes[i].share, kLaneShareMin, kLaneShareMax);
  }
}

void demand(Found& found, std::string_view name, Plan, const std::vector<PlannedChange>& schedule) {
  if (schedule.size() > kPlannedMax) {
    found.push_back({std::string(name), "too_many",
                     "must be at most " + std::to_string(kPlannedMax) + " changes"});
  }
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const PlannedChange& planned = schedule[i];
    const std::string field = std::string(name) + "[" + std::to_string(i) + "]";
    if (i > 0 && planned.at < schedule[i - 1].at) {
      found.push_back({field + ".at", "out_of_order", "must not be before the one above it"});
    }
    const SettingsPatch patch = patch_of(planned);
    each_setting([&](auto setting) {
      const auto& value = setting.of(patch);
      if (value) demand(found, field + "." + std::string(setting.kName), setting.kKind, *value);
    });
  }
}

std::string to_text(const std::vector<PriorityLane>& lanes) {
  std::string text;
  for (const PriorityLane& lane : lanes) {
    text += (text.empty() ? "" : ", ") + lane.name + " (" + std::to_string(lane.share) + ")";
  }
  return text;
}

std::string to_text(bool on) { return on ? "yes" : "no"; }
std::string to_text(std::int64_t number) { return std::to_string(number); }
const std::string& to_text(const std::string& text) { return text; }

template <class T>
  requires std::is_enum_v<T>
std::string to_text(T value) {
  return boost::describe::enum_to_string(value, "");
}

std::string to_text(const std::optional<Timestamp>& time) {
  return time ? to_rfc3339(*time) : std::string();
}

std::string to_text(const std::vector<PlannedChange>& schedule) {
  std::string text;
  for (const PlannedChange& planned : schedule) {
    text += (text.empty() ? "" : "; ") + to_rfc3339(planned.at);
    const SettingsPatch patch = patch_of(planned);
    each_setting([&](auto setting) {
      const auto& value = setting.of(patch);
      if (value) text += " " + std::string(setting.kName) + " " + to_text(*value);
    });
  }
  return text;
}

}  // namespace

std::vector<Obstacle> out_of_range(const Settings& s) {
  Found found;
  each_setting([&](auto setting) { demand(found, setting.kName, setting.kKind, setting.of(s)); });
  return found;
}

Settings patched(Settings s, const SettingsPatch& patch) {
  each_setting([&](auto setting) {
    if (const auto& change = setting.of(patch)) setting.of(s) = *change;
  });
  if (s.mode != Mode::prequeue && !patch.opens_at && patch.mode) s.opens_at.reset();
  return s;
}

std::int64_t capacity_of(const Settings& s, std::int64_t nodes) {
  if (s.per_node_capacity == 0) return s.capacity;
  return std::min(s.capacity, s.per_node_capacity * nodes);
}

std::vector<Change> changes(const Settings& before, const Settings& after) {
  std::vector<Change> found;
  each_setting([&](auto setting) {
    if (setting.of(before) == setting.of(after)) return;
    found.push_back(
        {std::string(setting.kName), to_text(setting.of(before)), to_text(setting.of(after))});
  });
  return found;
}

std::vector<Obstacle> fixed_now(const Settings& before, const Settings& after, const RoomNow& now) {
  std::vector<Obstacle> found;
  const auto before_opening = [](Mode mode) {
    return mode == Mode::prequeue || mode == Mode::closed;
  };
  if (!before_opening(before.mode) && before.lanes != after.lanes) {
    found.push_back({"lanes", "fixed_while_open", "can change in prequeue or closed only"});
  }
  for (std::size_t i = 0; i < before.lanes.size(); ++i) {
    if (now.lanes[i + 1] == 0) continue;
    if (i < after.lanes.size() && after.lanes[i] == before.lanes[i]) continue;
    found.push_back({"lanes[" + std::to_string(i) + "]", "people_wait",
                     "can change only while nobody has a place in it"});
  }
  if (before.one_per != after.one_per && now.waiting > 0) {
    found.push_back({"one_per", "people_wait", "can change only while nobody waits"});
  }
  if (after.pass_epoch < before.pass_epoch) {
    found.push_back({"pass_epoch", "falls", "can only rise: what was revoked stays so"});
  }
  if (!before_opening(before.mode) && before.lottery != after.lottery) {
    found.push_back({"lottery", "fixed_while_open", "can change in prequeue or closed only"});
  } else if (!before.lottery && after.lottery && now.waiting > 0) {
    found.push_back({"lottery", "people_wait", "can begin only while nobody waits"});
  }
  const bool due = before.lottery ? now.draw_due : true;
  if (after.lottery && due && !before_opening(after.mode)) {
    found.push_back({"mode", "not_drawn", "draw the lottery first, or switch it off"});
  }
  return found;
}

std::vector<Obstacle> over_by(const Settings& before, const Settings& after, Timestamp now) {
  std::vector<Obstacle> found;
  for (std::size_t i = 0; i < after.schedule.size(); ++i) {
    const PlannedChange& planned = after.schedule[i];
    if (planned.at > now || std::ranges::find(before.schedule, planned) != before.schedule.end())
      continue;
    found.push_back(
        {"schedule[" + std::to_string(i) + "].at", "in_the_past", "must be later than now"});
  }
  const bool waits = before.mode == Mode::prequeue && before.opens_at == after.opens_at;
  if (after.mode == Mode::prequeue && after.opens_at && *after.opens_at <= now && !waits) {
    found.push_back({"opens_at", "in_the_past", "must be later than now"});
  }
  return found;
}

bool plan_due(const Settings& settings, Timestamp now) {
  return (!settings.schedule.empty() && settings.schedule.front().at <= now) ||
         (settings.mode == Mode::prequeue && settings.opens_at && *settings.opens_at <= now);
}

Settings followed(Settings s, Timestamp now, bool draw_due) {
  std::optional<PlannedChange> held;
  std::vector<PlannedChange> plan = std::exchange(s.schedule, {});
  const auto later = std::ranges::find_if(plan, [&](const auto& each) { return each.at > now; });
  for (auto due = plan.begin(); due != later; ++due) {
    if (draw_due && due->mode && *due->mode != Mode::closed && *due->mode != Mode::prequeue) {
      held = PlannedChange{.at = due->at, .mode = std::exchange(due->mode, {})};
    } else if (due->mode) {
      held.reset();
    }
    s = patched(std::move(s), patch_of(*due));
  }
  if (held) s.schedule.push_back(std::move(*held));
  s.schedule.insert(s.schedule.end(), later, plan.end());
  if (s.mode == Mode::prequeue && s.opens_at && *s.opens_at <= now && !draw_due) {
    s.mode = Mode::queue;
    s.opens_at.reset();
  }
  return s;
}

std::string version_of(const Settings& settings) {
  std::uint64_t hash = 0xCBF29CE484222325;  // FNV-1a
  for (const char byte : encode(settings)) {
    hash = (hash ^ static_cast<std::uint8_t>(byte)) * 0x100000001B3;
  }
  std::string text(16, '0');
  for (char& digit : text) {
    digit = "0123456789abcdef"[hash >> 60];
    hash <<= 4;
  }
  return text;
}

SettingsPatch patch_of(const PlannedChange& planned) {
  SettingsPatch patch;
  patch.mode = planned.mode;
  patch.capacity = planned.capacity;
  patch.admit_per_minute = planned.admit_per_minute;
  patch.message = planned.message;
  return patch;
}

std::int64_t share_of(const Settings& settings, LaneId lane) {
  if (lane == kMainLane) return kMainShare;
  if (lane == kSlowLane) return kSlowShare;
  if (lane == kRestoredLane) return 0;
  return lane <= settings.lanes.size() ? settings.lanes[lane - 1U].share : kMainShare;
}

std::string lane_name(const Settings& settings, LaneId lane) {
  if (lane == kMainLane || lane > settings.lanes.size()) return {};
  return settings.lanes[lane - 1U].name;
}

}  // namespace onsale::waitroom
