// identity::Store on tables.
#pragma once

#include <memory>

#include "identity/ports.h"
#include "platform/sql/database.h"

namespace onsale::identity {

// `database` must outlive the store.
std::unique_ptr<Store> make_sql_store(sql::Database& database);

}  // namespace onsale::identity
