#include "app/commands.h"

#include <algorithm>
#include <iostream>
#include <stdexcept>

#include "app/background.h"
#include "app/wiring.h"
#include "identity/account.h"
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
  return {"booking-forget",  "booking-reconcile",  "booking-sweep",
          "identity-sweep",  "idempotency-sweep",  "keys-renew",
          "payments-forget", "payments-reconcile", "waitroom-log-trim"};
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

namespace {

[[noreturn]] void refuse(std::string why, const std::vector<Obstacle>& obstacles) {
  for (const auto& obstacle : obstacles) why += "; " + obstacle.field + ": " + obstacle.message;
  throw std::runtime_error(why);
}

identity::Account make_admin(identity::Identity& identity, const std::string& email,
                             const std::string& password) {
  const auto name = email.substr(0, std::min(email.find('@'), identity::kNameLengthMax));
  auto made = sync_wait(identity.create_account(
      {.email = email, .password = password, .name = name}, identity::Role::admin));
  if (made) return std::move(*made);
  if (made.error().why == identity::SignUpRefusal::email_taken) {
    throw std::runtime_error(
        "there is an account with this address, and whoever signed up with it knows its password; "
        "--reset gives it yours, ends its sessions and makes it an administrator");
  }
  refuse("the account was refused", made.error().obstacles);
}

identity::Account take_over(identity::Identity& identity, const std::string& email,
                            const std::string& password) {
  auto taken = sync_wait(identity.take_over(email, password, identity::Role::admin));
  if (taken) return std::move(*taken);
  if (taken.error().why == identity::TakeOverRefusal::account_unknown)
    throw std::runtime_error("there is no account with this address; leave --reset out");
  refuse("the password was refused", taken.error().obstacles);
}

}  // namespace

int create_admin(const Settings& settings, const std::string& email, const std::string& password,
                 bool reset) {
  Modules modules(settings);
  const identity::Account admin = reset ? take_over(*modules.identity, email, password)
                                        : make_admin(*modules.identity, email, password);
  const Timestamp now = modules.clock.now();
  sync_wait(modules.audit->record({.id = ops::AuditId::make(now, modules.random),
                                   .at = now,
                                   .who = "system",
                                   .action = reset ? "account.taken_over" : "account.created",
                                   .subject = admin.id.str(),
                                   .before = {},
                                   .after = R"({"role":"admin"})"}));
  std::cout << admin.email << " is an administrator\n";
  return 0;
}

}  // namespace onsale::app
