// One outgoing HTTP/1.1 request, for the few times the server itself has to ask somebody. Blocks:
// call it on a BlockingPool. No redirects, no proxies, no connection kept. The timeout does not
// cover a name server that doesn't answer. What is asked often goes through client.h.
#pragma once

#include "platform/net/message.h"

namespace onsale::net {

// Whatever the other side says, of any status. https demands a certificate for the URL's host that
// the system trusts. Throws Unreachable; also for a URL it can't read.
Answer fetch(const Request& request);

}  // namespace onsale::net
