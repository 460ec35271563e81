#include "waitroom/join/proof_store.h"

#include "platform/crypto/bytes.h"
#include "waitroom/events_store.h"

namespace onsale::waitroom {
namespace {

// Of operators who make invitations at the same time; each failure is another one's success.
constexpr int kTries = 100;

std::string text_of(const DeviceKey& device) {
  return crypto::hex({reinterpret_cast<const char*>(device.data()), device.size()});
}

std::optional<std::int64_t> milliseconds(const std::optional<Timestamp>& time) {
  if (!time) return {};
  return to_unix_ms(*time);
}

std::optional<InviteBatch> insert(sql::Tx& tx, const RoomId& room, std::uint32_t epoch,
                                  InviteBatch batch) {
  const auto last = tx.one<std::int64_t, std::int64_t>(
      "SELECT first_number, invites FROM waitroom_invite WHERE room = ? AND epoch = ?"
      " ORDER BY first_number DESC LIMIT 1",
      room.str(), epoch);
  batch.first = last ? std::get<0>(*last) + std::get<1>(*last) : 1;
  if (batch.first + batch.count - 1 > kInvitesPerRoom) return {};
  tx.exec(
      "INSERT INTO waitroom_invite (room, epoch, first_number, invites, lane, expires_at, made_by,"
      " made_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
      room.str(), epoch, batch.first, batch.count, batch.lane, milliseconds(batch.expires_at),
      batch.made_by, to_unix_ms(batch.made_at));
  return batch;
}

class SqlInviteBook final : public InviteBook {
 public:
  explicit SqlInviteBook(sql::Database& database) : database_(database) {}

  Task<std::optional<InviteBatch>> add(RoomId room, std::uint32_t epoch, InviteBatch batch,
                                       TellInvites tell) override {
    for (int left = kTries;; --left) {
      try {
        auto unit = [room, epoch, batch, tell](sql::Tx& tx) {
          auto made = insert(tx, room, epoch, batch);
          if (made) publish(tx, tell(*made));
          return made;
        };
        auto writing = database_.write(std::move(unit));
        auto made = co_await std::move(writing);
        co_return std::move(made);
      } catch (const sql::UniqueViolation&) {
        if (left == 1) throw;
      }
    }
  }

  Task<std::vector<InviteBatch>> batches(RoomId room, std::uint32_t epoch) override {
    return database_.read([room = std::move(room), epoch](sql::Tx& tx) {
      std::vector<InviteBatch> found;
      for (const auto& [first, count, lane, expires, by, at] :
           tx.query<std::int64_t, std::int64_t, std::int64_t, std::optional<std::int64_t>,
                    std::string, std::int64_t>(
               "SELECT first_number, invites, lane, expires_at, made_by, made_at FROM"
               " waitroom_invite WHERE room = ? AND epoch = ? ORDER BY first_number",
               room.str(), epoch)) {
        InviteBatch batch{.first = first,
                          .count = count,
                          .lane = static_cast<LaneId>(lane),
                          .made_by = by,
                          .made_at = from_unix_ms(at)};
        if (expires) batch.expires_at = from_unix_ms(*expires);
        const auto used = tx.one<std::int64_t>(
            "SELECT COUNT(*) FROM waitroom_invite_use WHERE room = ? AND epoch = ? AND"
            " invite >= ? AND invite < ?",
            room.str(), epoch, first, first + count);
        batch.used = used ? std::get<0>(*used) : 0;
        found.push_back(std::move(batch));
      }
      return found;
    });
  }

  Task<InviteUse> use(RoomId room, std::uint32_t epoch, std::int64_t number, DeviceKey device,
                      Timestamp now) override {
    return database_.write([room = std::move(room), epoch, number, device, now](sql::Tx& tx) {
      const std::string holder = text_of(device);
      try {
        tx.exec(
            "INSERT INTO waitroom_invite_use (room, epoch, invite, device, used_at) VALUES"
            " (?, ?, ?, ?, ?)",
            room.str(), epoch, number, holder, to_unix_ms(now));
        return InviteUse::taken;
      } catch (const sql::UniqueViolation&) {
        const auto there = tx.one<std::string>(
            "SELECT device FROM waitroom_invite_use WHERE room = ? AND epoch = ? AND invite = ?",
            room.str(), epoch, number);
        return there && std::get<0>(*there) == holder ? InviteUse::ours_already
                                                      : InviteUse::used_by_another;
      }
    });
  }

 private:
  sql::Database& database_;
};

}  // namespace

std::unique_ptr<InviteBook> make_sql_invite_book(sql::Database& database) {
  return std::make_unique<SqlInviteBook>(database);
}

}  // namespace onsale::waitroom
