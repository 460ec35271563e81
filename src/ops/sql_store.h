// The audit log in SQL.
#pragma once

#include "ops/ops.h"
#include "platform/sql/database.h"

namespace onsale::ops {

class SqlAuditLog final : public AuditLog {
 public:
  explicit SqlAuditLog(sql::Database& database) : database_(database) {}
  Task<void> record(AuditEntry entry) override;
  Task<std::vector<AuditEntry>> newest(int limit, std::optional<AuditId> before) override;

 private:
  sql::Database& database_;
};

}  // namespace onsale::ops
