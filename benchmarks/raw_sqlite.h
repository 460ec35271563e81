// The reference: raw SQLite, one connection without a mutex, prepared statements, WAL,
// synchronous=FULL. Anything that goes wrong ends the program.
#pragma once

#include <sqlite3.h>

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace onsale::bench {

inline constexpr int kUnitsPerCommit = 64;

inline double seconds_since(std::chrono::steady_clock::time_point began) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

class RawSqlite {
 public:
  explicit RawSqlite(const std::string& path) {
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    must(sqlite3_open_v2(path.c_str(), &db_, flags, nullptr));
    exec("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-16384");
  }
  ~RawSqlite() { sqlite3_close(db_); }
  RawSqlite(const RawSqlite&) = delete;
  RawSqlite& operator=(const RawSqlite&) = delete;

  void exec(const char* sql) { must(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr)); }
  void must(int code) {
    if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW) return;
    std::fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db_));
    std::exit(1);
  }
  // Commits groups of units; `unit(n)` runs the one of number n. Units per second.
  template <class Unit>
  double rate_of(int units, Unit unit) {
    const auto began = std::chrono::steady_clock::now();
    for (int n = 0; n < units; n += kUnitsPerCommit) commit(n, unit);
    return units / seconds_since(began);
  }
  // The same for as long as it takes.
  template <class Unit>
  double rate_within(double seconds, Unit unit) {
    const auto began = std::chrono::steady_clock::now();
    int done = 0;
    for (; seconds_since(began) < seconds; done += kUnitsPerCommit) commit(done, unit);
    return done / seconds_since(began);
  }

 private:
  friend class RawStatement;

  template <class Unit>
  void commit(int first, Unit& unit) {
    exec("BEGIN IMMEDIATE");
    for (int n = first; n < first + kUnitsPerCommit; ++n) unit(n);
    exec("COMMIT");
  }

  sqlite3* db_ = nullptr;
};

// Not to outlive its connection.
class RawStatement {
 public:
  RawStatement(RawSqlite& sqlite, const char* sql) : sqlite_(sqlite) {
    sqlite_.must(
        sqlite3_prepare_v3(sqlite_.db_, sql, -1, SQLITE_PREPARE_PERSISTENT, &it_, nullptr));
  }
  ~RawStatement() { sqlite3_finalize(it_); }
  RawStatement(const RawStatement&) = delete;
  RawStatement& operator=(const RawStatement&) = delete;

  // The texts must stay until this returns.
  template <class... A>
  void run(const A&... args) {
    int position = 0;
    (bind(++position, args), ...);
    sqlite_.must(sqlite3_step(it_));
    sqlite3_reset(it_);
  }

 private:
  void bind(int position, const std::string& text) {
    sqlite3_bind_text(it_, position, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  }
  void bind(int position, const char* text) {
    sqlite3_bind_text(it_, position, text, -1, SQLITE_STATIC);
  }
  void bind(int position, std::int64_t number) { sqlite3_bind_int64(it_, position, number); }

  RawSqlite& sqlite_;
  sqlite3_stmt* it_ = nullptr;
};

}  // namespace onsale::bench
