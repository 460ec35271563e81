// What runs without anybody asking: events between modules, and things done every so often.
#pragma once

#include "app/wiring.h"
#include "platform/exec/scheduler.h"
#include "platform/http/idempotency/idempotency.h"
#include "platform/sql/outbox.h"

namespace onsale::app {

// Before outbox.start().
void connect_events(sql::Outbox& outbox, Modules& modules);
// Each job also runs by hand: `onsale job run NAME`.
struct Job {
  std::string name;
  Millis period;
  std::function<Task<void>()> run;
};
std::vector<Job> jobs(Modules& modules, http::IdempotencyStore& idempotency);
void schedule(exec::Scheduler& scheduler, const std::vector<Job>& jobs);

}  // namespace onsale::app
