#include "ops/http.h"

#include <map>

namespace onsale::ops {

enum class Status { UP, DOWN };
BOOST_DESCRIBE_ENUM(Status, UP, DOWN)

struct HealthView {
  Status status = Status::UP;
  std::map<std::string, Status> checks;
  std::optional<std::map<std::string, std::int64_t>> numbers;  // in /health/ready
};
BOOST_DESCRIBE_STRUCT(HealthView, (), (status, checks, numbers))

struct AuditQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<AuditId> cursor;
  std::optional<json::Text<1, 80>> subject;  // what was changed: a room's id
  std::optional<json::Text<1, 40>> who;      // an account's id, "plan" or "system"
};
BOOST_DESCRIBE_STRUCT(AuditQuery, (), (limit, cursor, subject, who))

struct AuditView {
  AuditId id;
  Timestamp at{};
  std::string who;
  std::optional<std::string> name, email;  // of who has an account
  std::string action;
  std::string subject;
  std::string before;
  std::string after;
};
BOOST_DESCRIBE_STRUCT(AuditView, (), (id, at, who, name, email, action, subject, before, after))

struct AuditPage {
  std::vector<AuditView> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(AuditPage, (), (items, next_cursor))

namespace {

Task<http::Answer<HealthView>> ready(std::shared_ptr<const Probed> probed) {
  const Health health = co_await ask_all(probed->checks);
  HealthView view;
  view.status = health.up ? Status::UP : Status::DOWN;
  for (const auto& [name, ok] : health.checks) view.checks[name] = ok ? Status::UP : Status::DOWN;
  view.numbers.emplace();
  for (const HealthNumber& number : probed->numbers)
    view.numbers->emplace(number.name, number.ask());
  co_return http::Answer<HealthView>(std::move(view)).status(health.up ? 200 : 503);
}

// Everybody is asked for once; a page has few operators.
Task<std::map<std::string, std::optional<Person>>> people_of(
    People& people, const std::vector<AuditEntry>& entries) {
  std::map<std::string, std::optional<Person>> known;
  for (const AuditEntry& entry : entries) {
    if (known.contains(entry.who)) continue;
    auto asking = people.find(entry.who);
    auto person = co_await std::move(asking);
    known.emplace(entry.who, std::move(person));
  }
  co_return known;
}

Task<http::Answer<AuditPage>> list(AuditLog& audit, People& people, AuditQuery query) {
  const int limit = query.limit ? static_cast<int>(query.limit->value) : 50;
  AuditFilter filter;
  if (query.subject) filter.subject = std::move(query.subject->value);
  if (query.who) filter.who = std::move(query.who->value);
  auto reading = audit.newest(std::move(filter), limit, query.cursor);
  auto entries = co_await std::move(reading);
  auto asking = people_of(people, entries);
  const auto known = co_await std::move(asking);
  AuditPage page;
  for (auto& e : entries) {
    AuditView& view = page.items.emplace_back();
    if (const auto& person = known.at(e.who)) {
      view.name = person->name;
      view.email = person->email;
    }
    view.id = e.id;
    view.at = e.at;
    view.who = std::move(e.who);
    view.action = std::move(e.action);
    view.subject = std::move(e.subject);
    view.before = std::move(e.before);
    view.after = std::move(e.after);
  }
  if (entries.size() == static_cast<std::size_t>(limit))
    page.next_cursor = page.items.back().id.str();
  co_return page;
}

}  // namespace

void routes(http::Router& router, AuditLog& audit, People& people, Probed probed) {
  const auto shared = std::make_shared<const Probed>(std::move(probed));
  router.get("//health/live",
             {.summary = "Whether the process turns",
              .answers = {{200, "up"}},
              .rate = http::RateClass::none},
             [](http::Call&) { return http::Answer<HealthView>(HealthView{}); });
  router.get("//health/ready",
             {.summary = "Whether it is fit to serve",
              .answers = {{200, "up"}, {503, "down"}},
              .rate = http::RateClass::none},
             [shared](http::Call&) { return ready(shared); });
  router.get("//metrics",
             {.summary = "Prometheus text",
              .answers = {{200, "metrics"}},
              .rate = http::RateClass::none,
              .produces = "text/plain"},
             [shared](http::Call&) {
               return http::Raw{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                .body = shared->metrics()};
             });
  router.get(
      "/admin/audit",
      {.summary =
           "What operators changed, the newest first: all of it, or of one subject (a room), or "
           "by one of them",
       .access = http::Access::admin,
       .answers = {{200, "entries"}}},
      [&audit, &people](AuditQuery query, http::Call&) {
        return list(audit, people, std::move(query));
      });
}

}  // namespace onsale::ops
