// The tables' history: applied once, never changed, never unknown. On both dialects.
#include <gtest/gtest.h>

#include "platform/sql/migrations.h"
#include "platform/sql/schema_text.h"
#include "tests/contract/databases.h"

namespace onsale::sql {
namespace {

constexpr std::string_view kFirst =
    "-- a comment; with a semicolon and a 'quote\n"
    "CREATE TABLE hall_seat (seat {{id}} NOT NULL PRIMARY KEY, label {{text 20}} NOT NULL,\n"
    "  price {{long}}, note {{big text}}, picture {{blob}});\n"
    "INSERT INTO hall_seat (seat, label) VALUES ('A-1', 'row; A');\n";
constexpr std::string_view kSecond =
    "CREATE INDEX hall_seat_label ON hall_seat (label);\n"
    "CREATE TABLE hall_log (number {{serial}}, what {{text 20}} NOT NULL);";

const Migration kOne{"hall", 1, "seats", kFirst};
const Migration kTwo{"hall", 2, "log", kSecond};

class Migrations : public testing::TestWithParam<Dialect> {
 protected:
  void apply(std::vector<Migration> list) { migrate(*database_, list); }
  std::string refusal(std::vector<Migration> list) {
    try {
      apply(std::move(list));
    } catch (const Failure& failure) {
      return failure.what();
    }
    return "";
  }
  int seats() {
    return std::get<0>(*sync_wait(
        database_->read([](Tx& tx) { return tx.one<int>("SELECT COUNT(*) FROM hall_seat"); })));
  }
  std::unique_ptr<Database> database_ =
      testing_support::open_database(testing_support::fresh_url(GetParam()));
};
ONSALE_ON_BOTH_DIALECTS(Migrations);

class MigrationsOfMariadb : public Migrations {};
INSTANTIATE_TEST_SUITE_P(, MigrationsOfMariadb, testing::Values(Dialect::mysql),
                         testing_support::dialect_name);

TEST_P(Migrations, AreAppliedOnceInOrder) {
  apply({kTwo, kOne});
  apply({kOne, kTwo});
  EXPECT_EQ(seats(), 1);
  sync_wait(database_->write([](Tx& tx) {
    EXPECT_EQ(std::get<0>(*tx.one<std::string>("SELECT label FROM hall_seat")), "row; A");
    tx.exec("INSERT INTO hall_log (what) VALUES ('x')");
    tx.exec("INSERT INTO hall_log (what) VALUES ('y')");
    tx.exec("DELETE FROM hall_log");
    tx.exec("INSERT INTO hall_log (what) VALUES ('z')");
    EXPECT_EQ(std::get<0>(*tx.one<int>("SELECT number FROM hall_log")), 3) << "never reused";
  }));
}

TEST_P(Migrations, ALaterOneIsAddedToOldData) {
  apply({kOne});
  apply({kOne, kTwo});
  EXPECT_EQ(seats(), 1);
}

TEST_P(Migrations, AChangedOneIsRefused) {
  apply({kOne});
  const std::string changed = std::string(kFirst) + " ";
  EXPECT_NE(refusal({{"hall", 1, "seats", changed}})
                .find("hall/0001_seats was changed after it was applied"),
            std::string::npos);
}

TEST_P(Migrations, AnUnknownOneMeansNewerData) {
  apply({kOne, kTwo});
  const std::string why = refusal({kOne});
  EXPECT_NE(why.find("used by a newer onsale"), std::string::npos) << why;
  EXPECT_NE(why.find("hall/0002_log"), std::string::npos) << why;
  EXPECT_EQ(why.find('\n'), std::string::npos);
  EXPECT_EQ(seats(), 1);
}

TEST_P(Migrations, AnEarlierNumberCannotComeLater) {
  apply({kTwo.number == 2 ? Migration{"hall", 2, "plain", "CREATE TABLE p (n BIGINT)"} : kTwo});
  EXPECT_NE(refusal({kOne, {"hall", 2, "plain", "CREATE TABLE p (n BIGINT)"}})
                .find("give it the next number"),
            std::string::npos);
}

TEST_P(Migrations, TwoWithOneNumberAreRefused) {
  EXPECT_NE(refusal({kOne, {"hall", 1, "other", "SELECT 1"}}).find("one number"),
            std::string::npos);
}

TEST_P(Migrations, ABrokenOneLeavesNothingOrGoesOnWhereItStopped) {
  const Migration broken{"hall", 1, "broken",
                         "CREATE TABLE first_half (n BIGINT); CREATE TABLE second_half (n WRONG()"};
  const std::string why = refusal({broken});
  EXPECT_NE(why.find("hall/0001_broken failed"), std::string::npos) << why;
  if (GetParam() == Dialect::sqlite) {
    EXPECT_THROW(sync_wait(database_->read(
                     [](Tx& tx) { return tx.query<int>("SELECT n FROM first_half"); })),
                 Failure);
    return;
  }
  // MySQL commits every CREATE by itself. The step was noted, so the next start does not repeat it
  // but stops at the same place.
  EXPECT_EQ(refusal({broken}), why);
  EXPECT_TRUE(sync_wait(database_->read([](Tx& tx) {
                return tx.query<int>("SELECT n FROM first_half");
              })).empty());
}

// On SQLite a migration is all or nothing.
TEST_P(MigrationsOfMariadb, AStartKilledBetweenTwoStatementsIsFinishedByTheNext) {
  apply({kOne, kTwo});
  // As if the server had been killed after CREATE INDEX, before the note that it was done.
  sync_wait(database_->write([](Tx& tx) {
    tx.direct("DROP TABLE hall_log");
    tx.exec("UPDATE platform_migration SET steps = 0, applied_at = NULL WHERE number = 2");
  }));
  apply({kOne, kTwo});
  sync_wait(database_->write([](Tx& tx) { tx.exec("INSERT INTO hall_log (what) VALUES ('x')"); }));
}

TEST_P(Migrations, EveryEmbeddedOneIsAccepted) {
  ASSERT_FALSE(all_migrations().empty());
  migrate(*database_, all_migrations());
  migrate(*database_, all_migrations());
}

TEST_P(MigrationsOfMariadb, AnIdIsFoundThroughItsIndex) {
  apply({kOne});
  // An ASCII column against a UTF-8 argument must not scan the table.
  const auto plan = sync_wait(database_->read([](Tx& tx) {
    return tx.query<Value, Value, Value, Value, Value, std::optional<std::string>, Value, Value,
                    Value, Value>("EXPLAIN SELECT label FROM hall_seat WHERE seat = ?", "A-1");
  }));
  ASSERT_EQ(plan.size(), 1u);
  EXPECT_EQ(std::get<5>(plan[0]), "PRIMARY");
}

TEST(SchemaText, AnUnknownWordIsNamed) {
  try {
    expand_schema("CREATE TABLE t (a {{uuid}})", Flavour::sqlite);
    FAIL();
  } catch (const Failure& failure) {
    EXPECT_NE(std::string(failure.what()).find("{{uuid}}"), std::string::npos);
  }
  EXPECT_THROW(expand_schema("{{long", Flavour::sqlite), Failure);
  EXPECT_THROW(expand_schema("{{text x}}", Flavour::mariadb), Failure);
}

TEST(SchemaText, SplitsAtSemicolonsOutsideQuotesAndComments) {
  EXPECT_EQ(split_statements("a 'x;--y';b -- c;d\n e;; \n"),
            (std::vector<std::string>{"a 'x;--y'", "b \n e"}));
  EXPECT_EQ(split_statements("'open"), std::vector<std::string>{"'open"});
  EXPECT_TRUE(split_statements(" -- nothing").empty());
}

}  // namespace
}  // namespace onsale::sql
