// The settlement of a day: what came in and went back, by provider and by show, what the providers
// keep of it, and where their word differs from our books. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "catalogue/catalogue.h"
#include "payments/payments.h"

namespace onsale::ops {

// Of the shows' own prices: hundredths of a percent, VAT included, by provider. Absent: not agreed.
using FeeRates = std::map<std::string, std::int64_t>;

// provider: as it told. rate: by what was agreed (FeeRates). none: nobody knows.
enum class FeesBy { provider, rate, none };
BOOST_DESCRIBE_ENUM(FeesBy, provider, rate, none)

struct SoldShow {
  catalogue::ShowId id;
  std::string title;
};

// What is empty is not known, which is not 0.
struct SettlementSums {
  payments::Sums ours;
  std::optional<payments::Sums> theirs;
  std::optional<std::int64_t> fees;
  std::optional<std::int64_t> difference() const {
    if (!theirs) return {};
    return theirs->net() - ours.net();
  }
};
struct SettlementLine {
  std::string provider;
  std::optional<SoldShow> show;  // empty: of no reservation that we know
  std::int64_t payments = 0;
  SettlementSums sums;
};
struct ProviderSettlement {
  std::string provider;
  SettlementSums sums;
  FeesBy fees_by = FeesBy::none;
  std::optional<payments::NoStatement> silent;
  std::string code;
  std::int64_t differing_total = 0;
  std::vector<payments::DayLine> differing;  // at most kDifferingMax
};
struct SettlementReport {
  SettlementSums sums;  // `theirs` once every provider with money on this day has said it all
  std::vector<ProviderSettlement> providers;
  std::vector<SettlementLine> lines;  // by provider, and by title
};
inline constexpr std::size_t kDifferingMax = 500;

// `shows`: by subject.
SettlementReport settlement(const std::vector<payments::ProviderDay>& days,
                            const std::map<std::string, SoldShow>& shows, const FeeRates& rates);

}  // namespace onsale::ops
