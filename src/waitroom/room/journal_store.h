// waitroom::Journal on tables.
#pragma once

#include <memory>

#include "platform/sql/database.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom {

// `database` must outlive the journal. Snapshots are kept about every `base_spacing` (room_log.h).
std::unique_ptr<Journal> make_sql_journal(sql::Database& database,
                                          Millis base_spacing = Millis(7LL * 86'400'000));

}  // namespace onsale::waitroom
