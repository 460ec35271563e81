// payments::Store on tables.
#pragma once

#include <memory>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

struct SqlStoreOptions {
  bool guard_refunds = true;  // false only in the test that shows why it is there
};

// `database` must outlive the store.
std::unique_ptr<Store> make_sql_store(sql::Database& database, SqlStoreOptions options = {});

}  // namespace onsale::payments
