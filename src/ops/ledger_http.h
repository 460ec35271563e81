// The ledger, for administrators: what moved when, from which account to which.
#pragma once

#include <string>

#include "platform/http/router.h"
#include "platform/sql/database.h"

namespace onsale::ops {

// Whether the books balance, from the tables alone: what does not fit first, in plain words, or
// empty; and a line of totals.
struct BooksChecked {
  std::string wrong, summary;
};
// All must outlive the router. `check` reads everything, in one snapshot.
struct LedgerParts {
  sql::Database& database;
  const Clock& clock;
  BooksChecked (*check)(sql::Tx& tx);
};
void ledger_routes(http::Router& router, LedgerParts parts);

}  // namespace onsale::ops
