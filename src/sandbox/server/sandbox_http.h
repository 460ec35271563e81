// The whole stand-in: both providers, their pages, their control, on one event loop.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/task.h"
#include "base/time.h"
#include "sandbox/toss/payment.h"

namespace onsale::exec {
class Loop;
class Loops;
}  // namespace onsale::exec

namespace onsale::sandbox {

struct SandboxConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8095;  // 0: any free one
  std::string data;           // folder of its file; empty: everything is forgotten at the end
  std::string webhook;        // where Toss's webhooks go; empty: nowhere
  std::string public_url;     // what browsers call it, http(s)://HOST:PORT; empty: as they ask
  toss::Guards guards{};      // what a negative control takes away
};

class SandboxServer {
 public:
  // `loops` has one loop, which everything runs on; it must outlive this. Reads the file. Throws
  // std::runtime_error with a one-line reason.
  SandboxServer(SandboxConfig config, exec::Loops& loops);
  ~SandboxServer();

  // Before the loops start; listens.
  void start();
  std::uint16_t port() const;
  std::string site() const;  // where it is reached, http://127.0.0.1:8095
  // Lets calls in flight finish. On the loop.
  Task<void> stop(Millis deadline);
  // Afterwards, from outside the loop, while it still runs.
  void close();

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace onsale::sandbox
