// STOMP 1.2 frames (https://stomp.github.io/stomp-specification-1.2.html): reading and writing.
// Strict about what the specification calls an error; lenient only where it says so (CRLF line
// ends, heart-beat line ends between frames). Thread: any; no state.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace onsale::http::stomp {

inline constexpr std::size_t kFrameBytesMax = 16 * 1024;
inline constexpr std::size_t kHeadersMax = 64;

// In the order they came; of a repeated name the first one counts.
class Headers {
 public:
  void add(std::string name, std::string value) {
    list_.emplace_back(std::move(name), std::move(value));
  }
  std::optional<std::string_view> find(std::string_view name) const;
  // Empty when absent.
  std::string_view get(std::string_view name) const { return find(name).value_or(""); }
  std::size_t size() const { return list_.size(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }

 private:
  std::vector<std::pair<std::string, std::string>> list_;
};

struct Frame {
  std::string command;
  Headers headers;
  std::string body;
};

enum class FrameError {
  too_large,           // more than kFrameBytesMax
  too_many_headers,    // more than kHeadersMax
  bad_command,         // no line of capital letters
  bad_header,          // no colon, no name, or a bare carriage return
  bad_escape,          // a backslash before anything but r, n, c or another one
  bad_content_length,  // no number, or no NUL where it ends
  body_not_allowed,    // only SEND, MESSAGE and ERROR have one
};
std::string_view to_string(FrameError error);

struct Parsed {
  std::size_t used = 0;        // bytes of the input that are done with
  std::optional<Frame> frame;  // empty: heart-beats only, or the frame is not complete yet
};

// The first frame of `input`, after any heart-beats.
Result<Parsed, FrameError> parse(std::string_view input);

// Appends `name:value` with the escapes of 1.2.
void append_header(std::string& out, std::string_view name, std::string_view value);
// The whole frame with its NUL; adds content-length when there is a body.
std::string serialize(const Frame& frame);

}  // namespace onsale::http::stomp
