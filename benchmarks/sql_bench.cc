// platform/sql against raw SQLite doing the same: units of two statements (a conditional claim and
// an insert), durable, in groups of 64. Raw: one thread, prepared statements, one BEGIN … COMMIT
// for 64 units, no savepoints. Ours: 64 coroutines on one executor, each awaiting one write after
// the other. Alternating rounds on the same disk; prints each round and the median ratio.
#include "store_rounds.h"

namespace onsale {
namespace {

constexpr int kUnits = bench::kUnitsPerCommit * 1'000;
constexpr int kSeats = 60'000;

constexpr const char* kTables[] = {
    "CREATE TABLE claim (performance TEXT NOT NULL, seat TEXT NOT NULL, hold TEXT NOT NULL, "
    "expires_at BIGINT NOT NULL, PRIMARY KEY (performance, seat))",
    "CREATE TABLE hold (id TEXT NOT NULL PRIMARY KEY, account TEXT NOT NULL, "
    "expires_at BIGINT NOT NULL)"};
constexpr const char* kClaim =
    "INSERT INTO claim (performance, seat, hold, expires_at) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (performance, seat) DO UPDATE SET hold = excluded.hold, "
    "expires_at = excluded.expires_at WHERE claim.expires_at <= ?";
constexpr const char* kHold = "INSERT INTO hold (id, account, expires_at) VALUES (?, ?, ?)";
constexpr const char* kPerformance = "prf_01KAJ0000000000000000000";
constexpr const char* kAccount = "acc_01KAJ0000000000000000000";

std::string seat_of(int n) { return "S-" + std::to_string(n % kSeats); }
std::string hold_of(int n) { return "hld_01KAJ0000000000" + std::to_string(100'000'000 + n); }

double raw_rate(const std::string& path) {
  bench::RawSqlite sqlite(path);
  for (const char* table : kTables) sqlite.exec(table);
  bench::RawStatement claim(sqlite, kClaim);
  bench::RawStatement hold(sqlite, kHold);
  return sqlite.rate_of(kUnits, [&](int n) {
    const std::string id = hold_of(n);
    claim.run(kPerformance, seat_of(n), id, 1'000'000 + n, 500'000);
    hold.run(id, kAccount, 1'000'000 + n);
  });
}

Task<void> buyer(sql::Database& database, int first) {
  for (int n = first; n < kUnits; n += bench::kUnitsPerCommit) {
    auto task = database.write([n](sql::Tx& tx) {
      const std::string id = hold_of(n);
      const auto claimed = tx.exec(kClaim, kPerformance, seat_of(n), id, 1'000'000 + n, 500'000);
      tx.exec(kHold, id, kAccount, 1'000'000 + n);
      return claimed;
    });
    co_await std::move(task);
  }
}

bench::Ours our_rate(const std::string& path) {
  auto database = sql::open({.url = "sqlite:" + path, .readers = 1});
  auto create = database->write([](sql::Tx& tx) {
    for (const char* table : kTables) tx.direct(table);
  });
  sync_wait(std::move(create));
  return bench::rate_of(*database, kUnits, [&](int first) { return buyer(*database, first); });
}

}  // namespace
}  // namespace onsale

int main() {
  onsale::bench::compare("sql", onsale::raw_rate, onsale::our_rate);
  return 0;
}
