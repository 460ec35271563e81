// SqlStore: what the reconciler looks for.
#include "booking/rows_store.h"
#include "booking/sql_store.h"

namespace onsale::booking {

Task<std::vector<Refund>> SqlStore::refunds_waiting(Timestamp before, std::optional<RefundId> after,
                                                    int limit) {
  return db_.read([before, after = after ? after->str() : "", limit](sql::Tx& tx) {
    return rows::refunds_waiting(tx, before, after, limit);
  });
}

}  // namespace onsale::booking
