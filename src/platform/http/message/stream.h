// An answer without end (server-sent events): the head is sent, the connection stays, and what the
// handler's side sends later goes out as it comes.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace onsale::http {

// The sending end of one open stream. Thread: any.
class StreamWriter {
 public:
  virtual ~StreamWriter() = default;
  // Sends these bytes (a whole event, with its blank line). Bounded: while the client has not taken
  // the one before, only the newest is kept. After the close it does nothing.
  virtual void send(std::string bytes) = 0;
  virtual void close() = 0;
};

// Return it from a handler (or Task<Stream>); throw a Problem to refuse instead.
struct Stream {
  // Called once on the connection's loop when the head has been queued.
  std::function<void(std::shared_ptr<StreamWriter>)> on_open;
  // Called once on that loop when the client has gone, or close() was called, or the server stops.
  std::function<void()> on_close{};
  std::string content_type = "text/event-stream";
  // Sent when nothing else was for `heartbeat_s`, to notice dead peers.
  std::string heartbeat = ":\n\n";
  int heartbeat_s = 15;
};

// `event: place\ndata: {…}\n\n`; each line of `data` gets its own data field.
std::string event_frame(std::string_view event, std::string_view data);

}  // namespace onsale::http
