// What the server hands over when a GET with `Upgrade: websocket` matches a registered path. This
// is the one header of http that shows Asio; only the WebSocket code includes it.
#pragma once

#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <optional>
#include <string>

#include "platform/exec/loop.h"
#include "platform/http/message/authenticator.h"

namespace onsale::http {

struct Upgrade {
  boost::asio::ip::tcp::socket socket;  // on loop.io(), non-blocking, nothing pending
  exec::Loop& loop;                     // the thread we are on and the socket belongs to
  // The request head byte for byte, and whatever the client sent after it: feed all of it to
  // websocket::stream::async_accept(buffers), which parses it and keeps the rest for reading.
  std::string bytes;
  std::optional<Principal> principal;  // from Bearer or cookie; a foreign Origin is refused before
  std::string client_address;
  std::string trace_id;
  std::shared_ptr<void> slot;  // keep it as long as the socket: it counts as a connection
  std::string subprotocols;    // Sec-WebSocket-Protocol as sent, e.g. "v12.stomp, v11.stomp"
};

}  // namespace onsale::http
