#include "waitroom/sql_store.h"

#include <algorithm>

namespace onsale::waitroom {
namespace {

constexpr std::size_t kPartBytes = 512 * 1024;
constexpr std::int64_t kBatchesRead = 200;            // rows in one go
constexpr std::size_t kBatchesDroppedAtOnce = 2'000;  // so that other writers get in between

void insert(sql::Tx& tx, const StoredBatch& batch) {
  const std::string& room = batch.room.str();
  try {
    tx.exec("INSERT INTO waitroom_journal (room, batch, records) VALUES (?, ?, ?)", room,
            batch.number, batch.records);
  } catch (const sql::UniqueViolation&) {
    // Ours, when the answer to an earlier commit was lost.
    const auto there = tx.one<std::string>(
        "SELECT records FROM waitroom_journal WHERE room = ? AND batch = ?", room, batch.number);
    if (there && std::get<0>(*there) == batch.records) return;
    throw sql::Failure("room " + room + " is written by another server; stop one of them");
  }
}

class SqlJournal final : public Journal {
 public:
  explicit SqlJournal(sql::Database& database) : database_(database) {}

  Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) override {
    return database_.write([batches = std::move(batches)](sql::Tx& tx) {
      for (const StoredBatch& batch : *batches) insert(tx, batch);
    });
  }

  Task<void> create_room(StoredRoom room, StoredBatch first) override {
    return database_.write([room = std::move(room), first = std::move(first)](sql::Tx& tx) {
      const std::string& id = room.id.str();
      if (tx.one<std::int64_t>("SELECT epoch FROM waitroom_room WHERE id = ?", id)) return;
      tx.exec("INSERT INTO waitroom_room (id, name, epoch, snapshot) VALUES (?, ?, ?, 0)", id,
              room.name, room.epoch);
      insert(tx, first);
    });
  }

  Task<std::vector<StoredRoom>> rooms() override {
    return database_.read([](sql::Tx& tx) {
      std::vector<StoredRoom> found;
      for (const auto& [id, name, epoch] : tx.query<std::string, std::string, std::int64_t>(
               "SELECT id, name, epoch FROM waitroom_room ORDER BY id")) {
        const auto room = RoomId::parse(id);
        if (!room) throw sql::Failure("waitroom_room holds a malformed id");
        found.push_back({*room, name, static_cast<std::uint32_t>(epoch)});
      }
      return found;
    });
  }

  Task<std::optional<StoredSnapshot>> snapshot(RoomId room) override {
    return database_.read([room = std::move(room)](sql::Tx& tx) -> std::optional<StoredSnapshot> {
      const auto row =
          tx.one<std::uint64_t>("SELECT snapshot FROM waitroom_room WHERE id = ?", room.str());
      if (!row || std::get<0>(*row) == 0) return {};
      StoredSnapshot found{.covers = std::get<0>(*row), .bytes = {}};
      for (const auto& [bytes] : tx.query<std::string>(
               "SELECT bytes FROM waitroom_snapshot WHERE room = ? AND covers = ? ORDER BY part",
               room.str(), found.covers)) {
        found.bytes += bytes;
      }
      return found;
    });
  }

  Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) override {
    return database_.read([room = std::move(room), after](sql::Tx& tx) {
      std::vector<StoredBatch> found;
      for (auto& [number, records] : tx.query<std::uint64_t, std::string>(
               "SELECT batch, records FROM waitroom_journal WHERE room = ? AND batch > ?"
               " ORDER BY batch LIMIT ?",
               room.str(), after, kBatchesRead)) {
        found.push_back({room, number, std::move(records)});
      }
      return found;
    });
  }

  // In several transactions: nothing counts until the room points to the new snapshot, and what it
  // covers may go at leisure.
  Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) override {
    for (std::size_t part = 0; part == 0 || part * kPartBytes < snapshot->bytes.size(); ++part) {
      co_await write_part(room, snapshot, part);
    }
    co_await adopt(room, snapshot->covers);
    for (;;) {
      const bool more = co_await drop_covered(room, snapshot->covers);
      if (!more) break;
    }
  }

 private:
  Task<void> write_part(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot,
                        std::size_t part) {
    return database_.write(
        [room = std::move(room), snapshot = std::move(snapshot), part](sql::Tx& tx) {
          if (part == 0) {  // leftovers of an attempt that was cut short
            tx.exec("DELETE FROM waitroom_snapshot WHERE room = ? AND covers = ?", room.str(),
                    snapshot->covers);
          }
          tx.exec("INSERT INTO waitroom_snapshot (room, covers, part, bytes) VALUES (?, ?, ?, ?)",
                  room.str(), snapshot->covers, part,
                  std::string_view(snapshot->bytes).substr(part * kPartBytes, kPartBytes));
        });
  }

  Task<void> adopt(RoomId room, std::uint64_t covers) {
    return database_.write([room = std::move(room), covers](sql::Tx& tx) {
      tx.exec("UPDATE waitroom_room SET snapshot = ? WHERE id = ?", covers, room.str());
      tx.exec("DELETE FROM waitroom_snapshot WHERE room = ? AND covers <> ?", room.str(), covers);
    });
  }

  Task<bool> drop_covered(RoomId room, std::uint64_t covers) {
    return database_.write([room = std::move(room), covers](sql::Tx& tx) {
      const auto oldest = tx.one<std::uint64_t>(
          "SELECT batch FROM waitroom_journal WHERE room = ? ORDER BY batch LIMIT 1", room.str());
      if (!oldest || std::get<0>(*oldest) > covers) return false;
      const std::uint64_t up_to = std::min(covers, std::get<0>(*oldest) + kBatchesDroppedAtOnce);
      tx.exec("DELETE FROM waitroom_journal WHERE room = ? AND batch <= ?", room.str(), up_to);
      return up_to < covers;
    });
  }

  sql::Database& database_;
};

}  // namespace

std::unique_ptr<Journal> make_sql_journal(sql::Database& database) {
  return std::make_unique<SqlJournal>(database);
}

}  // namespace onsale::waitroom
