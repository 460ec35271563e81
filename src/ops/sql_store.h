// The audit log in SQL.
#pragma once

#include <atomic>

#include "ops/ops.h"
#include "platform/sql/database.h"

namespace onsale::ops {

// In a transaction that is already open: the change and its entry are one.
void insert_entry(sql::Tx& tx, const AuditEntry& entry);

class SqlAuditLog final : public AuditLog {
 public:
  explicit SqlAuditLog(sql::Database& database) : database_(database) {}
  Task<void> record(AuditEntry entry) override;
  Task<std::vector<AuditEntry>> newest(AuditFilter filter, int limit,
                                       std::optional<AuditId> before) override;

 private:
  sql::Database& database_;
};

// Whether the store takes writes: writes a row, at most once in kHeartbeatEvery; between two writes
// the last outcome stands.
class SqlHeartbeat final {
 public:
  static constexpr Millis kHeartbeatEvery{5000};

  SqlHeartbeat(sql::Database& database, const Clock& clock) : database_(database), clock_(clock) {}
  Task<bool> beats();

 private:
  sql::Database& database_;
  const Clock& clock_;
  std::atomic<std::int64_t> written_at_ms_{0};
};

}  // namespace onsale::ops
