// Time as the product knows it: UTC, milliseconds, from a clock that comes in from outside.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onsale {

using Millis = std::chrono::milliseconds;
using Timestamp = std::chrono::sys_time<Millis>;

inline std::int64_t to_unix_ms(Timestamp t) { return t.time_since_epoch().count(); }
inline Timestamp from_unix_ms(std::int64_t ms) { return Timestamp(Millis(ms)); }

// RFC 3339, UTC, always with milliseconds: 2026-11-21T20:00:00.000Z.
std::string to_rfc3339(Timestamp t);
// Accepts any RFC 3339 date-time, with an offset; finer digits than milliseconds are cut off.
std::optional<Timestamp> parse_rfc3339(std::string_view text);

// The wall clock. Thread: any.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::time_point_cast<Millis>(std::chrono::system_clock::now());
  }
};

}  // namespace onsale
