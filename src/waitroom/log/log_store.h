// waitroom::RoomLog on the tables that sql_store writes.
#pragma once

#include <memory>

#include "platform/sql/database.h"
#include "waitroom/log/room_log.h"

namespace onsale::waitroom {

// `database` must outlive the log.
std::unique_ptr<RoomLog> make_sql_room_log(sql::Database& database);

}  // namespace onsale::waitroom
