// waitroom::Journal on tables.
#pragma once

#include <memory>

#include "platform/sql/database.h"
#include "waitroom/ports.h"

namespace onsale::waitroom {

// `database` must outlive the journal.
std::unique_ptr<Journal> make_sql_journal(sql::Database& database);

}  // namespace onsale::waitroom
