#include "waitroom/room/journal_store.h"

#include <map>
#include <mutex>

#include "platform/crypto/bytes.h"
#include "waitroom/log/room_log.h"

namespace onsale::waitroom {
namespace {

constexpr std::size_t kPartBytes = 512 * 1024;
constexpr std::int64_t kBatchesRead = 200;  // rows in one go

// The newest link of each room that this process wrote or read, so that it need not be read again.
using Links = std::map<RoomId, LogHead>;

void put_touched(sql::Tx& tx, const std::string& room, std::uint64_t number,
                 const std::vector<TouchedPlaces>& touched) {
  for (const TouchedPlaces& each : touched) {
    tx.exec("INSERT INTO waitroom_place_batch (room, block, batch, places) VALUES (?, ?, ?, ?)",
            room, each.block, number, static_cast<std::int64_t>(each.places));
  }
}

// Rows of a version that kept no links.
std::string link_old(sql::Tx& tx, const RoomId& room, std::uint64_t up_to) {
  std::string link = kNoLink;
  std::uint64_t after = 0;
  for (;;) {
    const auto row = tx.one<std::uint64_t, std::string, std::optional<std::string>>(
        "SELECT batch, records, chain FROM waitroom_journal WHERE room = ? AND batch > ?"
        " AND batch <= ? ORDER BY batch LIMIT 1",
        room.str(), after, up_to);
    if (!row) return link;
    const auto& [number, bytes, chain] = *row;
    after = number;
    if (chain) {
      link = *chain;
      continue;
    }
    Records records;
    decode_records(bytes, [&](const Record& record) { records.push_back(record); });
    const StoredBatch batch = to_stored(room, number, records);
    link = crypto::sha256(link_text(link, room.str(), number, bytes));
    tx.exec("UPDATE waitroom_journal SET at = ?, chain = ? WHERE room = ? AND batch = ?", batch.at,
            link, room.str(), number);
    put_touched(tx, room.str(), number, batch.touched);
  }
}

// The link of a batch that is there, or that a base ends with.
std::string link_of(sql::Tx& tx, const RoomId& room, std::uint64_t number) {
  if (number == 0) return kNoLink;
  const auto row = tx.one<std::optional<std::string>>(
      "SELECT chain FROM waitroom_journal WHERE room = ? AND batch = ?", room.str(), number);
  if (row) return std::get<0>(*row) ? *std::get<0>(*row) : link_old(tx, room, number);
  const auto base = tx.one<std::string>(
      "SELECT chain FROM waitroom_log_base WHERE room = ? AND covers = ?", room.str(), number);
  return base ? std::get<0>(*base) : kNoLink;  // with a hole before it no link fits; replay tells
}

void insert(sql::Tx& tx, const StoredBatch& batch, Links& links) {
  const std::string& room = batch.room.str();
  const auto known = links.find(batch.room);
  const bool follows = known != links.end() && known->second.batch + 1 == batch.number;
  const std::string before =
      follows ? known->second.link : link_of(tx, batch.room, batch.number - 1);
  std::string link = crypto::sha256(link_text(before, room, batch.number, batch.records));
  try {
    tx.exec("INSERT INTO waitroom_journal (room, batch, records, at, chain) VALUES (?, ?, ?, ?, ?)",
            room, batch.number, batch.records, batch.at, link);
  } catch (const sql::UniqueViolation&) {
    // Ours, when the answer to an earlier commit was lost.
    const auto there = tx.one<std::string>(
        "SELECT records FROM waitroom_journal WHERE room = ? AND batch = ?", room, batch.number);
    if (!there || std::get<0>(*there) != batch.records) {
      throw sql::Failure("room " + room + " is written by another server; stop one of them");
    }
    links[batch.room] = {batch.number, link_of(tx, batch.room, batch.number)};
    return;
  }
  put_touched(tx, room, batch.number, batch.touched);
  links[batch.room] = {batch.number, std::move(link)};
}

// The link of a batch as it is stored; empty when it is not, or was never made.
std::optional<std::string> stored_link(sql::Tx& tx, const RoomId& room, std::uint64_t number) {
  if (number == 0) return kNoLink;
  const auto row = tx.one<std::optional<std::string>>(
      "SELECT chain FROM waitroom_journal WHERE room = ? AND batch = ?", room.str(), number);
  if (row) return std::get<0>(*row);
  const auto base = tx.one<std::string>(
      "SELECT chain FROM waitroom_log_base WHERE room = ? AND covers = ?", room.str(), number);
  if (!base) return {};
  return std::get<0>(*base);
}

struct BatchesRead {
  std::vector<StoredBatch> batches;
  std::uint64_t last = 0;
  std::optional<std::string> link;  // of the last
};

BatchesRead read_batches(sql::Tx& tx, const RoomId& room, std::uint64_t after,
                         std::optional<std::string> link) {
  if (!link) link = stored_link(tx, room, after);
  LinkCheck check(room, after, std::move(link), crypto::sha256);
  BatchesRead read;
  for (auto& [number, records, chain] :
       tx.query<std::uint64_t, std::string, std::optional<std::string>>(
           "SELECT batch, records, chain FROM waitroom_journal WHERE room = ? AND batch > ?"
           " ORDER BY batch LIMIT ?",
           room.str(), after, kBatchesRead)) {
    check.take(number, records, chain);
    read.batches.push_back({room, number, std::move(records)});
  }
  read.last = check.last();
  read.link = check.link();
  return read;
}

std::string snapshot_bytes(sql::Tx& tx, const RoomId& room, std::uint64_t covers) {
  std::string found;
  for (const auto& [bytes] : tx.query<std::string>(
           "SELECT bytes FROM waitroom_snapshot WHERE room = ? AND covers = ? ORDER BY part",
           room.str(), covers)) {
    found += bytes;
  }
  return found;
}

class SqlJournal final : public Journal {
 public:
  SqlJournal(sql::Database& database, Millis base_spacing)
      : database_(database), base_spacing_(base_spacing) {}

  Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) override {
    auto unit = [batches, known = links_of(*batches)](sql::Tx& tx) {
      Links links = known;  // of this attempt
      for (const StoredBatch& batch : *batches) insert(tx, batch, links);
      return links;
    };
    const Links links = co_await database_.write(std::move(unit));
    std::lock_guard lock(mutex_);
    for (const auto& [room, link] : links) links_[room] = link;
  }

  Task<void> create_room(StoredRoom room, StoredBatch first) override {
    return database_.write([room = std::move(room), first = std::move(first)](sql::Tx& tx) {
      const std::string& id = room.id.str();
      if (tx.one<std::int64_t>("SELECT epoch FROM waitroom_room WHERE id = ?", id)) return;
      tx.exec("INSERT INTO waitroom_room (id, name, epoch, snapshot) VALUES (?, ?, ?, 0)", id,
              room.name, room.epoch);
      Links links;
      insert(tx, first, links);
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
      const std::uint64_t covers = std::get<0>(*row);
      return StoredSnapshot{.covers = covers, .bytes = snapshot_bytes(tx, room, covers)};
    });
  }

  Task<std::optional<StoredSnapshot>> older_snapshot(RoomId room, std::uint64_t than) override {
    return database_.read(
        [room = std::move(room), than](sql::Tx& tx) -> std::optional<StoredSnapshot> {
          const auto row = tx.one<std::uint64_t>(
              "SELECT covers FROM waitroom_log_base WHERE room = ? AND covers < ?"
              " ORDER BY covers DESC LIMIT 1",
              room.str(), than);
          if (!row) return {};
          const std::uint64_t covers = std::get<0>(*row);
          return StoredSnapshot{.covers = covers, .bytes = snapshot_bytes(tx, room, covers)};
        });
  }

  Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) override {
    auto unit = [room, after, link = link_at(room, after)](sql::Tx& tx) {
      return read_batches(tx, room, after, link);
    };
    BatchesRead read = co_await database_.read(std::move(unit));
    if (read.link) {
      std::lock_guard lock(mutex_);
      LogHead& known = links_[room];
      if (known.batch < read.last) known = {read.last, *read.link};
    }
    co_return std::move(read.batches);
  }

  // In several transactions: nothing counts until the room points to the new snapshot.
  Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) override {
    for (std::size_t part = 0; part == 0 || part * kPartBytes < snapshot->bytes.size(); ++part) {
      co_await write_part(room, snapshot, part);
    }
    co_await adopt(room, snapshot->covers);
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

  // It is a base from now on; those that serve nothing any more go.
  Task<void> adopt(RoomId room, std::uint64_t covers) {
    return database_.write([room = std::move(room), covers, spacing = base_spacing_](sql::Tx& tx) {
      const std::string& id = room.str();
      tx.exec("UPDATE waitroom_room SET snapshot = ? WHERE id = ?", covers, id);
      tx.exec("DELETE FROM waitroom_log_base WHERE room = ? AND covers = ?", id, covers);
      const std::string link = link_of(tx, room, covers);
      const auto at = tx.one<std::int64_t>(
          "SELECT at FROM waitroom_journal WHERE room = ? AND batch = ?", id, covers);
      tx.exec("INSERT INTO waitroom_log_base (room, covers, at, chain) VALUES (?, ?, ?, ?)", id,
              covers, at ? std::get<0>(*at) : 0, link);
      std::vector<LogBase> bases;
      for (const auto& [number, ended] : tx.query<std::uint64_t, Timestamp>(
               "SELECT covers, at FROM waitroom_log_base WHERE room = ? ORDER BY covers", id)) {
        bases.push_back({number, ended});
      }
      for (const std::uint64_t gone : superseded(bases, spacing)) {
        tx.exec("DELETE FROM waitroom_log_base WHERE room = ? AND covers = ?", id, gone);
      }
      tx.exec(
          "DELETE FROM waitroom_snapshot WHERE room = ? AND covers NOT IN"
          " (SELECT covers FROM waitroom_log_base WHERE room = ?)",
          id, id);
    });
  }

  std::optional<std::string> link_at(const RoomId& room, std::uint64_t batch) {
    std::lock_guard lock(mutex_);
    const auto known = links_.find(room);
    if (known == links_.end() || known->second.batch != batch) return {};
    return known->second.link;
  }

  Links links_of(const std::vector<StoredBatch>& batches) {
    std::lock_guard lock(mutex_);
    Links links;
    for (const StoredBatch& batch : batches) {
      if (const auto found = links_.find(batch.room); found != links_.end()) links.insert(*found);
    }
    return links;
  }

  sql::Database& database_;
  const Millis base_spacing_;
  std::mutex mutex_;
  Links links_;
};

}  // namespace

std::unique_ptr<Journal> make_sql_journal(sql::Database& database, Millis base_spacing) {
  return std::make_unique<SqlJournal>(database, base_spacing);
}

}  // namespace onsale::waitroom
