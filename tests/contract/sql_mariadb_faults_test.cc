// MariaDB when things go wrong: deadlocks, killed connections, a killed server, wrong addresses.
#include <gtest/gtest.h>

#include <barrier>
#include <future>
#include <thread>

#include "platform/sql/database.h"
#include "platform/sql/mysql_url.h"
#include "tests/contract/databases.h"
#include "tests/contract/mariadb_server.h"

namespace onsale::sql {
namespace {

using testing_support::MariadbServer;
using testing_support::open_database;

class Mariadb : public testing::Test {
 protected:
  Mariadb() {
    sync_wait(database_->write([](Tx& tx) {
      tx.direct("CREATE TABLE t (id VARCHAR(40) PRIMARY KEY, n BIGINT NOT NULL)");
      tx.exec("INSERT INTO t (id, n) VALUES ('a', 0), ('b', 0)");
    }));
  }
  std::int64_t value(const std::string& id) {
    return std::get<0>(*sync_wait(database_->read(
        [&](Tx& tx) { return tx.one<std::int64_t>("SELECT n FROM t WHERE id = ?", id); })));
  }
  // The connections of this test's database, as the server sees them.
  std::vector<std::string> connections() {
    std::vector<std::string> ids;
    for (const auto& [id] : sync_wait(database_->read([&](Tx& tx) {
           return tx.query<std::string>(
               "SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE db = ? "
               "AND id <> CONNECTION_ID()",
               name_);
         }))) {
      ids.push_back(id);
    }
    return ids;
  }

  MariadbServer& server_ = MariadbServer::shared();
  std::string name_ = server_.create_database();
  std::unique_ptr<Database> database_ = open_database(server_.url(name_));
};

// Two units take the same rows in opposite order; `meet` makes sure of it the first time.
void add_to_both(Database& database, const std::string& first, const std::string& second,
                 std::barrier<>& meet) {
  bool met = false;
  sync_wait(database.write([&](Tx& tx) {
    tx.exec("UPDATE t SET n = n + 1 WHERE id = ?", first);
    if (!std::exchange(met, true)) meet.arrive_and_wait();
    tx.exec("UPDATE t SET n = n + 1 WHERE id = ?", second);
  }));
}

TEST_F(Mariadb, ADeadlockedUnitRunsAgain) {
  for (int round = 1; round <= 5; ++round) {
    std::barrier meet(2);
    std::thread other([&] { add_to_both(*database_, "b", "a", meet); });
    add_to_both(*database_, "a", "b", meet);
    other.join();
    EXPECT_EQ(value("a"), 2 * round);
    EXPECT_EQ(value("b"), 2 * round);
  }
  EXPECT_GE(database_->statistics().retries, 5u);
}

TEST_F(Mariadb, ADeadlockThatTheUnitSwallowedIsStillNoCommit) {
  std::barrier meet(2);
  auto greedy = [&](const std::string& first, const std::string& second) {
    bool met = false;
    sync_wait(database_->write([&](Tx& tx) {
      tx.exec("UPDATE t SET n = n + 1 WHERE id = ?", first);
      if (!std::exchange(met, true)) meet.arrive_and_wait();
      try {
        tx.exec("UPDATE t SET n = n + 1 WHERE id = ?", second);
      } catch (const Failure&) {
        // As if it did not matter; half of the unit would be committed.
      }
    }));
  };
  std::thread other([&] { greedy("b", "a"); });
  greedy("a", "b");
  other.join();
  EXPECT_EQ(value("a"), 2);
  EXPECT_EQ(value("b"), 2);
}

TEST_F(Mariadb, AUnitSeesWhatOthersCommittedMeanwhile) {
  sync_wait(database_->write([&](Tx& tx) {
    EXPECT_EQ(std::get<0>(*tx.one<int>("SELECT n FROM t WHERE id = 'a'")), 0);
    server_.execute("UPDATE " + name_ + ".t SET n = 7 WHERE id = 'a'");
    EXPECT_EQ(std::get<0>(*tx.one<int>("SELECT n FROM t WHERE id = 'a'")), 7);
  }));
}

TEST_F(Mariadb, IdleConnectionsThatTheServerClosedAreReplaced) {
  for (const auto& id : connections()) server_.execute("KILL " + id);
  for (int i = 0; i < 20; ++i) {
    sync_wait(database_->write([](Tx& tx) { tx.exec("UPDATE t SET n = n + 1 WHERE id = 'a'"); }));
    EXPECT_EQ(value("a"), i + 1);
  }
}

TEST_F(Mariadb, AConnectionLostInsideTheUnitIsNoHalfUnit) {
  bool killed = false;
  sync_wait(database_->write([&](Tx& tx) {
    tx.exec("UPDATE t SET n = n + 1 WHERE id = 'a'");
    if (!std::exchange(killed, true)) {
      const auto me = tx.one<std::string>("SELECT CAST(CONNECTION_ID() AS CHAR)");
      server_.execute("KILL " + std::get<0>(*me));
    }
    tx.exec("UPDATE t SET n = n + 1 WHERE id = 'b'");
  }));
  EXPECT_EQ(value("a"), 1);
  EXPECT_EQ(value("b"), 1);
}

TEST_F(Mariadb, ALostAnswerToCommitIsSaidAndNotRepeated) {
  int runs = 0;
  try {
    sync_wait(database_->write([&](Tx& tx) {
      ++runs;
      tx.exec("UPDATE t SET n = n + 1 WHERE id = 'a'");
      const auto me = tx.one<std::string>("SELECT CAST(CONNECTION_ID() AS CHAR)");
      server_.execute("KILL " + std::get<0>(*me));
    }));
    FAIL() << "the outcome is unknown";
  } catch (const Outage& outage) {  // it passes: a consumer of events asks again
    EXPECT_NE(std::string(outage.what()).find("may or may not"), std::string::npos);
  }
  EXPECT_EQ(runs, 1);
}

TEST_F(Mariadb, TheTcpAddressWorksToo) {
  auto other = open_database(server_.tcp_url(name_));
  sync_wait(other->write([](Tx& tx) { tx.exec("UPDATE t SET n = 9 WHERE id = 'a'"); }));
  EXPECT_EQ(value("a"), 9);
}

TEST_F(Mariadb, EveryDurabilitySettingIsTheServersAndChecked) {
  // The warning itself goes to the log; here only that it does not stand in the way.
  server_.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 2");
  EXPECT_NO_THROW(open_database(server_.url(name_)));
  server_.execute("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
}

std::string refusal(const std::string& url) {
  try {
    sql::open({.url = url, .readers = 1, .writers = 1});
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

TEST_F(Mariadb, OpenSaysWhatToDo) {
  auto expect = [](const std::string& url, const std::string& part) {
    const std::string why = refusal(url);
    EXPECT_NE(why.find(part), std::string::npos) << why;
    EXPECT_EQ(why.find('\n'), std::string::npos) << why;
    EXPECT_EQ(why.find("secret"), std::string::npos) << why;
  };
  expect("mysql://root:secret@127.0.0.1:1/x", "no database server answers at 127.0.0.1:1");
  expect("mysql:unix_socket=/nowhere/sock;db=x;user=root;password=secret",
         "no database server answers at /nowhere/sock");
  expect(server_.url("absent"), "the database absent does not exist");
  std::string wrong = server_.tcp_url(name_);
  wrong.replace(wrong.find("p%40ss"), 6, "secret");
  expect(wrong, "refuses this user");
  expect("mysql://root:secret@host", "names no database");
  expect("mysql://root:secret@host:99999/db", "has a wrong port");
  expect("mysql:db=x;colour=secret", "has an unknown option");
}

TEST(MysqlUrl, EveryPartIsRead) {
  const auto a = parse_mysql_url("mysql://us%40er:p%3Aw@db.example:3307/shop?tls_ca=/etc/ca.pem");
  EXPECT_EQ(a.user, "us@er");
  EXPECT_EQ(a.password, "p:w");
  ASSERT_EQ(a.endpoints.size(), 1u);
  EXPECT_EQ(place_of(a), "db.example:3307");
  EXPECT_EQ(a.database, "shop");
  EXPECT_EQ(a.tls_ca, "/etc/ca.pem");
  const auto b = parse_mysql_url("mysql://[::1]:3308/shop");
  EXPECT_EQ(b.endpoints[0].host, "::1");
  EXPECT_EQ(b.endpoints[0].port, 3308u);
  const auto c = parse_mysql_url("mysql:unix_socket=/run/s;db=shop;user=me;password=a=b");
  EXPECT_EQ(c.unix_socket, "/run/s");
  EXPECT_EQ(c.password, "a=b");
  EXPECT_EQ(place_of(parse_mysql_url("mysql://a@one:1,[::2]:2,three/d")), "one:1,::2:2,three:3306");
  EXPECT_THROW(parse_mysql_url("mysql://a%4:x@h/d"), Failure);
  EXPECT_THROW(parse_mysql_url("mysql://a@h:1,,i/d"), Failure);
}

// A server of its own, because it dies.
TEST(MariadbKill, EveryAcknowledgedUnitOutlivesTheServer) {
  MariadbServer server;
  auto database = open_database(server.url(server.create_database()));
  sync_wait(database->write([](Tx& tx) { tx.direct("CREATE TABLE t (n BIGINT PRIMARY KEY)"); }));
  std::vector<int> acknowledged;
  std::atomic<bool> failed = false;
  std::thread writer([&] {
    for (int i = 0; i < 1'000'000 && !failed; ++i) {
      try {
        sync_wait(database->write([i](Tx& tx) { tx.exec("INSERT INTO t (n) VALUES (?)", i); }));
        acknowledged.push_back(i);
      } catch (const std::exception&) {
        failed = true;
      }
    }
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  server.kill();
  writer.join();
  EXPECT_GT(acknowledged.size(), 10u);
  server.start();
  const auto rows =
      sync_wait(database->read([](Tx& tx) { return tx.query<int>("SELECT n FROM t"); }));
  std::set<int> kept;
  for (const auto& [n] : rows) kept.insert(n);
  for (const int n : acknowledged) EXPECT_TRUE(kept.contains(n)) << n;
  EXPECT_NO_THROW(
      sync_wait(database->write([](Tx& tx) { tx.exec("INSERT INTO t (n) VALUES (-1)"); })));
}

}  // namespace
}  // namespace onsale::sql
