#include "waitroom/log/room_log.h"

#include <algorithm>

namespace onsale::waitroom {

namespace {

constexpr Millis kSpacingMin{3'600'000};
constexpr Millis kSpacingForEver{1'000LL * 365 * 86'400'000};

}  // namespace

std::vector<std::uint64_t> superseded(const std::vector<LogBase>& bases, Millis spacing) {
  std::vector<std::uint64_t> gone;
  if (bases.empty()) return gone;
  Timestamp kept = bases.front().at;
  for (std::size_t i = 1; i + 1 < bases.size(); ++i) {
    if (bases[i].at - kept < spacing) {
      gone.push_back(bases[i].covers);
    } else {
      kept = bases[i].at;
    }
  }
  return gone;
}

void pick_facts(const LoggedBatch& batch, Sequence place, std::vector<LoggedFact>& out) {
  decode_records(batch.records, [&](const Record& record) {
    const bool told =
        record.fact != Fact::drawn && record.fact != Fact::draw && record.fact != Fact::skipped;
    if (record.place == place && told) out.push_back({batch.number, batch.link, record});
  });
}

Millis base_spacing(Millis kept) {
  return kept == Millis(0) ? kSpacingForEver : std::max(kSpacingMin, kept / 4);
}

}  // namespace onsale::waitroom
