// How often somebody may try, per key, with a bounded memory. A bucket of `burst` tries that fills
// up by one every `refill`; what is kept per key is only the time when its bucket is full again.
// Thread: any.
#pragma once

#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/time.h"

namespace onsale {

struct ThrottleLimits {
  int burst = 0;
  Millis refill{0};
  std::size_t keys_max = 20'000;
};

class Throttle {
 public:
  explicit Throttle(ThrottleLimits limits) : limits_(limits) {}

  // Takes one try. Zero when allowed, else how long to wait. When keys_max others are known, a new
  // key displaces one of them: memory stays bounded, and the address limit bounds who does that.
  Millis take(std::string_view key, Timestamp now);
  // The same without taking one.
  Millis wait(std::string_view key, Timestamp now) const;
  // Gives one try back.
  void give_back(std::string_view key);
  // Forgets the key.
  void clear(std::string_view key);

  std::size_t size() const;

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  using Table = std::unordered_map<std::string, Timestamp, Hash, std::equal_to<>>;

  Millis over(Timestamp full_at, Timestamp now) const;
  void make_room_locked(Timestamp now);

  const ThrottleLimits limits_;
  mutable std::mutex mutex_;
  Table full_at_;
  Timestamp swept_at_{};
};

}  // namespace onsale
