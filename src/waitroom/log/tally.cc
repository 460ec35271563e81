#include "waitroom/log/tally.h"

#include <algorithm>

namespace onsale::waitroom {

void Tally::count(const Record& record) {
  switch (record.fact) {
    case Fact::joined:
      ++counts_.joins;
      return note_join(record.place, record.at);
    case Fact::admitted:
      ++counts_.admissions;
      return;
    case Fact::ghosted:
      ++counts_.ghosts;
      return note_drop_out(record);
    case Fact::left:
      ++counts_.left;
      return note_drop_out(record);
    case Fact::forfeited:
      ++counts_.forfeited;
      return;
    case Fact::no_show:
      ++counts_.no_shows;
      return;
    case Fact::missed:
      ++counts_.missed;
      return;
    case Fact::rejoined:
      ++counts_.rejoined;
      return;
    case Fact::returned:
      ++counts_.returned;
      return;
    case Fact::idle:
      ++counts_.idle;
      return;
    case Fact::overtime:
      ++counts_.overtime;
      return;
    case Fact::completed:
      ++counts_.completed;
      return;
    case Fact::restored:
      ++counts_.restored;
      return;
    case Fact::configured:
      ++counts_.settings_changes;
      return;
    case Fact::draw:
      ++counts_.draws;
      return;
    case Fact::skipped:
      ++counts_.unclean_ends;
      return;
    case Fact::bound:
    case Fact::stopped:
    case Fact::drawn:
    case Fact::passed:
    case Fact::given:
    case Fact::lengthened:
      return;
  }
}

Timestamp Tally::joined_at(Sequence place) const {
  const auto after = std::ranges::upper_bound(seconds_, place, {}, &Second::first);
  if (after == seconds_.begin()) return Timestamp{};
  return from_unix_ms(std::prev(after)->at_s * 1000);
}

void Tally::note_join(Sequence place, Timestamp at) {
  const std::int64_t at_s = to_unix_ms(at) / 1000;
  if (!seconds_.empty() && seconds_.back().at_s == at_s) return;
  if (seconds_.size() >= kSecondsMax) {  // the older half, at half the precision
    std::size_t kept = 0;
    for (std::size_t i = 0; i < seconds_.size(); ++i) {
      if (i >= kSecondsMax / 2 || i % 2 == 0) seconds_[kept++] = seconds_[i];
    }
    seconds_.resize(kept);
  }
  seconds_.push_back({place, at_s});
}

void Tally::note_drop_out(const Record& record) {
  const Timestamp joined = joined_at(record.place);
  if (joined == Timestamp{}) return;
  const std::int64_t lived = std::max<std::int64_t>(0, (record.at - joined).count() / 1000);
  const auto bucket = std::ranges::lower_bound(DropOuts::kBounds, lived);
  ++drop_outs_.counts[static_cast<std::size_t>(bucket - DropOuts::kBounds.begin())];
  ++drop_outs_.count;
  drop_outs_.seconds += lived;
}

}  // namespace onsale::waitroom
