// platform/sql against raw SQLite doing the same: units of two statements (a conditional claim and
// an insert), durable, in groups of 64. Raw: one thread, prepared statements, one BEGIN … COMMIT
// for 64 units, no savepoints. Ours: 64 coroutines on one executor, each awaiting one write after
// the other. Alternating rounds on the same disk; prints each round and the median ratio.
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <future>
#include <string>
#include <vector>

#include "platform/sql/database.h"
#include "platform/sql/worker.h"

namespace onsale {
namespace {

constexpr int kGroup = 64;
constexpr int kUnits = kGroup * 1'000;
constexpr int kRounds = 5;
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

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

void must(int code, sqlite3* db) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  std::exit(1);
}

void bind(sqlite3_stmt* statement, int position, const std::string& text) {
  sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
}

double raw_rate(const std::string& path) {
  sqlite3* db = nullptr;
  must(sqlite3_open_v2(path.c_str(), &db,
                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr),
       db);
  const auto exec = [db](const char* sql) {
    must(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), db);
  };
  exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
  for (const char* table : kTables) exec(table);
  sqlite3_stmt* claim = nullptr;
  sqlite3_stmt* hold = nullptr;
  must(sqlite3_prepare_v2(db, kClaim, -1, &claim, nullptr), db);
  must(sqlite3_prepare_v2(db, kHold, -1, &hold, nullptr), db);
  const auto began = std::chrono::steady_clock::now();
  for (int n = 0; n < kUnits; ++n) {
    if (n % kGroup == 0) exec("BEGIN IMMEDIATE");
    const std::string seat = seat_of(n);
    const std::string id = hold_of(n);
    bind(claim, 1, kPerformance);
    bind(claim, 2, seat);
    bind(claim, 3, id);
    sqlite3_bind_int64(claim, 4, 1'000'000 + n);
    sqlite3_bind_int64(claim, 5, 500'000);
    must(sqlite3_step(claim), db);
    sqlite3_reset(claim);
    bind(hold, 1, id);
    bind(hold, 2, kAccount);
    sqlite3_bind_int64(hold, 3, 1'000'000 + n);
    must(sqlite3_step(hold), db);
    sqlite3_reset(hold);
    if (n % kGroup == kGroup - 1) exec("COMMIT");
  }
  const double rate = kUnits / seconds_since(began);
  sqlite3_finalize(claim);
  sqlite3_finalize(hold);
  sqlite3_close(db);
  return rate;
}

Task<void> buyer(sql::Database& database, int first) {
  for (int n = first; n < kUnits; n += kGroup) {
    auto task = database.write([n](sql::Tx& tx) {
      const std::string id = hold_of(n);
      const auto claimed = tx.exec(kClaim, kPerformance, seat_of(n), id, 1'000'000 + n, 500'000);
      tx.exec(kHold, id, kAccount, 1'000'000 + n);
      return claimed;
    });
    co_await std::move(task);
  }
}

double our_rate(const std::string& path, double& units_per_commit) {
  auto database = sql::open({.url = "sqlite:" + path, .readers = 1});
  auto create = database->write([](sql::Tx& tx) {
    for (const char* table : kTables) tx.direct(table);
  });
  sync_wait(std::move(create));
  const auto before = database->statistics();
  std::promise<void> done;
  int running = kGroup;
  const auto began = std::chrono::steady_clock::now();
  sql::Worker executor;
  executor.post([&] {
    for (int i = 0; i < kGroup; ++i) {
      start(buyer(*database, i), [&](std::exception_ptr error) {
        if (error) std::abort();
        if (--running == 0) done.set_value();
      });
    }
  });
  done.get_future().wait();
  const double rate = kUnits / seconds_since(began);
  const auto after = database->statistics();
  units_per_commit = static_cast<double>(after.writes - before.writes) /
                     static_cast<double>(after.commits - before.commits);
  return rate;
}

}  // namespace
}  // namespace onsale

int main() {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("onsale-sql-" + std::to_string(getpid()));
  std::vector<double> ratios;
  for (int round = 0; round < onsale::kRounds; ++round) {
    fs::create_directories(folder);
    const double raw = onsale::raw_rate(folder / "raw.db");
    double grouped = 0;
    const double ours = onsale::our_rate(folder / "ours.db", grouped);
    fs::remove_all(folder);
    ratios.push_back(ours / raw);
    std::printf("raw %.0f units/s, ours %.0f units/s (%.0f units a commit), ratio %.2f\n", raw,
                ours, grouped, ours / raw);
  }
  std::ranges::sort(ratios);
  std::printf("ratio %.2f\n", ratios[ratios.size() / 2]);
  return 0;
}
