#include "waitroom/pace.h"

#include <algorithm>
#include <cmath>

namespace onsale::waitroom {

namespace {

constexpr std::int64_t kSlicesLooked = 12;  // the last minute
// How far the coming rate may be off the known one.
constexpr double kMeasuredSpread = 0.15;
constexpr double kAssumedSpread = 0.35;
// Standard normal quantiles.
constexpr double kZ80 = 0.8416;
constexpr double kZ90 = 1.2816;
constexpr double kWaitSecondsMax = 86'400.0 * 7;

std::int64_t whole_seconds(double seconds) {
  return static_cast<std::int64_t>(std::ceil(std::clamp(seconds, 0.0, kWaitSecondsMax)));
}

}  // namespace

Pace::Slice& Pace::slice(Timestamp at) {
  const std::int64_t number = to_unix_ms(at) / kSliceMs;
  Slice& slice = slices_[static_cast<std::size_t>(number) % kSlices];
  if (slice.number != number) slice = Slice{.number = number};
  return slice;
}

void Pace::slot_freed(Millis held) {
  const double seconds = static_cast<double>(held.count()) / 1000.0;
  slot_seconds_ = slot_seconds_ == 0 ? seconds : slot_seconds_ * 0.95 + seconds * 0.05;
}

std::optional<Eta> Pace::estimate(std::int64_t position, std::int64_t waiting,
                                  const Settings& settings, Timestamp now) {
  if (settings.mode != Mode::queue || position <= 0) return {};
  const std::int64_t current = to_unix_ms(now) / kSliceMs;
  std::int64_t admitted = 0, dropped = 0, slices = 0;
  for (const Slice& slice : slices_) {
    if (slice.number < current - kSlicesLooked || slice.number >= current) continue;
    admitted += slice.admitted;
    dropped += slice.dropped;
    slices = std::max(slices, current - slice.number);
  }
  const double seconds = static_cast<double>(slices * kSliceMs) / 1000.0;
  const bool measured = admitted > 0 && seconds >= 20;
  // Before anything was measured: the settings' own limits.
  const double slot_seconds =
      slot_seconds_ > 0 ? slot_seconds_ : static_cast<double>(settings.session_seconds) / 2;
  const double by_rate = static_cast<double>(settings.admit_per_minute) / 60.0;
  const double by_slots = static_cast<double>(settings.capacity) / slot_seconds;
  double rate = std::min(by_rate, by_slots);
  if (measured) rate = std::min(by_rate, static_cast<double>(admitted) / seconds);
  if (rate <= 0) return {};
  if (measured && waiting > 0) {
    // Of those who drop out, the ones ahead shorten the wait; on average half of them in time.
    const double ahead = static_cast<double>(position) / static_cast<double>(waiting);
    rate += static_cast<double>(dropped) / seconds * std::min(ahead, 1.0) / 2;
  }
  const double mean = static_cast<double>(position) / rate;
  const double spread = measured ? kMeasuredSpread : kAssumedSpread;
  const double deviation =
      std::sqrt(static_cast<double>(position) / (rate * rate) + spread * spread * mean * mean);
  return Eta{.p50_seconds = whole_seconds(mean),
             .p80_seconds = whole_seconds(mean + kZ80 * deviation),
             .p90_seconds = whole_seconds(mean + kZ90 * deviation)};
}

Millis poll_after(std::int64_t position, std::uint64_t place, Timestamp now) {
  const double distance = std::log10(std::max<double>(1.0, static_cast<double>(position) / 20.0));
  const double base = 1'300.0 + 2'600.0 * distance;
  // Everybody's own offset, another one each time.
  const std::uint64_t mixed =
      (place ^ static_cast<std::uint64_t>(to_unix_ms(now))) * 0x9E3779B97F4A7C15ULL;
  const double jitter = 0.8 + 0.4 * static_cast<double>(mixed >> 40) / static_cast<double>(1 << 24);
  return Millis(std::clamp<std::int64_t>(static_cast<std::int64_t>(base * jitter), 1'000, 10'000));
}

}  // namespace onsale::waitroom
