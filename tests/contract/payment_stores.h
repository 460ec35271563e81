// For the tests that run against every Store: the fake and the tables on both databases.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "payments/fakes.h"
#include "payments/store/sql_store.h"
#include "tests/contract/databases.h"

namespace onsale::payments {

struct EachStore {
  explicit EachStore(const std::string& kind) {
    if (kind == "fake") {
      store = std::make_unique<FakeStore>();
      return;
    }
    database = testing_support::fresh_database(kind == "sqlite" ? sql::Dialect::sqlite
                                                                : sql::Dialect::mysql);
    store = make_sql_store(*database);
  }

  std::unique_ptr<sql::Database> database;  // null for the fake
  std::unique_ptr<Store> store;
};

}  // namespace onsale::payments

#define ONSALE_ON_EACH_STORE(Suite)                                             \
  INSTANTIATE_TEST_SUITE_P(, Suite, testing::Values("fake", "sqlite", "mysql"), \
                           [](const auto& info) { return std::string(info.param); })
