// One server at a time on one MySQL database: refused, freed, lost and found again.
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <thread>

#include "platform/sql/database.h"
#include "tests/contract/databases.h"
#include "tests/contract/mariadb_server.h"

namespace onsale::sql {
namespace {

using testing_support::MariadbServer;

class Owner : public testing::Test {
 protected:
  std::unique_ptr<Database> open_alone(bool migrated = true) {
    auto database = sql::open({.url = server_.url(name_),
                               .readers = 1,
                               .writers = 2,
                               .alone = true,
                               .displaced = [this](const std::string& why) {
                                 displaced_ = why;
                                 ended_ = true;
                               }});
    if (migrated) sql::migrate(*database, sql::all_migrations());
    return database;
  }
  std::string refusal() {
    try {
      open_alone();
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "";
  }
  static void write(Database& database) {
    sync_wait(database.write([](Tx& tx) { tx.exec("DELETE FROM platform_outbox"); }));
  }
  static bool writes(Database& database) {
    try {
      write(database);
      return true;
    } catch (const Failure&) {
      return false;
    }
  }
  template <class Holds>
  bool eventually(Holds holds) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!holds()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return true;
  }
  std::string lock_holder() { return server_.ask("SELECT IS_USED_LOCK('onsale." + name_ + "')"); }
  std::string row() { return server_.ask("SELECT nonce FROM " + name_ + ".platform_owner"); }

  MariadbServer& server_ = MariadbServer::shared();
  std::string name_ = server_.create_database();
  std::string displaced_;
  std::atomic<bool> ended_ = false;
};

TEST_F(Owner, ASecondServerIsRefusedInOneLineUntilTheFirstEnds) {
  auto first = open_alone();
  const std::string why = refusal();
  EXPECT_NE(why.find("another onsale server"), std::string::npos) << why;
  EXPECT_NE(why.find("uses the database " + name_ + ": one at a time"), std::string::npos) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos) << why;
  EXPECT_TRUE(writes(*first)) << "the first goes on";
  first.reset();
  EXPECT_EQ(refusal(), "") << "free again";
}

// The control: without the lock two open the same data.
TEST_F(Owner, WithoutTheLockNobodyIsRefused) {
  auto first = testing_support::open_database(server_.url(name_));
  EXPECT_NO_THROW(testing_support::open_database(server_.url(name_)));
  EXPECT_EQ(refusal(), "");
}

TEST_F(Owner, TheLockGoesWithAProcessThatWasKilled) {
  open_alone().reset();
  const pid_t child = ::fork();
  if (child == 0) {
    const auto first = open_alone(false);
    ::kill(::getpid(), SIGKILL);
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(refusal(), "");
}

TEST_F(Owner, AToolBesideTheServerNeedsNoLock) {
  auto first = open_alone();
  auto beside = sql::open({.url = server_.url(name_), .beside = true, .alone = true});
  EXPECT_NO_THROW(sync_wait(
      beside->read([](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM platform_outbox"); })));
}

TEST_F(Owner, ALostLockIsTakenAgainAndWorkGoesOn) {
  auto first = open_alone();
  ASSERT_TRUE(eventually([&] { return !row().empty(); }));
  const std::string before = lock_holder();
  server_.execute("KILL " + before);
  EXPECT_TRUE(eventually([&] { return !lock_holder().empty() && lock_holder() != before; }));
  EXPECT_TRUE(eventually([&] { return writes(*first); }));
  EXPECT_FALSE(ended_);
  EXPECT_NE(refusal(), "");
}

// While the first had no connection, another one had the data: what the first remembers is old.
TEST_F(Owner, WhoWasDisplacedNeverWritesAgain) {
  auto first = open_alone();
  ASSERT_TRUE(eventually([&] { return !row().empty(); }));
  server_.execute("UPDATE " + name_ + ".platform_owner SET nonce = 'another'");
  server_.execute("KILL " + lock_holder());
  ASSERT_TRUE(eventually([&] { return ended_.load(); }));
  EXPECT_NE(displaced_.find("took the database " + name_), std::string::npos) << displaced_;
  server_.execute("UPDATE " + name_ + ".platform_owner SET nonce = 'nobody'");
  EXPECT_FALSE(writes(*first));
}

TEST(OwnerKill, TheServersRestartIsNoSecondServer) {
  MariadbServer server;
  const std::string name = server.create_database();
  std::atomic<bool> displaced = false;
  auto database = sql::open({.url = server.url(name),
                             .readers = 1,
                             .writers = 1,
                             .alone = true,
                             .displaced = [&](const std::string&) { displaced = true; }});
  sql::migrate(*database, sql::all_migrations());
  std::this_thread::sleep_for(std::chrono::milliseconds(1'500));  // the row is written
  server.kill();
  EXPECT_THROW(sync_wait(database->write([](Tx& tx) { tx.exec("DELETE FROM platform_outbox"); })),
               Outage);
  server.start();
  bool works = false;
  for (int i = 0; i < 100 && !works; ++i) {
    try {
      sync_wait(database->write([](Tx& tx) { tx.exec("DELETE FROM platform_outbox"); }));
      works = true;
    } catch (const Outage&) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
  }
  EXPECT_TRUE(works);
  EXPECT_FALSE(displaced);
}

}  // namespace
}  // namespace onsale::sql
