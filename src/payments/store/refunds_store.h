// The statements of SqlStore that move refunds; each runs in one transaction with others of its
// payment waiting. Included by this module's *_store.cc only.
#pragma once

#include <string>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

// Whoever changes a payment's refunds takes its row first: they wait for each other, and what is
// read from then on stands.
void lock_payment(sql::Tx& tx, const std::string& id);
// The refund's row once its payment's is locked.
std::optional<StoredRefund> lock_refund(sql::Tx& tx, const std::string& id);

// The row alone; and with what the ledger says of one that is asked for.
void insert_row(sql::Tx& tx, const Refund& refund, std::optional<Timestamp> check_at);
void insert_refund(sql::Tx& tx, const Refund& refund, Timestamp check_at);
// What the payment's row says of it: that it went back, or is to.
Payment count_back(sql::Tx& tx, const Refund& refund, Timestamp now);
void count_refunding(sql::Tx& tx, const Refund& refund, std::int64_t amount, Timestamp now);
// `guarded`: see SqlStoreOptions::guard_refunds.
RefundRequested request_one(sql::Tx& tx, const Refund& refund, Timestamp check_at, bool guarded);
bool finish_one(sql::Tx& tx, const std::string& id, RefundState state, Timestamp now,
                const std::string& code);
bool give_account_one(sql::Tx& tx, const std::string& payment, const RefundAccount& account,
                      Timestamp now);
bool take_turn(sql::Tx& tx, const std::string& id);
Result<void, RefundTaskRefusal> retry_one(sql::Tx& tx, const std::string& id,
                                          const RefundDecision& decision, Timestamp check_at);
Result<void, RefundTaskRefusal> settle_task(sql::Tx& tx, const std::string& id, RefundState outcome,
                                            const RefundDecision& decision);

}  // namespace onsale::payments
