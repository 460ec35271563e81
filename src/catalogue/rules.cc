#include "catalogue/rules.h"

#include <algorithm>

namespace onsale::catalogue {

SaleState sale_state(Timestamp sale_opens_at, Timestamp starts_at, std::int64_t seats_available,
                     Timestamp now) {
  if (now >= starts_at) return SaleState::ended;
  if (now < sale_opens_at) return SaleState::upcoming;
  return seats_available > 0 ? SaleState::on_sale : SaleState::sold_out;
}

ShowFacts show_facts(std::span<const PerformanceFacts> performances, Timestamp now) {
  ShowFacts out;
  if (performances.empty()) return out;
  out.sale_state = SaleState::ended;
  std::optional<std::int64_t> price_ended;
  bool off = false, on = false;  // of those to come
  // From what is over to what can be bought.
  const auto rank = [](SaleState state) {
    switch (state) {
      case SaleState::ended:
        return 0;
      case SaleState::sold_out:
        return 1;
      case SaleState::upcoming:
        return 2;
      case SaleState::on_sale:
        return 3;
    }
    return 0;
  };
  for (const auto& one : performances) {
    auto state = sale_state(one.sale_opens_at, one.starts_at, one.seats_available, now);
    if (state != SaleState::ended) (one.called_off ? off : on) = true;
    if (one.called_off) state = SaleState::ended;
    if (rank(state) > rank(out.sale_state)) out.sale_state = state;
    auto& price = state == SaleState::ended ? price_ended : out.price_from;
    price = price ? std::min(*price, one.price_from) : one.price_from;
    if (state == SaleState::ended) continue;
    out.seats_total += one.seats_total;
    out.seats_available += one.seats_available;
  }
  if (!out.price_from) out.price_from = price_ended;
  out.called_off = off && !on;
  return out;
}

std::string calendar_day(Timestamp t, std::int32_t utc_offset_minutes) {
  return to_rfc3339(t + std::chrono::minutes(utc_offset_minutes)).substr(0, 10);
}

}  // namespace onsale::catalogue
