#include "app/guard.h"

#include <iostream>
#include <stdexcept>

#include "app/process.h"
#include "gateway/door.h"
#include "gateway/pass_client.h"
#include "gateway/proxy_http.h"
#include "gateway/room_client.h"
#include "platform/exec/blocking_pool.h"
#include "platform/exec/scheduler.h"
#include "waitroom/waitroom.h"

namespace onsale::app {
namespace {

gateway::Settings door_settings(const GuardSettings& s) {
  gateway::Settings out{.room = s.room,
                        .issuer_url = site_of(s.issuer_url, "guard.issuer_url", true),
                        .public_url = {},
                        .prefixes = split(s.prefixes)};
  if (!waitroom::RoomId::parse(s.room))
    throw std::runtime_error("guard.room is \"" + s.room + "\": give the id of a waiting room");
  if (!s.public_url.empty()) out.public_url = site_of(s.public_url, "guard.public_url", true);
  if (out.prefixes.empty()) throw std::runtime_error("guard.prefixes is empty: give / for all");
  for (const std::string& prefix : out.prefixes) {
    if (!gateway::is_prefix(prefix))
      throw std::runtime_error("guard.prefixes has \"" + prefix +
                               "\": give plain paths such as /buy");
  }
  return out;
}

gateway::ProxyConfig proxy_config(const GuardSettings& s) {
  gateway::ProxyConfig out;
  std::tie(out.address, out.port) = address_of(s.listen, "guard.listen");
  out.trusted_proxies = networks_of(s.trusted_proxies, "guard.trusted_proxies");
  out.connections_max = s.connections_max;
  out.body_bytes_max = static_cast<std::uint64_t>(s.body_megabytes_max) * 1024 * 1024;
  if (s.public_url.starts_with("https://")) out.scheme = "https";
  if (s.origin.empty()) return out;
  std::string site = site_of(s.origin, "guard.origin", false).substr(7);
  if (site.find(':') == site.npos) site += ":80";
  std::tie(out.origin_host, out.origin_port) = address_of(site, "guard.origin");
  return out;
}

std::string health_json(const gateway::GatePasses& passes, const gateway::Door& door,
                        const gateway::RoomClient& room, const gateway::ProxyStats& stats,
                        Timestamp now) {
  std::string out = passes.ready() ? R"({"ready":true)" : R"({"ready":false)";
  const auto number = [&out](std::string_view name, std::int64_t value) {
    out.append(",\"").append(name).append("\":").append(std::to_string(value));
  };
  number("epoch", passes.epoch());
  number("inside", static_cast<std::int64_t>(door.inside()));
  if (const auto fresh = room.fresh_at()) number("keys_age_ms", (now - *fresh).count());
  number("connections", stats.connections);
  number("requests", static_cast<std::int64_t>(stats.requests));
  number("forwarded", static_cast<std::int64_t>(stats.forwarded));
  number("redirected", static_cast<std::int64_t>(stats.redirected));
  number("refused", static_cast<std::int64_t>(stats.refused));
  number("origin_failures", static_cast<std::int64_t>(stats.origin_failures));
  return out + "}\n";
}

}  // namespace

void bind(config::Settings& into, GuardSettings& s) {
  into.text("guard.listen", "Address and port to listen on; port 0 takes any free one.", s.listen);
  into.text("guard.origin", "What is guarded, http://HOST:PORT; empty: only checks for nginx.",
            s.origin);
  into.text("guard.room", "The waiting room whose passes open.", s.room);
  into.text("guard.issuer_url", "Where the waiting room's server is reached from here.",
            s.issuer_url);
  into.text("guard.public_url", "Where browsers reach the guard; empty: as the request says.",
            s.public_url);
  into.text("guard.prefixes", "Guarded paths, separated by commas.", s.prefixes);
  into.text("guard.trusted_proxies",
            "Addresses and CIDR blocks, separated by commas, whose X-Forwarded-… is believed.",
            s.trusted_proxies);
  into.text("guard.state",
            "Folder where used passes are kept over a restart; empty: they are forgotten.",
            s.state);
  into.number("guard.loops", "Event loops; 0 is one per core.", s.loops, 0, 256);
  into.number("guard.refresh_seconds", "How often keys and epoch are asked for.", s.refresh_seconds,
              1, 60);
  into.number("guard.connections_max", "Open connections.", s.connections_max, 1, 1'000'000);
  into.number("guard.body_megabytes_max", "The largest body of a request.", s.body_megabytes_max, 1,
              10'000);
  into.number("guard.shutdown_seconds", "How long requests in flight may take at a stop.",
              s.shutdown_seconds, 0, 300);
  into.choice("log.level", "The least that is written.", s.log_level,
              {"debug", "info", "warn", "error"});
  into.choice("log.format", "automatic is pretty on a terminal, JSON lines elsewhere.",
              s.log_format, {"automatic", "json", "pretty"});
}

int guard(const GuardSettings& settings) {
  const sigset_t stops = block_signals();
  gateway::ProxyConfig config = proxy_config(settings);
  const gateway::Settings facts = door_settings(settings);
  const SystemClock clock;
  SystemRandom random;
  const Logging logging(clock, settings.log_level, settings.log_format);
  std::optional<gateway::UseStore> store;
  if (!settings.state.empty()) store.emplace(settings.state);
  gateway::GatePasses passes(settings.room, store ? &*store : nullptr);
  gateway::Door door(facts, passes, random);
  gateway::RoomClient room(facts.issuer_url, settings.room, passes, door, clock);
  exec::BlockingPool pool("gate-room", 1, 4);
  exec::Loops loops(settings.loops);
  gateway::Proxy proxy(std::move(config), loops, door, clock,
                       [&] { return health_json(passes, door, room, proxy.stats(), clock.now()); });

  room.refresh();  // whatever comes of it: without keys everybody is told to wait
  proxy.start();
  loops.start();
  exec::Scheduler scheduler(loops.at(0));
  scheduler.every(std::chrono::seconds(settings.refresh_seconds), "gate-room",
                  [&] { return pool.run([&] { room.refresh(); }); });
  std::cout << "onsale " << ONSALE_VERSION << " guards room " << settings.room << " on "
            << settings.listen << " (port " << proxy.port() << ")" << std::endl;
  log::info("gateway", "guarding", {{"room", settings.room}, {"port", proxy.port()}});

  int signal = 0;
  sigwait(&stops, &signal);
  log::info("gateway", "stopping", {{"signal", signal}});
  wait_on(loops.at(0), [&] { return proxy.stop(std::chrono::seconds(settings.shutdown_seconds)); });
  scheduler.stop();
  wait_on(loops.at(0), [&] { return scheduler.stopped(); });
  loops.stop();
  log::info("gateway", "stopped");
  return 0;
}

}  // namespace onsale::app
