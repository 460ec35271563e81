// One connection of a visitor, and its own connection to the origin. Private to the proxy.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <memory>
#include <optional>

#include "gateway/pages_http.h"
#include "gateway/proxy_http.h"
#include "platform/http/message/unnamed_proxy.h"

namespace onsale::gateway {

// What all connections share. Thread: any.
struct ProxyState {
  ProxyConfig config;
  Door& door;
  const Clock& clock;
  std::function<std::string()> health;
  std::atomic<bool> draining{false};
  std::atomic<int> connections{0};
  std::atomic<std::uint64_t> requests{0}, forwarded{0}, redirected{0}, refused{0},
      origin_failures{0};
  http::UnnamedProxy unnamed_proxy{"guard", "guard.trusted_proxies"};
};

// Thread: its loop's.
class Visitor : public std::enable_shared_from_this<Visitor> {
 public:
  Visitor(std::shared_ptr<ProxyState> state, boost::asio::ip::tcp::socket socket);
  ~Visitor();

  boost::asio::awaitable<void> run();
  // Between two requests: closes now. In one: when it is done.
  void drain();
  void close();

 private:
  template <class T>
  using Awaitable = boost::asio::awaitable<T>;
  using Stream = boost::beast::tcp_stream;
  using RequestParser = boost::beast::http::request_parser<boost::beast::http::buffer_body>;
  using ResponseParser = boost::beast::http::response_parser<boost::beast::http::buffer_body>;
  using Error = boost::system::error_code;
  using Fields = boost::beast::http::fields;

  // Each of these answers whether the connection stays.
  Awaitable<bool> serve_one();
  Awaitable<bool> answer_unreadable(Error error);
  Awaitable<bool> forward(RequestParser& request, const Decision& decision);
  Awaitable<bool> relay_head(const RequestParser& request, const ResponseParser& answer);
  Awaitable<bool> relay_answer(RequestParser& request, ResponseParser& answer,
                               const Decision& decision);
  // `more` may be null. (No default values here: GCC 12 destroys such temporaries twice in a
  // co_await expression.)
  Awaitable<bool> say(const RequestParser& request, Page page, std::string_view set_cookie,
                      std::string_view location, const Fields* more);
  Awaitable<bool> say_page(const RequestParser& request, Page page);
  Awaitable<bool> trouble(const RequestParser& request, Trouble trouble);
  Awaitable<bool> check(const RequestParser& request);
  Awaitable<bool> refuse(const RequestParser& request, const Decision& decision);

  // A WebSocket: bytes both ways until either side ends it, nothing has moved for long, or the slot
  // is gone. What the visitor sends keeps the slot, as requests do.
  Awaitable<bool> tunnel(RequestParser& request, ResponseParser& answer, const Decision& decision);
  Awaitable<void> pump(Stream& from, boost::beast::flat_buffer& read_ahead, Stream& to,
                       bool& moved);
  Awaitable<void> watch_tunnel(std::string target, std::string host, std::string cookies);
  void cut_tunnel();

  Awaitable<Error> connect();
  bool origin_alive();
  Awaitable<Error> send_request(RequestParser& request, const Decision& decision);
  Awaitable<Error> read_answer_head(std::optional<ResponseParser>& answer, bool head);
  Awaitable<void> linger();

  std::shared_ptr<ProxyState> state_;
  Stream client_;
  boost::beast::flat_buffer in_;
  std::optional<Stream> origin_;
  boost::beast::flat_buffer origin_in_;
  std::string client_address_;
  bool believed_ = false;  // the peer is a proxy of ours
  bool html_ = false;      // of the present request
  Language language_ = Language::en;
  bool visitor_failed_ = false;      // while sending its request on
  bool websocket_ = false;           // the present request asks for one
  bool sent_ = false, got_ = false;  // through the tunnel, since it was last looked at
  bool tunnel_open_ = false;
  bool idle_ = true;
  bool first_ = true;
};

}  // namespace onsale::gateway
