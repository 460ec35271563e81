#include "waitroom/api/room_history_http.h"

#include "waitroom/room/room_http.h"
#include "waitroom/room/views_http.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct RealWaitJson {
  std::int64_t p50_seconds = 0, p80_seconds = 0;
};
BOOST_DESCRIBE_STRUCT(RealWaitJson, (), (p50_seconds, p80_seconds))

struct CalibrationJson {
  std::int64_t checked = 0;  // estimates that met a real wait
  double p50_covered = 0, p80_covered = 0, p90_covered = 0, band_covered = 0, median_error = 0;
};
BOOST_DESCRIBE_STRUCT(CalibrationJson, (),
                      (checked, p50_covered, p80_covered, p90_covered, band_covered, median_error))

struct RoomSampleJson {
  Timestamp at{};
  std::int64_t waiting = 0, active = 0, capacity = 0, admit_per_minute = 0,
               admitted_last_minute = 0;
  double slot_use = 0;
  std::int64_t oldest_wait_seconds = 0;
  std::int64_t joins = 0, admissions = 0, left = 0, ghosts = 0, no_shows = 0, missed_turns = 0;
  Mode mode{};
  std::optional<EtaJson> eta;          // of somebody who joins then
  std::optional<RealWaitJson> waited;  // of who was called in the minute before
  std::optional<CalibrationJson> calibration;
};
BOOST_DESCRIBE_STRUCT(RoomSampleJson, (),
                      (at, waiting, active, capacity, admit_per_minute, admitted_last_minute,
                       slot_use, oldest_wait_seconds, joins, admissions, left, ghosts, no_shows,
                       missed_turns, mode, eta, waited, calibration))

struct RoomHistoryJson {
  Timestamp since{};  // the server's start; nothing older is kept
  std::int64_t every_seconds = 0, kept_seconds = 0;
  std::vector<RoomSampleJson> items;  // the oldest first
  RoomSampleJson now;
};
BOOST_DESCRIBE_STRUCT(RoomHistoryJson, (), (since, every_seconds, kept_seconds, items, now))

struct HistoryQuery {
  std::optional<Timestamp> after;  // only what is later
};
BOOST_DESCRIBE_STRUCT(HistoryQuery, (), (after))

namespace {

constexpr std::string_view kCsvHeader =
    "at,waiting,active,capacity,admit_per_minute,admitted_last_minute,slot_use,"
    "oldest_wait_seconds,joins,admissions,left,ghosts,no_shows,missed_turns,mode,"
    "eta_p50_seconds,eta_p80_seconds,eta_p90_seconds,waited_p50_seconds,waited_p80_seconds,"
    "eta_checked,eta_p50_covered,eta_p80_covered,eta_p90_covered,eta_band_covered,"
    "eta_median_error\r\n";

RoomSampleJson to_json(const RoomSample& sample) {
  RoomSampleJson json{.at = sample.at,
                      .waiting = sample.waiting,
                      .active = sample.active,
                      .capacity = sample.capacity,
                      .admit_per_minute = sample.admit_per_minute,
                      .admitted_last_minute = sample.admitted_last_minute,
                      .oldest_wait_seconds = sample.oldest_wait_s,
                      .joins = sample.counts.joins,
                      .admissions = sample.counts.admissions,
                      .left = sample.counts.left,
                      .ghosts = sample.counts.ghosts,
                      .no_shows = sample.counts.no_shows,
                      .missed_turns = sample.counts.missed,
                      .mode = sample.mode,
                      .eta = {},
                      .waited = {},
                      .calibration = {}};
  if (sample.capacity > 0) {
    json.slot_use = static_cast<double>(sample.active) / static_cast<double>(sample.capacity);
  }
  if (sample.eta) {
    json.eta = EtaJson{sample.eta->p50_seconds, sample.eta->p80_seconds, sample.eta->p90_seconds};
  }
  if (sample.waited) {
    json.waited = RealWaitJson{sample.waited->p50_seconds, sample.waited->p80_seconds};
  }
  const CalibrationReport& report = sample.calibration;
  if (report.count > 0) {
    json.calibration =
        CalibrationJson{report.count,       report.p50_covered,  report.p80_covered,
                        report.p90_covered, report.band_covered, report.median_error};
  }
  return json;
}

// Nothing here needs quotes: numbers, times and words of ours.
class CsvRow {
 public:
  explicit CsvRow(std::string& out) : out_(out) {}
  ~CsvRow() { out_ += "\r\n"; }
  CsvRow(const CsvRow&) = delete;
  CsvRow& operator=(const CsvRow&) = delete;

  void text(std::string_view value) {
    if (std::exchange(begun_, true)) out_ += ',';
    out_ += value;
  }
  template <class... T>
  void numbers(const T&... values) {
    (text(json::write(values)), ...);
  }
  void nothing(int times) {
    for (int i = 0; i < times; ++i) text("");
  }

 private:
  std::string& out_;
  bool begun_ = false;
};

void put_row(std::string& out, const RoomSampleJson& s) {
  CsvRow row(out);
  row.text(to_rfc3339(s.at));
  row.numbers(s.waiting, s.active, s.capacity, s.admit_per_minute, s.admitted_last_minute,
              s.slot_use, s.oldest_wait_seconds, s.joins, s.admissions, s.left, s.ghosts,
              s.no_shows, s.missed_turns);
  row.text(to_string(s.mode));
  s.eta ? row.numbers(s.eta->p50_seconds, s.eta->p80_seconds, s.eta->p90_seconds) : row.nothing(3);
  s.waited ? row.numbers(s.waited->p50_seconds, s.waited->p80_seconds) : row.nothing(2);
  const auto& c = s.calibration;
  c ? row.numbers(c->checked, c->p50_covered, c->p80_covered, c->p90_covered, c->band_covered,
                  c->median_error)
    : row.nothing(6);
}

struct Present {
  RoomId room;
  RoomSample now;
};

Present present(const Host& rooms, const Call& call) {
  RoomId room = room_id_of(call);
  auto now = rooms.sample(room);
  if (!now) throw room_not_found();
  return {std::move(room), std::move(*now)};
}

}  // namespace

void history_routes(http::Router& router, const Host& rooms, const RoomHistory& history) {
  router.get("/admin/rooms/{room}/history",
             {.summary = "The numbers of a room: one sample every few seconds, an hour back at "
                         "most and never beyond the server's start; and as they are now",
              .access = Access::admin,
              .answers = {{200, "history"}, {404, "room_not_found"}},
              .tag = "operators"},
             [&rooms, &history](HistoryQuery query, Call& call) -> Answer<RoomHistoryJson> {
               const Present found = present(rooms, call);
               RoomHistoryJson json{.since = history.begins(),
                                    .every_seconds = RoomHistory::kEvery.count() / 1000,
                                    .kept_seconds = RoomHistory::kKept.count() / 1000,
                                    .items = {},
                                    .now = to_json(found.now)};
               const Timestamp after = query.after.value_or(Timestamp{});
               for (const RoomSample& sample : history.samples(found.room, after)) {
                 json.items.push_back(to_json(sample));
               }
               return json;
             });
  router.get(
      "/admin/rooms/{room}/history.csv",
      {.summary = "The same as CSV",
       .access = Access::admin,
       .answers = {{200, "rows"}, {404, "room_not_found"}},
       .tag = "operators",
       .produces = "text/csv"},
      [&rooms, &history](Call& call) {
        const Present found = present(rooms, call);
        http::Raw raw{.content_type = "text/csv; charset=utf-8", .body = std::string(kCsvHeader)};
        for (const RoomSample& sample : history.samples(found.room)) {
          put_row(raw.body, to_json(sample));
        }
        put_row(raw.body, to_json(found.now));
        raw.headers.emplace_back("Content-Disposition", "attachment; filename=\"history.csv\"");
        return raw;
      });
}

}  // namespace onsale::waitroom
