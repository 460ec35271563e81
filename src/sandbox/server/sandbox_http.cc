#include "sandbox/server/sandbox_http.h"

#include "base/check.h"
#include "platform/exec/loop.h"
#include "platform/exec/scheduler.h"
#include "platform/http/server.h"
#include "sandbox/control/control_http.h"
#include "sandbox/kakaopay/kakaopay_http.h"
#include "sandbox/server/keepers_store.h"
#include "sandbox/server/records_store.h"
#include "sandbox/server/webhook_client.h"
#include "sandbox/toss/toss_http.h"

namespace onsale::sandbox {
namespace {

constexpr Millis kTick{50};

http::ServerConfig server_config(const SandboxConfig& config) {
  http::ServerConfig out{
      .address = config.address, .port = config.port, .public_origin = config.public_url};
  out.limits.rate_enabled = false;
  out.limits.connections_max = 10'000;
  return out;
}

std::unique_ptr<Records> records_of(const SandboxConfig& config) {
  if (config.data.empty()) return std::make_unique<NoRecords>();
  return std::make_unique<SqlRecords>(config.data);
}

}  // namespace

// A parts list, read top-down.
struct SandboxServer::Parts {
  Parts(SandboxConfig given, exec::Loops& on)
      : config(std::move(given)), loops(on), records(records_of(config)) {}

  SandboxConfig config;
  exec::Loops& loops;
  SystemClock real;
  SystemRandom random;
  SandboxClock clock{real};
  std::unique_ptr<Records> records;
  Faults faults;
  Calls calls;
  Desk desk{{real, clock, faults, calls, *records}};

  TossKeeper toss_keeper{*records};
  toss::Webhooks webhooks;
  WebhookClient webhook{{webhooks, toss_keeper, *records, desk, clock, random}, config.webhook};
  toss::Toss toss{{clock, random, toss_keeper, webhook, config.guards}};
  toss::Idempotency answers{[this](const std::string& scope) { toss_keeper.forget_answer(scope); }};

  KakaoPayKeeper kakaopay_keeper{*records};
  kakaopay::KakaoPay kakaopay{{clock, random, kakaopay_keeper}};

  http::Router router;
  std::optional<http::Server> server;
  std::optional<exec::Scheduler> scheduler;

  void tick() {
    desk.tick();
    toss.sweep();
    webhook.tick();
  }
  Task<void> tick_and_keep() {
    tick();
    if (records->settled() || records->broken()) co_return;
    co_await records->flush();
  }
  void declare();
  void restore_all();
};

void SandboxServer::Parts::declare() {
  const toss::HttpParts toss_parts{toss, answers, toss_keeper, desk, clock, config.guards};
  toss::api_routes(router, toss_parts);
  toss::page_routes(router, toss_parts);
  kakaopay::api_routes(router, {kakaopay, desk});
  kakaopay::page_routes(router, {kakaopay, desk});
  control_routes(
      router, {.toss = toss,
               .kakaopay = kakaopay,
               .faults = faults,
               .calls = calls,
               .clock = clock,
               .records = *records,
               .webhook = {.send_to = [this](std::string url) { webhook.send_to(std::move(url)); },
                           .url = [this] { return webhook.url(); },
                           .webhooks = webhooks},
               .clock_changed = [this] {
                 keep_clock(*records, clock);
                 tick();
               }});
}

void SandboxServer::Parts::restore_all() {
  auto* kept = dynamic_cast<SqlRecords*>(records.get());
  if (kept == nullptr) return;
  Memories memories{toss, answers, webhooks, kakaopay, clock};
  kept->each(
      [&](const std::string& kind, const std::string& text) { restore(memories, kind, text); });
}

SandboxServer::SandboxServer(SandboxConfig config, exec::Loops& loops) {
  check(loops.size() == 1, "the stand-in runs on one loop");
  parts_ = std::make_unique<Parts>(std::move(config), loops);
  parts_->restore_all();
  parts_->declare();
}

SandboxServer::~SandboxServer() = default;

void SandboxServer::start() {
  Parts& p = *parts_;
  p.server.emplace(server_config(p.config),
                   http::ServerParts{.loops = p.loops, .router = p.router, .clock = p.real});
  p.server->start();
  p.webhook.reached_at(site());
  p.scheduler.emplace(p.loops.at(0));
  p.scheduler->every(kTick, "sandbox-tick", [parts = &p] { return parts->tick_and_keep(); });
}

std::uint16_t SandboxServer::port() const { return parts_->server->port(); }

std::string SandboxServer::site() const {
  const SandboxConfig& config = parts_->config;
  if (!config.public_url.empty()) return config.public_url;
  const bool six = config.address.find(':') != std::string::npos;
  return "http://" + (six ? "[" + config.address + "]" : config.address) + ":" +
         std::to_string(port());
}

Task<void> SandboxServer::stop(Millis deadline) {
  Parts& p = *parts_;
  p.scheduler->stop();
  co_await p.scheduler->stopped();
  co_await p.server->stop(deadline);
  co_await p.webhook.stop(deadline);
}

void SandboxServer::close() {
  if (auto* kept = dynamic_cast<SqlRecords*>(parts_->records.get())) kept->close();
}

}  // namespace onsale::sandbox
