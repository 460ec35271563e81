#include "base/throttle.h"

#include <algorithm>

namespace onsale {

Millis Throttle::over(Timestamp full_at, Timestamp now) const {
  return std::max(full_at + limits_.refill - now - limits_.refill * limits_.burst, Millis(0));
}

Millis Throttle::wait(std::string_view key, Timestamp now) const {
  std::lock_guard lock(mutex_);
  const auto found = full_at_.find(key);
  return over(found == full_at_.end() ? now : std::max(found->second, now), now);
}

Millis Throttle::take(std::string_view key, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto found = full_at_.find(key);
  const Timestamp full_at = found == full_at_.end() ? now : std::max(found->second, now);
  if (const Millis wait = over(full_at, now); wait > Millis(0)) return wait;
  if (found == full_at_.end()) {
    make_room_locked(now);
    found = full_at_.emplace(std::string(key), now).first;
  }
  found->second = full_at + limits_.refill;
  return Millis(0);
}

void Throttle::give_back(std::string_view key) {
  std::lock_guard lock(mutex_);
  if (const auto found = full_at_.find(key); found != full_at_.end())
    found->second -= limits_.refill;
}

void Throttle::clear(std::string_view key) {
  std::lock_guard lock(mutex_);
  if (const auto found = full_at_.find(key); found != full_at_.end()) full_at_.erase(found);
}

std::size_t Throttle::size() const {
  std::lock_guard lock(mutex_);
  return full_at_.size();
}

void Throttle::make_room_locked(Timestamp now) {
  if (full_at_.size() < limits_.keys_max) return;
  // A walk over the table at most once a second, however many keys come.
  if (now - swept_at_ >= Millis(1000)) {
    swept_at_ = now;
    std::erase_if(full_at_, [now](const auto& entry) { return entry.second <= now; });
  }
  if (full_at_.size() >= limits_.keys_max) full_at_.erase(full_at_.begin());
}

}  // namespace onsale
