// What operators did, and whether the server is fit to serve. Owns the table ops_audit.
// Thread: call from any event loop.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/task.h"
#include "base/time.h"

namespace onsale::ops {

struct AuditKind {
  static constexpr std::string_view prefix = "aud";
};
using AuditId = Id<AuditKind>;

struct AuditEntry {
  AuditId id;
  Timestamp at{};
  std::string who;      // an account's id, or "system"
  std::string action;   // "room.configured"
  std::string subject;  // what it was done to: a room's id, a show's id
  std::string before;   // JSON or empty
  std::string after;    // JSON or empty
};

// Only those about one subject, only those of one person; what is empty is everything.
struct AuditFilter {
  std::optional<std::string> subject, who;
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Durable when it finishes. Record before the change is acknowledged.
  virtual Task<void> record(AuditEntry entry) = 0;
  // The newest first; those older than `before` when given. `limit` 1..100.
  virtual Task<std::vector<AuditEntry>> newest(AuditFilter filter, int limit,
                                               std::optional<AuditId> before) = 0;
};

// A question with a yes or no; throwing means no.
struct HealthCheck {
  std::string name;
  std::function<Task<bool>()> ask;
};

// A number that says how well the server does what it need not do at once; it takes nobody off the
// list of servers. Cheap to ask.
struct HealthNumber {
  std::string name;
  std::function<std::int64_t()> ask;
};

struct Health {
  bool up = true;
  std::vector<std::pair<std::string, bool>> checks;
};

// Asks every check, one after the other.
Task<Health> ask_all(const std::vector<HealthCheck>& checks);

}  // namespace onsale::ops
