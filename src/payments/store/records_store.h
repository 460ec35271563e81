// payments::Records on tables: payments_call, and the payments as people look for them.
#pragma once

#include <memory>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

// `database` must outlive the records.
std::unique_ptr<Records> make_sql_records(sql::Database& database);

}  // namespace onsale::payments
