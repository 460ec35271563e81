// A private destination as server-sent events, for those who do not speak WebSocket: the same body,
// the same pace, one named event per change.
#pragma once

#include <string>

#include "platform/http/live/hub.h"
#include "platform/http/message/stream.h"

namespace onsale::http {

// A browser that lost the stream comes back after this.
inline constexpr Millis kEventRetry{2000};

// Return it from a handler. `event: <name>`, `id:` counting up from 1, data the JSON; the present
// body at once. Closed at once when the hub is full, or `client` (an address) has its share of it.
Stream event_stream(Hub& hub, std::string name, UserSubscription subscription,
                    std::string client = {});

}  // namespace onsale::http
