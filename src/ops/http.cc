#include "ops/http.h"

#include <map>

namespace onsale::ops {

enum class Status { UP, DOWN };
BOOST_DESCRIBE_ENUM(Status, UP, DOWN)

struct HealthView {
  Status status = Status::UP;
  std::map<std::string, Status> checks;
};
BOOST_DESCRIBE_STRUCT(HealthView, (), (status, checks))

struct AuditQuery {
  std::optional<json::Int<1, 100>> limit;
  std::optional<AuditId> cursor;
};
BOOST_DESCRIBE_STRUCT(AuditQuery, (), (limit, cursor))

struct AuditView {
  AuditId id;
  Timestamp at{};
  std::string who;
  std::string action;
  std::string subject;
  std::string before;
  std::string after;
};
BOOST_DESCRIBE_STRUCT(AuditView, (), (id, at, who, action, subject, before, after))

struct AuditPage {
  std::vector<AuditView> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(AuditPage, (), (items, next_cursor))

namespace {

Task<http::Answer<HealthView>> ready(std::shared_ptr<const std::vector<HealthCheck>> checks) {
  const Health health = co_await ask_all(*checks);
  HealthView view;
  view.status = health.up ? Status::UP : Status::DOWN;
  for (const auto& [name, ok] : health.checks) view.checks[name] = ok ? Status::UP : Status::DOWN;
  co_return http::Answer<HealthView>(std::move(view)).status(health.up ? 200 : 503);
}

Task<http::Answer<AuditPage>> list(AuditLog& audit, AuditQuery query) {
  const int limit = query.limit ? static_cast<int>(query.limit->value) : 50;
  auto entries = co_await audit.newest(limit, query.cursor);
  AuditPage page;
  for (auto& e : entries) {
    page.items.push_back({e.id, e.at, std::move(e.who), std::move(e.action), std::move(e.subject),
                          std::move(e.before), std::move(e.after)});
  }
  if (entries.size() == static_cast<std::size_t>(limit))
    page.next_cursor = page.items.back().id.str();
  co_return page;
}

}  // namespace

void routes(http::Router& router, AuditLog& audit, std::vector<HealthCheck> checks,
            std::function<std::string()> metrics) {
  const auto shared = std::make_shared<const std::vector<HealthCheck>>(std::move(checks));
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
             [metrics = std::move(metrics)](http::Call&) {
               return http::Raw{.content_type = "text/plain; version=0.0.4; charset=utf-8",
                                .body = metrics()};
             });
  router.get("/admin/audit",
             {.summary = "What operators changed, the newest first",
              .access = http::Access::admin,
              .answers = {{200, "entries"}}},
             [&audit](AuditQuery query, http::Call&) { return list(audit, std::move(query)); });
}

}  // namespace onsale::ops
