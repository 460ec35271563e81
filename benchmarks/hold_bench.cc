// A hold at the store against raw SQLite running the same two statements on the same tables (a
// claim that also counts the account's seats, and the hold's row), durable, in groups of 64. Raw:
// one thread, prepared statements, one BEGIN … COMMIT for 64 units, no savepoints, no ids made.
// Ours: 64 coroutines on one executor, each awaiting one claim after the other. 60,000 seats, four
// for every account. Alternating rounds on the same disk; prints each round and the median ratio.
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

#include "base/random.h"
#include "booking/sql_store.h"
#include "platform/sql/migrations.h"
#include "platform/sql/worker.h"

namespace onsale::booking {
namespace {

constexpr int kGroup = 64;
constexpr int kUnits = 60'000 / kGroup * kGroup;
constexpr int kRounds = 5;
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

double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

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

void must(int code, sqlite3* db) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  std::exit(1);
}

void bind(sqlite3_stmt* statement, int position, const std::string& text) {
  sqlite3_bind_text(statement, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
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
  sqlite3* db = nullptr;
  must(sqlite3_open(path.c_str(), &db), db);
  const auto exec = [db](const char* sql) {
    must(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), db);
  };
  exec("PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
  sqlite3_stmt* claim = nullptr;
  sqlite3_stmt* hold = nullptr;
  must(sqlite3_prepare_v2(db, kClaim, -1, &claim, nullptr), db);
  must(sqlite3_prepare_v2(db, kHold, -1, &hold, nullptr), db);
  const auto began = std::chrono::steady_clock::now();
  for (int n = 0; n < kUnits; ++n) {
    const RawUnit& unit = units[static_cast<std::size_t>(n)];
    if (n % kGroup == 0) exec("BEGIN IMMEDIATE");
    bind(claim, 1, unit.performance);
    bind(claim, 2, unit.seat);
    bind(claim, 3, unit.account);
    bind(claim, 4, unit.hold);
    sqlite3_bind_int64(claim, 5, kNow + 300'000);
    sqlite3_bind_int64(claim, 6, kNow);
    must(sqlite3_step(claim), db);
    sqlite3_reset(claim);
    bind(hold, 1, unit.hold);
    bind(hold, 2, unit.performance);
    bind(hold, 3, unit.account);
    bind(hold, 4, unit.line);
    sqlite3_bind_int64(hold, 5, kNow);
    sqlite3_bind_int64(hold, 6, kNow + 300'000);
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

Task<void> buyer(Store& store, const std::vector<Hold>& wanted, int first) {
  for (int n = first; n < kUnits; n += kGroup) {
    ClaimOrder order{.hold = wanted[static_cast<std::size_t>(n)], .now = from_unix_ms(kNow)};
    const auto claimed = co_await store.claim(std::move(order));
    if (!claimed) std::abort();
  }
}

double our_rate(const std::string& path, const std::vector<Hold>& wanted, double& per_commit) {
  migrate_new(path);
  auto database = sql::open({.url = "sqlite:" + path, .readers = 1});
  SqlStore store(*database);
  const auto before = database->statistics();
  std::promise<void> done;
  int running = kGroup;
  const auto began = std::chrono::steady_clock::now();
  sql::Worker executor;
  executor.post([&] {
    for (int i = 0; i < kGroup; ++i) {
      start(buyer(store, wanted, i), [&](std::exception_ptr error) {
        if (error) std::abort();
        if (--running == 0) done.set_value();
      });
    }
  });
  done.get_future().wait();
  const double rate = kUnits / seconds_since(began);
  const auto after = database->statistics();
  per_commit = static_cast<double>(after.writes - before.writes) /
               static_cast<double>(after.commits - before.commits);
  return rate;
}

}  // namespace
}  // namespace onsale::booking

int main() {
  namespace fs = std::filesystem;
  const fs::path folder = fs::temp_directory_path() / ("onsale-hold-" + std::to_string(getpid()));
  const auto wanted = onsale::booking::holds();
  std::vector<double> ratios;
  for (int round = 0; round < onsale::booking::kRounds; ++round) {
    fs::create_directories(folder);
    double per_commit = 0;
    const double raw = onsale::booking::raw_rate((folder / "raw.db").string(), wanted);
    const double ours =
        onsale::booking::our_rate((folder / "ours.db").string(), wanted, per_commit);
    fs::remove_all(folder);
    ratios.push_back(ours / raw);
    std::printf("hold: raw SQLite %.0f/s, ours %.0f/s (%.0f holds a commit), ratio %.2f\n", raw,
                ours, per_commit, ours / raw);
  }
  std::ranges::sort(ratios);
  std::printf("hold: median ratio %.2f\n", ratios[ratios.size() / 2]);
  return 0;
}
