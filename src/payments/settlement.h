// A day by two books: what our ledger says moved, beside what the provider says.
#pragma once

#include <string>
#include <vector>

#include "payments/asking.h"
#include "payments/ports.h"

namespace onsale::payments {

// Captured there in the last second of a day, it is on our books some time in the next one.
inline constexpr Millis kDaySlack = std::chrono::hours(2);

// What a provider told: what moved from kDaySlack before the day to kDaySlack after it.
struct Told {
  std::vector<StatementEntry> moved, fees;
};

// Pure. `ours`: lines with `payment` and `ours` set. `known`: those of the payments in `ours` and
// `told` that are ours. Orders of another provider are left out: one account there may have two
// names here.
struct Compared {
  std::vector<DayLine> lines;  // by payment
  bool fees_told = true;       // of everything that moved on the day
};
Compared compare(const std::vector<DayLine>& ours, const Told& told,
                 const std::vector<Records::Known>& known, const DayQuery& query);

// Thread: any. Both must outlive it.
class Settling {
 public:
  Settling(Records* records, const Asking& asking, const Clock& clock)
      : records_(records), asking_(asking), clock_(clock) {}

  Task<ProviderDay> day(DayQuery query) const;

 private:
  struct Answer {
    std::optional<NoStatement> silent;
    std::string code;
    std::vector<StatementEntry> entries;
  };
  Task<Answer> ask(StatementQuery query, std::string provider, Timestamp until) const;
  Task<Answer> read(StatementQuery query, std::string provider, Timestamp until) const;

  Records* const records_;
  const Asking& asking_;
  const Clock& clock_;
};

}  // namespace onsale::payments
