#include <iostream>

#include "app/background.h"
#include "app/bridges/read_history.h"
#include "app/commands.h"
#include "app/demo/demo.h"
#include "app/demo/stand_in.h"
#include "app/metrics.h"
#include "app/process.h"
#include "app/routes.h"
#include "base/origin.h"
#include "platform/http/idempotency/idempotency_store.h"
#include "platform/http/live/upgrade.h"
#include "platform/http/live/websocket.h"
#include "platform/web/web.h"

namespace onsale::app {
namespace {

http::ServerConfig server_config(const Settings& settings) {
  const auto [address, port] = settings.listen_on();
  return {.address = address,
          .port = port,
          .limits = settings.limits,
          .public_origin = origin_of(settings.public_url),
          .secure_cookies = settings.secure_cookies,
          .trusted_proxies = networks_of(settings.trusted_proxies, "server.trusted_proxies")};
}

void greet(bool demo, const std::string& address, std::uint16_t port) {
  std::cout << "onsale " << ONSALE_VERSION << " is ready on " << origin_at(address, port) << "\n";
  if (demo) {
    for (const auto& account : demo_accounts())
      std::cout << (account.admin ? "  administrator  " : "  buyer          ") << account.email
                << "  " << account.password << "\n";
  }
  std::cout << "Press Ctrl-C to stop." << std::endl;
}

// The providers' stand-in, with its books under the data of what it sells.
std::unique_ptr<StandIn> stand_in_of(const Settings& settings) {
  if (!settings.demo && !settings.payments_sandbox) return nullptr;
  const auto [address, port] = settings.listen_on();
  const std::string webhook =
      port == 0 ? "" : "http://127.0.0.1:" + std::to_string(port) + "/api/v1/webhooks/toss";
  return std::make_unique<StandIn>(settings.data + "/sandbox", webhook);
}

Task<void> watch(StandIn& stand_in, exec::BlockingPool& pool) {
  auto looking = pool.run([&stand_in] { stand_in.watch(); });
  co_await std::move(looking);
}

// True when what --demo promises is there since now.
bool become_demo(Modules& modules, const Settings& settings) {
  const bool demo = settings.demo && modules.seed();
  if (settings.demo && !demo)
    log::warn("app", "--demo adds nothing: this data directory is in use",
              {{"data", settings.data}});
  if (!settings.demo && modules.leave_demo())
    log::warn("app",
              "this data directory was a demo: its shows and accounts are still there, the demo "
              "accounts' published passwords and the sandbox provider are off without --demo",
              {{"data", settings.data}});
  return demo;
}

}  // namespace

int serve(Settings settings) {
  const sigset_t stops = block_signals();
  const auto config = server_config(settings);
  const SystemClock clock;
  const Logging logging(clock, settings.log_level, settings.log_format);
  const auto stand_in = stand_in_of(settings);
  if (stand_in) settings.stand_in = stand_in->site();
  Modules modules(settings);
  modules.load();
  const bool demo = become_demo(modules, settings);

  http::SqlIdempotencyStore idempotency(*modules.database, modules.random);
  // SQLite's directory is locked: nobody else serves from it.
  if (modules.database->dialect() == sql::Dialect::sqlite)
    sync_wait(idempotency.forget_unfinished());
  sql::Outbox outbox(*modules.database);
  connect_events(outbox, modules);
  metrics::Registry metrics;
  http::Router router;
  declare_routes(router, modules, outbox, metrics);
  SealedHistory history([&modules] { return modules.database->position(); }, *modules.keys);
  http::Server server(config, {.loops = *modules.loops,
                               .router = router,
                               .clock = modules.clock,
                               .authenticator = modules.verifier.get(),
                               .idempotency = &idempotency,
                               .files = web::web_files(),
                               .history = settings.database_replicas.empty() ? nullptr : &history});
  server.on_upgrade("/ws", [&hub = *modules.hub](http::Upgrade&& upgrade) {
    http::serve_stomp(hub, std::move(upgrade));
  });
  declare_metrics(metrics, {modules, server, outbox, logging.sink});

  modules.loops->start();
  modules.waitroom->run_on(modules.loops->at(0));
  server.start();
  outbox.start();
  exec::Scheduler scheduler(modules.loops->at(0));
  schedule(scheduler, jobs(modules, idempotency));
  if (stand_in)
    scheduler.every(std::chrono::seconds(1), "stand-in",
                    [&stand_in, &modules] { return watch(*stand_in, *modules.password_pool); });
  greet(demo, config.address, server.port());
  log::info("app", "serving", {{"address", config.address}, {"port", server.port()}});

  int signal = 0;
  sigwait(&stops, &signal);
  log::info("app", "stopping", {{"signal", signal}});
  const Millis deadline = std::chrono::seconds(settings.shutdown_seconds);
  wait_on(modules.loops->at(0), [&] {
    return modules.hub->shutdown(std::chrono::seconds(settings.reconnect_spread_seconds),
                                 std::min(deadline, Millis(2000)));
  });
  wait_on(modules.loops->at(0), [&] { return server.stop(deadline); });
  scheduler.stop();
  wait_on(modules.loops->at(0), [&] { return scheduler.stopped(); });
  outbox.stop();
  wait_on(modules.loops->at(0), [&] { return modules.waitroom->drain(); });
  modules.database->close();  // while the loops still stand: it hands its last results to them
  modules.loops->stop();
  log::info("app", "stopped");
  return 0;
}

}  // namespace onsale::app
