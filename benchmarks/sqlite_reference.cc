// The reference: raw SQLite, one connection, prepared statements, WAL, synchronous=FULL.
//   sqlite_reference join   one-row inserts, 64 a commit; prints rows/s
//   sqlite_reference hold   a conditional upsert and an insert, 64 units a commit; prints units/s
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace {

constexpr int kUnitsPerCommit = 64;
constexpr double kSeconds = 2.0;

void must(int code, sqlite3* db) {
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
  std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
  std::exit(1);
}

void exec(sqlite3* db, const char* sql) {
  must(sqlite3_exec(db, sql, nullptr, nullptr, nullptr), db);
}

sqlite3_stmt* prepare(sqlite3* db, const char* sql) {
  sqlite3_stmt* statement = nullptr;
  must(sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr), db);
  return statement;
}

void run(sqlite3* db, sqlite3_stmt* statement) {
  must(sqlite3_step(statement), db);
  sqlite3_reset(statement);
}

// Commits groups of units until the time is over; `unit(i)` runs one.
template <class Unit>
double measure(sqlite3* db, Unit unit) {
  using Clock = std::chrono::steady_clock;
  const auto began = Clock::now();
  int done = 0;
  double seconds = 0;
  while (seconds < kSeconds) {
    exec(db, "BEGIN IMMEDIATE");
    for (int i = 0; i < kUnitsPerCommit; ++i) unit(done++);
    exec(db, "COMMIT");
    seconds = std::chrono::duration<double>(Clock::now() - began).count();
  }
  return done / seconds;
}

double joins(sqlite3* db) {
  exec(db,
       "CREATE TABLE place(sequence INTEGER PRIMARY KEY, device BLOB NOT NULL, at INTEGER NOT "
       "NULL)");
  auto* insert = prepare(db, "INSERT INTO place(device, at) VALUES(?, ?)");
  const double rate = measure(db, [&](int i) {
    const std::string device(16, static_cast<char>(i));
    sqlite3_bind_blob(insert, 1, device.data(), 16, SQLITE_TRANSIENT);
    sqlite3_bind_int64(insert, 2, i);
    run(db, insert);
  });
  sqlite3_finalize(insert);
  return rate;
}

double holds(sqlite3* db) {
  exec(db,
       "CREATE TABLE claim(performance TEXT, seat TEXT, hold TEXT, expires INTEGER, state INTEGER,"
       " PRIMARY KEY(performance, seat)) WITHOUT ROWID;"
       "CREATE TABLE hold(id TEXT PRIMARY KEY, account TEXT, expires INTEGER)");
  auto* claim = prepare(db,
                        "INSERT INTO claim VALUES('prf_1', ?, ?, ?, 0) ON CONFLICT DO UPDATE SET "
                        "hold = excluded.hold WHERE state = 0 AND expires <= 5");
  auto* hold = prepare(db, "INSERT INTO hold VALUES(?, 'acc_1', ?)");
  const double rate = measure(db, [&](int i) {
    const std::string seat = "S" + std::to_string(i % 300) + "-" + std::to_string(i / 300);
    const std::string id = "hld_01JZZZZZZZZZZZZZZZ" + std::to_string(10'000'000 + i);
    sqlite3_bind_text(claim, 1, seat.data(), static_cast<int>(seat.size()), SQLITE_TRANSIENT);
    sqlite3_bind_text(claim, 2, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
    sqlite3_bind_int64(claim, 3, 1'000'000 + i);
    run(db, claim);
    sqlite3_bind_text(hold, 1, id.data(), static_cast<int>(id.size()), SQLITE_TRANSIENT);
    sqlite3_bind_int64(hold, 2, 1'000'000 + i);
    run(db, hold);
  });
  sqlite3_finalize(claim);
  sqlite3_finalize(hold);
  return rate;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what != "join" && what != "hold") {
    std::fprintf(stderr, "usage: sqlite_reference join|hold\n");
    return 2;
  }
  const auto folder =
      std::filesystem::temp_directory_path() / ("onsale-reference-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  sqlite3* db = nullptr;
  must(sqlite3_open((folder / "reference.db").c_str(), &db), db);
  exec(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL");
  std::printf("%.0f\n", what == "join" ? joins(db) : holds(db));
  sqlite3_close(db);
  std::filesystem::remove_all(folder);
  return 0;
}
