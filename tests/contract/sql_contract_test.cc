// What platform/sql promises, on SQLite and on a real MariaDB.
#include <gtest/gtest.h>

#include <future>
#include <limits>

#include "platform/sql/database.h"
#include "platform/sql/schema_text.h"
#include "platform/sql/worker.h"
#include "tests/contract/databases.h"

namespace onsale::sql {
namespace {

using testing_support::fresh_database;

class Sql : public testing::TestWithParam<Dialect> {
 protected:
  Sql() {
    ddl("CREATE TABLE t (id VARCHAR(40) PRIMARY KEY, n BIGINT, x DOUBLE, b " + blob() + ")");
  }
  std::string blob() const { return GetParam() == Dialect::sqlite ? "BLOB" : "LONGBLOB"; }
  void ddl(const std::string& sql) {
    sync_wait(database_->write([&](Tx& tx) { tx.direct(sql); }));
  }
  std::int64_t count() {
    return sync_wait(database_->read(
        [](Tx& tx) { return std::get<0>(*tx.one<std::int64_t>("SELECT COUNT(*) FROM t")); }));
  }
  std::int64_t insert(const std::string& id) {
    return sync_wait(
        database_->write([&](Tx& tx) { return tx.exec("INSERT INTO t (id) VALUES (?)", id); }));
  }

  std::unique_ptr<Database> database_ = fresh_database(GetParam());
};
ONSALE_ON_BOTH_DIALECTS(Sql);

TEST_P(Sql, KeepsEveryKindOfValue) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  const std::int64_t least = std::numeric_limits<std::int64_t>::min();
  using Row = std::tuple<std::string, std::optional<std::int64_t>, std::optional<double>>;
  sync_wait(database_->write([&](Tx& tx) {
    const std::string_view sql = "INSERT INTO t (id, n, x) VALUES (?, ?, ?)";
    EXPECT_EQ(tx.exec(sql, "most", most, 0.1), 1);
    EXPECT_EQ(tx.exec(sql, std::string("least"), least, -1e300), 1);
    EXPECT_EQ(tx.exec(sql, std::string_view("none"), std::nullopt, std::optional<double>{}), 1);
    EXPECT_EQ(tx.exec(sql, "", true, 3), 1);
  }));
  const auto rows = sync_wait(database_->read([](Tx& tx) {
    return tx.query<std::string, std::optional<std::int64_t>, std::optional<double>>(
        "SELECT id, n, x FROM t ORDER BY id");
  }));
  EXPECT_EQ(rows, (std::vector<Row>{{"", 1, 3.0},
                                    {"least", least, -1e300},
                                    {"most", most, 0.1},
                                    {"none", std::nullopt, std::nullopt}}));
  const auto when = from_unix_ms(1'763'700'000'123);
  sync_wait(database_->write([&](Tx& tx) {
    EXPECT_EQ(tx.exec("UPDATE t SET n = ? WHERE id = ?", when, "most"), 1);
    EXPECT_EQ(std::get<0>(*tx.one<Timestamp>("SELECT n FROM t WHERE id = ?", "most")), when);
    EXPECT_TRUE(std::get<0>(*tx.one<bool>("SELECT n FROM t WHERE id = ?", "")));
    EXPECT_FALSE(tx.one<bool>("SELECT n FROM t WHERE id = 'absent'"));
  }));
}

TEST_P(Sql, KeepsAnyBytes) {
  std::string bytes;
  for (int i = 0; i < 256; ++i) bytes += static_cast<char>(i);
  bytes += std::string("\0\0tail\0", 7);
  std::string large;
  for (int i = 0; i < 4'000; ++i) large += bytes;
  sync_wait(database_->write([&](Tx& tx) {
    tx.exec("INSERT INTO t (id, b) VALUES ('small', ?)", bytes);
    tx.exec("INSERT INTO t (id, b) VALUES ('large', ?)", large);
    tx.exec("INSERT INTO t (id, b) VALUES ('empty', ?)", std::string_view{});
    tx.exec("INSERT INTO t (id, b) VALUES ('null', ?)", std::nullopt);
  }));
  const auto rows = sync_wait(database_->read(
      [](Tx& tx) { return tx.query<std::optional<std::string>>("SELECT b FROM t ORDER BY id"); }));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(std::get<0>(rows[0]), "");
  EXPECT_TRUE(std::get<0>(rows[1]) == large);
  EXPECT_EQ(std::get<0>(rows[2]), std::nullopt);
  EXPECT_EQ(std::get<0>(rows[3]), bytes);
  const auto found = sync_wait(database_->read(
      [&](Tx& tx) { return tx.query<std::string>("SELECT id FROM t WHERE b = ?", bytes); }));
  EXPECT_EQ(found.size(), 1u);
  EXPECT_TRUE(sync_wait(database_->read([&](Tx& tx) {
                return tx.query<std::string>("SELECT id FROM t WHERE b = ?", bytes + "x");
              })).empty());
}

TEST_P(Sql, TextComparesByteByByte) {
  const Flavour flavour = GetParam() == Dialect::sqlite ? Flavour::sqlite : Flavour::mariadb;
  ddl(expand_schema("CREATE TABLE words (word {{text 40}} NOT NULL PRIMARY KEY)", flavour));
  const std::vector<std::string> words = {"A1",
                                          "a1",
                                          "a1 ",
                                          "ä1",
                                          "a\xCC\x88"
                                          "1",
                                          "가",
                                          "까",
                                          "🎫",
                                          "🎟"};
  sync_wait(database_->write([&](Tx& tx) {
    for (const auto& word : words) tx.exec("INSERT INTO words (word) VALUES (?)", word);
  }));
  for (const auto& word : words) {
    const auto found = sync_wait(database_->read([&](Tx& tx) {
      return tx.query<std::string>("SELECT word FROM words WHERE word = ?", word);
    }));
    ASSERT_EQ(found.size(), 1u) << word;
    EXPECT_EQ(std::get<0>(found[0]), word);
  }
  const auto like = sync_wait(database_->read([&](Tx& tx) {
    return tx.query<std::string>("SELECT word FROM words WHERE word LIKE ?", "a1%");
  }));
  EXPECT_EQ(like.size(), 2u) << "a1 and a1 with a space, not A1";
}

TEST_P(Sql, CountsWhatAStatementDid) {
  sync_wait(database_->write([](Tx& tx) {
    EXPECT_EQ(tx.exec("INSERT INTO t (id, n) VALUES ('a', 1), ('b', 1), ('c', 1)"), 3);
    EXPECT_EQ(tx.exec("UPDATE t SET n = ? WHERE id <> 'c'", 1), 2) << "matched, though unchanged";
    EXPECT_EQ(tx.exec("UPDATE t SET n = ? WHERE id = 'absent'", 2), 0);
    EXPECT_EQ(tx.exec("DELETE FROM t WHERE n = ?", 1), 3);
    EXPECT_EQ(tx.exec("DELETE FROM t WHERE n = ?", 1), 0);
    const std::string_view put =
        tx.dialect() == Dialect::sqlite
            ? "INSERT INTO t (id, n) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET n = excluded.n "
              "WHERE t.n < excluded.n"
            : "INSERT INTO t (id, n) VALUES (?, ?) ON DUPLICATE KEY UPDATE "
              "n = IF(n < VALUES(n), VALUES(n), n)";
    EXPECT_EQ(tx.exec(put, "k", 5), 1) << "inserted";
    EXPECT_EQ(tx.exec(put, "k", 4), 0) << "an upsert that changed nothing is told apart";
    EXPECT_GE(tx.exec(put, "k", 6), 1) << "changed";
  }));
}

TEST_P(Sql, TheSameWordsMeanTheSameOnBoth) {
  sync_wait(database_->read([](Tx& tx) {
    EXPECT_EQ(std::get<0>(*tx.one<std::string>("SELECT 'a' || ? || 'c'", "b")), "abc");
    EXPECT_EQ(std::get<0>(*tx.one<std::string>("SELECT 'back\\slash''s'")), "back\\slash's");
    EXPECT_EQ(std::get<0>(*tx.one<int>("SELECT CASE WHEN 'a' = 'A' THEN 1 ELSE 0 END")), 0);
    EXPECT_EQ(std::get<0>(*tx.one<int>("SELECT COALESCE(SUM(n), 0) FROM t")), 0);
    EXPECT_TRUE(tx.query<std::string>("SELECT \"id\" FROM t WHERE id = ?", "x").empty());
  }));
  insert("x");
  sync_wait(database_->write([](Tx& tx) {
    tx.exec("INSERT INTO t (id, n, x) VALUES ('y', ?, 0.5), ('z', ?, 0.25)", 1ll << 40, 2);
    EXPECT_EQ(std::get<0>(*tx.one<std::int64_t>("SELECT SUM(n) FROM t")), (1ll << 40) + 2);
    EXPECT_EQ(std::get<0>(*tx.one<double>("SELECT SUM(x) FROM t")), 0.75);
    EXPECT_EQ(tx.query<std::string>("SELECT id FROM t WHERE id = ? FOR UPDATE", "x").size(), 1u);
  }));
}

TEST_P(Sql, WrongUseIsAFailureAndNothingElse) {
  insert("a");
  auto refused = [&](auto unit) { EXPECT_THROW(sync_wait(database_->write(unit)), Failure); };
  refused([](Tx& tx) { tx.exec("INSERT INTO t (id) VALUES (?)"); });
  refused([](Tx& tx) { tx.exec("INSERT INTO t (id) VALUES (?)", "b", "c"); });
  refused([](Tx& tx) { tx.exec("NONSENSE"); });
  refused([](Tx& tx) { tx.exec("INSERT INTO absent (id) VALUES (1)"); });
  refused([](Tx& tx) { tx.one<std::int64_t>("SELECT n FROM t"); });     // NULL
  refused([](Tx& tx) { tx.one<std::string>("SELECT id, n FROM t"); });  // two columns
  refused([](Tx& tx) { tx.one<std::int64_t>("SELECT id FROM t"); });    // not a number
  refused([](Tx& tx) { tx.one<std::int8_t>("SELECT 300"); });           // does not fit
  refused([](Tx& tx) { tx.exec("UPDATE t SET n = ?", std::numeric_limits<std::uint64_t>::max()); });
  EXPECT_EQ(count(), 1);
  EXPECT_EQ(insert("b"), 1) << "the connection is as good as before";
}

TEST_P(Sql, AUniqueKeyInTheWayHasItsOwnType) {
  insert("a");
  EXPECT_THROW(insert("a"), UniqueViolation);
  ddl("CREATE UNIQUE INDEX t_n ON t (n)");
  sync_wait(database_->write([](Tx& tx) {
    tx.exec("INSERT INTO t (id, n) VALUES ('b', 1)");
    // Caught inside the unit, the unit goes on.
    EXPECT_THROW(tx.exec("INSERT INTO t (id, n) VALUES ('c', 1)"), UniqueViolation);
    tx.exec("INSERT INTO t (id, n) VALUES ('d', 2)");
  }));
  EXPECT_EQ(count(), 3);
}

TEST_P(Sql, WhatAUnitThrowsRollsItBackAndComesBack) {
  struct Mine {
    int number;
  };
  try {
    sync_wait(database_->write([](Tx& tx) {
      tx.exec("INSERT INTO t (id) VALUES ('a')");
      throw Mine{42};
    }));
    FAIL() << "nothing was thrown";
  } catch (const Mine& mine) {
    EXPECT_EQ(mine.number, 42);
  }
  EXPECT_EQ(count(), 0);
}

// Holds the writers until told, so that the units behind them gather in one group.
class Plug {
 public:
  Plug(Database& database, int writers) {
    for (int i = 0; i < writers; ++i) {
      start(hold(database, this), [this](std::exception_ptr) { ended_.fetch_add(1); });
    }
    while (waiting_ < writers) std::this_thread::yield();
    writers_ = writers;
  }
  void pull() { open_.set_value(); }
  ~Plug() {
    while (ended_ < writers_) std::this_thread::yield();
  }

 private:
  static Task<void> hold(Database& database, Plug* self) {
    auto task = database.write([self](Tx&) {
      ++self->waiting_;
      self->gate_.wait();
    });
    co_await std::move(task);
  }
  std::promise<void> open_;
  std::shared_future<void> gate_ = open_.get_future().share();
  std::atomic<int> waiting_ = 0;
  std::atomic<int> ended_ = 0;
  int writers_ = 0;
};

Task<void> insert_or_throw(Database& database, int number) {
  auto task = database.write([number](Tx& tx) {
    tx.exec("INSERT INTO t (id, n) VALUES (?, ?)", std::to_string(number), number);
    if (number % 3 == 1) throw std::runtime_error("by intent");
    if (number % 3 == 2) tx.exec("INSERT INTO t (id) VALUES (?)", std::to_string(number));
  });
  co_await std::move(task);
}

TEST_P(Sql, UnitsOfOneGroupFailAlone) {
  constexpr int kUnits = 90;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  const auto before = database_->statistics();
  {
    Plug plug(*database_, GetParam() == Dialect::sqlite ? 1 : 4);
    for (int i = 0; i < kUnits; ++i) {
      start(insert_or_throw(*database_, i),
            [&](std::exception_ptr error) { ++(error ? bad : good); });
    }
    plug.pull();
    while (good + bad < kUnits) std::this_thread::yield();
  }
  EXPECT_EQ(good, kUnits / 3);
  EXPECT_EQ(bad, 2 * kUnits / 3);
  const auto numbers = sync_wait(
      database_->read([](Tx& tx) { return tx.query<int>("SELECT n FROM t ORDER BY n"); }));
  ASSERT_EQ(numbers.size(), kUnits / 3u);
  for (const auto& [number] : numbers) EXPECT_EQ(number % 3, 0);
  if (GetParam() == Dialect::sqlite) {
    EXPECT_EQ(database_->statistics().commits - before.commits, 2u)
        << "one commit for the plug, one for the whole group";
  }
}

TEST_P(Sql, ReadersSeeWhatWasCommittedBefore) {
  for (int i = 0; i < 200; ++i) {
    insert(std::to_string(i));
    ASSERT_EQ(count(), i + 1);
  }
}

TEST_P(Sql, AReadIsOneSnapshotAndCannotWrite) {
  insert("a");
  const auto [before, after] = sync_wait(database_->read([&](Tx& tx) {
    const auto first = std::get<0>(*tx.one<int>("SELECT COUNT(*) FROM t"));
    insert("b");  // on another connection, committed
    return std::pair(first, std::get<0>(*tx.one<int>("SELECT COUNT(*) FROM t")));
  }));
  EXPECT_EQ(before, 1);
  EXPECT_EQ(after, 1);
  EXPECT_EQ(count(), 2);
  EXPECT_THROW(sync_wait(database_->read([](Tx& tx) { tx.exec("DELETE FROM t"); })), Failure);
  EXPECT_EQ(count(), 2);
}

Task<void> wait_reading(Database& database, std::shared_future<void> end) {
  auto task = database.read([end](Tx&) { end.wait(); });
  co_await std::move(task);
}

Task<void> read_rows(Database& database, int least, bool throws) {
  auto task = database.read([throws](Tx& tx) {
    if (throws) throw std::invalid_argument("as the test wants it");
    return std::get<0>(*tx.one<int>("SELECT COUNT(*) FROM t"));
  });
  const int rows = co_await std::move(task);
  EXPECT_GE(rows, least);
}

TEST_P(Sql, ReadsThatWaitedTogetherSeeWhatWasCommittedBeforeAndFailAlone) {
  constexpr int kReads = 60;
  auto small = open({.url = testing_support::fresh_url(GetParam()), .readers = 1});
  sync_wait(small->write([](Tx& tx) { tx.direct("CREATE TABLE t (id BIGINT PRIMARY KEY)"); }));
  std::promise<void> end;
  std::atomic<int> good = 0;
  std::atomic<int> bad = 0;
  start(wait_reading(*small, end.get_future().share()), [](std::exception_ptr) {});
  for (int i = 0; i < kReads; ++i) {
    sync_wait(small->write([i](Tx& tx) { tx.exec("INSERT INTO t (id) VALUES (?)", i); }));
    start(read_rows(*small, i + 1, i % 3 == 0),
          [&](std::exception_ptr error) { ++(error ? bad : good); });
  }
  end.set_value();
  while (good + bad < kReads) std::this_thread::yield();
  EXPECT_EQ(bad, kReads / 3);
}

Task<void> touch(Database& database) {
  auto task = database.write([](Tx&) {});
  co_await std::move(task);
}

TEST_P(Sql, AFullQueueTurnsAwayAtOnce) {
  const int writers = GetParam() == Dialect::sqlite ? 1 : 2;
  auto small = open({.url = testing_support::fresh_url(GetParam()),
                     .readers = 1,
                     .writers = writers,
                     .queue_max = 5});
  std::atomic<int> good = 0;
  std::atomic<int> turned_away = 0;
  {
    Plug plug(*small, writers);
    for (int i = 0; i < 8; ++i) {
      start(touch(*small), [&](std::exception_ptr error) {
        if (!error) {
          ++good;
          return;
        }
        EXPECT_THROW(std::rethrow_exception(error), Overloaded);
        ++turned_away;
      });
    }
    EXPECT_EQ(turned_away, 3);
    EXPECT_EQ(small->statistics().write_queue, 5u);
    plug.pull();
    while (good < 5) std::this_thread::yield();
  }
  EXPECT_EQ(small->statistics().overloads, 3u);
}

Task<void> check_home(Database& database, Executor* home, bool* same) {
  auto task = database.write([](Tx&) { return 1; });
  const int one = co_await std::move(task);
  *same = one == 1 && Executor::current() == home;
}

TEST_P(Sql, AnAwaiterResumesWhereItWas) {
  bool same = false;
  std::promise<void> done;
  {
    Worker worker;
    worker.post([&] {
      start(check_home(*database_, &worker, &same), [&](std::exception_ptr) { done.set_value(); });
    });
    done.get_future().wait();
  }
  EXPECT_TRUE(same);
}

TEST_P(Sql, ClosingFinishesWhatIsQueued) {
  const std::string url = testing_support::fresh_url(GetParam());
  std::atomic<int> ended = 0;
  {
    auto database = testing_support::open_database(url);
    sync_wait(database->write([](Tx& tx) { tx.direct("CREATE TABLE q (n BIGINT)"); }));
    for (int i = 0; i < 500; ++i) {
      start(
          [](Database& d, int n) -> Task<void> {
            auto task = d.write([n](Tx& tx) { tx.exec("INSERT INTO q (n) VALUES (?)", n); });
            co_await std::move(task);
          }(*database, i),
          [&](std::exception_ptr error) {
            EXPECT_FALSE(error);
            ++ended;
          });
    }
  }
  EXPECT_EQ(ended, 500);
  auto again = testing_support::open_database(url);
  EXPECT_EQ(sync_wait(again->read([](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM q"); })),
            std::tuple(500));
}

TEST_P(Sql, ClosedItRefusesWhatComesLater) {
  std::atomic<int> ended = 0;
  for (int i = 0; i < 100; ++i) {
    start(
        [](Database& d, int n) -> Task<void> {
          auto task =
              d.write([n](Tx& tx) { tx.exec("INSERT INTO t (id) VALUES (?)", std::to_string(n)); });
          co_await std::move(task);
        }(*database_, i),
        [&](std::exception_ptr error) {
          EXPECT_FALSE(error);
          ++ended;
        });
  }
  database_->close();
  EXPECT_EQ(ended, 100);  // nothing of it runs on any thread any more
  try {
    insert("late");
    FAIL() << "a closed database took a unit";
  } catch (const Failure& error) {
    EXPECT_STREQ(error.what(), "the database is closing");
  }
  EXPECT_THROW(count(), Failure);
  database_->close();
}

// A loop that runs only when it is told to.
class HandRunLoop final : public Executor {
 public:
  void post(std::move_only_function<void()> work) override {
    std::lock_guard lock(mutex_);
    work_.push_back(std::move(work));
  }
  void run() { run(std::numeric_limits<int>::max()); }
  // Only what is there when a round begins.
  void run(int rounds) {
    Executor* const outer = std::exchange(current_, this);
    for (; rounds > 0; --rounds) {
      std::unique_lock lock(mutex_);
      auto work = std::exchange(work_, {});
      lock.unlock();
      if (work.empty()) break;
      for (auto& each : work) each();
    }
    current_ = outer;
  }

 private:
  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> work_;
};

Task<void> insert_one(Database& database, int n) {
  auto task = database.write(
      [n](Tx& tx) { return tx.exec("INSERT INTO t (id) VALUES (?)", std::to_string(n)); });
  co_await std::move(task);
}

// What ends waits for the loop's next round.
void start_on(HandRunLoop& loop, Database& database, int count, std::atomic<int>& ended) {
  for (int n = 0; n < count; ++n) {
    loop.post([&database, &ended, n] {
      start(insert_one(database, n), [&ended](std::exception_ptr error) {
        EXPECT_FALSE(error);
        ++ended;
      });
    });
  }
  loop.run(1);
}

TEST_P(Sql, WhenACloseReturnsEveryOutcomeIsWithItsLoop) {
  std::atomic<int> ended = 0;
  auto loop = std::make_unique<HandRunLoop>();
  start_on(*loop, *database_, 200, ended);
  database_->close();
  loop->run();
  EXPECT_EQ(ended, 200);
  loop.reset();  // nobody posts to it any more: the address sanitizer would see it
  database_.reset();
}

// What serve() must not do: the loop ends first, the database is closed afterwards.
TEST_P(Sql, NegativeControlALoopThatEndsBeforeTheCloseNeverHears) {
  std::atomic<int> ended = 0;
  HandRunLoop loop;
  start_on(loop, *database_, 200, ended);
  const int heard = ended;
  database_->close();
  EXPECT_EQ(ended, heard);
  EXPECT_LT(ended, 200);
  loop.run();  // only so that nothing is left behind
  EXPECT_EQ(ended, 200);
}

TEST_P(Sql, ManyStatementTextsDoNotPileUp) {
  sync_wait(database_->write([](Tx& tx) {
    for (int i = 0; i < 2'000; ++i) {
      const auto row = tx.one<int>("SELECT ? + " + std::to_string(i), 1);
      ASSERT_EQ(std::get<0>(*row), i + 1);
    }
  }));
}

}  // namespace
}  // namespace onsale::sql
