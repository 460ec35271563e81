// `onsale sandbox`: the providers' stand-in as a process of its own. The only file that knows it.
#pragma once

#include <string>

namespace onsale::app {

struct SandboxOptions {
  std::string listen = "127.0.0.1:8095";
  std::string data;
  std::string webhook;
  std::string public_url;
};

// Serves until SIGINT or SIGTERM. Returns the exit code; throws std::runtime_error with a one-line
// reason when an option makes no sense or the port is taken.
int sandbox(const SandboxOptions& options);

}  // namespace onsale::app
