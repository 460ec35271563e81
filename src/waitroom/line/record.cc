#include "waitroom/line/record.h"

#include <algorithm>

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 1;
constexpr std::int64_t kLatestMs = 253'402'300'799'999;  // the end of the year 9999

constexpr std::uint64_t kJoinedInLane = 12;
constexpr std::uint64_t kDrawnWithRank = 22;
constexpr std::uint64_t kConfiguredBy = 24;
constexpr std::uint64_t kLengthMaxMs = 366ULL * 86'400'000;  // what only a broken log reaches

bool has_text(Fact fact) {
  return fact == Fact::bound || fact == Fact::configured || fact == Fact::draw ||
         fact == Fact::lengthened;
}

bool has_device(Fact fact) {
  return fact == Fact::joined || fact == Fact::restored || fact == Fact::given;
}

}  // namespace

bool leaves_line(Fact fact) {
  return fact == Fact::admitted || fact == Fact::ghosted || fact == Fact::left ||
         fact == Fact::forfeited;
}

bool frees_slot(Fact fact) {
  return fact == Fact::returned || fact == Fact::no_show || fact == Fact::idle ||
         fact == Fact::overtime || fact == Fact::completed || fact == Fact::missed;
}

std::uint64_t draw_span(const Record& record) { return ByteReader(record.text).varint(); }

std::uint64_t draw_entrants(const Record& record) {
  ByteReader reader(record.text);
  reader.varint();
  return reader.varint();
}

std::uint32_t drawn_rank(const Record& record) {
  return static_cast<std::uint32_t>(ByteReader(record.text).varint());
}

Millis lengthened_by(const Record& record) {
  return Millis(std::min(ByteReader(record.text).varint(), kLengthMaxMs));
}

std::string length_text(Millis length) {
  std::string text;
  put_varint(text, static_cast<std::uint64_t>(length.count()));
  return text;
}

std::string encode(const Records& records) {
  std::string out;
  out.reserve(8 + records.size() * 24);
  put_varint(out, kFormat);
  Sequence place = 0;
  std::int64_t at_ms = 0;
  for (const Record& record : records) {
    const bool in_lane = record.fact == Fact::joined && record.lane != kMainLane;
    const bool ranked = record.fact == Fact::drawn && !record.text.empty();
    const bool by = record.fact == Fact::configured && !record.by.empty();
    put_varint(out, in_lane  ? kJoinedInLane
                    : ranked ? kDrawnWithRank
                    : by     ? kConfiguredBy
                             : static_cast<std::uint64_t>(record.fact));
    put_signed(out, static_cast<std::int64_t>(record.place - place));
    put_signed(out, to_unix_ms(record.at) - at_ms);
    place = record.place;
    at_ms = to_unix_ms(record.at);
    if (in_lane) put_varint(out, record.lane);
    if (has_device(record.fact)) {
      out.append(reinterpret_cast<const char*>(record.device.data()), record.device.size());
    }
    if (has_text(record.fact) || ranked) put_text(out, record.text);
    if (!by) continue;
    put_varint(out, record.by.size());
    for (const std::string& who : record.by) put_text(out, who);
  }
  return out;
}

bool decode_records(std::string_view batch, const std::function<void(const Record&)>& visit) {
  ByteReader reader(batch);
  if (reader.varint() != kFormat) return false;
  Sequence place = 0;
  std::int64_t at_ms = 0;
  while (!reader.done()) {
    Record record;
    const std::uint64_t fact = reader.varint();
    if (fact < 1 || fact > static_cast<std::uint64_t>(Fact::lengthened)) return false;
    record.fact = fact == kJoinedInLane    ? Fact::joined
                  : fact == kDrawnWithRank ? Fact::drawn
                  : fact == kConfiguredBy  ? Fact::configured
                                           : static_cast<Fact>(fact);
    place += static_cast<std::uint64_t>(reader.signed_varint());
    const std::int64_t step_ms = reader.signed_varint();
    if (step_ms < -kLatestMs || step_ms > kLatestMs) return false;
    at_ms += step_ms;
    if (at_ms < 0 || at_ms > kLatestMs) return false;
    record.place = place;
    record.at = from_unix_ms(at_ms);
    if (fact == kJoinedInLane) {
      const std::uint64_t lane = reader.varint();
      if (lane >= kLanes) return false;
      record.lane = static_cast<LaneId>(lane);
    }
    if (has_device(record.fact)) {
      const std::string_view device = reader.bytes(record.device.size());
      std::ranges::copy(device, record.device.begin());
    }
    if (has_text(record.fact) || fact == kDrawnWithRank) record.text = std::string(reader.text());
    if (fact == kConfiguredBy) {
      for (std::uint64_t left = reader.count(1); left > 0; --left) {
        record.by.emplace_back(reader.text());
      }
    }
    if (reader.failed()) return false;
    visit(record);
  }
  return !reader.failed();
}

}  // namespace onsale::waitroom
