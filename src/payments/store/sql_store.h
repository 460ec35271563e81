// payments::Store on tables.
#pragma once

#include <memory>

#include "base/control.h"
#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

struct SqlStoreOptions {
  Guard guard_refunds{};  // never more goes back than was captured
  Guard book_captures{};  // what is captured is in the ledger
};

// `database` must outlive the store.
std::unique_ptr<Store> make_sql_store(sql::Database& database, SqlStoreOptions options = {});

}  // namespace onsale::payments
