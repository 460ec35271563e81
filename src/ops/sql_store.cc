#include "ops/sql_store.h"

namespace onsale::ops {

void insert_entry(sql::Tx& tx, const AuditEntry& entry) {
  tx.exec(
      "INSERT INTO ops_audit(id, at, who, action, subject, state_before, state_after) "
      "VALUES(?, ?, ?, ?, ?, ?, ?)",
      entry.id.str(), entry.at, entry.who, entry.action, entry.subject, entry.before, entry.after);
}

Task<void> SqlAuditLog::record(AuditEntry entry) {
  const auto unit = [entry = std::move(entry)](sql::Tx& tx) { insert_entry(tx, entry); };
  auto written = database_.write(unit);
  co_await std::move(written);
}

namespace {

// `where` goes with the values.
template <class... Values>
std::vector<AuditEntry> select_newest(sql::Tx& tx, std::string_view where, int limit,
                                      const Values&... values) {
  std::vector<AuditEntry> entries;
  for (auto& [id, at, who, action, subject, old_state, new_state] :
       tx.query<std::string, Timestamp, std::string, std::string, std::string, std::string,
                std::string>(
           "SELECT id, at, who, action, subject, state_before, state_after FROM ops_audit WHERE " +
               std::string(where) + " ORDER BY id DESC LIMIT ?",
           values..., limit)) {
    entries.push_back({AuditId::parse(id).value_or(AuditId{}), at, std::move(who),
                       std::move(action), std::move(subject), std::move(old_state),
                       std::move(new_state)});
  }
  return entries;
}

}  // namespace

Task<std::vector<AuditEntry>> SqlAuditLog::newest(AuditFilter filter, int limit,
                                                  std::optional<AuditId> before) {
  // Ids are ordered by time; this sorts behind every one of them.
  const std::string until = before ? before->str() : "aud_~";
  const auto unit = [filter = std::move(filter), limit, until](sql::Tx& tx) {
    const auto& [subject, who] = filter;
    if (subject && who) {
      return select_newest(tx, "subject = ? AND who = ? AND id < ?", limit, *subject, *who, until);
    }
    if (subject) return select_newest(tx, "subject = ? AND id < ?", limit, *subject, until);
    if (who) return select_newest(tx, "who = ? AND id < ?", limit, *who, until);
    return select_newest(tx, "id < ?", limit, until);
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
