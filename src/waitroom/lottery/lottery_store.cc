#include "waitroom/lottery/lottery_store.h"

#include <cstring>

#include "waitroom/events_store.h"
#include "waitroom/lottery/lottery_record.h"

namespace onsale::waitroom::lottery {
namespace {

using S = std::string;
using N = std::int64_t;

constexpr std::size_t kPartBytes = 512 * 1024;
enum Row : std::int64_t { kCommitted = 1, kClosed = 2, kDrawn = 3, kAbandoned = 4 };

[[noreturn]] void broken(const RoomId& room) {
  throw sql::Failure("the lottery of room " + room.str() + " is broken in the database");
}

Digest digest_of(const RoomId& room, const std::string& bytes) {
  Digest digest;
  if (bytes.size() != digest.size()) broken(room);
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

std::vector<Stored> read_latest(sql::Tx& tx) {
  std::vector<Stored> all;
  const auto rows =
      tx.query<S, N, N, Timestamp, S, S, Timestamp, N, S, S, Timestamp, S, S, S, bool>(
          "SELECT room, number, state, committed_at, commitment, sealed, closed_at, entrants, root,"
          " beacon, drawn_at, seed, evidence, value, in_force FROM waitroom_lottery AS l"
          " WHERE number = (SELECT MAX(number) FROM waitroom_lottery WHERE room = l.room)"
          " ORDER BY room");
  for (const auto& [id, number, state, committed_at, commitment, sealed, closed_at, entrants, root,
                    beacon, drawn_at, seed, evidence, value, in_force] : rows) {
    const auto room = RoomId::parse(id);
    if (!room || state < kCommitted || state > kAbandoned) {
      throw sql::Failure("waitroom_lottery holds a malformed row");
    }
    Lottery lottery{.room = *room, .number = number, .state = static_cast<State>(state)};
    lottery.committed_at = committed_at;
    lottery.commitment = digest_of(*room, commitment);
    // How far it came before it was abandoned shows in what is there.
    if (state == kAbandoned ? !root.empty() : state >= kClosed) {
      lottery.closed_at = closed_at;
      lottery.count = static_cast<std::uint64_t>(entrants);
      lottery.root = digest_of(*room, root);
      lottery.beacon = decode_beacon(beacon);
      if (!lottery.beacon) broken(*room);
    }
    if (state == kAbandoned ? !value.empty() : state == kDrawn) {
      lottery.drawn_at = drawn_at;
      lottery.seed = digest_of(*room, seed);
      lottery.value = digest_of(*room, value);
      lottery.evidence = decode_evidence(evidence);
      if (!lottery.evidence) broken(*room);
    }
    all.push_back({.lottery = std::move(lottery), .sealed = sealed, .in_force = in_force});
  }
  return all;
}

static_assert(static_cast<std::int64_t>(State::committed) == kCommitted &&
              static_cast<std::int64_t>(State::closed) == kClosed &&
              static_cast<std::int64_t>(State::drawn) == kDrawn &&
              static_cast<std::int64_t>(State::abandoned) == kAbandoned);

bool insert(sql::Tx& tx, const Stored& fresh) {
  const Lottery& lottery = fresh.lottery;
  try {
    tx.exec(
        "INSERT INTO waitroom_lottery (room, number, state, committed_at, commitment, sealed,"
        " closed_at, entrants, root, beacon, drawn_at, seed, evidence, value, in_force)"
        " VALUES (?, ?, ?, ?, ?, ?, 0, 0, '', '', 0, '', '', '', 0)",
        lottery.room.str(), lottery.number, N{kCommitted}, lottery.committed_at,
        bytes_of(lottery.commitment), fresh.sealed);
    return true;
  } catch (const sql::UniqueViolation&) {
    return false;
  }
}

bool mark_closed(sql::Tx& tx, const Lottery& closed, const std::string& places) {
  const N changed = tx.exec(
      "UPDATE waitroom_lottery SET state = ?, closed_at = ?, entrants = ?, root = ?, beacon = ?"
      " WHERE room = ? AND number = ? AND state = ?",
      N{kClosed}, closed.closed_at, closed.count, bytes_of(closed.root), encode(*closed.beacon),
      closed.room.str(), closed.number, N{kCommitted});
  if (changed == 0) return false;
  for (std::size_t part = 0; part * kPartBytes < places.size(); ++part) {
    tx.exec(
        "INSERT INTO waitroom_lottery_entrants (room, number, part, places) VALUES (?, ?, ?, ?)",
        closed.room.str(), closed.number, part,
        std::string_view(places).substr(part * kPartBytes, kPartBytes));
  }
  return true;
}

// What happened is told, nothing else.
bool tell_if(bool happened, sql::Tx& tx, const RoomChanged& told) {
  if (happened) publish(tx, told);
  return happened;
}

class SqlStore final : public Store {
 public:
  explicit SqlStore(sql::Database& database) : database_(database) {}

  Task<std::vector<Stored>> latest() override {
    return database_.read([](sql::Tx& tx) { return read_latest(tx); });
  }

  Task<bool> commit(Stored fresh, RoomChanged told) override {
    return database_.write([fresh = std::move(fresh), told = std::move(told)](sql::Tx& tx) {
      return tell_if(insert(tx, fresh), tx, told);
    });
  }

  Task<bool> close(Lottery closed, std::vector<Sequence> entrants, RoomChanged told) override {
    return database_.write([closed = std::move(closed), told = std::move(told),
                            places = encode(std::span<const Sequence>(entrants))](sql::Tx& tx) {
      return tell_if(mark_closed(tx, closed, places), tx, told);
    });
  }

  Task<bool> draw(Lottery drawn, RoomChanged told) override {
    return database_.write([drawn = std::move(drawn), told = std::move(told)](sql::Tx& tx) {
      const N changed = tx.exec(
          "UPDATE waitroom_lottery SET state = ?, drawn_at = ?, seed = ?, evidence = ?,"
          " value = ? WHERE room = ? AND number = ? AND state = ?",
          N{kDrawn}, drawn.drawn_at, bytes_of(*drawn.seed), encode(*drawn.evidence),
          bytes_of(drawn.value), drawn.room.str(), drawn.number, N{kClosed});
      return tell_if(changed > 0, tx, told);
    });
  }

  Task<void> mark_in_force(RoomId room, std::int64_t number) override {
    return database_.write([room = std::move(room), number](sql::Tx& tx) {
      tx.exec("UPDATE waitroom_lottery SET in_force = 1 WHERE room = ? AND number = ?", room.str(),
              number);
    });
  }

  Task<bool> abandon(RoomId room, std::int64_t number, State from, RoomChanged told) override {
    return database_.write(
        [room = std::move(room), number, from, told = std::move(told)](sql::Tx& tx) {
          const N changed = tx.exec(
              "UPDATE waitroom_lottery SET state = ? WHERE room = ? AND number = ?"
              " AND state = ? AND in_force = 0",
              N{kAbandoned}, room.str(), number, static_cast<N>(from));
          return tell_if(changed > 0, tx, told);
        });
  }

  Task<std::vector<Sequence>> entrants(RoomId room, std::int64_t number) override {
    return database_.read([room = std::move(room), number](sql::Tx& tx) {
      std::string bytes;
      for (const auto& [places] :
           tx.query<S>("SELECT places FROM waitroom_lottery_entrants WHERE room = ? AND number = ?"
                       " ORDER BY part",
                       room.str(), number)) {
        bytes += places;
      }
      auto decoded = decode_places(bytes);
      if (!decoded) broken(room);
      return std::move(*decoded);
    });
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<Store> make_sql_store(sql::Database& database) {
  return std::make_unique<SqlStore>(database);
}

}  // namespace onsale::waitroom::lottery
