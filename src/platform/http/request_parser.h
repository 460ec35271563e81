// The request head and chunked bodies, read by Boost.Beast's parser into an Exchange: no copies, no
// allocation per header. Private to http.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "platform/http/exchange.h"

namespace onsale::http {

inline constexpr std::size_t kTargetBytesMax = 8 * 1024;

// `head` is a whole head with its blank line and must stay where it is while `x` is used. Returns
// 0, or the status to refuse with: 400, 414, 431, 501, 505.
int parse_head(std::string_view head, Exchange& x);

// Takes the chunks apart. Beast wants to have seen the head, so it is parsed once more.
class ChunkedBody {
 public:
  explicit ChunkedBody(std::string_view head);
  ~ChunkedBody();

  enum class State { more, done, malformed, too_large };
  struct Step {
    std::size_t used = 0;  // bytes of `bytes` that belong to this body
    State state = State::more;
  };
  // Appends what is new to `out`, which never grows past `max`. Feed the unused rest again, with
  // more behind it.
  Step feed(std::string_view bytes, std::string& out, std::size_t max);

 private:
  class Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace onsale::http
