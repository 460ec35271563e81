// IdempotencyStore in the database, so that a retry finds the answer on any node and after any
// restart. Owns the table http_idempotency.
#pragma once

#include "base/random.h"
#include "platform/http/idempotency/idempotency.h"
#include "platform/sql/database.h"

namespace onsale::http {

class SqlIdempotencyStore final : public IdempotencyStore {
 public:
  // Both must outlive the store.
  SqlIdempotencyStore(sql::Database& database, Random& random)
      : database_(database), random_(random) {}

  Task<IdempotencyBegin> begin(IdempotencyRequest request) override;
  Task<void> finish(IdempotencyRequest request, std::string token, StoredAnswer answer) override;
  Task<void> abandon(IdempotencyRequest request, std::string token) override;
  Task<std::size_t> sweep(Timestamp now) override;
  // At the start of a server that has the database to itself: whatever is unfinished was cut off by
  // the end of the process before, so its keys may be tried again at once.
  Task<void> forget_unfinished();

 private:
  sql::Database& database_;
  Random& random_;
};

}  // namespace onsale::http
