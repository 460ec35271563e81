// STOMP frames: what is read is what was written, and where a frame ends does not depend on what
// follows it.
#include "platform/http/live/stomp.h"
#include "tests/fuzz/fuzz.h"

namespace onsale::fuzz {
namespace {

using http::stomp::Frame;

bool same(const Frame& a, const Frame& b) {
  if (a.command != b.command || a.body != b.body) return false;
  for (const auto& [name, value] : a.headers) {
    if (b.headers.get(name) != a.headers.get(name)) return false;
  }
  return true;
}

void check_frame(std::string_view bytes, const http::stomp::Parsed& parsed) {
  const Frame& frame = *parsed.frame;
  check(parsed.used > 0 && bytes[parsed.used - 1] == '\0', "a frame ends with its NUL");
  check(frame.headers.size() <= http::stomp::kHeadersMax, "few headers");
  check(frame.body.size() <= http::stomp::kFrameBytesMax, "a short body");
  const auto alone = http::stomp::parse(bytes.substr(0, parsed.used));
  check(alone && alone->frame && alone->used == parsed.used && same(*alone->frame, frame),
        "a frame is the same without what follows");
  const auto cut = http::stomp::parse(bytes.substr(0, parsed.used - 1));
  check(!cut || !cut->frame, "a frame without its end is none");
  // CONNECT and CONNECTED are written without escapes, so that not everything survives there.
  if (frame.command == "CONNECT" || frame.command == "CONNECTED") return;
  const auto again = http::stomp::parse(http::stomp::serialize(frame));
  if (!again && again.error() == http::stomp::FrameError::too_large) return;  // escapes need room
  if (!again && frame.headers.size() == http::stomp::kHeadersMax) return;     // so does the length
  check(again && again->frame && same(frame, *again->frame), "a frame survives being written");
}

void stomp_frame(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto parsed = http::stomp::parse(bytes);
    if (!parsed) {
      check(!http::stomp::to_string(parsed.error()).empty(), "errors have names");
      return;
    }
    check(parsed->used <= bytes.size(), "no more is used than there is");
    if (!parsed->frame) return;
    check_frame(bytes, *parsed);
    bytes.remove_prefix(parsed->used);
  }
}

const Declare kDeclared("stomp_frame", stomp_frame);

}  // namespace
}  // namespace onsale::fuzz
