#include "base/log.h"
#include "ops/ops.h"

namespace onsale::ops {
namespace {

Task<bool> ask(const HealthCheck& check) {
  try {
    co_return co_await check.ask();
  } catch (const std::exception& reason) {
    log::warn("ops", "a health check failed", {{"check", check.name}, {"reason", reason.what()}});
    co_return false;
  }
}

}  // namespace

Task<Health> ask_all(const std::vector<HealthCheck>& checks) {
  Health health;
  for (const auto& check : checks) {
    const bool ok = co_await ask(check);
    health.up = health.up && ok;
    health.checks.emplace_back(check.name, ok);
  }
  co_return health;
}

}  // namespace onsale::ops
