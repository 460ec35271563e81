#include "platform/http/live/websocket.h"

#include <array>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/websocket.hpp>
#include <memory>

#include "base/log.h"
#include "platform/http/live/stomp_session.h"
#include "platform/http/live/upgrade.h"

namespace onsale::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
using tcp = asio::ip::tcp;
using Error = boost::system::error_code;

// Client frames are small (a SUBSCRIBE with its token, heart-beats), and 15,000 idle connections
// each hold one of these.
constexpr std::size_t kReadBytes = 256;

bool offers_v12(std::string_view subprotocols) {
  return beast::http::token_list({subprotocols.data(), subprotocols.size()}).exists("v12.stomp");
}

// Callbacks, not a coroutine: 15,000 frames would cost more than the sessions themselves. What is
// pending (a read, a write, a close) holds the object.
class LiveSocket final : public Wire, public std::enable_shared_from_this<LiveSocket> {
 public:
  LiveSocket(Hub& hub, Upgrade&& upgrade)
      : stream_(std::move(upgrade.socket)),
        session_(hub, std::move(upgrade.principal), *this, upgrade.client_address) {}

  void start(const beast::http::request<beast::http::empty_body>& request, bool v12) {
    Error ignored;
    stream_.next_layer().set_option(tcp::no_delay(true), ignored);
    stream_.set_option(websocket::stream_base::decorator([v12](websocket::response_type& answer) {
      answer.set(beast::http::field::server, "onsale");
      if (v12) answer.set(beast::http::field::sec_websocket_protocol, "v12.stomp");
    }));
    stream_.auto_fragment(false);
    stream_.text(true);
    stream_.read_message_max(2 * stomp::kFrameBytesMax);
    stream_.control_callback(
        [this](websocket::frame_type, beast::string_view) { session_.heard(); });
    if (!session_.accepted()) return;  // the socket closes with us
    stream_.async_accept(request, [self = shared_from_this()](const Error& error) {
      if (error) return self->gone();
      self->open_ = true;
      self->read();
      self->pump();
    });
  }

  void wake() override { pump(); }

  void ping() override {
    if (!open_ || std::exchange(pinging_, true)) return;
    stream_.async_ping({}, [self = shared_from_this()](const Error&) { self->pinging_ = false; });
  }

  void abort() override {
    Error ignored;
    stream_.next_layer().close(ignored);  // what is pending ends with an error
  }

 private:
  void read() {
    if (reading_ || closing_ || !open_ || !session_.wants_input()) return;
    reading_ = true;
    stream_.async_read_some(asio::buffer(chunk_),
                            [self = shared_from_this()](const Error& error, std::size_t bytes) {
                              self->reading_ = false;
                              if (error) return self->gone();
                              self->session_.received({self->chunk_.data(), bytes});
                              self->read();
                            });
  }

  void pump() {
    if (!open_ || writing_ || closing_) return;
    if (!session_.next(out_)) return maybe_close();
    writing_ = true;
    static constexpr char kNul = '\0';
    const std::string_view body = out_.body ? std::string_view(*out_.body) : std::string_view();
    const std::array<asio::const_buffer, 3> frame{asio::buffer(out_.head), asio::buffer(body),
                                                  asio::buffer(&kNul, out_.nul ? 1 : 0)};
    stream_.async_write(frame, [self = shared_from_this()](const Error& error, std::size_t) {
      self->writing_ = false;
      self->out_ = {};
      self->session_.sent();
      if (error) return self->gone();
      self->pump();
      self->read();
    });
  }

  void maybe_close() {
    if (session_.close_code() == CloseCode::none) return;
    closing_ = true;
    const auto code = static_cast<std::uint16_t>(session_.close_code());
    stream_.async_close(websocket::close_reason(code),
                        [self = shared_from_this()](const Error&) { self->abort(); });
  }

  // The peer has closed, or the socket failed: what it watched is let go at once. While our own
  // close is under way the session stays known, so that its ticks end a peer that doesn't answer.
  void gone() {
    open_ = false;
    if (closing_) return;
    session_.closed();
    abort();
  }

  websocket::stream<tcp::socket> stream_;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  bool pinging_ = false;
  bool closing_ = false;
  StompSession session_;
  Outgoing out_;
  std::array<char, kReadBytes> chunk_;
};

}  // namespace

void serve_stomp(Hub& hub, Upgrade&& upgrade) {
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(upgrade.bytes.size()) + 1);
  Error error;
  const std::size_t used = parser.put(asio::buffer(upgrade.bytes), error);
  // A client sends nothing before it has our answer (RFC 6455, 4.1).
  if (error || !parser.is_header_done() || used != upgrade.bytes.size()) {
    log::debug("http", "a WebSocket handshake was malformed", {{"trace_id", upgrade.trace_id}});
    return;
  }
  const bool v12 = offers_v12(upgrade.subprotocols);
  std::make_shared<LiveSocket>(hub, std::move(upgrade))->start(parser.get(), v12);
}

}  // namespace onsale::http
