#include <algorithm>
#include <bit>

#include "base/check.h"
#include "waitroom/line/checksum.h"
#include "waitroom/line/engine_time.h"
#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 4;
constexpr std::uint64_t kFormatWithoutRanks = 3;  // nor since when the room is a pool
constexpr std::uint64_t kFormatWithoutSeal = 2;   // otherwise as 3

// What a place is, in one number.
constexpr std::uint64_t kNothing = 0, kInside = 1, kMissed = 2, kAway = 4, kAside = 8;
constexpr unsigned kLaneShift = 4;

// Bounds that only a broken snapshot reaches.
constexpr Sequence kNextMax = Sequence{1} << 53;
constexpr std::uint64_t kDrawsMax = 1U << 16;
constexpr std::int64_t kAdmissionsMax = std::int64_t{1} << 28;  // in a minute
constexpr std::size_t kPlaceBytesMin = 3 + sizeof(DeviceKey);

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
  for (std::uint64_t left = reader.count(1); left > 0; --left) {
    const std::uint64_t number = reader.varint();
    // Beyond its bound it is nobody's, which is found out.
    numbers.push_back(static_cast<std::uint32_t>(std::min<std::uint64_t>(number, ~0U)));
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
    put_varint(out, draw.entrants);
    put_numbers(out, draw.published);
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

bool read_line(ByteReader& reader, Line& line, Sequence next, bool with_ranks) {
  std::vector<Line::Draw> draws;
  const std::uint64_t many = reader.count(4);
  if (many > kDrawsMax) return false;
  for (std::uint64_t left = many; left > 0; --left) {
    Line::Draw& draw = draws.emplace_back();
    draw.first = reader.varint();
    draw.base = reader.varint();
    draw.rank = read_numbers(reader);
    draw.at = read_numbers(reader);
    draw.entrants = with_ranks ? reader.varint() : 0;
    draw.published = with_ranks ? read_numbers(reader) : std::vector<std::uint32_t>(draw.at.size());
  }
  std::vector<Line::Gap> gaps;
  for (std::uint64_t left = reader.count(2); left > 0; --left) {
    Line::Gap& gap = gaps.emplace_back();
    gap.from = reader.varint();
    gap.size = reader.varint();
  }
  LostNumbers lost;
  lost.first = reader.varint();
  lost.end = reader.varint();
  lost.held_to = reader.varint();
  line.restore(std::move(draws), std::move(gaps), lost);
  return !reader.failed() && line.sound(next);
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
  put_varint(out, pool_since_);
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
  out += checksum_of(out);
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
  const std::uint64_t format = ByteReader(bytes).varint();
  if (format == kFormat || format == kFormatWithoutRanks) {
    const auto inner = without_checksum(bytes);
    if (!inner) return false;
    bytes = *inner;
  } else if (format != kFormatWithoutSeal) {
    return false;
  }
  ByteReader reader(bytes);
  reader.varint();
  const bool with_ranks = format == kFormat;
  if (!read_room(reader, with_ranks) || !read_history(reader)) return false;
  if (!read_line(reader, line_, next_, with_ranks)) return false;
  virtual_now_ = reader.varint();
  for (std::uint64_t& served : served_) served = reader.varint();
  std::vector<std::pair<Sequence, LaneId>> waiting;  // by their order in the lane
  if (!read_places(reader, places_, waiting)) return false;
  if (!read_places(reader, lost_places_, waiting)) return false;
  if (!sound_places()) return false;  // so that orders differ
  std::ranges::sort(waiting);
  for (const auto& [order, lane] : waiting) line_.append_in_order(lane, order);
  if (!read_aside(reader) || !read_endings(reader) || !reader.done()) return false;
  watch_everybody();
  return true;
}

bool Engine::read_room(ByteReader& reader, bool with_pool) {
  const std::optional<Settings> settings = decode_settings(reader.text());
  if (!settings) return false;
  settings_ = *settings;
  next_ = reader.varint();
  now_ = reader.time();
  const std::uint64_t flags = reader.varint();
  drawn_ = flags & 1U;
  stopped_ = flags & 2U;
  pool_since_ = with_pool ? reader.varint() : 0;
  return !reader.failed() && flags <= 3 && pool_since_ <= next_ && next_ > 0 && next_ <= kNextMax;
}

bool Engine::read_history(ByteReader& reader) {
  std::int64_t sum = 0;
  for (std::uint64_t left = reader.count(2); left > 0; --left) {
    const Timestamp at = reader.time();
    const std::int64_t count = reader.signed_varint();
    if (reader.failed() || count < 1 || count > kAdmissionsMax - sum) return false;
    sum += count;
    history_.put({at, count});
    // More than a minute's worth fills the bucket no further.
    const std::int64_t poured = std::min(count, settings_.admit_per_minute + 1);
    for (std::int64_t each = 0; each < poured; ++each) pour(at);
  }
  return !reader.failed();
}

bool Engine::read_places(ByteReader& reader, PlaceTable& places,
                         std::vector<std::pair<Sequence, LaneId>>& waiting) {
  const std::uint64_t many = reader.count(kPlaceBytesMin);
  places.reserve(many);
  Sequence sequence = 0;
  for (std::uint64_t left = many; left > 0; --left) {
    const std::uint64_t step = reader.varint();
    if (step == 0 || step >= next_ - sequence) return false;
    sequence += step;
    const std::uint64_t joined_s = reader.varint();
    const std::uint64_t flags = reader.varint();
    DeviceKey device{};
    std::ranges::copy(reader.bytes(device.size()), device.begin());
    const std::uint64_t lane = flags >> kLaneShift;
    Slot slot;
    if (flags & kInside) {
      slot.admitted_at = reader.time();
      slot.used_at = slot.admitted_at;
      slot.account = std::string(reader.text());
    }
    if (reader.failed() || lane >= kLanes || joined_s > ~std::uint32_t{0}) return false;
    const std::uint64_t doing = flags & (kInside | kAway | kAside);
    if (doing != kNothing && !std::has_single_bit(doing)) return false;
    if (place_of(device)) return false;  // one device, one place
    Place* place = places.append(sequence, device);
    place->joined_s = static_cast<std::uint32_t>(joined_s);
    place->seen_s = place->joined_s;
    place->lane = static_cast<LaneId>(lane);
    place->admitted = flags & kInside;
    place->missed = flags & kMissed;
    place->away = flags & kAway;
    place->aside = flags & kAside;
    if (place->admitted) {
      slots_.emplace(sequence, std::move(slot));
    } else if (!place->away && !place->aside) {
      waiting.emplace_back(line_.order_of(sequence), static_cast<LaneId>(lane));
    }
  }
  return !reader.failed();
}

// Exactly those who are said to be aside, each once.
bool Engine::read_aside(ByteReader& reader) {
  next_aside_ = reader.varint();
  std::vector<Sequence> aside;
  for (std::uint64_t left = reader.count(2); left > 0; --left) {
    const Sequence number = reader.varint();
    const Place* place = find(reader.varint());
    if (reader.failed() || !place || !place->aside) return false;
    const bool in_order = place->missed ? number > 0 && number < next_aside_
                                        : number == line_.order_of(place->sequence);
    if (!in_order) return false;
    auto& lane = aside_[side_lane(place->missed, static_cast<LaneId>(place->lane))];
    if (!lane.emplace(number, place->sequence).second) return false;
    aside.push_back(place->sequence);
  }
  std::ranges::sort(aside);
  if (std::ranges::adjacent_find(aside) != aside.end()) return false;
  std::size_t expected = 0;
  visit_live([&](const Place& place) { expected += place.aside ? 1 : 0; });
  return !reader.failed() && next_aside_ > 0 && next_aside_ <= kNextMax && aside.size() == expected;
}

bool Engine::read_endings(ByteReader& reader) {
  const std::uint64_t many = reader.count(1 + Endings::kWords);
  if (many > Endings::kChunksMax) return false;
  std::uint64_t above = 0;  // numbers rise
  for (std::uint64_t left = many; left > 0; --left) {
    const std::uint64_t number = reader.varint();
    if (number < above || number > next_ / Endings::kPlaces) return false;
    above = number + 1;
    for (std::uint64_t& word : endings_.chunk(number)) word = reader.varint();
  }
  return !reader.failed();
}

// Everybody's order is theirs alone; who came back after a loss, and only they, has a number that
// was skipped.
bool Engine::sound_places() const {
  const LostNumbers& lost = line_.lost();
  bool sound = true;
  places_.for_each([&](const Place& place) {
    const Sequence number = place.sequence;
    sound = sound && line_.knows_order_of(number) && !lost.covers(number) &&
            place.lane != kRestoredLane && !names_lost(place.device);
  });
  lost_places_.for_each([&](const Place& place) {
    const Sequence number = place.sequence;
    sound = sound && line_.order_of(number) == number && line_.knows_order_of(number) &&
            number < lost.held_to && place.lane == kRestoredLane && !places_.find(number) &&
            (!names_lost(place.device) || place.device == lost_device(number));
  });
  return sound;
}

}  // namespace onsale::waitroom
