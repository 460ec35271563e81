// The HTTP/1.1 server: one acceptor per event loop, keep-alive, pipelining, every limit of api.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/task.h"
#include "base/time.h"
#include "platform/http/idempotency/idempotency.h"
#include "platform/http/message/address.h"
#include "platform/http/message/authenticator.h"
#include "platform/http/message/static_files.h"
#include "platform/http/router.h"
#include "platform/metrics/metrics.h"

namespace onsale::exec {
class Loops;
}

namespace onsale::http {

struct Upgrade;

struct Limits {
  std::size_t header_bytes_max = 16 * 1024;
  Millis header_timeout = std::chrono::seconds(10);  // from the first byte of a request to its body
  Millis body_timeout = std::chrono::seconds(20);
  Millis write_timeout = std::chrono::seconds(20);  // for a client that does not take its answer
  Millis idle_timeout = std::chrono::seconds(60);   // between requests
  int connections_max = 50'000;                     // all loops together, WebSockets included
  bool rate_enabled = true;
  double rate_per_second = 50;  // of one customer: an account, or who a handler has verified
  double rate_burst = 200;
  // Of everybody behind one client address (an IPv6 /64): a mobile carrier's is thousands of
  // people.
  double address_per_second = 2'000;
  double address_burst = 8'000;
  double strict_per_second = 5;  // for RateClass::strict, by client address too
  double strict_burst = 300;
  std::size_t rate_clients_max = 100'000;  // remembered; the longest idle go first
};

struct ServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  // 0: any free one, see Server::port()
  Limits limits{};
  std::string public_origin;    // what browsers call us (origin_of); empty: as asked
  bool secure_cookies = false;  // adds Secure to every cookie and sends HSTS
  Networks trusted_proxies;     // whose X-Forwarded-For is believed
  bool access_log = false;      // a debug line per request; slow ones always say so
};

// How much of the tables' history somebody was shown: travels in a cookie, sealed, so that a
// replica shows them no less. Thread: any.
class ReadHistory {
 public:
  virtual ~ReadHistory() = default;
  // What goes along with a read that a replica may serve; null: only the primary may. `seen` is the
  // cookie, empty when there is none.
  virtual std::unique_ptr<TaskContext> since(std::string_view seen, bool signed_in,
                                             Timestamp now) = 0;
  // The cookie of now, after a change; empty: there is nothing to remember.
  virtual std::string now(Timestamp now) = 0;
};

// What the server uses and does not own; everything must outlive it. Null is allowed where said.
struct ServerParts {
  exec::Loops& loops;
  const Router& router;
  const Clock& clock;
  Authenticator* authenticator = nullptr;   // null: nobody is signed in
  IdempotencyStore* idempotency = nullptr;  // null: keys are ignored
  std::span<const StaticFile> files{};
  ReadHistory* history = nullptr;  // null: there are no replicas
};

struct ServerStats {
  std::uint64_t requests = 0;
  std::uint64_t answers_by_class[6]{};  // [2] = 2xx …
  std::uint64_t limited = 0;            // 429
  std::uint64_t cut_off = 0;            // slow or oversize clients
  std::int64_t connections = 0;         // open now, WebSockets not included
  std::int64_t upgraded = 0;            // handed over so far
};

class Server {
 public:
  Server(ServerConfig config, ServerParts parts);
  // Without a stop() before, and while the loops run, it waits until every loop has cut off its
  // clients; requests whose handlers wait for something go on without an answer, so what they touch
  // must still outlive them. From the thread that starts and stops the loops, or on one of them.
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Call before start(). `path` is from the root: "/ws". The handler runs on the connection's loop.
  void on_upgrade(std::string path, std::function<void(Upgrade&&)> handler);
  // Listens on every loop; throws std::runtime_error with a one-line reason (port in use).
  void start();
  std::uint16_t port() const;
  // Stops accepting, lets requests in flight finish with `Connection: close`, closes what is left
  // after `deadline`. Resumes where it was awaited. Streams are closed at once.
  Task<void> stop(Millis deadline);
  ServerStats stats() const;  // any thread
  // Seconds from a whole request to its answer, by route ("/api/v1/rooms/{room}"; "other" for files
  // and unknown addresses), method and class of status. A stream counts until it begins. Any
  // thread.
  metrics::HistogramRows latencies() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace onsale::http
