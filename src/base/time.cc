#include "base/time.h"

#include <cstdio>

namespace onsale {
namespace {

using std::chrono::sys_days;
using std::chrono::year_month_day;

// Reads exactly `count` digits at `at`; -1 when one is missing.
int digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return -1;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return -1;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

// Minutes east of UTC of "Z", "+09:00", "-05:30"; empty when malformed.
std::optional<int> offset_minutes(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return {};
  const int hours = digits(text, 1, 2);
  const int minutes = digits(text, 4, 2);
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return {};
  const int total = hours * 60 + minutes;
  return text[0] == '-' ? -total : total;
}

}  // namespace

std::string to_rfc3339(Timestamp t) {
  const auto day = std::chrono::floor<std::chrono::days>(t);
  const year_month_day date{day};
  const auto ms = static_cast<int>((t - day).count());
  char out[64];
  const int size = std::snprintf(out, sizeof out, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                                 static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                                 static_cast<unsigned>(date.day()), ms / 3'600'000,
                                 ms / 60'000 % 60, ms / 1'000 % 60, ms % 1'000);
  return std::string(out, static_cast<std::size_t>(size));
}

std::optional<Timestamp> parse_rfc3339(std::string_view text) {
  if (text.size() < 20 || text[4] != '-' || text[7] != '-' || text[13] != ':' || text[16] != ':')
    return {};
  if (text[10] != 'T' && text[10] != 't' && text[10] != ' ') return {};
  const year_month_day date{std::chrono::year{digits(text, 0, 4)},
                            std::chrono::month{static_cast<unsigned>(digits(text, 5, 2))},
                            std::chrono::day{static_cast<unsigned>(digits(text, 8, 2))}};
  const int hours = digits(text, 11, 2);
  const int minutes = digits(text, 14, 2);
  const int seconds = digits(text, 17, 2);
  if (digits(text, 0, 4) < 0 || !date.ok() || hours < 0 || hours > 23 || minutes < 0 ||
      minutes > 59 || seconds < 0 || seconds > 60)
    return {};
  std::size_t at = 19;
  int ms = 0;
  if (text[at] == '.') {
    int scale = 100;
    const std::size_t first = ++at;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at, scale /= 10)
      ms += (text[at] - '0') * scale;
    if (at == first) return {};
  }
  const auto offset = offset_minutes(text.substr(at));
  if (!offset) return {};
  return sys_days{date} + std::chrono::hours{hours} + std::chrono::minutes{minutes - *offset} +
         std::chrono::seconds{seconds} + Millis{ms};
}

}  // namespace onsale
