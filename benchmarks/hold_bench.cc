// A hold at the store against raw SQLite running the same two statements on the same tables (a
// claim that also counts the account's seats, and the hold's row), durable, in groups of 64. Raw:
// one thread, prepared statements, one BEGIN … COMMIT for 64 units, no savepoints, no ids made.
// Ours: 64 coroutines on one executor, each awaiting one claim after the other. 60,000 seats, four
// for every account. Alternating rounds on the same disk; prints each round and the median ratio.
#include "base/random.h"
#include "booking/store/sql_store.h"
#include "platform/sql/migrations.h"
#include "store_rounds.h"

namespace onsale::booking {
namespace {

constexpr int kUnits = 60'000 / bench::kUnitsPerCommit * bench::kUnitsPerCommit;
constexpr std::int64_t kNow = 1'800'000'000'000;

constexpr const char* kClaim =
    "INSERT INTO booking_claim (performance_id, seat_id, account_id, hold_id, state, expires_at) "
    "SELECT ?1, ?2, ?3, ?4, 'held', ?5 WHERE (SELECT COUNT(*) FROM booking_claim WHERE "
    "performance_id = ?1 AND account_id = ?3 AND (state = 'sold' OR expires_at > ?6)) + 1 <= 4 "
    "ON CONFLICT (performance_id, seat_id) DO UPDATE SET account_id = excluded.account_id, "
    "hold_id = excluded.hold_id, expires_at = excluded.expires_at "
    "WHERE booking_claim.state = 'held' AND booking_claim.expires_at <= ?6";
constexpr const char* kHold =
    "INSERT INTO booking_hold (id, performance_id, account_id, seats, total, currency, created_at, "
    "expires_at) VALUES (?, ?, ?, ?, 100000, 'KRW', ?, ?)";

// The same buyers want the same seats of both.
std::vector<Hold> holds() {
  SystemRandom random;
  const auto performance = PerformanceId::make(from_unix_ms(kNow), random);
  std::vector<Hold> out;
  AccountId buyer;
  for (int n = 0; n < kUnits; ++n) {
    if (n % 4 == 0) buyer = AccountId::make(from_unix_ms(kNow), random);
    const std::string seat = "S" + std::to_string(n / 300) + "-" + std::to_string(n % 300);
    out.push_back({.id = HoldId::make(from_unix_ms(kNow + n), random),
                   .performance = performance,
                   .buyer = buyer,
                   .seats = {{seat, std::to_string(n % 300), "R", 100'000, false}},
                   .total = {100'000, "KRW"},
                   .created_at = from_unix_ms(kNow),
                   .expires_at = from_unix_ms(kNow + 300'000)});
  }
  return out;
}

void migrate_new(const std::string& path) {
  auto database = sql::open({.url = "sqlite:" + path, .readers = 1});
  sql::migrate(*database, sql::all_migrations());
}

struct RawUnit {
  std::string performance, seat, account, hold, line;
};

std::vector<RawUnit> raw_units(const std::vector<Hold>& holds) {
  std::vector<RawUnit> out;
  for (const Hold& hold : holds) {
    const std::string& seat = hold.seats[0].seat;
    out.push_back({hold.performance.str(), seat, hold.buyer.str(), hold.id.str(),
                   seat + "\t" + hold.seats[0].label + "\tR\t100000\n"});
  }
  return out;
}

double raw_rate(const std::string& path, const std::vector<Hold>& wanted) {
  migrate_new(path);
  const auto units = raw_units(wanted);
  bench::RawSqlite sqlite(path);
  bench::RawStatement claim(sqlite, kClaim);
  bench::RawStatement hold(sqlite, kHold);
  return sqlite.rate_of(kUnits, [&](int n) {
    const RawUnit& unit = units[static_cast<std::size_t>(n)];
    claim.run(unit.performance, unit.seat, unit.account, unit.hold, kNow + 300'000, kNow);
    hold.run(unit.hold, unit.performance, unit.account, unit.line, kNow, kNow + 300'000);
  });
}

Task<void> buyer(Store& store, const std::vector<Hold>& wanted, int first) {
  for (int n = first; n < kUnits; n += bench::kUnitsPerCommit) {
    ClaimOrder order{.hold = wanted[static_cast<std::size_t>(n)], .now = from_unix_ms(kNow)};
    const auto claimed = co_await store.claim(std::move(order));
    if (!claimed) std::abort();
  }
}

bench::Ours our_rate(const std::string& path, const std::vector<Hold>& wanted) {
  migrate_new(path);
  auto database = sql::open({.url = "sqlite:" + path, .readers = 1});
  SqlStore store(*database);
  return bench::rate_of(*database, kUnits, [&](int first) { return buyer(store, wanted, first); });
}

}  // namespace
}  // namespace onsale::booking

int main() {
  const auto wanted = onsale::booking::holds();
  onsale::bench::compare(
      "hold", [&](const std::string& path) { return onsale::booking::raw_rate(path, wanted); },
      [&](const std::string& path) { return onsale::booking::our_rate(path, wanted); });
  return 0;
}
