// Reads of replicas, and a primary that becomes another server, on real MariaDB servers.
#include <gtest/gtest.h>

#include <latch>
#include <thread>

#include "platform/sql/database.h"
#include "platform/sql/mysql_url.h"
#include "tests/contract/mariadb_server.h"

namespace onsale::sql {
namespace {

using testing_support::MariadbServer;
using namespace std::chrono_literals;

TEST(Position, IsReadFromWhatServersWrite) {
  EXPECT_EQ(Position::parse("0-1-77").text(), "0-1-77");
  EXPECT_EQ(Position::parse("0-1-77,3-2-5").text(), "0-1-77,3-2-5");
  const std::string uuid = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
  EXPECT_EQ(Position::parse(uuid + ":23").text(), uuid + ":1-23");
  EXPECT_EQ(Position::parse(uuid + ":1-23").text(), uuid + ":1-23");
  for (const char* nonsense : {"", ",", "0-1", "x-1-2", "0-1-2x", "'; DROP TABLE t; --", ":5",
                               "0-1-99999999999999999999999", "uuid:7"}) {
    EXPECT_TRUE(Position::parse(nonsense).empty()) << nonsense;
  }
}

TEST(Position, OnlyGoesForward) {
  Position position = Position::parse("0-1-10");
  position.reach(Position::parse("0-2-8"));
  EXPECT_EQ(position.text(), "0-1-10");
  position.reach(Position::parse("0-2-11,1-1-1"));
  EXPECT_EQ(position.text(), "0-2-11,1-1-1");
  EXPECT_TRUE(position.covers(Position::parse("0-9-11")));
  EXPECT_FALSE(position.covers(Position::parse("0-9-12")));
  EXPECT_FALSE(position.covers(Position::parse("7-1-1")));
  EXPECT_TRUE(position.covers({}));
}

TEST(Position, IsBounded) {
  Position position;
  for (int domain = 0; domain < 1000; ++domain) {
    position.reach(Position::parse(std::to_string(domain) + "-4294967295-18446744073709551615"));
  }
  EXPECT_LE(position.text().size(), Position::kTextMax);
  EXPECT_TRUE(position.covers(Position::parse("999-1-1")));
}

// Until `true_now`, at most twenty seconds.
bool comes_true(const std::function<bool()>& true_now) {
  for (int i = 0; i < 400; ++i) {
    if (true_now()) return true;
    std::this_thread::sleep_for(50ms);
  }
  return false;
}

Task<void> stored(Database& database, std::int64_t n) {
  const auto row = co_await database.read(
      [](Tx& tx) { return tx.one<std::int64_t>("SELECT n FROM t WHERE id = 'a'"); });
  EXPECT_EQ(row, std::tuple(n));
}

class Replicas : public testing::Test {
 protected:
  std::string url(const std::string& endpoints) const {
    return "mysql://app:secret@" + endpoints + "/" + name_;
  }
  std::unique_ptr<Database> opened() {
    return open({.url = url(primary_.endpoint() + "," + replica_.endpoint()),
                 .readers = 1,
                 .writers = 2,
                 .replicas = {url(replica_.endpoint())},
                 .replica_readers = 2});
  }
  void set(std::int64_t n) {
    sync_wait(database_->write([n](Tx& tx) { tx.exec("UPDATE t SET n = ? WHERE id = 'a'", n); }));
  }
  std::int64_t read_after(const Position& position) {
    return std::get<0>(*sync_wait(database_->read_after(
        position, [](Tx& tx) { return tx.one<std::int64_t>("SELECT n FROM t WHERE id = 'a'"); })));
  }
  Replica replica() { return database_->replicas().at(0); }
  // A server that is read-only.
  void is_no_primary() {
    try {
      open({.url = url(replica_.endpoint())});
      FAIL() << "opened";
    } catch (const Failure& failure) {
      EXPECT_NE(std::string(failure.what()).find("is read-only: connect to the primary"),
                std::string::npos)
          << failure.what();
    }
    // The server ends what stands still: nobody keeps row locks for hours.
    EXPECT_EQ(std::get<0>(*sync_wait(database_->write([](Tx& tx) {
                return tx.one<std::int64_t>("SELECT @@idle_transaction_timeout");
              }))),
              60);
  }
  bool caught_up() {
    return comes_true([this] {
      const auto before = replica().reads;
      read_after(database_->position());
      return replica().reads > before;
    });
  }

  Replicas() {
    sync_wait(database_->write([](Tx& tx) {
      tx.direct("CREATE TABLE t (id VARCHAR(40) PRIMARY KEY, n BIGINT NOT NULL)");
      tx.exec("INSERT INTO t (id, n) VALUES ('a', 0)");
    }));
    EXPECT_TRUE(caught_up());
  }

  MariadbServer primary_{MariadbServer::Replicated{1}};
  MariadbServer replica_{MariadbServer::Replicated{2, &primary_}};
  std::string name_ = primary_.create_database();
  std::unique_ptr<Database> database_ = opened();
};

// One pair of servers for all of it: they cost seconds.
TEST_F(Replicas, ShowAPersonTheirOwnWritesWhateverHappens) {
  is_no_primary();

  // Each write is seen by whoever brings its position, whoever serves it.
  const auto before = replica();
  for (int n = 1; n <= 200; ++n) {
    set(n);
    ASSERT_EQ(read_after(database_->position()), n);
  }
  EXPECT_GT(replica().reads, before.reads) << "the replica served nothing";

  // A replica that stands still shows old rows to those who ask for nothing newer (which is what
  // would happen without positions), and to nobody else.
  replica_.execute("STOP SLAVE SQL_THREAD");
  set(1000);
  EXPECT_EQ(read_after({}), 200);
  EXPECT_EQ(read_after(database_->position()), 1000);
  EXPECT_GT(replica().behind, before.behind);
  EXPECT_TRUE(comes_true([this] { return replica().lag >= 1s; })) << "its lag is not measured";
  EXPECT_TRUE(replica().up);
  replica_.execute("START SLAVE SQL_THREAD");
  EXPECT_TRUE(caught_up());
  EXPECT_TRUE(comes_true([this] {
    set(1001);
    return replica().lag < 1s;
  }));

  // A read within a ReadsAfter is one of a replica.
  const auto served = replica().reads + replica().behind;
  const ReadsAfter reads(database_->position());
  auto task = stored(*database_, 1001);
  task.accompany(reads);
  sync_wait(std::move(task));
  EXPECT_GT(replica().reads + replica().behind, served);

  // What the unit itself throws is its outcome.
  EXPECT_THROW(sync_wait(database_->read_after({}, [](Tx&) { throw std::domain_error("no"); })),
               std::domain_error);
  // A position of no history of this server's costs a moment, and the primary serves it.
  EXPECT_EQ(read_after(Position::parse("0-1-999999999,7-7-7")), 1001);

  // It dies: the primary serves, at once, and it serves again when it is back.
  replica_.kill();
  for (int n = 2000; n < 2010; ++n) {
    set(n);
    ASSERT_EQ(read_after(database_->position()), n);
  }
  EXPECT_TRUE(comes_true([this] { return !replica().up; }));
  replica_.start();
  replica_.execute("SET GLOBAL read_only=1");
  EXPECT_TRUE(caught_up());

  // A database opened while the replica is away serves all the same.
  replica_.kill();
  database_ = opened();
  EXPECT_EQ(read_after({}), 2009);
}

TEST_F(Replicas, ThePrimaryMayBecomeAnotherServer) {
  // In order: the old one refuses from now on, the new one has everything, and takes over.
  set(1);
  primary_.execute("SET GLOBAL read_only=1");
  EXPECT_THROW(set(2), Outage);
  replica_.ask("SELECT MASTER_GTID_WAIT('" + primary_.ask("SELECT @@gtid_binlog_pos") + "', 10)");
  replica_.execute("STOP SLAVE");
  replica_.execute("RESET SLAVE ALL");
  replica_.execute("SET GLOBAL read_only=0");
  set(3);
  EXPECT_EQ(read_after(database_->position()), 3);
  EXPECT_EQ(replica_.ask("SELECT n FROM " + name_ + ".t"), "3");
  EXPECT_EQ(primary_.ask("SELECT n FROM " + name_ + ".t"), "1") << "written where nobody looks";

  // The old one dies, which nobody notices, and only it is asked for by somebody: one line says it.
  primary_.kill();
  set(4);
  EXPECT_EQ(replica_.ask("SELECT n FROM " + name_ + ".t"), "4");
}

TEST(MysqlWait, WhatWaitedTooLongIsNotBegunAnyMore) {
  MariadbServer& server = MariadbServer::shared();
  const auto database = open(
      {.url = server.url(server.create_database()), .readers = 1, .writers = 1, .wait_max = 100ms});
  std::latch begun(1);
  std::thread slow([&] {
    sync_wait(database->write([&](Tx&) {
      begun.count_down();
      std::this_thread::sleep_for(400ms);
    }));
  });
  begun.wait();
  bool ran = false;
  EXPECT_THROW(sync_wait(database->write([&](Tx&) { ran = true; })), Overloaded);
  EXPECT_FALSE(ran);
  slow.join();
  sync_wait(database->write([&](Tx&) { ran = true; }));
  EXPECT_TRUE(ran);
}

}  // namespace
}  // namespace onsale::sql
