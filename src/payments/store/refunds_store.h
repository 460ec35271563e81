// The statements of SqlStore that move refunds; each runs in one transaction with others of its
// payment waiting. Included by this module's *_store.cc only.
#pragma once

#include <string>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

void insert_refund(sql::Tx& tx, const Refund& refund, Timestamp check_at);
// `guarded`: see SqlStoreOptions::guard_refunds.
RefundRequested request_one(sql::Tx& tx, const Refund& refund, Timestamp check_at, bool guarded);
bool finish_one(sql::Tx& tx, const std::string& id, RefundState state, Timestamp now);
bool take_turn(sql::Tx& tx, const std::string& id);
Result<void, RefundTaskRefusal> retry_one(sql::Tx& tx, const std::string& id,
                                          const RefundDecision& decision, Timestamp check_at);
Result<void, RefundTaskRefusal> settle_task(sql::Tx& tx, const std::string& id, RefundState outcome,
                                            const RefundDecision& decision);

}  // namespace onsale::payments
