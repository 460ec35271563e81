// The reference of the benchmarks over HTTP:
//   sqlite_reference join   one-row inserts, 64 a commit; prints rows/s
//   sqlite_reference hold   a conditional upsert and an insert, 64 units a commit; prints units/s
#include <unistd.h>

#include <filesystem>

#include "raw_sqlite.h"

namespace onsale::bench {
namespace {

constexpr double kSeconds = 2.0;

double joins(RawSqlite& sqlite) {
  sqlite.exec(
      "CREATE TABLE place(sequence INTEGER PRIMARY KEY, device BLOB NOT NULL, at INTEGER NOT "
      "NULL)");
  RawStatement insert(sqlite, "INSERT INTO place(device, at) VALUES(?, ?)");
  return sqlite.rate_within(
      kSeconds, [&](int n) { insert.run(std::string(16, static_cast<char>('a' + n % 26)), n); });
}

double holds(RawSqlite& sqlite) {
  sqlite.exec(
      "CREATE TABLE claim(performance TEXT, seat TEXT, hold TEXT, expires INTEGER, state INTEGER,"
      " PRIMARY KEY(performance, seat)) WITHOUT ROWID;"
      "CREATE TABLE hold(id TEXT PRIMARY KEY, account TEXT, expires INTEGER)");
  RawStatement claim(sqlite,
                     "INSERT INTO claim VALUES('prf_1', ?, ?, ?, 0) ON CONFLICT DO UPDATE SET "
                     "hold = excluded.hold WHERE state = 0 AND expires <= 5");
  RawStatement hold(sqlite, "INSERT INTO hold VALUES(?, 'acc_1', ?)");
  return sqlite.rate_within(kSeconds, [&](int n) {
    const std::string seat = "S" + std::to_string(n % 300) + "-" + std::to_string(n / 300);
    const std::string id = "hld_01JZZZZZZZZZZZZZZZ" + std::to_string(10'000'000 + n);
    claim.run(seat, id, 1'000'000 + n);
    hold.run(id, 1'000'000 + n);
  });
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) {
  const std::string what = argc == 2 ? argv[1] : "";
  if (what != "join" && what != "hold") {
    std::fprintf(stderr, "usage: sqlite_reference join|hold\n");
    return 2;
  }
  const auto folder =
      std::filesystem::temp_directory_path() / ("onsale-reference-" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  {
    onsale::bench::RawSqlite sqlite((folder / "reference.db").string());
    std::printf("%.0f\n",
                what == "join" ? onsale::bench::joins(sqlite) : onsale::bench::holds(sqlite));
  }
  std::filesystem::remove_all(folder);
  return 0;
}
