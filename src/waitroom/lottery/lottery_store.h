// lottery::Store on tables.
#pragma once

#include <memory>

#include "platform/sql/database.h"
#include "waitroom/lottery/lottery_ports.h"

namespace onsale::waitroom::lottery {

// `database` must outlive the store.
std::unique_ptr<Store> make_sql_store(sql::Database& database);

}  // namespace onsale::waitroom::lottery
