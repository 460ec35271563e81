// Outgoing HTTP/1.1 on the event loops, for hosts that are asked again and again: connections are
// kept, TLS (1.2 and up) checks the host's certificate, one deadline covers a whole call, its name
// server included, and answers are bounded. No redirects, no proxies, no cookies.
// A request is sent once. A client that repeats a POST by itself, because a kept connection broke
// before the answer, takes money twice (docs/decisions/0011).
// Thread: any. A call made on a loop runs there, others on the first one.
#pragma once

#include <memory>
#include <string>

#include "base/task.h"
#include "platform/net/message.h"

namespace onsale::exec {
class Loops;
}

namespace onsale::net {

struct ClientConfig {
  int calls_max = 256;    // under way at once; more are Overloaded, and nothing was asked
  int idle_max = 8;       // connections that a loop keeps for one host
  Millis idle{15'000};    // a connection that rested longer is not used again
  std::string trust_pem;  // certificates to trust besides the system's
};

class Client {
 public:
  // `loops` must outlive the client; their work with it ends within the calls' own deadlines.
  explicit Client(exec::Loops& loops, ClientConfig config = {});
  ~Client();

  // Whatever the other side says, of any status. Throws Unreachable when it said nothing, which
  // does not mean that it did nothing; Overloaded when too many calls are under way.
  Task<Answer> ask(Request request);

  int under_way() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace onsale::net
