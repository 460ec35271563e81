#include <algorithm>

#include "base/check.h"
#include "waitroom/engine_time.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 2;

// What a place is, in one number.
constexpr std::uint64_t kNothing = 0, kInside = 1, kMissed = 2, kAway = 4, kAside = 8;
constexpr unsigned kLaneShift = 4;

std::uint64_t flags_of(const Place& place) {
  return (place.admitted ? kInside : kNothing) | (place.missed ? kMissed : kNothing) |
         (place.away ? kAway : kNothing) | (place.aside ? kAside : kNothing) |
         (place.lane << kLaneShift);
}

void put_numbers(std::string& out, const std::vector<std::uint32_t>& numbers) {
  put_varint(out, numbers.size());
  for (const std::uint32_t number : numbers) put_varint(out, number);
}

std::vector<std::uint32_t> read_numbers(ByteReader& reader) {
  std::vector<std::uint32_t> numbers;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    numbers.push_back(static_cast<std::uint32_t>(reader.varint()));
  }
  return numbers;
}

void put_line(std::string& out, const Line& line) {
  put_varint(out, line.draws().size());
  for (const Line::Draw& draw : line.draws()) {
    put_varint(out, draw.first);
    put_varint(out, draw.base);
    put_numbers(out, draw.rank);
    put_numbers(out, draw.at);
  }
  put_varint(out, line.gaps().size());
  for (const Line::Gap& gap : line.gaps()) {
    put_varint(out, gap.from);
    put_varint(out, gap.size);
  }
  put_varint(out, line.lost().first);
  put_varint(out, line.lost().end);
  put_varint(out, line.lost().held_to);
}

void read_line(ByteReader& reader, Line& line) {
  std::vector<Line::Draw> draws;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    Line::Draw& draw = draws.emplace_back();
    draw.first = reader.varint();
    draw.base = reader.varint();
    draw.rank = read_numbers(reader);
    draw.at = read_numbers(reader);
  }
  std::vector<Line::Gap> gaps;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    Line::Gap& gap = gaps.emplace_back();
    gap.from = reader.varint();
    gap.size = reader.varint();
  }
  LostNumbers lost;
  lost.first = reader.varint();
  lost.end = reader.varint();
  lost.held_to = reader.varint();
  line.restore(std::move(draws), std::move(gaps), lost);
}

}  // namespace

std::string Engine::snapshot() const {
  std::string out;
  out.reserve(static_cast<std::size_t>(live()) * 24 + 4096);
  put_varint(out, kFormat);
  put_text(out, encode(settings_));
  put_varint(out, next_);
  put_signed(out, to_unix_ms(now_));
  put_varint(out, (drawn_ ? 1U : 0U) | (stopped_ ? 2U : 0U));
  put_varint(out, history_.entries().size());
  for (const auto& entry : history_.entries()) {
    put_signed(out, to_unix_ms(entry.at));
    put_signed(out, entry.count);
  }
  put_line(out, line_);
  put_varint(out, virtual_now_);
  for (const std::uint64_t served : served_) put_varint(out, served);
  put_places(out, places_);
  put_places(out, lost_places_);
  put_varint(out, next_aside_);
  put_varint(out, static_cast<std::uint64_t>(aside_count()));
  for (const auto& lane : aside_) {
    for (const auto& [number, place] : lane) {
      put_varint(out, number);
      put_varint(out, place);
    }
  }
  put_varint(out, endings_.chunks().size());
  for (const auto& [number, words] : endings_.chunks()) {
    put_varint(out, number);
    for (const std::uint64_t word : words) put_varint(out, word);
  }
  return out;
}

void Engine::put_places(std::string& out, const PlaceTable& places) const {
  put_varint(out, static_cast<std::uint64_t>(places.size()));
  Sequence last = 0;
  places.for_each([&](const Place& place) {
    put_varint(out, place.sequence - last);
    last = place.sequence;
    put_varint(out, place.joined_s);
    put_varint(out, flags_of(place));
    out.append(reinterpret_cast<const char*>(place.device.data()), place.device.size());
    if (const Slot* inside = slot(place.sequence)) {
      put_signed(out, to_unix_ms(inside->admitted_at));
      put_text(out, inside->account);
    }
  });
}

bool Engine::restore(std::string_view bytes) {
  check(live() == 0 && next_ == 1, "a snapshot is restored into an empty engine");
  ByteReader reader(bytes);
  if (reader.varint() != kFormat) return false;
  const std::optional<Settings> settings = decode_settings(reader.text());
  if (!settings) return false;
  settings_ = *settings;
  next_ = reader.varint();
  now_ = from_unix_ms(reader.signed_varint());
  const std::uint64_t flags = reader.varint();
  drawn_ = flags & 1U;
  stopped_ = flags & 2U;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    const Timestamp at = from_unix_ms(reader.signed_varint());
    for (std::int64_t count = reader.signed_varint(); count > 0; --count) {
      history_.add(at);
      pour(at);
    }
  }
  read_line(reader, line_);
  virtual_now_ = reader.varint();
  for (std::uint64_t& served : served_) served = reader.varint();
  std::vector<std::pair<Sequence, LaneId>> waiting;  // by their order in the lane
  if (!read_places(reader, places_, waiting)) return false;
  if (!read_places(reader, lost_places_, waiting)) return false;
  std::ranges::sort(waiting);
  for (const auto& [order, lane] : waiting) line_.append_in_order(lane, order);
  next_aside_ = reader.varint();
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    const Sequence number = reader.varint();
    const Place* place = find(reader.varint());
    if (!place || !place->aside) return false;
    const auto lane = static_cast<LaneId>(place->lane);
    aside_[side_lane(place->missed, lane)].emplace(number, place->sequence);
  }
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    for (std::uint64_t& word : endings_.chunk(reader.varint())) word = reader.varint();
  }
  watch_everybody();
  return !reader.failed() && reader.done();
}

bool Engine::read_places(ByteReader& reader, PlaceTable& places,
                         std::vector<std::pair<Sequence, LaneId>>& waiting) {
  Sequence sequence = 0;
  for (std::uint64_t left = reader.varint(); left > 0 && !reader.failed(); --left) {
    const std::uint64_t step = reader.varint();
    if (step == 0) return false;
    sequence += step;
    const auto joined_s = static_cast<std::uint32_t>(reader.varint());
    const std::uint64_t flags = reader.varint();
    DeviceKey device{};
    std::ranges::copy(reader.bytes(device.size()), device.begin());
    const auto lane = static_cast<LaneId>(flags >> kLaneShift);
    Slot slot;
    if (flags & kInside) {
      slot.admitted_at = from_unix_ms(reader.signed_varint());
      slot.used_at = slot.admitted_at;
      slot.account = std::string(reader.text());
    }
    if (reader.failed() || sequence >= next_ || lane >= kLanes) return false;
    Place* place = places.append(sequence, device);
    place->joined_s = joined_s;
    place->seen_s = joined_s;
    place->lane = lane;
    place->admitted = flags & kInside;
    place->missed = flags & kMissed;
    place->away = flags & kAway;
    place->aside = flags & kAside;
    if (place->admitted) {
      slots_.emplace(sequence, std::move(slot));
    } else if (!place->away && !place->aside) {
      waiting.emplace_back(line_.order_of(sequence), lane);
    }
  }
  return true;
}

}  // namespace onsale::waitroom
