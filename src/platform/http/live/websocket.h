// STOMP over WebSocket (RFC 6455), on Beast. Takes over a connection that http hands on:
//
//   server.on_upgrade("/ws", [&hub](Upgrade&& upgrade) { serve_stomp(hub, std::move(upgrade)); });
//
// Answers subprotocol v12.stomp when it is offered, none when none is; no compression, which would
// cost more memory per connection than all the rest. Thread: the connection's loop.
#pragma once

namespace onsale::http {

class Hub;
struct Upgrade;

// The connection lives on by itself from here. `hub` must outlive the running of the loops.
void serve_stomp(Hub& hub, Upgrade&& upgrade);

}  // namespace onsale::http
