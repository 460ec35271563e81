// SqlStore: who has which seat.
#include <algorithm>
#include <memory>
#include <numeric>

#include "booking/events.h"
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"

namespace onsale::booking {

using rows::count_seats;
using rows::find_hold;
using rows::find_reservation_of;
using rows::free_claims;
using rows::id;
using rows::kSold;
using rows::Lock;
using rows::lock_quota;
using rows::pack_seats;
using rows::place_of;
using rows::publish_ended;
using rows::room_of;

namespace {

struct ClaimRolledBack {
  ClaimRefused refused;
};

// One statement claims a seat: it is new, or the claim in the way has run out. `?` 1..5 are
// performance, seat, account, hold, expires_at; the last is now.
constexpr std::string_view kClaimSqlite =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "VALUES (?, ?, ?, ?, 'held', ?) "
    "ON CONFLICT (performance_id, seat_id) DO UPDATE SET account_id = excluded.account_id, "
    "hold_id = excluded.hold_id, expires_at = excluded.expires_at "
    "WHERE booking_claim.state = 'held' AND booking_claim.expires_at <= ?";
// The same, and the account has room for all seats of the hold: then performance, account, now,
// wanted, max stand between.
constexpr std::string_view kClaimFirstSqlite =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "SELECT ?, ?, ?, ?, 'held', ? WHERE (SELECT COUNT(*) FROM booking_claim WHERE "
    "performance_id = ? AND account_id = ? AND (state = 'sold' OR expires_at > ?)) + ? <= ? "
    "ON CONFLICT (performance_id, seat_id) DO UPDATE SET account_id = excluded.account_id, "
    "hold_id = excluded.hold_id, expires_at = excluded.expires_at "
    "WHERE booking_claim.state = 'held' AND booking_claim.expires_at <= ?";
// MySQL has no WHERE there. Assignments run from left to right: expires_at, which the others ask
// for, comes last.
constexpr std::string_view kClaimMysql =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "VALUES (?, ?, ?, ?, 'held', ?) ON DUPLICATE KEY UPDATE "
    "account_id = IF(state = 'held' AND expires_at <= ?, VALUES(account_id), account_id), "
    "hold_id = IF(state = 'held' AND expires_at <= ?, VALUES(hold_id), hold_id), "
    "expires_at = IF(state = 'held' AND expires_at <= ?, VALUES(expires_at), expires_at)";

// Everybody claims in the same order, so that no two wait for each other in a circle.
std::vector<std::size_t> in_seat_order(const std::vector<SeatLine>& seats) {
  std::vector<std::size_t> order(seats.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) -> const std::string& { return seats[i].seat; });
  return order;
}

struct Keys {
  std::string performance, account, hold;
};

void insert_hold(sql::Tx& tx, const Keys& keys, const Hold& hold) {
  tx.exec(
      "INSERT INTO booking_hold (id, performance_id, account_id, seats, total, currency, "
      "created_at, expires_at, room_id, place_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
      keys.hold, keys.performance, keys.account, pack_seats(hold.seats), hold.total.amount,
      hold.total.currency, hold.created_at, hold.expires_at, room_of(hold.slot),
      place_of(hold.slot));
}

// The hold's row was locked while its reservation was made: now that ours is there, so is that.
void refuse_used(sql::Tx& tx, const Keys& keys) {
  const auto used =
      tx.one<std::int64_t>("SELECT 1 FROM booking_reservation WHERE hold_id = ?", keys.hold);
  if (used) throw ClaimRolledBack{{.used = true}};
}

// An order without seats only asks for the hold that is there: a new one would hold nothing.
void refuse_empty(const Hold& hold, const Guards& guards) {
  if (guards.not_empty && hold.seats.empty()) throw ClaimRolledBack{};
}

// A claim that ends by then may be taken over.
Timestamp over_by(const ClaimOrder& order, const Guards& guards) {
  return guards.only_expired ? order.now : order.hold.expires_at;
}

constexpr std::string_view kClaimColumns =
    "SELECT performance_id, seat_id, hold_id, state, expires_at FROM booking_claim";

template <class... A>
std::vector<LiveClaim> live_claims(sql::Tx& tx, std::string_view text, const A&... args) {
  std::vector<LiveClaim> claims;
  for (auto& [performance, seat, hold, state, expires_at] :
       tx.query<std::string, std::string, std::string, std::string, Timestamp>(text, args...)) {
    claims.push_back({id<PerformanceId>(performance), std::move(seat), id<HoldId>(hold),
                      state == kSold ? SeatState::sold : SeatState::held, expires_at});
  }
  return claims;
}

// The indices of the seats that somebody else has.
std::vector<std::size_t> claim_sqlite(sql::Tx& tx, const ClaimOrder& order, const Keys& keys,
                                      const Guards& guards) {
  const Hold& hold = order.hold;
  const Timestamp over = over_by(order, guards);
  std::vector<std::size_t> taken;
  bool first = guards.quota && guards.only_expired;
  for (const std::size_t i : in_seat_order(hold.seats)) {
    std::int64_t rows = 0;
    if (first) {
      rows = tx.exec(kClaimFirstSqlite, keys.performance, hold.seats[i].seat, keys.account,
                     keys.hold, hold.expires_at, keys.performance, keys.account, order.now,
                     hold.seats.size(), order.seats_max, order.now);
      const auto wanted = std::ssize(hold.seats);
      if (rows == 0 && count_seats(tx, keys.performance, keys.account, "", order.now) + wanted >
                           order.seats_max) {
        throw ClaimRolledBack{{.too_many = true}};
      }
    } else {
      rows = tx.exec(kClaimSqlite, keys.performance, hold.seats[i].seat, keys.account, keys.hold,
                     hold.expires_at, over);
    }
    first = false;
    if (rows == 0) taken.push_back(i);
  }
  return taken;
}

// The same where an upsert that changed nothing counts no row.
std::vector<std::size_t> claim_mysql(sql::Tx& tx, const ClaimOrder& order, const Keys& keys,
                                     const Guards& guards) {
  const Hold& hold = order.hold;
  const Timestamp over = over_by(order, guards);
  std::vector<std::size_t> taken;
  for (const std::size_t i : in_seat_order(hold.seats)) {
    const std::string& seat = hold.seats[i].seat;
    const auto rows = tx.exec(kClaimMysql, keys.performance, seat, keys.account, keys.hold,
                              hold.expires_at, over, over, over);
    if (rows == 0) taken.push_back(i);
  }
  return taken;
}

}  // namespace

SqlStore::SqlStore(sql::Database& database, Guards guards) : db_(database), guards_(guards) {}

Stamp SqlStore::claim_in(sql::Tx& tx, const ClaimOrder& order) {
  const Hold& hold = order.hold;
  const Keys keys{hold.performance.str(), hold.buyer.str(), hold.id.str()};
  std::vector<std::size_t> taken;
  if (tx.dialect() == sql::Dialect::sqlite) {
    insert_hold(tx, keys, hold);
    refuse_used(tx, keys);
    refuse_empty(hold, guards_);
    taken = claim_sqlite(tx, order, keys, guards_);
  } else {
    if (guards_.quota) {
      lock_quota(tx, keys.performance, keys.account, order.now);
      const auto has = count_seats(tx, keys.performance, keys.account, "", order.now);
      if (has + std::ssize(hold.seats) > order.seats_max) {
        // A repeat counts its own seats: let the hold's row say so first.
        if (find_hold(tx, hold.id, Lock::no)) throw sql::UniqueViolation("the hold is there");
        refuse_used(tx, keys);
        throw ClaimRolledBack{{.too_many = true}};
      }
    }
    insert_hold(tx, keys, hold);
    refuse_used(tx, keys);
    refuse_empty(hold, guards_);
    taken = claim_mysql(tx, order, keys, guards_);
  }
  if (!taken.empty()) {
    std::ranges::sort(taken);
    throw ClaimRolledBack{{.taken = std::move(taken)}};
  }
  return next_stamp();
}

Task<Result<Claimed, ClaimRefused>> SqlStore::claim(ClaimOrder order) {
  auto shared = std::make_shared<const ClaimOrder>(std::move(order));
  std::optional<ClaimRefused> refused;
  Stamp stamp = 0;
  // GCC 12 destroys a temporary unit twice: it has a name.
  auto unit = [this, shared](sql::Tx& tx) { return claim_in(tx, *shared); };
  auto task = change(std::move(unit));
  try {
    stamp = co_await std::move(task);
  } catch (ClaimRolledBack& rolled_back) {
    refused = std::move(rolled_back.refused);
  } catch (const sql::UniqueViolation&) {
    stamp = 0;
  }
  if (refused) co_return std::unexpected(std::move(*refused));
  if (stamp != 0) co_return Claimed{.hold = shared->hold, .stamp = stamp};
  auto stored = co_await hold(shared->hold.id);
  if (!stored || stored->buyer != shared->hold.buyer) {
    // Swept in between: its seats are free, the caller may try again.
    ClaimRefused everything;
    for (std::size_t i = 0; i < shared->hold.seats.size(); ++i) everything.taken.push_back(i);
    co_return std::unexpected(std::move(everything));
  }
  co_return Claimed{.hold = std::move(*stored), .repeated = true};
}

Task<Store::Live> SqlStore::live() {
  return db_.read([](sql::Tx& tx) {
    Live live;
    live.claims = live_claims(tx, kClaimColumns);
    for (const auto& [hold, expires_at] :
         tx.query<std::string, Timestamp>("SELECT id, expires_at FROM booking_hold")) {
      live.holds.emplace_back(id<HoldId>(hold), expires_at);
    }
    return live;
  });
}

// The stamp first, then the rows, locked: a change that is under way is waited for and read, and
// one that comes later has a higher stamp.
Task<Store::Claims> SqlStore::claims(PerformanceId performance) {
  return db_.write([this, performance](sql::Tx& tx) {
    static const std::string kText =
        std::string(kClaimColumns) + " WHERE performance_id = ? FOR UPDATE";
    Claims out{.stamp = next_stamp()};
    out.claims = live_claims(tx, kText, performance.str());
    return out;
  });
}

Task<std::optional<Hold>> SqlStore::hold(HoldId id) {
  return db_.read([id](sql::Tx& tx) { return find_hold(tx, id, Lock::no); });
}

Task<Result<SeatSet, ReleaseRefusal>> SqlStore::release(HoldId id, AccountId buyer) {
  return change([this, id, buyer](sql::Tx& tx) -> Result<SeatSet, ReleaseRefusal> {
    const auto hold = find_hold(tx, id, Lock::yes);
    if (!hold || hold->buyer != buyer) return std::unexpected(ReleaseRefusal::unknown);
    if (find_reservation_of(tx, id, Lock::no)) return std::unexpected(ReleaseRefusal::reserved);
    SeatSet freed{.performance = hold->performance, .hold = id};
    freed.seats = free_claims(tx, hold->performance, id, hold->seats);
    tx.exec("DELETE FROM booking_hold WHERE id = ?", id.str());
    freed.stamp = next_stamp();
    return freed;
  });
}

Task<Expired> SqlStore::expire(std::vector<HoldId> ids, Timestamp now) {
  auto shared = std::make_shared<const std::vector<HoldId>>(std::move(ids));
  return change([this, shared, now](sql::Tx& tx) {
    Expired expired;
    for (const HoldId id : *shared) {
      const auto hold = find_hold(tx, id, Lock::yes);
      if (!hold) continue;
      if (hold->expires_at > now) {
        expired.later.emplace_back(id, hold->expires_at);
        continue;
      }
      SeatSet freed{.performance = hold->performance, .hold = id};
      freed.seats = free_claims(tx, hold->performance, id, hold->seats);
      tx.exec("DELETE FROM booking_hold WHERE id = ?", id.str());
      const auto ended = tx.exec(
          "UPDATE booking_reservation SET state = 'expired', ended_at = ? WHERE hold_id = ? AND "
          "state = 'pending'",
          now, id.str());
      if (ended > 0) {
        const auto reservation = find_reservation_of(tx, id, Lock::no);
        publish_ended(tx, kExpiredTopic, *reservation, freed.seats, true);
      }
      expired.freed.push_back(std::move(freed));
    }
    const Stamp stamp = next_stamp();
    for (SeatSet& freed : expired.freed) freed.stamp = stamp;
    return expired;
  });
}

}  // namespace onsale::booking
