#include "app/commands.h"

#include <iostream>
#include <stdexcept>

#include "app/background.h"
#include "app/wiring.h"
#include "platform/http/idempotency/idempotency_store.h"
#include "platform/sql/migrations.h"

namespace onsale::app {

int migrate(const Settings& settings) {
  const Modules modules(settings);  // migrates as it opens
  std::cout << "the tables are up to date\n";
  return 0;
}

// What a schedule outside the server may want to run; the rest only makes sense while serving.
std::vector<std::string> job_names() {
  return {"booking-forget", "booking-reconcile", "booking-sweep",      "idempotency-sweep",
          "identity-sweep", "keys-renew",        "payments-reconcile", "waitroom-log-trim"};
}

int run_job(const Settings& settings, const std::string& name) {
  Modules modules(settings);
  modules.load();
  http::SqlIdempotencyStore idempotency(*modules.database, modules.random);
  for (const auto& job : jobs(modules, idempotency)) {
    if (job.name != name) continue;
    sync_wait(job.run());
    std::cout << name << ": done\n";
    return 0;
  }
  throw std::runtime_error("there is no job " + name);
}

int create_admin(const Settings& settings, const std::string& email, const std::string& password) {
  Modules modules(settings);
  const auto name = email.substr(0, email.find('@'));
  const auto made = sync_wait(modules.identity->ensure_account(
      {.email = email, .password = password, .name = name}, identity::Role::admin));
  if (!made) {
    std::string why = "the account was refused";
    for (const auto& obstacle : made.error().obstacles)
      why += "; " + obstacle.field + ": " + obstacle.message;
    throw std::runtime_error(why);
  }
  std::cout << made->email << " is an administrator\n";
  return 0;
}

}  // namespace onsale::app
