#include "app/outbox_commands.h"

#include <iostream>
#include <stdexcept>

#include "base/random.h"
#include "ops/sql_store.h"
#include "platform/sql/outbox_parked.h"

namespace onsale::app {
namespace {

constexpr int kPage = 100;

std::unique_ptr<sql::Database> open_beside(const Settings& settings, bool writes) {
  return sql::open({.url = settings.effective_database_url(),
                    .readers = 1,
                    .writers = 1,
                    .queue_max = 100,
                    .beside = true,
                    .beside_writes = writes});
}

}  // namespace

int list_parked(const Settings& settings) {
  const auto database = open_beside(settings, false);
  std::optional<sql::ParkedKey> after;
  for (;;) {
    const auto page =
        sync_wait(database->read([&](sql::Tx& tx) { return sql::list_parked(tx, after, kPage); }));
    if (page.empty() && !after) std::cout << "no event is parked\n";
    for (const sql::ParkedEvent& parked : page) {
      std::cout << parked.id() << "  " << parked.event.topic << " of " << parked.event.key
                << ", parked " << to_rfc3339(parked.parked_at) << " after " << parked.attempts
                << " attempts: " << parked.reason
                << (parked.replay_at ? " (to be delivered once more)" : "") << "\n";
    }
    if (std::ssize(page) < kPage) return 0;
    after = sql::ParkedKey{page.back().consumer, page.back().event.sequence};
  }
}

int replay_parked(const Settings& settings, const std::string& id) {
  const auto key = sql::parse_parked_id(id);
  if (!key) throw std::runtime_error("\"" + id + "\" is no id of a parked event");
  const auto database = open_beside(settings, true);
  const Timestamp now = database->clock().now();
  SystemRandom random;
  const ops::AuditEntry entry{.id = ops::AuditId::make(now, random),
                              .at = now,
                              .who = "system",
                              .action = "outbox.replayed",
                              .subject = id};
  const bool asked = sync_wait(database->write([&](sql::Tx& tx) {
    if (!sql::ask_for_replay(tx, *key, now)) return false;
    ops::insert_entry(tx, entry);
    return true;
  }));
  if (!asked) throw std::runtime_error("no event " + id + " is parked");
  std::cout << id << " is delivered once more by the running server, or with its next start\n";
  return 0;
}

}  // namespace onsale::app
