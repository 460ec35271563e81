#include "waitroom/settings.h"

#include <algorithm>

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 2;
constexpr unsigned kOffersShift = 2;  // in the flags; older settings have zeros there

void demand(std::vector<Obstacle>& found, std::string_view field, std::int64_t value,
            std::int64_t low, std::int64_t high) {
  if (value >= low && value <= high) return;
  found.push_back({std::string(field), "out_of_range",
                   "must be from " + std::to_string(low) + " to " + std::to_string(high)});
}

void demand_lanes(std::vector<Obstacle>& found, const std::vector<PriorityLane>& lanes) {
  if (lanes.size() > kPriorityLanesMax) {
    found.push_back({"lanes", "too_many", "must be at most 8 lanes"});
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const std::string field = "lanes[" + std::to_string(i) + "]";
    if (lanes[i].name.empty() || lanes[i].name.size() > kLaneNameBytesMax) {
      found.push_back({field + ".name", "wrong_length", "must be from 1 to 40 bytes"});
    }
    demand(found, field + ".share", lanes[i].share, kLaneShareMin, kLaneShareMax);
  }
}

void demand_schedule(std::vector<Obstacle>& found, const std::vector<PlannedChange>& schedule) {
  if (schedule.size() > kPlannedMax) {
    found.push_back({"schedule", "too_many", "must be at most 50 changes"});
  }
  for (std::size_t i = 0; i < schedule.size(); ++i) {
    const PlannedChange& planned = schedule[i];
    const std::string field = "schedule[" + std::to_string(i) + "]";
    if (i > 0 && planned.at < schedule[i - 1].at) {
      found.push_back({field + ".at", "out_of_order", "must not be before the one above it"});
    }
    demand(found, field + ".capacity", planned.capacity.value_or(0), 0, kCapacityMax);
    demand(found, field + ".admit_per_minute", planned.admit_per_minute.value_or(0), 0,
           kAdmitPerMinuteMax);
    if (planned.message && planned.message->size() > kMessageBytesMax) {
      found.push_back({field + ".message", "too_long",
                       "must be at most " + std::to_string(kMessageBytesMax) + " bytes"});
    }
  }
}

std::string_view to_string(ProofMode mode) {
  switch (mode) {
    case ProofMode::off:
      return "off";
    case ProofMode::automatic:
      return "automatic";
    case ProofMode::on:
      return "on";
  }
  return "off";
}

std::string_view to_string(OffersShown shown) {
  switch (shown) {
    case OffersShown::prices_and_stock:
      return "prices_and_stock";
    case OffersShown::prices:
      return "prices";
    case OffersShown::none:
      return "none";
  }
  return "none";
}

std::string to_text(const std::vector<PriorityLane>& lanes) {
  std::string text;
  for (const PriorityLane& lane : lanes) {
    text += (text.empty() ? "" : ", ") + lane.name + " (" + std::to_string(lane.share) + ")";
  }
  return text;
}

std::string to_text(const std::vector<PlannedChange>& schedule) {
  std::string text;
  for (const PlannedChange& planned : schedule) {
    text += (text.empty() ? "" : "; ") + to_rfc3339(planned.at);
    if (planned.mode) text += " mode " + std::string(onsale::waitroom::to_string(*planned.mode));
    if (planned.capacity) text += " capacity " + std::to_string(*planned.capacity);
    if (planned.admit_per_minute) {
      text += " admit_per_minute " + std::to_string(*planned.admit_per_minute);
    }
    if (planned.message) text += " message";
  }
  return text;
}

std::string to_text(bool on) { return on ? "yes" : "no"; }

// What is absent is a zero byte.
void put_optional(std::string& out, const std::optional<std::int64_t>& value) {
  put_varint(out, value ? 1 : 0);
  if (value) put_signed(out, *value);
}

std::optional<std::int64_t> read_optional(ByteReader& reader) {
  if (reader.varint() != 1) return {};
  return reader.signed_varint();
}

// Far beyond every limit, and nothing that is computed from it overflows. Limits of today do not
// judge what was stored yesterday.
constexpr std::int64_t kStoredMax = 10'000'000'000;
bool storable_number(std::int64_t value) { return value >= -kStoredMax && value <= kStoredMax; }

void put_planned(std::string& out, const PlannedChange& planned) {
  put_signed(out, to_unix_ms(planned.at));
  put_optional(out, planned.mode ? std::optional(static_cast<std::int64_t>(*planned.mode))
                                 : std::optional<std::int64_t>());
  put_optional(out, planned.capacity);
  put_optional(out, planned.admit_per_minute);
  put_varint(out, planned.message ? 1 : 0);
  if (planned.message) put_text(out, *planned.message);
}

PlannedChange read_planned(ByteReader& reader) {
  PlannedChange planned{.at = reader.time()};
  if (const auto mode = read_optional(reader)) planned.mode = static_cast<Mode>(*mode);
  planned.capacity = read_optional(reader);
  planned.admit_per_minute = read_optional(reader);
  if (reader.varint() == 1) planned.message = std::string(reader.text());
  return planned;
}

// Every whole number of the settings, in the order they are stored in.
template <class S, class F>
void each_number(S& s, F visit) {
  visit(s.capacity);
  visit(s.per_node_capacity);
  visit(s.admit_per_minute);
  visit(s.pass_seconds);
  visit(s.idle_seconds);
  visit(s.session_seconds);
  visit(s.grace_seconds);
  visit(s.no_show_seconds);
  visit(s.missed_seconds);
  visit(s.pass_epoch);
  visit(s.proof_bits);
  visit(s.proof_count);
  visit(s.joins_per_prefix);
}

bool storable(const Settings& s) {
  bool good = s.lanes.size() <= kPriorityLanesMax && s.schedule.size() <= kPlannedMax;
  each_number(s, [&](std::int64_t value) { good = good && storable_number(value); });
  for (const PriorityLane& lane : s.lanes) good = good && storable_number(lane.share);
  for (const PlannedChange& planned : s.schedule) {
    good = good && storable_number(planned.capacity.value_or(0)) &&
           storable_number(planned.admit_per_minute.value_or(0)) &&
           planned.mode.value_or(Mode::open) >= Mode::open &&
           planned.mode.value_or(Mode::open) <= Mode::drain;
  }
  return good;
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
  demand(found, "no_show_seconds", s.no_show_seconds, kNoShowSecondsMin, kNoShowSecondsMax);
  demand(found, "missed_seconds", s.missed_seconds, 0, kMissedSecondsMax);
  demand(found, "pass_epoch", s.pass_epoch, 0, kPassEpochMax);
  demand(found, "proof_bits", s.proof_bits, kProofBitsMin, kProofBitsMax);
  demand(found, "proof_count", s.proof_count, kProofCountMin, kProofCountMax);
  demand(found, "joins_per_prefix", s.joins_per_prefix, 0, kJoinsPerPrefixMax);
  demand_lanes(found, s.lanes);
  demand_schedule(found, s.schedule);
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
  take(s.opens_at, patch.opens_at);
  take(s.no_show_seconds, patch.no_show_seconds);
  take(s.missed_seconds, patch.missed_seconds);
  take(s.pass_epoch, patch.pass_epoch);
  take(s.proof_bits, patch.proof_bits);
  take(s.proof_count, patch.proof_count);
  take(s.joins_per_prefix, patch.joins_per_prefix);
  take(s.one_per, patch.one_per);
  take(s.proof, patch.proof);
  take(s.offers_shown, patch.offers_shown);
  take(s.lottery, patch.lottery);
  take(s.two_person, patch.two_person);
  take(s.lanes, patch.lanes);
  take(s.schedule, patch.schedule);
  take(s.message, patch.message);
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
  number("missed_seconds", &Settings::missed_seconds);
  number("pass_epoch", &Settings::pass_epoch);
  number("proof_bits", &Settings::proof_bits);
  number("proof_count", &Settings::proof_count);
  number("joins_per_prefix", &Settings::joins_per_prefix);
  compare("one_per", before.one_per == OnePer::account ? "account" : "device",
          after.one_per == OnePer::account ? "account" : "device");
  compare("lottery", to_text(before.lottery), to_text(after.lottery));
  compare("two_person", to_text(before.two_person), to_text(after.two_person));
  compare("proof", std::string(to_string(before.proof)), std::string(to_string(after.proof)));
  compare("lanes", to_text(before.lanes), to_text(after.lanes));
  compare("schedule", to_text(before.schedule), to_text(after.schedule));
  compare("opens_at", to_text(before.opens_at), to_text(after.opens_at));
  compare("message", before.message, after.message);
  compare("offers_shown", std::string(to_string(before.offers_shown)),
          std::string(to_string(after.offers_shown)));
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

std::string encode(const Settings& s) {
  std::string out;
  put_varint(out, kFormat);
  put_varint(out, static_cast<std::uint64_t>(s.mode));
  each_number(s, [&](const std::int64_t& value) { put_signed(out, value); });
  put_varint(out, static_cast<std::uint64_t>(s.one_per));
  put_varint(out, static_cast<std::uint64_t>(s.proof));
  put_varint(out, (s.lottery ? 1U : 0U) | (s.two_person ? 2U : 0U) |
                      static_cast<unsigned>(s.offers_shown) << kOffersShift);
  put_varint(out, s.opens_at ? 1 : 0);
  put_signed(out, s.opens_at ? to_unix_ms(*s.opens_at) : 0);
  put_text(out, s.message);
  put_varint(out, s.lanes.size());
  for (const PriorityLane& lane : s.lanes) {
    put_text(out, lane.name);
    put_signed(out, lane.share);
  }
  put_varint(out, s.schedule.size());
  for (const PlannedChange& planned : s.schedule) put_planned(out, planned);
  return out;
}

std::optional<Settings> decode_settings(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.varint() != kFormat) return {};
  Settings s;
  const std::uint64_t mode = reader.varint();
  if (mode > static_cast<std::uint64_t>(Mode::drain)) return {};
  s.mode = static_cast<Mode>(mode);
  each_number(s, [&](std::int64_t& value) { value = reader.signed_varint(); });
  const std::uint64_t one_per = reader.varint();
  const std::uint64_t proof = reader.varint();
  const std::uint64_t flags = reader.varint();
  const std::uint64_t offers = flags >> kOffersShift;
  if (one_per > 1 || proof > 2 || offers > static_cast<std::uint64_t>(OffersShown::none)) return {};
  s.one_per = static_cast<OnePer>(one_per);
  s.proof = static_cast<ProofMode>(proof);
  s.lottery = flags & 1U;
  s.two_person = flags & 2U;
  s.offers_shown = static_cast<OffersShown>(offers);
  const bool opens = reader.varint() == 1;
  const Timestamp opens_at = reader.time();
  if (opens) s.opens_at = opens_at;
  s.message = std::string(reader.text());
  for (std::uint64_t left = reader.count(2); left > 0; --left) {
    PriorityLane lane{.name = std::string(reader.text())};
    lane.share = reader.signed_varint();
    s.lanes.push_back(std::move(lane));
  }
  for (std::uint64_t left = reader.count(5); left > 0; --left) {
    s.schedule.push_back(read_planned(reader));
  }
  if (reader.failed() || !reader.done() || !storable(s)) return {};
  return s;
}

}  // namespace onsale::waitroom
