#include "waitroom/settings.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 2;
constexpr std::size_t kWithoutNames = 23;  // of the settings: those of format 2
constexpr unsigned kOffersShift = 2;       // in the flags; older settings have zeros there

template <class Kind>
constexpr bool kWhole = false;
template <std::int64_t Min, std::int64_t Max>
constexpr bool kWhole<Whole<Min, Max>> = true;

// Far beyond every limit, and nothing that is computed from it overflows. Limits of today do not
// judge what was stored yesterday.
constexpr std::int64_t kStoredMax = 10'000'000'000;
bool storable_number(std::int64_t value) { return value >= -kStoredMax && value <= kStoredMax; }

// Every whole number of format 2.
template <class F>
void each_number(F visit) {
  each_setting([&]<std::size_t Index>(Setting<Index> setting) {
    if constexpr (Index < kWithoutNames && kWhole<typename Setting<Index>::Kind>) visit(setting);
  });
}

// False for what is no enumerator.
template <class T>
bool read_choice(std::uint64_t number, T& value) {
  value = static_cast<T>(number);
  if constexpr (std::is_same_v<T, bool>) {
    return number <= 1;
  } else {
    return number <= 0xFF && boost::describe::enum_to_string(value, nullptr) != nullptr;
  }
}

// What is absent is a zero byte.
void put_optional(std::string& out, const std::optional<std::int64_t>& value) {
  put_varint(out, value ? 1 : 0);
  if (value) put_signed(out, *value);
}

std::optional<std::int64_t> read_optional(ByteReader& reader) {
  if (reader.varint() != 1) return {};
  return reader.signed_varint();
}

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

// One value of each kind, and back; false for what put can't have written.
template <std::int64_t Min, std::int64_t Max>
void put(std::string& out, Whole<Min, Max>, std::int64_t value) {
  put_signed(out, value);
}
template <std::int64_t Min, std::int64_t Max>
bool read(ByteReader& reader, Whole<Min, Max>, std::int64_t& value) {
  value = reader.signed_varint();
  return storable_number(value);
}

template <class T>
void put(std::string& out, Choice<T>, T value) {
  put_varint(out, static_cast<std::uint64_t>(value));
}
template <class T>
bool read(ByteReader& reader, Choice<T>, T& value) {
  return read_choice(reader.varint(), value);
}

template <std::size_t Max>
void put(std::string& out, Words<Max>, const std::string& value) {
  put_text(out, value);
}
template <std::size_t Max>
bool read(ByteReader& reader, Words<Max>, std::string& value) {
  value = std::string(reader.text());
  return true;
}

void put(std::string& out, Moment, const std::optional<Timestamp>& value) {
  put_varint(out, value ? 1 : 0);
  put_signed(out, value ? to_unix_ms(*value) : 0);
}
bool read(ByteReader& reader, Moment, std::optional<Timestamp>& value) {
  const bool there = reader.varint() == 1;
  const Timestamp time = reader.time();
  if (there) value = time;
  return true;
}

void put(std::string& out, Lanes, const std::vector<PriorityLane>& lanes) {
  put_varint(out, lanes.size());
  for (const PriorityLane& lane : lanes) {
    put_text(out, lane.name);
    put_signed(out, lane.share);
  }
}
bool read(ByteReader& reader, Lanes, std::vector<PriorityLane>& lanes) {
  for (std::uint64_t left = reader.count(2); left > 0; --left) {
    PriorityLane lane{.name = std::string(reader.text())};
    lane.share = reader.signed_varint();
    if (!storable_number(lane.share)) return false;
    lanes.push_back(std::move(lane));
  }
  return lanes.size() <= kPriorityLanesMax;
}

void put(std::string& out, Plan, const std::vector<PlannedChange>& schedule) {
  put_varint(out, schedule.size());
  for (const PlannedChange& planned : schedule) put_planned(out, planned);
}
bool read(ByteReader& reader, Plan, std::vector<PlannedChange>& schedule) {
  for (std::uint64_t left = reader.count(5); left > 0; --left) {
    schedule.push_back(read_planned(reader));
    const PlannedChange& planned = schedule.back();
    const Mode mode = planned.mode.value_or(Mode::open);
    if (mode < Mode::open || mode > Mode::drain || !storable_number(planned.capacity.value_or(0)) ||
        !storable_number(planned.admit_per_minute.value_or(0))) {
      return false;
    }
  }
  return schedule.size() <= kPlannedMax;
}

}  // namespace

void put_by_name(std::string& out, const Settings& settings, std::size_t first) {
  each_setting([&](auto setting) {
    if (setting.kIndex < first) return;
    put_text(out, setting.kName);
    std::string value;
    put(value, setting.kKind, setting.of(settings));
    put_text(out, value);
  });
}

bool read_by_name(ByteReader& reader, Settings& settings, std::size_t first) {
  while (!reader.done()) {
    const std::string_view name = reader.text();
    ByteReader value(reader.text());
    bool good = false;
    each_setting([&](auto setting) {
      if (setting.kIndex < first || setting.kName != name) return;
      good = read(value, setting.kKind, setting.of(settings)) && !value.failed() && value.done();
    });
    if (!good) return false;
  }
  return !reader.failed();
}

std::string encode(const Settings& s) {
  std::string out;
  put_varint(out, kFormat);
  put_varint(out, static_cast<std::uint64_t>(s.mode));
  each_number([&](auto setting) { put_signed(out, setting.of(s)); });
  put_varint(out, static_cast<std::uint64_t>(s.one_per));
  put_varint(out, static_cast<std::uint64_t>(s.proof));
  put_varint(out, (s.lottery ? 1U : 0U) | (s.two_person ? 2U : 0U) |
                      static_cast<unsigned>(s.offers_shown) << kOffersShift);
  put(out, Moment(), s.opens_at);
  put_text(out, s.message);
  put(out, Lanes(), s.lanes);
  put(out, Plan(), s.schedule);
  put_by_name(out, s, kWithoutNames);
  return out;
}

std::optional<Settings> decode_settings(std::string_view bytes) {
  ByteReader reader(bytes);
  if (reader.varint() != kFormat) return {};
  Settings s;
  bool good = read_choice(reader.varint(), s.mode);
  each_number([&](auto setting) { good = read(reader, setting.kKind, setting.of(s)) && good; });
  good = read_choice(reader.varint(), s.one_per) && good;
  good = read_choice(reader.varint(), s.proof) && good;
  const std::uint64_t flags = reader.varint();
  s.lottery = flags & 1U;
  s.two_person = flags & 2U;
  good = read_choice(flags >> kOffersShift, s.offers_shown) && good;
  good = read(reader, Moment(), s.opens_at) && good;
  s.message = std::string(reader.text());
  good = good && read(reader, Lanes(), s.lanes) && read(reader, Plan(), s.schedule) &&
         read_by_name(reader, s, kWithoutNames);
  if (!good || reader.failed()) return {};
  return s;
}

}  // namespace onsale::waitroom
