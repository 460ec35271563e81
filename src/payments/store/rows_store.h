// Rows of payments_payment and payments_refund, read into what the store speaks of.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "payments/ports.h"
#include "platform/sql/database.h"

namespace onsale::payments {

std::optional<Stored> read_payment(sql::Tx& tx, const std::string& id);
std::optional<Stored> read_live_payment(sql::Tx& tx, const std::string& subject);
std::vector<Stored> read_unaccounted(sql::Tx& tx, Timestamp before, const std::string& after,
                                     int limit);
std::vector<std::string> read_forgettable(sql::Tx& tx, const Forgetting& rule, int limit);
std::vector<Stored> read_due_payments(sql::Tx& tx, const std::string& provider, Timestamp now,
                                      int limit);
std::vector<std::string> read_due_providers(sql::Tx& tx, Timestamp now);

// The newest first.
std::vector<Payment> search_payments(sql::Tx& tx, const PaymentQuery& query);

std::optional<StoredRefund> read_refund(sql::Tx& tx, const std::string& id);
std::vector<StoredRefund> read_refunds_of(sql::Tx& tx, const std::string& payment);
std::vector<RefundTask> read_refund_tasks(sql::Tx& tx, const std::string& after, int limit,
                                          Timestamp now);
std::int64_t read_refund_task_count(sql::Tx& tx, Timestamp now);
std::int64_t read_payment_task_count(sql::Tx& tx, Timestamp now);
std::vector<StoredRefund> read_due_refunds(sql::Tx& tx, const std::string& provider, Timestamp now,
                                           int limit);

// All of them, a page from behind `after` in the order of their ids; and the refunds of a page.
std::vector<Stored> read_payments_after(sql::Tx& tx, const std::string& after, int limit);
std::vector<StoredRefund> read_refunds_between(sql::Tx& tx, const std::string& first_payment,
                                               const std::string& last_payment);
std::vector<StoredRefund> read_refunds_after(sql::Tx& tx, const std::string& after, int limit);

}  // namespace onsale::payments
