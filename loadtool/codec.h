// The client's side of HTTP/1.1, WebSocket and STOMP as pure functions of bytes, written from the
// specifications and not from our server, whose tester this is. Thread: any; no sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace onsale::load {

std::string base64url(std::string_view encoded);  // decoded; stops at what is none

using Headers = std::vector<std::pair<std::string, std::string>>;

struct Request {
  std::string method = "GET";
  std::string path;
  Headers headers;
  std::string body;
};
std::string to_wire(const Request& request, std::string_view host);

struct Response {
  int status = 0;
  std::string body;
  std::string device_cookie;  // "onsale_device=…" when it was set
  std::optional<int> retry_after_s;
  bool event_stream = false;
  bool replayed = false;  // the stored answer to an earlier call with the same Idempotency-Key
  bool keep_alive = true;
};

// Reads one response at a time. Content-Length, chunked, or until the end of the connection.
class ResponseReader {
 public:
  enum class State { head, body, done, broken };

  // Takes what belongs to this response from the front of `bytes`.
  void take(std::string_view& bytes);
  // The connection ended: completes a body without a length.
  void ended();
  State state() const { return state_; }
  bool begun() const { return begun_; }
  Response& response() { return response_; }
  // A new response. Keeps no memory of the last one.
  void reset() { *this = ResponseReader(); }

 private:
  void head(std::string_view text);
  void header(std::string_view name, std::string_view value);
  bool take_chunks();

  State state_ = State::head;
  bool begun_ = false;
  std::string buffer_;
  Response response_;
  std::optional<std::size_t> length_;
  bool chunked_ = false;
};

// One event of text/event-stream.
struct Event {
  std::string name, data;
  std::optional<std::int64_t> retry_ms;
};
class EventReader {
 public:
  void take(std::string_view bytes) { buffer_.append(bytes); }
  std::optional<Event> next();

 private:
  std::string buffer_;
};

enum class Opcode : std::uint8_t { more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };

// A client's frame: masked.
std::string ws_frame(Opcode opcode, std::string_view payload, std::uint32_t mask);

struct WsMessage {
  Opcode opcode = Opcode::text;
  std::string payload;
  // Of a close frame; 1005 when it says nothing.
  std::uint16_t close_code() const;
};
class WsReader {
 public:
  void take(std::string_view bytes) { buffer_.append(bytes); }
  // Whole messages, control frames between their parts included; empty when there is no more.
  std::optional<WsMessage> next();
  bool broken() const { return broken_; }

 private:
  std::string buffer_;
  std::string parts_;  // of a message that is not complete
  bool broken_ = false;
};

struct StompFrame {
  std::string_view command;
  std::string_view head;  // "name:value" lines
  std::string_view body;
  std::string_view header(std::string_view name) const;
};
// Points into `message`; empty for heart-beats.
std::optional<StompFrame> read_stomp(std::string_view message);
std::string stomp_connect();
std::string stomp_subscribe(std::string_view destination, std::string_view place);

}  // namespace onsale::load
