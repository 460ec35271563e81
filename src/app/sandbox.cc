#include "app/sandbox.h"

#include <iostream>
#include <stdexcept>

#include "app/process.h"
#include "sandbox/server/sandbox_http.h"

namespace onsale::app {
namespace {

constexpr Millis kStopWithin = std::chrono::seconds(5);

sandbox::SandboxConfig config_of(const SandboxOptions& options) {
  sandbox::SandboxConfig config{.data = options.data, .webhook = options.webhook};
  if (!options.public_url.empty())
    config.public_url = site_of(options.public_url, "--public-url", true);
  std::tie(config.address, config.port) = address_of(options.listen, "--listen");
  const bool http =
      options.webhook.starts_with("http://") || options.webhook.starts_with("https://");
  if (!options.webhook.empty() && !http)
    throw std::runtime_error("--webhook is \"" + options.webhook + "\": give http(s)://HOST/PATH");
  return config;
}

}  // namespace

int sandbox(const SandboxOptions& options) {
  const sigset_t stops = block_signals();
  const sandbox::SandboxConfig config = config_of(options);
  const SystemClock clock;
  const Logging logging(clock, "info", "automatic");
  // Destroyed when the loop has stopped: what it still runs touches the server.
  exec::Loops loops(1);
  sandbox::SandboxServer server(config, loops);
  server.start();
  loops.start();
  const std::string site = server.site();
  if (!config.address.starts_with("127.") && config.address != "::1" &&
      config.address != "localhost")
    log::warn("sandbox", "whoever reaches this address can decide payments and set faults",
              {{"address", config.address}});
  std::cout << "onsale " << ONSALE_VERSION << " stands in for the payment providers on " << site
            << "\n  Toss Payments  " << site << "/toss      keys test_ck_NAME and test_sk_NAME"
            << "\n  KakaoPay       " << site << "/kakaopay  cid TC0ONETIME or TCSUBSCRIP, any key"
            << "\n  control        " << site << "/control\nPress Ctrl-C to stop." << std::endl;

  int signal = 0;
  sigwait(&stops, &signal);
  log::info("sandbox", "stopping", {{"signal", signal}});
  wait_on(loops.at(0), [&] { return server.stop(kStopWithin); });
  server.close();
  loops.stop();
  return 0;
}

}  // namespace onsale::app
