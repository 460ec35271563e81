#include "tests/contract/databases.h"

#include "tests/contract/mariadb_server.h"
#include "tests/contract/scratch.h"

namespace onsale::testing_support {

std::string fresh_url(sql::Dialect dialect) {
  if (dialect == sql::Dialect::sqlite) return "sqlite:" + scratch_directory("sqlite") + "/test.db";
  auto& server = MariadbServer::shared();
  return server.url(server.create_database());
}

std::unique_ptr<sql::Database> open_database(const std::string& url) {
  return sql::open({.url = url, .readers = 2, .writers = 4});
}

std::unique_ptr<sql::Database> database_for(std::string_view kind) {
  if (kind == "fake") return nullptr;
  return fresh_database(kind == "sqlite" ? sql::Dialect::sqlite : sql::Dialect::mysql);
}

std::unique_ptr<sql::Database> fresh_database(sql::Dialect dialect) {
  auto database = open_database(fresh_url(dialect));
  sql::migrate(*database, sql::all_migrations());
  return database;
}

std::string dialect_name(const testing::TestParamInfo<sql::Dialect>& info) {
  return info.param == sql::Dialect::sqlite ? "sqlite" : "mariadb";
}

}  // namespace onsale::testing_support
