#include "app/room_commands.h"

#include <unistd.h>

#include <boost/describe.hpp>
#include <fstream>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "app/log_file.h"
#include "platform/crypto/bytes.h"
#include "platform/json/json.h"
#include "platform/sql/database.h"
#include "waitroom/log/log_csv.h"
#include "waitroom/log/log_store.h"
#include "waitroom/log/replay.h"
#include "waitroom/room/journal_store.h"

namespace onsale::app {

using waitroom::LoggedBatch;
using waitroom::LogStart;
using waitroom::Replay;

struct CountsJson {
  std::int64_t joins = 0, admissions = 0, left = 0, ghosts = 0, forfeited = 0, no_shows = 0,
               missed = 0, rejoined = 0, returned = 0, idle = 0, overtime = 0, completed = 0,
               restored = 0, settings_changes = 0, draws = 0, unclean_ends = 0;
};
BOOST_DESCRIBE_STRUCT(CountsJson, (),
                      (joins, admissions, left, ghosts, forfeited, no_shows, missed, rejoined,
                       returned, idle, overtime, completed, restored, settings_changes, draws,
                       unclean_ends))

struct FaultJson {
  std::int64_t batch = 0;
  std::optional<Timestamp> at;
  std::string wrong, what;
};
BOOST_DESCRIBE_STRUCT(FaultJson, (), (batch, at, wrong, what))

struct WaitingJson {
  std::int64_t place = 0, number = 0, lane = 0, position = 0;
  Timestamp joined_at{};
};
BOOST_DESCRIBE_STRUCT(WaitingJson, (), (place, number, lane, position, joined_at))

struct ReplayJson {
  std::string room;
  bool whole = false;
  std::optional<FaultJson> fault;
  std::int64_t first_batch = 0, last_batch = 0, records = 0;
  std::string link;
  std::optional<Timestamp> from, to;
  CountsJson counts;
  std::int64_t drop_outs = 0, drop_out_seconds = 0;
  std::int64_t inside = 0;
  std::string live;  // "same", "differs: …" or why it was not compared
  std::vector<WaitingJson> waiting;
};
BOOST_DESCRIBE_STRUCT(ReplayJson, (),
                      (room, whole, fault, first_batch, last_batch, records, link, from, to, counts,
                       drop_outs, drop_out_seconds, inside, live, waiting))

namespace {

constexpr std::size_t kWaitingShown = 20;
constexpr const char* kNotCompared = "not compared";

std::string sha(std::string_view bytes) { return crypto::sha256(bytes); }

waitroom::RoomId room_id(const std::string& text) {
  const auto room = waitroom::RoomId::parse(text);
  if (!room) throw std::runtime_error("\"" + text + "\" is no id of a room");
  return *room;
}

std::unique_ptr<sql::Database> open_beside(const Settings& settings) {
  return sql::open({.url = settings.effective_database_url(),
                    .readers = 1,
                    .writers = 1,
                    .queue_max = 100,
                    .beside = true});
}

// On a terminal only, and not more often than the eye can follow.
class Progress {
 public:
  explicit Progress(std::uint64_t all) : all_(all), shown_(isatty(STDERR_FILENO) != 0) {}
  ~Progress() {
    if (shown_ && told_ > 0) std::cerr << "\r\x1b[K" << std::flush;
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void at(std::uint64_t batch) {
    if (!shown_ || batch < told_ + 1 + all_ / 100) return;
    told_ = batch;
    std::cerr << "\rbatch " << batch;
    if (all_ > 0) std::cerr << " of " << all_ << " (" << batch * 100 / all_ << " %)";
    std::cerr << std::flush;
  }

 private:
  const std::uint64_t all_;
  const bool shown_;
  std::uint64_t told_ = 0;
};

// Where the batches come from.
struct Source {
  waitroom::StoredRoom room;
  LogStart start;
  std::uint64_t last = 0;  // 0: not known
  std::function<void(const std::function<bool(const LoggedBatch&)>&)> each;
};

Source from_file(const std::shared_ptr<LogFileReader>& file) {
  const LogFileHead& head = file->head();
  Source source{.room = {.id = room_id(head.room), .name = head.name, .epoch = head.epoch},
                .start = head.start};
  source.each = [file](const std::function<bool(const LoggedBatch&)>& take) {
    while (const auto batch = file->next()) {
      if (!take(*batch)) return;
    }
  };
  return source;
}

Source from_data(sql::Database& database, const waitroom::RoomId& id) {
  const std::shared_ptr<waitroom::RoomLog> log = waitroom::make_sql_room_log(database);
  auto start = sync_wait(log->start(id));
  if (!start) throw std::runtime_error("there is no room " + id.str());
  Source source{.room = {.id = id}, .start = std::move(*start)};
  for (auto& room : sync_wait(waitroom::make_sql_journal(database)->rooms())) {
    if (room.id == id) source.room = std::move(room);
  }
  const auto head = sync_wait(log->head(id));
  source.last = head ? head->batch : 0;
  source.each = [log, id, after = source.start.after](
                    const std::function<bool(const LoggedBatch&)>& take) mutable {
    for (;;) {
      const auto batches = sync_wait(log->read(id, after));
      if (batches.empty()) return;
      for (const LoggedBatch& batch : batches) {
        if (!take(batch)) return;
        after = batch.number;
      }
    }
  };
  return source;
}

// The room as a start of the server would have it, up to this batch; empty when its snapshot is
// newer already.
std::optional<waitroom::Engine> as_started(sql::Database& database, const waitroom::RoomId& id,
                                           std::uint64_t last) {
  const auto journal = waitroom::make_sql_journal(database);
  const auto log = waitroom::make_sql_room_log(database);
  waitroom::Engine engine;
  std::uint64_t after = 0;
  auto snapshot = sync_wait(journal->snapshot(id));
  while (snapshot) {
    if (snapshot->covers > last) return {};
    after = snapshot->covers;
    if (engine.restore(snapshot->bytes)) break;
    std::cerr << "onsale: the snapshot of room " << id.str() << " at batch " << after
              << " is broken, or of another version" << std::endl;
    engine = waitroom::Engine();
    snapshot = sync_wait(journal->older_snapshot(id, std::exchange(after, 0)));
  }
  while (after < last) {
    const auto batches = sync_wait(log->read(id, after));  // the links were looked at before
    if (batches.empty()) break;
    for (const auto& batch : batches) {
      if (batch.number > last) return engine;
      waitroom::decode_records(batch.records, [&](const waitroom::Record& r) { engine.apply(r); });
      after = batch.number;
    }
  }
  return engine;
}

CountsJson to_json(const waitroom::Counts& c) {
  return {.joins = c.joins,
          .admissions = c.admissions,
          .left = c.left,
          .ghosts = c.ghosts,
          .forfeited = c.forfeited,
          .no_shows = c.no_shows,
          .missed = c.missed,
          .rejoined = c.rejoined,
          .returned = c.returned,
          .idle = c.idle,
          .overtime = c.overtime,
          .completed = c.completed,
          .restored = c.restored,
          .settings_changes = c.settings_changes,
          .draws = c.draws,
          .unclean_ends = c.unclean_ends};
}

ReplayJson report(const std::string& room, const Replay& replay, std::string live) {
  ReplayJson out{.room = room,
                 .whole = !replay.fault(),
                 .first_batch = static_cast<std::int64_t>(replay.first()),
                 .last_batch = static_cast<std::int64_t>(replay.last()),
                 .records = static_cast<std::int64_t>(replay.records()),
                 .link = crypto::hex(replay.link()),
                 .from = replay.from(),
                 .to = replay.to(),
                 .counts = to_json(replay.tally().counts()),
                 .drop_outs = replay.tally().drop_outs().count,
                 .drop_out_seconds = replay.tally().drop_outs().seconds,
                 .inside = replay.engine().active(),
                 .live = std::move(live)};
  if (const auto& fault = replay.fault()) {
    out.fault = FaultJson{.batch = static_cast<std::int64_t>(fault->batch),
                          .at = fault->at,
                          .wrong = std::string(to_string(fault->wrong)),
                          .what = fault->what};
  }
  for (const auto& each : waitroom::waiting_in(replay.engine())) {
    out.waiting.push_back({.place = static_cast<std::int64_t>(each.place),
                           .number = each.number,
                           .lane = each.lane,
                           .position = each.position,
                           .joined_at = each.joined_at});
  }
  return out;
}

void print_counts(const CountsJson& c) {
  const auto line = [](const char* what, std::int64_t count) {
    std::cout << "  " << what << std::string(18 - std::string_view(what).size(), ' ') << count
              << "\n";
  };
  line("joins", c.joins);
  line("admissions", c.admissions);
  line("no-shows", c.no_shows);
  line("missed turns", c.missed);
  line("back for a turn", c.rejoined);
  line("turns forfeited", c.forfeited);
  line("left the line", c.left);
  line("ghosts", c.ghosts);
  line("slots returned", c.returned);
  line("idle slots", c.idle);
  line("overtime", c.overtime);
  line("completed", c.completed);
  line("places restored", c.restored);
  line("lotteries", c.draws);
  line("settings changes", c.settings_changes);
  line("unclean ends", c.unclean_ends);
}

void print(const ReplayJson& r) {
  std::cout << "room " << r.room << ": batches " << r.first_batch << " to " << r.last_batch << ", "
            << r.records << " records";
  if (r.from && r.to) std::cout << ", " << to_rfc3339(*r.from) << " to " << to_rfc3339(*r.to);
  std::cout << (r.first_batch == 1 ? "\nthe log begins at the beginning\n"
                                   : "\nthe log was cut; it begins with a base that is believed\n");
  print_counts(r.counts);
  std::cout << "people inside: " << r.inside << "\npeople waiting: " << r.waiting.size() << "\n";
  for (std::size_t i = 0; i < std::min(kWaitingShown, r.waiting.size()); ++i) {
    const WaitingJson& each = r.waiting[i];
    if (each.position > 0)
      std::cout << "  position " << each.position;
    else
      std::cout << "  a missed turn, kept,";
    std::cout << " of lane " << each.lane << ": number " << each.number << ", joined "
              << to_rfc3339(each.joined_at) << "\n";
  }
  if (r.waiting.size() > kWaitingShown) {
    std::cout << "  … and " << r.waiting.size() - kWaitingShown << " more (--json lists all)\n";
  }
  std::cout << "the room as it is: " << r.live << "\n";
  if (!r.fault) {
    std::cout << "the log is whole; its last link is " << r.link << "\n";
    return;
  }
  std::cout << "BROKEN: room " << r.room << ", batch " << r.fault->batch;
  if (r.fault->at) std::cout << ", " << to_rfc3339(*r.fault->at);
  std::cout << ", " << r.fault->wrong << ": " << r.fault->what << std::endl;
}

// Writes what the replay applies.
class CsvFile {
 public:
  CsvFile(const std::string& path, std::uint32_t epoch, bool from_the_beginning)
      : path_(path),
        file_(path, std::ios::binary | std::ios::trunc),
        csv_(epoch, from_the_beginning ? std::optional(waitroom::Settings{}) : std::nullopt) {
    file_ << waitroom::LogCsv::kHeader;
  }
  void add(std::uint64_t batch, const waitroom::Record& record) {
    row_.clear();
    csv_.add(row_, batch, record);
    file_ << row_;
  }
  void finish() {
    file_.flush();
    if (!file_) throw std::runtime_error("cannot write " + path_);
  }

 private:
  std::string path_, row_;
  std::ofstream file_;
  waitroom::LogCsv csv_;
};

std::optional<Timestamp> until_of(const RoomReplay& wanted) {
  if (wanted.until.empty()) return {};
  const auto until = parse_rfc3339(wanted.until);
  if (!until) throw std::runtime_error("--until is no time such as 2026-11-21T20:00:00Z");
  return until;
}

Replay run(Source& source, const RoomReplay& wanted) {
  Replay replay(source.room.id, source.start, sha, until_of(wanted));
  std::optional<CsvFile> csv;
  if (!wanted.csv.empty()) {
    csv.emplace(wanted.csv, source.room.epoch, source.start.after == 0);
    replay.watch([&csv](std::uint64_t batch, const waitroom::Record& record,
                        const waitroom::Engine&) { csv->add(batch, record); });
  }
  Progress progress(source.last);
  source.each([&](const LoggedBatch& batch) {
    progress.at(batch.number);
    return replay.take(batch);
  });
  replay.watch({});
  if (csv) csv->finish();
  return replay;
}

std::string compare(sql::Database& database, const Replay& replay, const waitroom::RoomId& room) {
  const auto live = as_started(database, room, replay.last());
  if (!live) return std::string(kNotCompared) + ": it has moved on meanwhile";
  const std::string differs = waitroom::difference(replay.engine(), *live);
  return differs.empty() ? "same" : "differs: " + differs;
}

int replay_it(const Settings& settings, const RoomReplay& wanted) {
  std::unique_ptr<sql::Database> database;
  const waitroom::RoomId id = room_id(wanted.room);
  Source source{.room = {.id = id}};
  if (wanted.from.empty()) {
    database = open_beside(settings);
    source = from_data(*database, id);
  } else {
    source = from_file(std::make_shared<LogFileReader>(wanted.from));
    if (source.room.id != id) {
      throw std::runtime_error(wanted.from + " is the log of room " + source.room.id.str());
    }
  }
  const Replay replay = run(source, wanted);
  std::string live = kNotCompared;
  if (database && !replay.fault() && wanted.until.empty()) {
    live = compare(*database, replay, id);
  }
  const ReplayJson out = report(wanted.room, replay, live);
  if (wanted.json) {
    std::cout << json::write(out) << std::endl;
  } else {
    print(out);
  }
  return replay.fault() || live.starts_with("differs") ? 1 : 0;
}

int failed(const std::exception& error) {
  std::cerr << "onsale: " << error.what() << std::endl;
  return 2;
}

}  // namespace

int replay_room(const Settings& settings, const RoomReplay& wanted) {
  try {
    return replay_it(settings, wanted);
  } catch (const std::exception& error) {
    return failed(error);
  }
}

int export_room(const Settings& settings, const std::string& room, const std::string& out) {
  try {
    const auto database = open_beside(settings);
    Source source = from_data(*database, room_id(room));
    LogFileWriter file(out, source.room, source.start);
    Progress progress(source.last);
    std::uint64_t batches = 0;
    source.each([&](const LoggedBatch& batch) {
      progress.at(batch.number);
      file.add(batch);
      ++batches;
      return true;
    });
    file.finish();
    std::cout << out << ": " << batches << " batches of room " << room << std::endl;
    return 0;
  } catch (const std::exception& error) {
    return failed(error);
  }
}

}  // namespace onsale::app
