#include "waitroom/room/room_history.h"

#include <algorithm>

namespace onsale::waitroom {

namespace {

std::int64_t seconds_of(Millis wait) { return (wait.count() + 500) / 1000; }

bool nothing_happened(const RoomSample& before, const RoomSample& after) {
  const auto quiet = [](const RoomSample& each) {
    return each.waiting == 0 && each.active == 0 && each.admitted_last_minute == 0;
  };
  return quiet(before) && quiet(after) && before.mode == after.mode &&
         before.capacity == after.capacity && before.admit_per_minute == after.admit_per_minute &&
         before.counts == after.counts;
}

}  // namespace

void RecentCalls::add(Timestamp at, Millis waited) {
  calls_.push_back({at, std::max(waited, Millis(0))});
  if (calls_.size() > kMax) calls_.pop_front();
}

std::optional<RealWait> RecentCalls::waits(Timestamp now) const {
  std::vector<Millis> waits;
  for (const Call& call : calls_) {
    if (call.at >= now - kWindow) waits.push_back(call.waited);
  }
  if (waits.empty()) return {};
  std::ranges::sort(waits);
  const auto of_ten = [&](std::size_t tenths) {
    return seconds_of(waits[(waits.size() * tenths + 9) / 10 - 1]);
  };
  return RealWait{.p50_seconds = of_ten(5), .p80_seconds = of_ten(8)};
}

void RoomHistory::add(const RoomId& room, const RoomSample& sample) {
  std::lock_guard lock(mutex_);
  Samples& samples = rooms_[room];
  const std::size_t had = samples.size();
  if (had >= 2 && nothing_happened(samples[had - 2], sample) &&
      nothing_happened(samples[had - 1], sample)) {
    samples.back() = sample;
  } else {
    samples.push_back(sample);
    ++count_;
  }
  forget(samples, sample.at - kKept);
  if (count_ > samples_max_) drop_oldest();
}

// What was true at `until` stays as the first sample.
void RoomHistory::forget(Samples& samples, Timestamp until) {
  while (samples.size() >= 2 && samples[1].at <= until) {
    samples.pop_front();
    --count_;
  }
  samples.front().at = std::max(samples.front().at, until);
}

void RoomHistory::drop_oldest() {
  auto oldest = rooms_.end();
  for (auto each = rooms_.begin(); each != rooms_.end(); ++each) {
    if (each->second.empty()) continue;
    if (oldest == rooms_.end() || each->second.front().at < oldest->second.front().at) {
      oldest = each;
    }
  }
  oldest->second.pop_front();
  --count_;
}

std::vector<RoomSample> RoomHistory::samples(const RoomId& room, Timestamp after) const {
  std::lock_guard lock(mutex_);
  const auto found = rooms_.find(room);
  if (found == rooms_.end()) return {};
  const Samples& all = found->second;
  const auto first = std::ranges::upper_bound(all, after, {}, &RoomSample::at);
  return {first, all.end()};
}

}  // namespace onsale::waitroom
