#include "ops/settlement.h"

#include <algorithm>
#include <tuple>

namespace onsale::ops {
namespace {

using payments::DayLine;
using payments::ProviderDay;
using payments::Sums;

constexpr std::int64_t kWhole = 10'000;  // hundredths of a percent

void add(Sums& to, const Sums& more) {
  to.captured += more.captured;
  to.refunded += more.refunded;
}

void add(std::optional<std::int64_t>& to, const std::optional<std::int64_t>& more) {
  if (to && more) *to += *more;
  if (!more) to.reset();
}

void add(SettlementSums& to, const SettlementSums& more) {
  add(to.ours, more.ours);
  if (to.theirs && more.theirs) add(*to.theirs, *more.theirs);
  if (!more.theirs) to.theirs.reset();
  add(to.fees, more.fees);
}

// Nothing yet, of which everything is known.
SettlementSums zero() { return {.theirs = Sums{}, .fees = 0}; }

// One provider's day, on its way into the report.
struct Day {
  const ProviderDay& of;
  FeesBy fees_by = FeesBy::none;
  std::int64_t rate = 0;

  Day(const ProviderDay& day, const FeeRates& rates) : of(day) {
    const auto agreed = rates.find(day.provider);
    if (day.fees_told)
      fees_by = FeesBy::provider;
    else if (agreed != rates.end())
      fees_by = FeesBy::rate;
    if (fees_by == FeesBy::rate) rate = agreed->second;
  }
  SettlementSums sums_of(const DayLine& line) const {
    SettlementSums out{.ours = line.ours};
    if (!of.silent) out.theirs = line.theirs;
    if (fees_by == FeesBy::provider) out.fees = line.fee.value_or(0);
    if (fees_by == FeesBy::rate) out.fees = line.ours.net() * rate / kWhole;
    return out;
  }
};

using Key = std::tuple<std::string, std::string, std::string>;  // provider, title, show

SettlementLine& line_of(std::map<Key, SettlementLine>& lines, const std::string& provider,
                        const SoldShow* show) {
  Key key{provider, show != nullptr ? show->title : "", show != nullptr ? show->id.str() : ""};
  SettlementLine fresh{.provider = provider, .sums = zero()};
  if (show != nullptr) fresh.show = *show;
  return lines.try_emplace(std::move(key), std::move(fresh)).first->second;
}

ProviderSettlement provider_of(const Day& day) {
  const ProviderDay& of = day.of;
  ProviderSettlement out{.provider = of.provider,
                         .sums = zero(),
                         .fees_by = day.fees_by,
                         .silent = of.silent,
                         .code = of.code};
  if (of.silent) out.sums.theirs.reset();
  if (day.fees_by == FeesBy::none) out.sums.fees.reset();
  for (const DayLine& line : of.lines) {
    add(out.sums, day.sums_of(line));
    if (line.differs == payments::Differs::no) continue;
    if (out.differing_total++ < static_cast<std::int64_t>(kDifferingMax))
      out.differing.push_back(line);
  }
  return out;
}

// A provider that never says anything, and had nothing to say, keeps no total from being known.
bool counts(const ProviderSettlement& one) {
  const bool moved = one.sums.ours != Sums{};
  return moved || !one.silent || *one.silent == payments::NoStatement::silent;
}

}  // namespace

SettlementReport settlement(const std::vector<ProviderDay>& days,
                            const std::map<std::string, SoldShow>& shows, const FeeRates& rates) {
  SettlementReport out{.sums = zero()};
  bool anybody = false;
  std::map<Key, SettlementLine> lines;
  for (const ProviderDay& each : days) {
    const Day day(each, rates);
    out.providers.push_back(provider_of(day));
    if (counts(out.providers.back())) {
      add(out.sums, out.providers.back().sums);
      anybody = true;
    }
    for (const DayLine& line : each.lines) {
      const auto show = shows.find(line.subject);
      SettlementLine& to =
          line_of(lines, each.provider, show == shows.end() ? nullptr : &show->second);
      ++to.payments;
      add(to.sums, day.sums_of(line));
    }
  }
  if (!anybody) {  // nobody was asked who could say
    out.sums.theirs.reset();
    out.sums.fees.reset();
  }
  for (auto& [key, line] : lines) out.lines.push_back(std::move(line));
  return out;
}

}  // namespace onsale::ops
