// The statements of SqlStore for what a provider's books say against ours, and for what people
// decide then; each runs in one transaction behind the lock of the payment. Included by this
// module's *_store.cc only.
#pragma once

#include <string>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

Drift compare_one(sql::Tx& tx, const Comparison& comparison);
Result<void, RefundTaskRefusal> decide_reversal_one(sql::Tx& tx, const std::string& id,
                                                    bool purchase_ends,
                                                    const RefundDecision& decision);
void reversal_unbought_one(sql::Tx& tx, const std::string& id, Timestamp now);
// `book`: see SqlStoreOptions::book_captures.
Result<void, PaymentTaskRefusal> decide_one(sql::Tx& tx, const PaymentDecision& decision,
                                            bool book);

}  // namespace onsale::payments
