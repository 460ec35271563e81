#include "app/bridges.h"

#include <map>

#include "platform/json/json.h"

namespace onsale::app {

Task<void> RoomAudit::changed(waitroom::AuditEntry entry) {
  std::map<std::string, std::string> before;
  std::map<std::string, std::string> after;
  for (const auto& change : entry.changes) {
    before[change.field] = change.before;
    after[change.field] = change.after;
  }
  ops::AuditEntry row{.id = ops::AuditId::make(entry.at, random_),
                      .at = entry.at,
                      .who = std::move(entry.who),
                      .action = "room.configured",
                      .subject = entry.room.str(),
                      .before = json::write(before),
                      .after = json::write(after)};
  co_await audit_.record(std::move(row));
}

Task<std::optional<ops::Person>> AccountNames::find(std::string who) {
  const auto id = AccountId::parse(who);
  if (!id) co_return std::nullopt;
  const auto account = co_await identity_.find(*id);
  if (!account) co_return std::nullopt;
  co_return ops::Person{.name = account->name, .email = account->email};
}

}  // namespace onsale::app
