#include "waitroom/log/log_csv.h"

#include "base/encoding.h"
#include "waitroom/line/place_token.h"

namespace onsale::waitroom {

std::string_view to_string(Fact fact) {
  switch (fact) {
    case Fact::joined:
      return "joined";
    case Fact::admitted:
      return "admitted";
    case Fact::ghosted:
      return "ghosted";
    case Fact::left:
      return "left";
    case Fact::returned:
      return "returned";
    case Fact::no_show:
      return "no_show";
    case Fact::idle:
      return "idle";
    case Fact::overtime:
      return "overtime";
    case Fact::completed:
      return "completed";
    case Fact::bound:
      return "bound";
    case Fact::configured:
      return "configured";
    case Fact::missed:
      return "missed";
    case Fact::rejoined:
      return "rejoined";
    case Fact::forfeited:
      return "forfeited";
    case Fact::skipped:
      return "skipped";
    case Fact::restored:
      return "restored";
    case Fact::stopped:
      return "stopped";
    case Fact::draw:
      return "draw";
    case Fact::drawn:
      return "drawn";
    case Fact::passed:
      return "passed";
    case Fact::given:
      return "given";
    case Fact::lengthened:
      return "lengthened";
  }
  return "unknown";
}

std::size_t LogCsv::add(std::string& out, std::uint64_t batch, const Record& record) {
  const auto row = [&](std::string_view field, std::string_view before, std::string_view after) {
    out.append(std::to_string(batch)).append(",").append(to_rfc3339(record.at)).append(",");
    out.append(to_string(record.fact)).append(",");
    const bool of_a_place = record.place != 0 && record.fact != Fact::skipped;
    if (of_a_place) out.append(place_id(epoch_, record.place).str());
    out.append(",");
    if (record.place != 0) out.append(std::to_string(record.place));
    out.append(",");
    if (record.fact == Fact::joined) out.append(std::to_string(record.lane));
    out.append(",");
    put_csv_field(out, field);
    out.append(",");
    put_csv_field(out, before);
    out.append(",");
    put_csv_field(out, after);
    out.append("\r\n");
  };
  if (record.fact != Fact::configured) {
    row("", "", "");
    return 1;
  }
  std::optional<Settings> after = decode_settings(record.text);
  const std::optional<Settings> before = std::exchange(settings_, after);
  if (!after || !before) {
    row("", "", "");
    return 1;
  }
  const std::vector<Change> changed = changes(*before, *after);
  for (const Change& change : changed) row(change.field, change.before, change.after);
  return changed.size();
}

}  // namespace onsale::waitroom
