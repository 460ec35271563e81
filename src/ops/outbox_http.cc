#include "ops/outbox_http.h"

#include "ops/sql_store.h"
#include "platform/sql/outbox_parked.h"

namespace onsale::ops {

struct ParkedView {
  std::string id;
  std::string consumer;  // whom it failed
  std::string topic, key;
  std::string body;  // JSON
  Timestamp created_at{};
  std::int64_t attempts = 0;
  std::string reason;  // what the last attempt said
  Timestamp parked_at{};
  std::optional<Timestamp> replay_at;  // asked for, and not done yet
};
BOOST_DESCRIBE_STRUCT(ParkedView, (),
                      (id, consumer, topic, key, body, created_at, attempts, reason, parked_at,
                       replay_at))

struct ParkedPage {
  std::vector<ParkedView> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(ParkedPage, (), (items, next_cursor))

struct ParkedQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<json::Text<1, 140>> cursor;
};
BOOST_DESCRIBE_STRUCT(ParkedQuery, (), (limit, cursor))

namespace {

ParkedView to_view(sql::ParkedEvent parked) {
  return {.id = parked.id(),
          .consumer = std::move(parked.consumer),
          .topic = std::move(parked.event.topic),
          .key = std::move(parked.event.key),
          .body = std::move(parked.event.json),
          .created_at = parked.event.at,
          .attempts = parked.attempts,
          .reason = std::move(parked.reason),
          .parked_at = parked.parked_at,
          .replay_at = parked.replay_at};
}

Task<http::Answer<ParkedPage>> list(sql::Database& database, ParkedQuery query) {
  const int limit = query.limit ? static_cast<int>(query.limit->value) : 50;
  std::optional<sql::ParkedKey> after;
  if (query.cursor) {
    after = sql::parse_parked_id(query.cursor->value);
    if (!after) co_return http::Problem(400, "cursor_invalid", "This cursor is none of ours.");
  }
  auto unit = [after, limit](sql::Tx& tx) { return sql::list_parked(tx, after, limit); };
  auto reading = database.read(std::move(unit));
  auto found = co_await std::move(reading);
  ParkedPage page;
  for (sql::ParkedEvent& parked : found) page.items.push_back(to_view(std::move(parked)));
  if (std::ssize(page.items) == limit) page.next_cursor = page.items.back().id;
  co_return page;
}

// The wish and its entry in the audit log are one transaction.
Task<http::Answer<ParkedView>> replay(OutboxParts parts, std::string id, std::string who) {
  const auto key = sql::parse_parked_id(id);
  if (!key) co_return http::Problem(404, "parked_event_not_found", "No such event is parked.");
  const Timestamp now = parts.clock.now();
  const AuditEntry entry{.id = AuditId::make(now, parts.random),
                         .at = now,
                         .who = std::move(who),
                         .action = "outbox.replayed",
                         .subject = id};
  auto unit = [key = *key, now, entry](sql::Tx& tx) -> std::optional<sql::ParkedEvent> {
    if (!sql::ask_for_replay(tx, key, now)) return {};
    insert_entry(tx, entry);
    return sql::find_parked(tx, key);
  };
  auto writing = parts.database.write(std::move(unit));
  auto found = co_await std::move(writing);
  if (!found) co_return http::Problem(404, "parked_event_not_found", "No such event is parked.");
  co_return http::Answer<ParkedView>(to_view(std::move(*found))).status(202);
}

}  // namespace

void outbox_routes(http::Router& router, OutboxParts parts) {
  router.get("/admin/outbox/parked",
             {.summary = "Events that a consumer could not handle, with what stood in the way",
              .access = http::Access::admin,
              .answers = {{200, "events"}, {400, "cursor_invalid"}},
              .tag = "admin"},
             [parts](ParkedQuery query, http::Call&) { return list(parts.database, query); });
  router.post("/admin/outbox/parked/{id}/replay",
              {.summary = "Have one delivered once more, to whom it failed; within seconds it is "
                          "gone from the list, or says why it is not",
               .access = http::Access::admin,
               .answers = {{202, "asked for"}, {404, "parked_event_not_found"}},
               .tag = "admin"},
              [parts](http::Call& call) {
                return replay(parts, std::string(call.param("id")), call.principal()->account);
              });
}

}  // namespace onsale::ops
