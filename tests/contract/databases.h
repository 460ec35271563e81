// Databases for tests: every store test runs on both dialects, on a fresh migrated database.
//
//   class SeatStore : public testing::TestWithParam<sql::Dialect> {
//    protected:
//     std::unique_ptr<sql::Database> database_ = testing_support::fresh_database(GetParam());
//   };
//   TEST_P(SeatStore, KeepsItsPromise) { … }
//   ONSALE_ON_BOTH_DIALECTS(SeatStore);
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>

#include "platform/sql/database.h"
#include "platform/sql/migrations.h"

namespace onsale::testing_support {

// The address of an empty database that nobody used before. Removed when the program ends.
std::string fresh_url(sql::Dialect dialect);

// Opened with few threads; with every migration of src/ applied.
std::unique_ptr<sql::Database> fresh_database(sql::Dialect dialect);

// The same for a given address, e.g. to open a database again after it was closed.
std::unique_ptr<sql::Database> open_database(const std::string& url);

// By the parameter of a suite that a fake passes as well: none for "fake", else a fresh one,
// "sqlite" or "mysql".
std::unique_ptr<sql::Database> database_for(std::string_view kind);

std::string dialect_name(const testing::TestParamInfo<sql::Dialect>& info);

}  // namespace onsale::testing_support

#define ONSALE_ON_BOTH_DIALECTS(Suite)                                                     \
  INSTANTIATE_TEST_SUITE_P(                                                                \
      , Suite, testing::Values(onsale::sql::Dialect::sqlite, onsale::sql::Dialect::mysql), \
      onsale::testing_support::dialect_name)
