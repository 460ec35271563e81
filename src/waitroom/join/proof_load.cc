#include "waitroom/join/proof_load.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace onsale::waitroom {

namespace {

constexpr double kNormalOverS = 600;        // what a room is used to: the mean of about ten minutes
constexpr std::int64_t kAskedPerPlace = 8;  // asking weighs this much less than getting
constexpr std::int64_t kExtraBitsMost = 5;

std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hash(std::string_view key, std::uint64_t secret) {
  constexpr std::uint64_t kA = 0xA0761D6478BD642FULL;
  constexpr std::uint64_t kB = 0xE7037ED1A0B428DBULL;
  std::uint64_t h = secret ^ mix(secret ^ kA, key.size() ^ kB);
  while (!key.empty()) {
    std::uint64_t word = 0;
    const std::size_t n = std::min(key.size(), sizeof word);
    std::memcpy(&word, key.data(), n);
    h = mix(word ^ kA, h ^ kB);
    key.remove_prefix(n);
  }
  return mix(h ^ kB, h ^ secret);
}

}  // namespace

PrefixSketch::PrefixSketch(std::size_t columns, std::uint64_t secret)
    : mask_(std::bit_ceil(columns) - 1), secret_(secret), cells_((mask_ + 1) * kRows) {}

PrefixSketch::Cells PrefixSketch::cells_of(std::string_view key, Timestamp now) {
  const std::int64_t stamp = to_unix_ms(now) / kBucketMs % kStamps;
  const std::uint64_t first = hash(key, secret_);
  const std::uint64_t second = hash(key, ~secret_) | 1;
  Cells cells;
  for (std::size_t row = 0; row < kRows; ++row) {
    const std::size_t column = (first + row * second) >> 20 & mask_;
    Cell& cell = cells_[row * (mask_ + 1) + column];
    const std::int64_t passed = (stamp - cell.stamp + kStamps) % kStamps;
    // What was counted more than a minute ago goes; a clock that steps back a little changes
    // nothing.
    if (passed != 0 && passed <= kStamps - static_cast<std::int64_t>(kBuckets)) {
      for (std::size_t i = 1; i <= std::min<std::size_t>(passed, kBuckets); ++i) {
        cell.counts[(cell.stamp + i) % kBuckets] = 0;
      }
      cell.stamp = static_cast<std::uint16_t>(stamp);
    }
    cells[row] = &cell;
  }
  return cells;
}

// The sum of what each ten seconds had at least: each is a sketch of its own.
std::int64_t PrefixSketch::sum(const Cells& cells) {
  std::int64_t total = 0;
  for (std::size_t bucket = 0; bucket < kBuckets; ++bucket) {
    std::uint16_t least = std::numeric_limits<std::uint16_t>::max();
    for (const Cell* cell : cells) least = std::min(least, cell->counts[bucket]);
    total += least;
  }
  return total;
}

void PrefixSketch::raise(const Cells& cells) {
  std::uint16_t least = std::numeric_limits<std::uint16_t>::max();
  for (const Cell* cell : cells) least = std::min(least, cell->counts[cell->stamp % kBuckets]);
  if (least < std::numeric_limits<std::uint16_t>::max()) ++least;
  // Only those that say too little: the others already count somebody else too.
  for (Cell* cell : cells) {
    std::uint16_t& count = cell->counts[cell->stamp % kBuckets];
    count = std::max(count, least);
  }
}

std::int64_t PrefixSketch::add(std::string_view key, Timestamp now) {
  std::lock_guard lock(mutex_);
  const Cells cells = cells_of(key, now);
  raise(cells);
  return sum(cells);
}

bool PrefixSketch::take(std::string_view key, std::int64_t limit, Timestamp now) {
  std::lock_guard lock(mutex_);
  const Cells cells = cells_of(key, now);
  if (sum(cells) >= limit) return false;
  raise(cells);
  return true;
}

std::int64_t PrefixSketch::count(std::string_view key, Timestamp now) {
  std::lock_guard lock(mutex_);
  return sum(cells_of(key, now));
}

void JoinPressure::roll(Timestamp now) {
  const std::int64_t second = to_unix_ms(now) / 1000;
  if (second <= second_) return;
  const std::int64_t passed = std::min<std::int64_t>(second - second_, kSeconds);
  // An attack must not become what the room is used to.
  if (!pressed_ && second_ != 0) {
    const double kept = std::exp(-1 / kNormalOverS);
    normal_ = normal_ * kept + static_cast<double>(running().attempts) * (1 - kept);
    normal_ *= std::exp(-static_cast<double>(second - second_ - 1) / kNormalOverS);
  }
  for (std::int64_t i = 1; i <= passed; ++i) {
    Second& gone = seconds_[static_cast<std::size_t>(second - passed + i) % kSeconds];
    placed_ -= gone.placed;
    gone = {};
  }
  second_ = second;
}

JoinPressure::Second JoinPressure::sum(std::int64_t seconds) const {
  Second total;
  for (std::int64_t i = 1; i <= seconds; ++i) {
    const Second& one = seconds_[static_cast<std::size_t>(second_ - i + kSeconds) % kSeconds];
    total.attempts += one.attempts;
    total.cookie_less += one.cookie_less;
  }
  return total;
}

double JoinPressure::threshold() const {
  return std::max(rules_.joins_per_s, rules_.times_normal * normal_);
}

bool JoinPressure::judge(std::int64_t in_flight, Timestamp now) {
  const Second& now_running = running();
  const Second mean = sum(kMeanS);
  // The running second counts as soon as it is more than a whole one may have.
  const double rate = std::max(static_cast<double>(now_running.attempts),
                               static_cast<double>(mean.attempts) / kMeanS);
  const auto seen = static_cast<double>(mean.attempts + now_running.attempts);
  const auto strangers = static_cast<double>(mean.cookie_less + now_running.cookie_less);
  const double limit = threshold();
  double strain = std::max(rate / limit,
                           static_cast<double>(in_flight) / static_cast<double>(rules_.in_flight));
  if (seen > 0 && strangers / seen >= rules_.cookie_less_share) {
    strain = std::max(strain, rate / (limit * rules_.cookie_less_at));
  }
  if (strain >= 1) pressed_ = true;
  if (strain >= 0.5) last_strain_ = now;
  if (pressed_ && now - last_strain_ >= rules_.calm) pressed_ = false;
  return pressed_;
}

bool JoinPressure::attempt(bool cookie_less, std::int64_t in_flight, Timestamp now) {
  std::lock_guard lock(mutex_);
  roll(now);
  ++running().attempts;
  if (cookie_less) ++running().cookie_less;
  return judge(in_flight, now);
}

bool JoinPressure::pressed(std::int64_t in_flight, Timestamp now) {
  std::lock_guard lock(mutex_);
  roll(now);
  return judge(in_flight, now);
}

void JoinPressure::placed(Timestamp now) {
  std::lock_guard lock(mutex_);
  roll(now);
  ++running().placed;
  ++placed_;
}

std::int64_t JoinPressure::placed_last_minute(Timestamp now) {
  std::lock_guard lock(mutex_);
  roll(now);
  return placed_;
}

JoinPressure::Reading JoinPressure::read(std::int64_t in_flight, Timestamp now) {
  std::lock_guard lock(mutex_);
  roll(now);
  const bool pressed = judge(in_flight, now);
  const Second mean = sum(kMeanS);
  const auto attempts = static_cast<double>(mean.attempts);
  return {.pressed = pressed,
          .per_second = attempts / kMeanS,
          .normal = normal_,
          .cookie_less = attempts > 0 ? static_cast<double>(mean.cookie_less) / attempts : 0,
          .threshold = threshold(),
          .placed = placed_};
}

std::int64_t extra_bits(std::int64_t places, std::int64_t asked, std::int64_t allowance) {
  const std::int64_t load = places + asked / kAskedPerPlace;
  const std::int64_t free = std::max<std::int64_t>(1, allowance / 4);
  const auto doublings = std::bit_width(static_cast<std::uint64_t>(load / free));
  return std::clamp<std::int64_t>(static_cast<std::int64_t>(doublings), 0, kExtraBitsMost);
}

}  // namespace onsale::waitroom
