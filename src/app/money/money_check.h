// Whether the books balance, from the tables alone: every row of payments and booking against the
// ledger, and the ledger against itself.
#pragma once

#include <string>

#include "platform/sql/database.h"

namespace onsale::app {

struct MoneyCheck {
  std::string wrong;  // the first thing that doesn't fit, in plain words; empty: the books balance
  std::string summary;  // one line of totals
};
// In one snapshot; reads everything.
MoneyCheck check_money(sql::Tx& tx);

}  // namespace onsale::app
