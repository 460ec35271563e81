// Pure rules of the catalogue: what a show amounts to, from its performances. No clock, no I/O.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "catalogue/catalogue.h"

namespace onsale::catalogue {

// One performance, as far as the state of its show depends on it.
struct PerformanceFacts {
  Timestamp starts_at;
  Timestamp sale_opens_at;
  std::int64_t seats_total = 0;
  std::int64_t seats_available = 0;
  std::int64_t price_from = 0;  // of its cheapest grade
  bool called_off = false;
};

struct ShowFacts {
  SaleState sale_state = SaleState::upcoming;
  std::int64_t seats_total = 0;
  std::int64_t seats_available = 0;
  std::optional<std::int64_t> price_from;
  bool called_off = false;  // there are some to come, and all of them are
};

// What is called off counts as ended. Counts what can still be attended. On sale when one
// performance is; else upcoming when one will be; else sold out when one has not started; else
// ended. Without any performance: upcoming.
ShowFacts show_facts(std::span<const PerformanceFacts> performances, Timestamp now);

// The day on the wall of a place: 2026-11-21.
std::string calendar_day(Timestamp t, std::int32_t utc_offset_minutes);

}  // namespace onsale::catalogue
