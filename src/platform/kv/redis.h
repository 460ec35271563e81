// The client for real servers: one, or a primary with replicas (found by asking each endpoint for
// its role), or a cluster. On every event loop one connection per server carries what is called
// there, in batches; calls that block have connections of their own.
//
// When a connection breaks: what was written to it and not answered ends as `unknown`; what was not
// written waits for the next connection, until its deadline. Reconnecting backs off with full
// jitter. Failover has no sentinel: endpoints (names are looked up anew each time) are tried in
// turn until one says it is a primary; it is asked again every second, and a READONLY answer sends
// us on at once. Two primaries at once are told apart by nobody here: who needs that fences (an
// epoch in the script). The user needs the permissions for ROLE, CLUSTER SLOTS, READONLY and ASKING
// besides its commands.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platform/kv/kv.h"
#include "platform/kv/slots.h"

namespace onsale::exec {
class Loops;
}

namespace onsale::kv {

struct Config {
  std::vector<Endpoint>
      endpoints;  // a primary and its replicas in any order; some nodes of a cluster
  bool cluster = false;
  std::string user{}, password{};  // AUTH when there is a password; no user: the default one
  std::string tls_ca_file{};       // PEM; TLS 1.2 and up when given, trusting only these
  std::string tls_name{};          // what the certificate must be for; empty: the endpoint's host
  int calls_max = 16'384;          // under way on a loop; more are Overloaded
  std::size_t call_bytes_max = 64 * 1024 * 1024;  // of those, formatted
  int blocking_max = 64;                          // connections of a loop for calls that block
  Millis connect_within{1'000};                   // look-up, TCP, TLS and log-in
  Millis silent_max{2'000};  // a server that says nothing for so long, asked something, is dead
  Millis backoff_min{20}, backoff_max{1'000};  // the longest wait before a try: doubles in between
};

struct Statistics {
  int under_way = 0;             // calls
  std::uint64_t connected = 0;   // connections that were made
  std::uint64_t broken = 0;      // connections lost
  std::uint64_t redirected = 0;  // MOVED and ASK followed
  std::uint64_t repeated = 0;    // idempotent calls sent again
  std::uint64_t unknown = 0;     // calls that ended so
};

class Redis : public Client {
 public:
  virtual Statistics statistics() const = 0;
};

// Connects when it is first asked. Throws std::runtime_error, one line, when the CA file can't be
// read or there is no endpoint. `loops` must outlive it; calls under way when it ends, end with it.
std::unique_ptr<Redis> open(exec::Loops& loops, Config config);

}  // namespace onsale::kv
