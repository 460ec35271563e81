#include "waitroom/log/log_store.h"

#include <algorithm>

namespace onsale::waitroom {
namespace {

constexpr std::int64_t kBatchesRead = 50;
// Every row is a fact of one of 64 neighbours, or of the room.
constexpr std::int64_t kRowsOfABlock = 4'000;
constexpr std::int64_t kBatchesTrimmed = 50;

using BatchRow = std::tuple<std::uint64_t, std::string, std::optional<std::string>>;

LoggedBatch to_batch(const BatchRow& row) {
  const auto& [number, records, chain] = row;
  return {.number = number, .records = records, .link = chain.value_or("")};
}

// The base the kept log begins with: the first one that everything kept comes after.
std::optional<LogStart> start_in(sql::Tx& tx, const std::string& room) {
  if (!tx.one<std::int64_t>("SELECT epoch FROM waitroom_room WHERE id = ?", room)) return {};
  const auto first = tx.one<std::uint64_t>(
      "SELECT batch FROM waitroom_journal WHERE room = ? ORDER BY batch LIMIT 1", room);
  if (first && std::get<0>(*first) == 1) return LogStart{};
  const std::uint64_t from = first ? std::get<0>(*first) - 1 : 0;
  const auto base = tx.one<std::uint64_t, std::string>(
      "SELECT covers, chain FROM waitroom_log_base WHERE room = ? AND covers >= ?"
      " ORDER BY covers LIMIT 1",
      room, from);
  if (!base) return LogStart{};  // and the first batch there is shows as a gap
  LogStart start{.after = std::get<0>(*base), .link = std::get<1>(*base)};
  for (const auto& [bytes] : tx.query<std::string>(
           "SELECT bytes FROM waitroom_snapshot WHERE room = ? AND covers = ? ORDER BY part", room,
           start.after)) {
    start.base += bytes;
  }
  return start;
}

std::vector<std::uint64_t> batches_touching(sql::Tx& tx, const std::string& room, Sequence place,
                                            std::uint64_t up_to) {
  const std::uint64_t bit = std::uint64_t{1} << (place % TouchedPlaces::kBlock);
  std::vector<std::uint64_t> found;
  for (const auto& [number, places] : tx.query<std::uint64_t, std::int64_t>(
           "SELECT batch, places FROM waitroom_place_batch WHERE room = ? AND block = ?"
           " AND batch <= ? ORDER BY batch DESC LIMIT ?",
           room, place / TouchedPlaces::kBlock, up_to, kRowsOfABlock)) {
    if ((static_cast<std::uint64_t>(places) & bit) == 0) continue;
    found.push_back(number);
    if (found.size() == RoomLog::kTouchingMax) break;
  }
  std::ranges::reverse(found);
  return found;
}

// What an older base is for, when the log begins with a newer one.
void drop_older_bases(sql::Tx& tx, const std::string& room, std::uint64_t covers) {
  tx.exec("DELETE FROM waitroom_log_base WHERE room = ? AND covers < ?", room, covers);
  tx.exec("DELETE FROM waitroom_snapshot WHERE room = ? AND covers < ?", room, covers);
}

bool trim_in(sql::Tx& tx, const std::string& room, Timestamp oldest) {
  const auto target = tx.one<std::uint64_t>(
      "SELECT covers FROM waitroom_log_base WHERE room = ? AND at < ?"
      " ORDER BY covers DESC LIMIT 1",
      room, oldest);
  if (!target) return false;
  const std::uint64_t covers = std::get<0>(*target);
  drop_older_bases(tx, room, covers);
  const auto rows = tx.query<std::uint64_t, std::string>(
      "SELECT batch, records FROM waitroom_journal WHERE room = ? AND batch <= ?"
      " ORDER BY batch LIMIT ?",
      room, covers, kBatchesTrimmed);
  for (const auto& [number, bytes] : rows) {
    Records records;
    decode_records(bytes, [&](const Record& record) { records.push_back(record); });
    for (const TouchedPlaces& each : touched_by(records)) {
      tx.exec("DELETE FROM waitroom_place_batch WHERE room = ? AND block = ? AND batch = ?", room,
              each.block, number);
    }
    tx.exec("DELETE FROM waitroom_journal WHERE room = ? AND batch = ?", room, number);
  }
  return std::ssize(rows) == kBatchesTrimmed;
}

class SqlRoomLog final : public RoomLog {
 public:
  explicit SqlRoomLog(sql::Database& database) : database_(database) {}

  Task<std::optional<LogStart>> start(RoomId room) override {
    return database_.read(
        [room = std::move(room)](sql::Tx& tx) { return start_in(tx, room.str()); });
  }

  Task<std::vector<LoggedBatch>> read(RoomId room, std::uint64_t after) override {
    return database_.read([room = std::move(room), after](sql::Tx& tx) {
      std::vector<LoggedBatch> found;
      for (const BatchRow& row : tx.query<std::uint64_t, std::string, std::optional<std::string>>(
               "SELECT batch, records, chain FROM waitroom_journal WHERE room = ? AND batch > ?"
               " ORDER BY batch LIMIT ?",
               room.str(), after, kBatchesRead)) {
        found.push_back(to_batch(row));
      }
      return found;
    });
  }

  Task<std::vector<LoggedFact>> facts_of(RoomId room, Sequence place,
                                         std::uint64_t up_to) override {
    return database_.read([room = std::move(room), place, up_to](sql::Tx& tx) {
      std::vector<LoggedFact> found;
      for (const std::uint64_t number : batches_touching(tx, room.str(), place, up_to)) {
        const auto row = tx.one<std::uint64_t, std::string, std::optional<std::string>>(
            "SELECT batch, records, chain FROM waitroom_journal WHERE room = ? AND batch = ?",
            room.str(), number);
        if (row) pick_facts(to_batch(*row), place, found);
      }
      return found;
    });
  }

  Task<std::optional<LogHead>> head(RoomId room) override {
    return database_.read([room = std::move(room)](sql::Tx& tx) -> std::optional<LogHead> {
      const auto row = tx.one<std::uint64_t, std::optional<std::string>>(
          "SELECT batch, chain FROM waitroom_journal WHERE room = ? ORDER BY batch DESC LIMIT 1",
          room.str());
      if (row) return LogHead{std::get<0>(*row), std::get<1>(*row).value_or("")};
      const auto base = tx.one<std::uint64_t, std::string>(
          "SELECT covers, chain FROM waitroom_log_base WHERE room = ?"
          " ORDER BY covers DESC LIMIT 1",
          room.str());
      if (!base) return {};
      return LogHead{std::get<0>(*base), std::get<1>(*base)};
    });
  }

  Task<std::uint64_t> before(RoomId room, Timestamp from) override {
    return database_.read([room = std::move(room), from](sql::Tx& tx) -> std::uint64_t {
      const auto first = tx.one<std::uint64_t>(
          "SELECT batch FROM waitroom_journal WHERE room = ? AND at >= ? ORDER BY at, batch"
          " LIMIT 1",
          room.str(), from);
      if (first) return std::get<0>(*first) - 1;
      const auto last = tx.one<std::uint64_t>(
          "SELECT batch FROM waitroom_journal WHERE room = ? ORDER BY batch DESC LIMIT 1",
          room.str());
      return last ? std::get<0>(*last) : 0;
    });
  }

  Task<std::optional<Timestamp>> unbased_since(RoomId room) override {
    return database_.read([room = std::move(room)](sql::Tx& tx) -> std::optional<Timestamp> {
      const auto base = tx.one<std::uint64_t, Timestamp>(
          "SELECT covers, at FROM waitroom_log_base WHERE room = ? ORDER BY covers DESC LIMIT 1",
          room.str());
      const auto next = tx.one<Timestamp>(
          "SELECT at FROM waitroom_journal WHERE room = ? AND batch > ? ORDER BY batch LIMIT 1",
          room.str(), base ? std::get<0>(*base) : 0);
      if (!next) return {};
      return base ? std::get<1>(*base) : std::get<0>(*next);
    });
  }

  Task<bool> trim(RoomId room, Timestamp oldest) override {
    return database_.write(
        [room = std::move(room), oldest](sql::Tx& tx) { return trim_in(tx, room.str(), oldest); });
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<RoomLog> make_sql_room_log(sql::Database& database) {
  return std::make_unique<SqlRoomLog>(database);
}

}  // namespace onsale::waitroom
