// `onsale guard`: a reverse proxy that lets people with a pass through to an origin.
#pragma once

#include <string>

#include "platform/config/settings.h"

namespace onsale::app {

struct GuardSettings {
  std::string listen = "127.0.0.1:8090";
  std::string origin;
  std::string room;
  std::string issuer_url;
  std::string public_url;
  std::string prefixes = "/";
  std::string trusted_proxies;
  std::string state;
  int loops = 0;
  int refresh_seconds = 2;
  int connections_max = 20'000;
  int body_megabytes_max = 64;
  int shutdown_seconds = 10;
  std::string log_level = "info";
  std::string log_format = "automatic";
};

// `settings` must outlive the loading of `into`.
void bind(config::Settings& into, GuardSettings& settings);

// Guards until SIGINT or SIGTERM. Returns the exit code; throws std::runtime_error with a one-line
// reason when a setting makes no sense or the port is taken.
int guard(const GuardSettings& settings);

}  // namespace onsale::app
