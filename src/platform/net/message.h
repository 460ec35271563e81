// What we ask other servers, and what they say.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "base/time.h"

namespace onsale::net {

struct Request {
  std::string url;             // http:// or https://
  std::string method = "GET";  // GET, POST or DELETE
  std::string content_type{};  // of the body
  std::string body{};
  std::vector<std::pair<std::string, std::string>> headers{};  // more of them
  Millis timeout{5'000};                                       // for everything together
  std::size_t answer_max = 64 * 1024;                          // bytes of the body
};

struct Answer {
  int status = 0;
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers{};  // as they were written
};

// No answer was had. One line, without the address and without what was sent: both may hold keys.
struct Unreachable : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace onsale::net
