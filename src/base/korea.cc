#include "base/korea.h"

namespace onsale {
namespace {

constexpr std::chrono::hours kAhead{9};
constexpr std::size_t kDate = 10;     // characters of 2026-12-01
constexpr std::size_t kSeconds = 19;  // of 2026-12-01T09:00:00

}  // namespace

std::chrono::sys_days korean_day(Timestamp at) {
  return std::chrono::floor<std::chrono::days>(at + kAhead);
}

Timestamp begin_of_korean_day(std::chrono::sys_days day) { return Timestamp(day) - kAhead; }

std::string date_text(std::chrono::sys_days day) {
  return to_rfc3339(Timestamp(day)).substr(0, kDate);
}

std::optional<std::chrono::sys_days> parse_date(std::string_view text) {
  if (text.size() != kDate) return {};
  const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z");
  if (!midnight || to_unix_ms(*midnight) < 0) return {};
  return std::chrono::floor<std::chrono::days>(*midnight);
}

std::string korean_time_text(Timestamp at) { return to_rfc3339(at + kAhead).substr(0, kSeconds); }

}  // namespace onsale
