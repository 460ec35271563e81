// One outgoing HTTP/1.1 request, for the few times the server itself has to ask somebody. Blocks:
// call it on a BlockingPool. No redirects, no proxies, no connection kept.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace onsale::net {

struct Request {
  std::string url;             // http:// or https://
  std::string method = "GET";  // or POST
  std::string content_type{};  // of the body
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  // more of them
  Millis timeout{5'000};  // for everything together, save a name server that doesn't answer
  std::size_t answer_max = 64 * 1024;  // bytes
};

struct Answer {
  int status = 0;
  std::string body;
};

// No answer was had. One line.
struct Unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Whatever the other side says, of any status. https demands a certificate for the URL's host that
// the system trusts. Throws Unreachable; also for a URL it can't read.
Answer fetch(const Request& request);

}  // namespace onsale::net
