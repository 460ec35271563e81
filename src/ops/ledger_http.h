// The ledger, for administrators: what moved when, from which account to which.
#pragma once

#include "platform/http/router.h"
#include "platform/sql/database.h"

namespace onsale::ops {

// `database` must outlive the router.
void ledger_routes(http::Router& router, sql::Database& database);

}  // namespace onsale::ops
