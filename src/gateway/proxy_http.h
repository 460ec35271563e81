// The gate's listening side: reads requests, asks the door, and passes on what may pass. Bodies
// stream both ways in pieces of 16 KiB; nothing is kept. HTTP/1.1 without TLS on both sides.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/task.h"
#include "base/time.h"
#include "gateway/door.h"
#include "platform/http/message/address.h"

namespace onsale::exec {
class Loops;
}

namespace onsale::gateway {

struct ProxyConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;   // 0: any free one, see Proxy::port()
  std::string origin_host;  // empty: no origin, only the check for another server
  std::uint16_t origin_port = 80;
  std::string scheme = "http";     // how browsers reach us
  http::Networks trusted_proxies;  // whose X-Forwarded-… is believed
  std::uint32_t header_bytes_max = 16 * 1024;
  std::uint64_t body_bytes_max = 64 * 1024 * 1024;  // of a request
  int connections_max = 20'000;                     // all loops together
  Millis header_timeout = std::chrono::seconds(15);
  Millis idle_timeout = std::chrono::seconds(60);  // between two requests
  Millis body_timeout = std::chrono::seconds(30);  // between two pieces, either way
  Millis connect_timeout = std::chrono::seconds(5);
  Millis origin_timeout = std::chrono::seconds(60);  // for the beginning of its answer
  Millis tunnel_look = std::chrono::seconds(5);      // how often a WebSocket's slot is looked at
};

struct ProxyStats {
  std::uint64_t requests = 0, forwarded = 0, redirected = 0, refused = 0, origin_failures = 0;
  int connections = 0;
};

// Addresses that are answered here, whatever the prefixes.
inline constexpr std::string_view kCheckPath = "/.onsale-gate/check";
inline constexpr std::string_view kHealthPath = "/.onsale-gate/health";

class Proxy {
 public:
  // All must outlive it. `health` answers kHealthPath with JSON: 200 when it begins with
  // {"ready":true.
  Proxy(ProxyConfig config, exec::Loops& loops, Door& door, const Clock& clock,
        std::function<std::string()> health);
  // After stop(), or when the loops have stopped.
  ~Proxy();

  // Listens on every loop; throws std::runtime_error with a one-line reason.
  void start();
  std::uint16_t port() const;
  // Stops accepting, lets requests in flight finish, closes what is left after `deadline`.
  Task<void> stop(Millis deadline);
  ProxyStats stats() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace onsale::gateway
