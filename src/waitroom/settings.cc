#include "waitroom/settings.h"

#include <algorithm>

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 1;

void demand(std::vector<Obstacle>& found, std::string_view field, std::int64_t value,
            std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  found.push_back({std::string(field), "out_of_range",
                   "must be from " + std::to_string(low) + " to " + std::to_string(high)});
}

std::string to_text(const std::optional<Timestamp>& time) {
  return time ? to_rfc3339(*time) : std::string();
}

}  // namespace

std::vector<Obstacle> out_of_range(const Settings& s) {
  std::vector<Obstacle> found;
  demand(found, "capacity", s.capacity, 0, kCapacityMax);
  demand(found, "per_node_capacity", s.per_node_capacity, 0, kCapacityMax);
  demand(found, "admit_per_minute", s.admit_per_minute, 0, kAdmitPerMinuteMax);
  demand(found, "pass_seconds", s.pass_seconds, kPassSecondsMin, kPassSecondsMax);
  demand(found, "idle_seconds", s.idle_seconds, kIdleSecondsMin, kIdleSecondsMax);
  demand(found, "session_seconds", s.session_seconds, kSessionSecondsMin, kSessionSecondsMax);
  demand(found, "grace_seconds", s.grace_seconds, kGraceSecondsMin, kGraceSecondsMax);
  if (s.message.size() > kMessageBytesMax) {
    found.push_back(
        {"message", "too_long", "must be at most " + std::to_string(kMessageBytesMax) + " bytes"});
  }
  return found;
}

Settings patched(Settings s, const SettingsPatch& patch) {
  const auto take = [](auto& member, const auto& change) {
    if (change) member = *change;
  };
  take(s.mode, patch.mode);
  take(s.capacity, patch.capacity);
  take(s.per_node_capacity, patch.per_node_capacity);
  take(s.admit_per_minute, patch.admit_per_minute);
  take(s.pass_seconds, patch.pass_seconds);
  take(s.idle_seconds, patch.idle_seconds);
  take(s.session_seconds, patch.session_seconds);
  take(s.grace_seconds, patch.grace_seconds);
  take(s.message, patch.message);
  if (patch.opens_at) s.opens_at = patch.opens_at;
  if (s.mode != Mode::prequeue && !patch.opens_at && patch.mode) s.opens_at.reset();
  return s;
}

std::int64_t capacity_of(const Settings& s, std::int64_t nodes) {
  if (s.per_node_capacity == 0) return s.capacity;
  return std::min(s.capacity, s.per_node_capacity * nodes);
}

std::vector<Change> changes(const Settings& before, const Settings& after) {
  std::vector<Change> found;
  const auto compare = [&](std::string_view field, std::string old_text, std::string new_text) {
    if (old_text == new_text) return;
    found.push_back({std::string(field), std::move(old_text), std::move(new_text)});
  };
  const auto number = [&](std::string_view field, std::int64_t Settings::* member) {
    compare(field, std::to_string(before.*member), std::to_string(after.*member));
  };
  compare("mode", std::string(to_string(before.mode)), std::string(to_string(after.mode)));
  number("capacity", &Settings::capacity);
  number("per_node_capacity", &Settings::per_node_capacity);
  number("admit_per_minute", &Settings::admit_per_minute);
  number("pass_seconds", &Settings::pass_seconds);
  number("idle_seconds", &Settings::idle_seconds);
  number("session_seconds", &Settings::session_seconds);
  number("grace_seconds", &Settings::grace_seconds);
  number("no_show_seconds", &Settings::no_show_seconds);
  compare("opens_at", to_text(before.opens_at), to_text(after.opens_at));
  compare("message", before.message, after.message);
  return found;
}

std::string encode(const Settings& s) {
  std::string out;
  put_varint(out, kFormat);
  put_varint(out, static_cast<std::uint64_t>(s.mode));
  for (const std::int64_t value :
       {s.capacity, s.per_node_capacity, s.admit_per_minute, s.pass_seconds, s.idle_seconds,
        s.session_seconds, s.grace_seconds, s.no_show_seconds}) {
    put_signed(out, value);
  }
  put_varint(out, s.opens_at ? 1 : 0);
  put_signed(out, s.opens_at ? to_unix_ms(*s.opens_at) : 0);
  put_text(out, s.message);
  return out;
}

std::optional<Settings> decode_settings(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.varint() != kFormat) return {};
  Settings s;
  const std::uint64_t mode = reader.varint();
  if (mode > static_cast<std::uint64_t>(Mode::closed)) return {};
  s.mode = static_cast<Mode>(mode);
  for (std::int64_t* value :
       {&s.capacity, &s.per_node_capacity, &s.admit_per_minute, &s.pass_seconds, &s.idle_seconds,
        &s.session_seconds, &s.grace_seconds, &s.no_show_seconds}) {
    *value = reader.signed_varint();
  }
  const bool opens = reader.varint() == 1;
  const std::int64_t opens_ms = reader.signed_varint();
  if (opens) s.opens_at = from_unix_ms(opens_ms);
  s.message = std::string(reader.text());
  if (reader.failed() || !reader.done()) return {};
  return s;
}

}  // namespace onsale::waitroom
