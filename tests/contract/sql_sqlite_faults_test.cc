// SQLite when things go wrong: kill -9, a full disk, a second server, a directory that is not ours.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "platform/sql/database.h"
#include "platform/sql/sqlite_connection.h"
#include "tests/contract/databases.h"
#include "tests/contract/scratch.h"

namespace onsale::sql {
namespace {

namespace fs = std::filesystem;
using testing_support::open_database;
using testing_support::scratch_directory;

std::string refusal(const std::string& url) {
  try {
    open_database(url);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

void expect_reason(const std::string& why, const std::string& part) {
  EXPECT_NE(why.find(part), std::string::npos) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos) << why;
}

// Runs `body` in a child process; its answer is what it returns.
template <class Body>
std::string in_child(Body body) {
  int ends[2];
  if (::pipe(ends) != 0) return "no pipe";
  const pid_t child = ::fork();
  if (child == 0) {
    std::string answer;
    try {
      answer = body();
    } catch (const std::exception& error) {
      answer = std::string("threw: ") + error.what();
    }
    const ssize_t ignored = ::write(ends[1], answer.data(), answer.size());
    ::_exit(ignored < 0 ? 1 : 0);
  }
  ::close(ends[1]);
  std::string answer;
  char part[4096];
  for (ssize_t size = 0; (size = ::read(ends[0], part, sizeof part)) > 0;) {
    answer.append(part, static_cast<std::size_t>(size));
  }
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return answer;
}

TEST(SqliteOpen, SaysWhatToDoWhenTheDirectoryIsMissing) {
  expect_reason(refusal("sqlite:/nonexistent/place/data.db"),
                "the data directory /nonexistent/place does not exist: create it");
}

TEST(SqliteOpen, SaysWhatToDoWhenTheDirectoryIsReadOnly) {
  const std::string directory = scratch_directory("readonly");
  ::chmod(directory.c_str(), 0555);
  const std::string why = in_child([&] {
    if (::geteuid() == 0 && ::setuid(65'534) != 0) return std::string("cannot drop rights");
    return refusal("sqlite:" + directory + "/data.db");
  });
  ::chmod(directory.c_str(), 0755);
  expect_reason(why, "cannot be written: give this user write access");
}

TEST(SqliteOpen, ASecondServerOnTheSameDataIsRefused) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  {
    const auto first = open_database(url);
    const std::string own = refusal(url);
    expect_reason(own, "another onsale server (process " + std::to_string(::getpid()) + ")");
    expect_reason(own, "stop it or choose another data directory");
  }
  EXPECT_EQ(refusal(url), "") << "free again once the first has closed";
}

TEST(SqliteOpen, TheLockGoesWithTheProcessThatHeldIt) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  in_child([&]() -> std::string {
    const auto first = open_database(url);
    ::kill(::getpid(), SIGKILL);
    return "";
  });
  EXPECT_EQ(refusal(url), "");
}

TEST(SqliteOpen, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string path = scratch_directory("notadb") + "/data.db";
  const std::string text(8'192, 'x');
  std::ofstream(path) << text;
  expect_reason(refusal("sqlite:" + path), "is not a database: move it away");
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST(SqliteOpen, AnotherProgramsDatabaseIsLeftAlone) {
  const std::string path = scratch_directory("foreign") + "/data.db";
  sqlite3* foreign = nullptr;
  sqlite3_open(path.c_str(), &foreign);
  sqlite3_exec(foreign, "CREATE TABLE theirs (n)", nullptr, nullptr, nullptr);
  sqlite3_close(foreign);
  expect_reason(refusal("sqlite:" + path), "belongs to another program");
}

TEST(SqliteOpen, AWrongUrlIsRefused) {
  expect_reason(refusal("postgres://x/y"), "is neither sqlite:PATH nor mysql://");
  expect_reason(refusal("sqlite:"), "is neither");
}

Task<void> insert(Database& database, int number, std::size_t size) {
  auto task = database.write([number, size](Tx& tx) {
    tx.exec("INSERT INTO t (n, filler) VALUES (?, ?)", number, std::string(size, 'x'));
  });
  co_await std::move(task);
}

void make_table(Database& database) {
  sync_wait(database.write(
      [](Tx& tx) { tx.direct("CREATE TABLE t (n BIGINT PRIMARY KEY, filler TEXT)"); }));
}

// Writes until something is refused, makes room, and goes on. "ok" when every acknowledged row,
// and no other, is there in the end.
std::string fill_and_recover(const std::string& url, const std::function<void()>& make_room) {
  auto database = open_database(url);
  make_table(*database);
  std::vector<int> acknowledged;
  std::string why;
  for (int i = 0; i < 10'000 && why.empty(); ++i) {
    try {
      sync_wait(insert(*database, i, 20'000));
      acknowledged.push_back(i);
    } catch (const Failure& failure) {
      why = failure.what();
    }
  }
  if (why.empty()) return "nothing was refused";
  make_room();
  sync_wait(insert(*database, 1'000'000, 20'000));
  acknowledged.push_back(1'000'000);
  database.reset();
  database = open_database(url);
  const auto rows =
      sync_wait(database->read([](Tx& tx) { return tx.query<int>("SELECT n FROM t ORDER BY n"); }));
  std::vector<int> kept;
  for (const auto& [n] : rows) kept.push_back(n);
  if (kept != acknowledged) return "lost or invented rows";
  return "ok: " + why;
}

TEST(SqliteFullDisk, TheUnitFailsAndWorkGoesOnWhenThereIsRoomAgain) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  const std::string answer = in_child([&] {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto limit = [](rlim_t bytes) {
      const rlimit wanted{bytes, RLIM_INFINITY};
      ::setrlimit(RLIMIT_FSIZE, &wanted);
    };
    limit(1 << 20);
    return fill_and_recover(url, [&] { limit(RLIM_INFINITY); });
  });
  expect_reason(answer, "ok: ");
  expect_reason(answer, "check the disk and its free space");
}

TEST(SqliteFullDisk, ARealOneIsNamedAndLeavesTheDataIntact) {
  const std::string directory = scratch_directory("small");
  if (::mount("tmpfs", directory.c_str(), "tmpfs", 0, "size=2m") != 0) {
    GTEST_SKIP() << "mounting a small disk needs root";
  }
  const std::string ballast = directory + "/ballast";
  std::ofstream(ballast) << std::string(512 * 1024, 'x');
  const std::string answer = in_child([&] {
    return fill_and_recover("sqlite:" + directory + "/data.db", [&] { fs::remove(ballast); });
  });
  expect_reason(answer, "ok: ");
  expect_reason(answer, "is full: free some space");
  std::ofstream(ballast) << std::string(4 << 20, 'x');
  fs::remove(directory + "/data.db.lock");
  const std::string late = in_child([&] { return refusal("sqlite:" + directory + "/new.db"); });
  expect_reason(late, "full: free some space");
  ::umount(directory.c_str());
}

// Statements of a group die with it when SQLite gives the transaction up inside one unit. Here the
// cache spills early, so that a large unit meets the full disk before COMMIT.
TEST(SqliteFullDisk, AUnitThatBringsTheGroupDownFailsAlone) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  const std::string answer = in_child([&]() -> std::string {
    ::signal(SIGXFSZ, SIG_IGN);
    auto database = open_database(url);
    make_table(*database);
    const rlimit wanted{8 << 20, RLIM_INFINITY};
    ::setrlimit(RLIMIT_FSIZE, &wanted);
    std::atomic<int> good = 0;
    std::atomic<int> bad = 0;
    std::atomic<bool> go = false;
    // Keeps the writer until the others have queued up behind it.
    start(
        [](Database& d, std::atomic<bool>& open) -> Task<void> {
          auto task = d.write([&open](Tx&) {
            while (!open) std::this_thread::yield();
          });
          co_await std::move(task);
        }(*database, go),
        [](std::exception_ptr) {});
    for (int i = 0; i < 20; ++i) {
      start(insert(*database, i, i == 10 ? 60'000'000 : 10),
            [&](std::exception_ptr error) { ++(error ? bad : good); });
    }
    go = true;
    while (good + bad < 20) std::this_thread::yield();
    return std::to_string(good) + " good, " + std::to_string(bad) + " bad";
  });
  EXPECT_EQ(answer, "19 good, 1 bad");
}

// The child writes, from many coroutines at once, and puts the number of every acknowledged unit
// into the pipe. Returns the numbers that arrived before it was killed.
template <class Child>
std::vector<int> numbers_until_killed(Child child_body, std::size_t enough) {
  int ends[2];
  EXPECT_EQ(::pipe(ends), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    child_body(ends[1]);
    ::_exit(0);
  }
  ::close(ends[1]);
  std::vector<int> numbers;
  int number = 0;
  while (numbers.size() < enough && ::read(ends[0], &number, sizeof number) == sizeof number) {
    numbers.push_back(number);
  }
  ::kill(child, SIGKILL);
  while (::read(ends[0], &number, sizeof number) == sizeof number) numbers.push_back(number);
  ::close(ends[0]);
  ::waitpid(child, nullptr, 0);
  return numbers;
}

void say(int pipe, int number) {
  if (::write(pipe, &number, sizeof number) != sizeof number) ::_exit(1);
}

Task<void> write_and_say(Database& database, int pipe, int first) {
  for (int i = 0; i < 100'000; ++i) {
    const int number = first + i;
    auto task = insert(database, number, 50);
    co_await std::move(task);
    say(pipe, number);
  }
}

std::size_t missing(const std::string& url, const std::vector<int>& acknowledged) {
  auto database = open_database(url);
  const auto rows =
      sync_wait(database->read([](Tx& tx) { return tx.query<int>("SELECT n FROM t"); }));
  std::set<int> kept;
  for (const auto& [n] : rows) kept.insert(n);
  std::size_t lost = 0;
  for (const int number : acknowledged) lost += kept.contains(number) ? 0 : 1;
  return lost;
}

TEST(SqliteKill, EveryAcknowledgedUnitIsStillThere) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  make_table(*open_database(url));
  std::vector<int> acknowledged;
  for (int round = 0; round < 5; ++round) {
    const auto numbers = numbers_until_killed(
        [&](int pipe) {
          auto database = open_database(url);
          for (int i = 0; i < 40; ++i) {
            start(write_and_say(*database, pipe, (round * 40 + i) * 100'000),
                  [](std::exception_ptr) {});
          }
          ::pause();
        },
        400 + static_cast<std::size_t>(round) * 37);
    EXPECT_GE(numbers.size(), 400u);
    acknowledged.insert(acknowledged.end(), numbers.begin(), numbers.end());
  }
  EXPECT_EQ(missing(url, acknowledged), 0u);
}

// What the test above would see if a unit were acknowledged before its COMMIT.
TEST(SqliteKill, NegativeControlAcknowledgingBeforeTheCommitLosesUnits) {
  const std::string url = testing_support::fresh_url(Dialect::sqlite);
  make_table(*open_database(url));
  constexpr int kSaid = 1'000;  // in the middle of a group of 64
  const auto acknowledged = numbers_until_killed(
      [&](int pipe) {
        SqliteConnection connection(url.substr(7), SqliteConnection::Use::write);
        for (int n = 0; n < kSaid; ++n) {
          if (n % 64 == 0) connection.run(n == 0 ? "BEGIN" : "COMMIT");
          if (n % 64 == 0 && n > 0) connection.run("BEGIN");
          const std::array<Param, 1> params{std::int64_t{n}};
          connection.exec("INSERT INTO t (n, filler) VALUES (?, 'x')", params);
          say(pipe, n);
        }
        ::pause();
      },
      kSaid);
  EXPECT_EQ(missing(url, acknowledged), kSaid % 64u);
}

}  // namespace
}  // namespace onsale::sql
