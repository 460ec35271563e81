// Events that gave up, for administrators: looked at, and delivered once more.
#pragma once

#include "base/random.h"
#include "platform/http/router.h"
#include "platform/sql/database.h"

namespace onsale::ops {

struct OutboxParts {
  sql::Database& database;
  const Clock& clock;
  Random& random;
};

// Everything in `parts` must outlive the router.
void outbox_routes(http::Router& router, OutboxParts parts);

}  // namespace onsale::ops
