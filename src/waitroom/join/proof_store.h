// waitroom::InviteBook on tables.
#pragma once

#include <memory>

#include "platform/sql/database.h"
#include "waitroom/join/invite.h"

namespace onsale::waitroom {

// `database` must outlive the book.
std::unique_ptr<InviteBook> make_sql_invite_book(sql::Database& database);

}  // namespace onsale::waitroom
