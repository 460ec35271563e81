#include "ops/sql_store.h"

namespace onsale::ops {

Task<void> SqlAuditLog::record(AuditEntry entry) {
  const auto unit = [entry = std::move(entry)](sql::Tx& tx) {
    tx.exec(
        "INSERT INTO ops_audit(id, at, who, action, subject, state_before, state_after) "
        "VALUES(?, ?, ?, ?, ?, ?, ?)",
        entry.id.str(), entry.at, entry.who, entry.action, entry.subject, entry.before,
        entry.after);
  };
  auto written = database_.write(unit);
  co_await std::move(written);
}

Task<std::vector<AuditEntry>> SqlAuditLog::newest(int limit, std::optional<AuditId> before) {
  // Ids are ordered by time; this sorts behind every one of them.
  const std::string until = before ? before->str() : "aud_~";
  const auto unit = [limit, until](sql::Tx& tx) {
    std::vector<AuditEntry> entries;
    for (auto& [id, at, who, action, subject, old_state, new_state] :
         tx.query<std::string, Timestamp, std::string, std::string, std::string, std::string,
                  std::string>(
             "SELECT id, at, who, action, subject, state_before, state_after FROM ops_audit "
             "WHERE id < ? ORDER BY id DESC LIMIT ?",
             until, limit)) {
      entries.push_back({AuditId::parse(id).value_or(AuditId{}), at, std::move(who),
                         std::move(action), std::move(subject), std::move(old_state),
                         std::move(new_state)});
    }
    return entries;
  };
  auto reading = database_.read(unit);
  auto entries = co_await std::move(reading);
  co_return entries;
}

Task<bool> SqlHeartbeat::beats() {
  const Timestamp now = clock_.now();
  if (to_unix_ms(now) - written_at_ms_ < kHeartbeatEvery.count()) co_return true;
  const auto unit = [now](sql::Tx& tx) {
    if (tx.exec("UPDATE ops_heartbeat SET at = ? WHERE node = 'self'", now) == 0)
      tx.exec("INSERT INTO ops_heartbeat(node, at) VALUES('self', ?)", now);
  };
  auto written = database_.write(unit);
  co_await std::move(written);
  written_at_ms_ = to_unix_ms(now);
  co_return true;
}

}  // namespace onsale::ops
