// SqlStore: shows' own cancellation policies.
#include <memory>

#include "booking/events.h"
#include "booking/store/rows_store.h"
#include "booking/store/sql_store.h"
#include "platform/json/json.h"

namespace onsale::booking {

namespace {

StoredPolicy set_in(sql::Tx& tx, const PolicyOrder& order) {
  const std::string show = order.change.show.str();
  const std::string steps = rows::pack_policy(order.change.steps);
  const auto stored = tx.one<std::string, std::int64_t>(
      "SELECT steps, version FROM booking_policy WHERE show_id = ? FOR UPDATE", show);
  PolicyChanged event{.id = order.id,
                      .show = order.change.show,
                      .who = order.change.who,
                      .before = order.before,
                      .after = order.change.steps,
                      .at = order.now};
  StoredPolicy out{.show = order.change.show, .steps = order.change.steps, .version = 1};
  if (stored) {
    event.before = rows::unpack_policy(std::get<0>(*stored));
    out.version = std::get<1>(*stored) + 1;
    tx.exec("UPDATE booking_policy SET steps = ?, version = ? WHERE show_id = ?", steps,
            out.version, show);
  } else {
    tx.exec("INSERT INTO booking_policy (show_id, steps, version) VALUES (?, ?, ?)", show, steps,
            out.version);
  }
  tx.publish(kPolicyChangedTopic, show, json::write(event));
  return out;
}

}  // namespace

Task<std::vector<StoredPolicy>> SqlStore::policies() {
  return db_.read([](sql::Tx& tx) {
    std::vector<StoredPolicy> out;
    for (const auto& [show, steps, version] : tx.query<std::string, std::string, std::int64_t>(
             "SELECT show_id, steps, version FROM booking_policy")) {
      out.push_back({rows::id<catalogue::ShowId>(show), rows::unpack_policy(steps), version});
    }
    return out;
  });
}

// Two that make a show's first one at once: the second finds the first.
Task<StoredPolicy> SqlStore::set_policy(PolicyOrder order) {
  auto shared = std::make_shared<const PolicyOrder>(std::move(order));
  for (bool again = false;; again = true) {
    auto unit = [shared](sql::Tx& tx) { return set_in(tx, *shared); };
    auto task = db_.write(std::move(unit));
    try {
      StoredPolicy out = co_await std::move(task);
      co_return out;
    } catch (const sql::UniqueViolation&) {
      if (again) throw;
    }
  }
}

}  // namespace onsale::booking
