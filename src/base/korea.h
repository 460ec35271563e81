// Korea's calendar days: of UTC+9, which knows no daylight saving. What people buy there, give back
// and settle goes by them. Thread: any.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace onsale {

std::chrono::sys_days korean_day(Timestamp at);
Timestamp begin_of_korean_day(std::chrono::sys_days day);

// As it is written: 2026-12-01. Years 1970 to 9999.
std::string date_text(std::chrono::sys_days day);
std::optional<std::chrono::sys_days> parse_date(std::string_view text);

// 2026-12-01T09:00:00, to the second and without a zone: what providers of payments ask for.
std::string korean_time_text(Timestamp at);

}  // namespace onsale
