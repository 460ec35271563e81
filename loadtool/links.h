// A person's connections: one for calls, one that is told what changes.
// Thread: their loop. Callbacks may call anything here, and must not destroy the link.
#pragma once

#include <deque>
#include <functional>
#include <optional>

#include "loadtool/codec.h"
#include "loadtool/net.h"
#include "loadtool/plan.h"
#include "loadtool/watch.h"

namespace onsale::load {

// What both need of their surroundings.
struct Wiring {
  exec::Loop& loop;
  const Target& target;
  std::uint32_t source = 0;
  std::function<Micros()> now;
  std::function<void(Micros took)> connected;  // a connection took so long to make; may be empty
};

struct Reply {
  Response response;       // status 0: no answer came
  std::string_view error;  // then: why
  Micros sent = 0, got = 0;
  int status() const { return response.status; }
  const std::string& body() const { return response.body; }
};

// One call after the other over a kept connection. A kept connection that the server had closed
// meanwhile is replaced once, as browsers do.
class HttpLink final : SocketPeer {
 public:
  HttpLink(const Wiring& wiring, double timeout_s);

  void call(Request request, std::function<void(Reply)> then);
  // Sends it, and goes without waiting for the answer. Needs an idle link.
  void call_and_go(const Request& request);
  // Forgets what is under way.
  void drop(bool abruptly);
  bool idle() const { return queue_.empty(); }

 private:
  struct Waiting {
    std::string wire;
    std::function<void(Reply)> then;
    Micros sent = -1;
  };
  void next();
  void answer(Reply reply);
  void connected() override;
  void received(std::string_view bytes) override;
  void lost(std::string_view why) override;

  const Wiring& wiring_;
  const double timeout_s_;
  Socket socket_;
  Timer timeout_;
  ResponseReader reader_;
  std::deque<Waiting> queue_;
  Micros connecting_since_ = 0;
  bool connected_ = false;
  bool reused_ = false;   // the connection has served a call before
  bool leaving_ = false;  // of call_and_go
};

// A place's live view over WebSocket (STOMP) or server-sent events.
class LiveLink final : SocketPeer {
 public:
  struct Listener {
    std::function<void(std::string_view json)> news;
    // The line broke: why, and when the server asked to come back, in milliseconds.
    std::function<void(std::string_view why, std::optional<std::int64_t> after_ms)> ended;
  };
  LiveLink(const Wiring& wiring, double timeout_s, Listener listener);

  void open(Transport transport, std::string_view room_path, const std::string& token,
            const std::string& cookie);
  void drop(bool abruptly);
  bool is_open() const { return socket_.is_open(); }

 private:
  void connected() override;
  void received(std::string_view bytes) override;
  void lost(std::string_view why) override;
  bool begin(std::string_view& bytes);
  void end(std::string_view why);
  void heard(std::string_view json);
  void read_events();
  void read_messages();
  void stomp(std::string_view message);

  const Wiring& wiring_;
  const double timeout_s_;
  const Listener listener_;
  Socket socket_;
  Timer timeout_;  // until the first news
  std::string hello_, subscribe_;
  Transport transport_ = Transport::websocket;
  std::optional<ResponseReader> reader_;  // of events always, else until the upgrade
  WsReader ws_;
  EventReader events_;
  std::optional<std::int64_t> after_ms_;
  std::string why_;  // what the server said before it closed
};

}  // namespace onsale::load
