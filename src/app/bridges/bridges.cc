#include "app/bridges/bridges.h"

#include <map>

#include "platform/crypto/bytes.h"
#include "platform/json/json.h"
#include "platform/sql/database.h"

namespace onsale::app {

namespace {

// Told at least once: the id is the event's.
Task<void> record_once(ops::AuditLog& audit, ops::AuditEntry row) {
  try {
    co_await audit.record(std::move(row));
  } catch (const sql::UniqueViolation&) {
    co_return;  // told before
  }
}

// Of a room; when and who is still to be said.
ops::AuditEntry room_entry(ops::AuditId id, std::string room,
                           const std::vector<waitroom::Change>& changes) {
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  for (const auto& change : changes) {
    before[change.field] = change.before;
    after[change.field] = change.after;
  }
  return {.id = id,
          .action = "room.configured",
          .subject = std::move(room),
          .before = json::write(before),
          .after = json::write(after)};
}

}  // namespace

Task<void> RoomAudit::changed(waitroom::AuditEntry entry) {
  ops::AuditEntry row = room_entry(id_of(entry), entry.room.str(), entry.changes);
  row.at = entry.at;
  row.who = std::move(entry.who);
  const bool once = !entry.told_once.empty();
  try {
    co_await audit_.record(std::move(row));
  } catch (const sql::UniqueViolation&) {
    if (!once) throw;  // otherwise it was told before
  }
}

// The same record, the same id.
ops::AuditId RoomAudit::id_of(const waitroom::AuditEntry& entry) {
  RawId id = ops::AuditId::make(entry.at, random_).raw();
  if (entry.told_once.empty()) return ops::AuditId(id);
  const crypto::Sha256 digest = crypto::sha256_digest(entry.told_once);
  id.high = (id.high & ~std::uint64_t{0xFFFF}) | std::uint64_t{digest[0]} << 8 | digest[1];
  id.low = 0;
  for (std::size_t i = 2; i < 10; ++i) id.low = id.low << 8 | digest[i];
  return ops::AuditId(id);
}

Task<void> audit_room(ops::AuditLog& audit, waitroom::RoomChanged told) {
  ops::AuditEntry row = room_entry(ops::AuditId(told.id.raw()), told.room, told.changes);
  row.at = told.at;
  row.who = std::move(told.who);
  co_await record_once(audit, std::move(row));
}

Task<void> audit_refund(ops::AuditLog& audit, payments::RefundDecided decided) {
  const std::map<std::string, std::string> before{{"state", "failed"}};
  const std::map<std::string, std::string> after{
      {"state", std::string(payments::to_string(decided.state))},
      {"reason", decided.reason},
      {"amount", std::to_string(decided.amount)},
      {"currency", decided.currency}};
  const bool again = decided.state == payments::RefundState::requested;
  ops::AuditEntry row{.id = ops::AuditId(decided.id.raw()),
                      .at = decided.at,
                      .who = std::move(decided.who),
                      .action = again ? "refund.retried" : "refund.settled",
                      .subject = decided.refund.str(),
                      .before = json::write(before),
                      .after = json::write(after)};
  co_await record_once(audit, std::move(row));
}

Task<void> audit_reversal(ops::AuditLog& audit, payments::ReversalDecided decided) {
  const std::map<std::string, std::string> after{
      {"purchase", decided.purchase_ends ? "ends" : "stands"},
      {"reason", decided.reason},
      {"amount", std::to_string(decided.amount)},
      {"currency", decided.currency}};
  ops::AuditEntry row{.id = ops::AuditId(decided.id.raw()),
                      .at = decided.at,
                      .who = std::move(decided.who),
                      .action = "refund.reversal_decided",
                      .subject = decided.refund.str(),
                      .before = {},
                      .after = json::write(after)};
  co_await record_once(audit, std::move(row));
}

Task<void> audit_payment(ops::AuditLog& audit, payments::Decided decided) {
  const std::map<std::string, std::string> before{
      {"state", std::string(payments::to_string(decided.before))}};
  const std::map<std::string, std::string> after{
      {"state", std::string(payments::to_string(decided.after))},
      {"reason", decided.reason},
      {"amount", std::to_string(decided.amount)},
      {"currency", decided.currency}};
  ops::AuditEntry row{.id = ops::AuditId(decided.id.raw()),
                      .at = decided.at,
                      .who = std::move(decided.who),
                      .action = "payment.settled",
                      .subject = decided.payment.str(),
                      .before = json::write(before),
                      .after = json::write(after)};
  co_await record_once(audit, std::move(row));
}

Task<void> audit_policy(ops::AuditLog& audit, booking::PolicyChanged changed) {
  ops::AuditEntry row{.id = ops::AuditId(changed.id.raw()),
                      .at = changed.at,
                      .who = std::move(changed.who),
                      .action = "show.cancellation_policy_changed",
                      .subject = changed.show.str(),
                      .before = json::write(changed.before),
                      .after = json::write(changed.after)};
  co_await record_once(audit, std::move(row));
}

Task<void> audit_look_up(ops::AuditLog& audit, payments::LookedUp looked) {
  const std::map<std::string, std::string> before{
      {"state", std::string(payments::to_string(looked.before))}};
  const std::map<std::string, std::string> after{
      {"state", std::string(payments::to_string(looked.after))}};
  ops::AuditEntry row{.id = ops::AuditId(looked.id.raw()),
                      .at = looked.at,
                      .who = std::move(looked.who),
                      .action = "payment.looked_up",
                      .subject = looked.payment.str(),
                      .before = json::write(before),
                      .after = json::write(after)};
  co_await record_once(audit, std::move(row));
}

Task<void> audit_call_off(ops::AuditLog& audit, booking::PerformanceCalledOff fact) {
  const std::map<std::string, std::string> after{
      {"reason", fact.reason}, {"reservations", std::to_string(fact.reservations)}};
  ops::AuditEntry row{.id = ops::AuditId(fact.id.raw()),
                      .at = fact.at,
                      .who = std::move(fact.who),
                      .action = "performance.called_off",
                      .subject = fact.performance.str(),
                      .before = {},
                      .after = json::write(after)};
  co_await record_once(audit, std::move(row));
}

Task<std::optional<ops::Person>> AccountNames::find(std::string who) {
  const auto id = AccountId::parse(who);
  if (!id) co_return std::nullopt;
  const auto account = co_await identity_.find(*id);
  if (!account) co_return std::nullopt;
  co_return ops::Person{.name = account->name, .email = account->email};
}

}  // namespace onsale::app
