#include "waitroom/api/metrics_http.h"

namespace onsale::waitroom {
namespace {

using metrics::Registry;

std::string label(const RoomNumbers& room) { return "room=\"" + room.id.str() + "\""; }

void declare_counter(Registry& registry, const Host& rooms, const char* name, const char* help,
                     std::int64_t Counts::* count) {
  registry.computed_samples(name, help, "counter", [&rooms, count] {
    std::vector<Registry::Sample> samples;
    for (const RoomNumbers& room : rooms.numbers())
      samples.push_back({"", label(room), static_cast<double>(room.counts.*count)});
    return samples;
  });
}

void declare_gauge(Registry& registry, const Host& rooms, const char* name, const char* help,
                   double (*value)(const RoomNumbers&)) {
  registry.computed_samples(name, help, "gauge", [&rooms, value] {
    std::vector<Registry::Sample> samples;
    for (const RoomNumbers& room : rooms.numbers())
      samples.push_back({"", label(room), value(room)});
    return samples;
  });
}

// Of an estimate that was never checked there is nothing to say.
void declare_calibration(Registry& registry, const Host& rooms, const char* name, const char* help,
                         double CalibrationReport::* value) {
  registry.computed_samples(name, help, "gauge", [&rooms, value] {
    std::vector<Registry::Sample> samples;
    for (const RoomNumbers& room : rooms.numbers()) {
      if (room.calibration.count > 0) samples.push_back({"", label(room), room.calibration.*value});
    }
    return samples;
  });
}

std::vector<Registry::Sample> drop_outs(const Host& rooms) {
  std::vector<Registry::Sample> samples;
  for (const RoomNumbers& room : rooms.numbers()) {
    std::int64_t below = 0;
    for (std::size_t i = 0; i < room.drop_outs.counts.size(); ++i) {
      below += room.drop_outs.counts[i];
      const std::string bound =
          i < DropOuts::kBounds.size() ? std::to_string(DropOuts::kBounds[i]) : "+Inf";
      samples.push_back(
          {"_bucket", label(room) + ",le=\"" + bound + "\"", static_cast<double>(below)});
    }
    samples.push_back({"_sum", label(room), static_cast<double>(room.drop_outs.seconds)});
    samples.push_back({"_count", label(room), static_cast<double>(room.drop_outs.count)});
  }
  return samples;
}

void declare_counters(Registry& registry, const Host& rooms) {
  const auto counter = [&](const char* name, const char* help, std::int64_t Counts::* count) {
    declare_counter(registry, rooms, name, help, count);
  };
  counter("waitroom_joins_total", "Places given.", &Counts::joins);
  counter("waitroom_admissions_total", "People called from the line.", &Counts::admissions);
  counter("waitroom_no_shows_total", "Slots lost by who never came.", &Counts::no_shows);
  counter("waitroom_missed_turns_total", "Slots of who never came, with a turn kept for them.",
          &Counts::missed);
  counter("waitroom_rejoined_total", "Back for a missed turn.", &Counts::rejoined);
  counter("waitroom_forfeited_total", "Did not come back for a missed turn.", &Counts::forfeited);
  counter("waitroom_left_total", "Left the line by themselves.", &Counts::left);
  counter("waitroom_ghosts_total", "Removed from the line after falling silent.", &Counts::ghosts);
  counter("waitroom_returned_total", "Slots given back.", &Counts::returned);
  counter("waitroom_completed_total", "Slots freed by a purchase.", &Counts::completed);
  counter("waitroom_idle_total", "Slots freed after falling silent.", &Counts::idle);
  counter("waitroom_overtime_total", "Slots at their absolute end.", &Counts::overtime);
  counter("waitroom_restored_total", "Lost places brought back by a token.", &Counts::restored);
  counter("waitroom_settings_changes_total", "Changes of settings.", &Counts::settings_changes);
}

void declare_rooms(Registry& registry, const Host& waitroom) {
  const auto rows = [&waitroom](std::int64_t RoomView::* number) {
    metrics::Rows out;
    for (const auto& room : waitroom.rooms())
      out.emplace_back(room.id.str(), static_cast<double>(room.*number));
    return out;
  };
  registry.computed_rows("waitroom_waiting", "People in line.", "room",
                         [rows] { return rows(&RoomView::waiting); });
  registry.computed_rows("waitroom_active", "Slots in use.", "room",
                         [rows] { return rows(&RoomView::active); });
  registry.computed_rows("waitroom_admitted_last_minute", "Admissions of the last minute.", "room",
                         [rows] { return rows(&RoomView::admitted_last_minute); });
}

void declare_joins(Registry& registry, const JoinCounts& counts) {
  registry.computed_rows("waitroom_gate", "Joins since the start, by what the gatekeeper did.",
                         "did", [&counts] {
                           const auto row = [](const char* did, std::int64_t count) {
                             return std::pair<std::string, double>(did, count);
                           };
                           return metrics::Rows{row("asked", counts.asked),
                                                row("proven", counts.proven),
                                                row("refused", counts.refused),
                                                row("slow_quota", counts.slow_quota),
                                                row("slow_suspect", counts.slow_suspect),
                                                row("invited", counts.invited),
                                                row("external_passed", counts.external_passed)};
                         });
}

}  // namespace

void declare_metrics(Registry& registry, const Host& rooms, const JoinCounts& joins) {
  declare_rooms(registry, rooms);
  declare_joins(registry, joins);
  declare_counters(registry, rooms);
  registry.computed_samples("waitroom_drop_out_seconds",
                            "From joining to leaving the line without a slot.", "histogram",
                            [&rooms] { return drop_outs(rooms); });
  declare_gauge(registry, rooms, "waitroom_capacity", "Slots there are.",
                [](const RoomNumbers& room) { return static_cast<double>(room.capacity); });
  declare_gauge(registry, rooms, "waitroom_slot_use", "Slots in use, of those there are.",
                [](const RoomNumbers& room) {
                  if (room.capacity == 0) return 0.0;
                  return static_cast<double>(room.active) / static_cast<double>(room.capacity);
                });
  declare_gauge(registry, rooms, "waitroom_oldest_wait_seconds",
                "How long the first of a lane has waited; the longest of them.",
                [](const RoomNumbers& room) { return static_cast<double>(room.oldest_wait_s); });
  declare_gauge(
      registry, rooms, "waitroom_eta_checked", "Estimates compared with real waits, the latest.",
      [](const RoomNumbers& room) { return static_cast<double>(room.calibration.count); });
  using Report = CalibrationReport;
  const auto calibration = [&](const char* name, const char* help, double Report::* value) {
    declare_calibration(registry, rooms, name, help, value);
  };
  calibration("waitroom_eta_p50_covered", "Share that waited no longer than P50 said.",
              &Report::p50_covered);
  calibration("waitroom_eta_p80_covered", "Share that waited no longer than P80 said.",
              &Report::p80_covered);
  calibration("waitroom_eta_p90_covered", "Share that waited no longer than P90 said.",
              &Report::p90_covered);
  calibration("waitroom_eta_band_covered", "Share between P10 and P90.", &Report::band_covered);
  calibration("waitroom_eta_median_error", "Median of |real - P50| / real.", &Report::median_error);
}

}  // namespace onsale::waitroom
