// How SqlStore moves a payment to its end, in a transaction of somebody's. Included by this
// module's *_store.cc only.
#pragma once

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

// The payment as it then is; empty when its state lets it go there no more.
std::optional<Payment> settle_one(sql::Tx& tx, const Settlement& settlement, Timestamp now,
                                  bool book);

}  // namespace onsale::payments
