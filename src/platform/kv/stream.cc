#include "platform/kv/stream.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

namespace onsale::kv {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;
using Plain = tcp::socket;
using Secure = asio::ssl::stream<tcp::socket>;

namespace {

constexpr auto kDone = asio::as_tuple(asio::use_awaitable);

void must(error_code error, const char* step) {
  if (error) throw Broken(std::string(step) + ": " + error.message());
}

// A machine that vanished says nothing: the kernel asks it after five quiet seconds, and gives up
// after eleven.
void notice_dead_peers(tcp::socket& socket) {
  const int on = 1, idle_s = 5, every_s = 2, tries = 3, unacknowledged_ms = 11'000;
  const int fd = socket.native_handle();
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &every_s, sizeof every_s);
  ::setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &tries, sizeof tries);
  ::setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &unacknowledged_ms, sizeof unacknowledged_ms);
}

template <class S>
class StreamOver final : public Stream, public std::enable_shared_from_this<StreamOver<S>> {
 public:
  explicit StreamOver(S stream) : stream_(std::move(stream)), timer_(stream_.get_executor()) {}

  S& stream() { return stream_; }
  tcp::socket& socket() {
    if constexpr (std::is_same_v<S, Plain>) {
      return stream_;
    } else {
      return stream_.next_layer();
    }
  }

  asio::awaitable<std::size_t> read(asio::mutable_buffer into) override {
    const auto [error, got] = co_await stream_.async_read_some(into, kDone);
    must(error, "reading");
    co_return got;
  }
  asio::awaitable<void> write(asio::const_buffer all) override {
    const auto [error, sent] = co_await asio::async_write(stream_, all, kDone);
    must(error, "sending");
  }
  void close() override {
    timer_.cancel();
    error_code ignored;
    socket().close(ignored);
  }
  void close_at(Deadline deadline) override {
    timer_.expires_at(deadline);
    timer_.async_wait([weak = this->weak_from_this()](error_code error) {
      if (error) return;
      if (const auto self = weak.lock()) self->close();
    });
  }
  void never_close() override { timer_.cancel(); }

 private:
  S stream_;
  asio::steady_timer timer_;
};

// getaddrinfo can't be called off; who waits for it can.
struct Lookup {
  explicit Lookup(const asio::any_io_executor& on) : resolver(on), timer(on) {}
  tcp::resolver resolver;
  asio::steady_timer timer;
  std::vector<tcp::endpoint> found;
  error_code error = asio::error::timed_out;
};

asio::awaitable<std::vector<tcp::endpoint>> look_up(Endpoint at, Deadline deadline) {
  error_code not_literal;
  const auto literal = asio::ip::make_address(at.host, not_literal);
  if (!not_literal) co_return std::vector{tcp::endpoint(literal, at.port)};
  const auto executor = co_await asio::this_coro::executor;
  const auto lookup = std::make_shared<Lookup>(executor);
  lookup->timer.expires_at(deadline);
  const auto found = [lookup](error_code error, const tcp::resolver::results_type& results) {
    lookup->error = error;
    for (const auto& entry : results) lookup->found.push_back(entry.endpoint());
    lookup->timer.cancel();
  };
  lookup->resolver.async_resolve(at.host, std::to_string(at.port), found);
  (void)co_await lookup->timer.async_wait(kDone);
  must(lookup->error, "looking up the host");
  co_return lookup->found;
}

}  // namespace

struct Trust::Context {
  asio::ssl::context tls{asio::ssl::context::tls_client};
};

Trust::Trust(const std::string& ca_file) : context_(std::make_unique<Context>()) {
  error_code error;
  context_->tls.load_verify_file(ca_file, error);
  if (error) throw std::runtime_error("can't read the certificates in " + ca_file);
  context_->tls.set_verify_mode(asio::ssl::verify_peer);
  SSL_CTX_set_min_proto_version(context_->tls.native_handle(), TLS1_2_VERSION);
}

Trust::~Trust() = default;

asio::awaitable<std::shared_ptr<Stream>> connect(const Endpoint& to, const Trust* trust,
                                                 const std::string& tls_name, Deadline deadline) {
  const std::vector<tcp::endpoint> found = co_await look_up(to, deadline);
  const auto executor = co_await asio::this_coro::executor;
  const auto plain = std::make_shared<StreamOver<Plain>>(Plain(executor));
  plain->close_at(deadline);
  error_code refused = asio::error::host_not_found;
  for (const tcp::endpoint& one : found) {
    error_code ignored;
    plain->socket().close(ignored);
    const auto [error] = co_await plain->socket().async_connect(one, kDone);
    refused = error;
    if (!refused || std::chrono::steady_clock::now() >= deadline) break;
  }
  must(refused, "connecting");
  notice_dead_peers(plain->socket());
  if (!trust) co_return plain;
  plain->never_close();
  const auto secure = std::make_shared<StreamOver<Secure>>(
      Secure(std::move(plain->socket()), trust->context().tls));
  secure->close_at(deadline);
  const std::string& name = tls_name.empty() ? to.host : tls_name;
  SSL_set_tlsext_host_name(secure->stream().native_handle(), name.c_str());
  secure->stream().set_verify_callback(asio::ssl::host_name_verification(name));
  const auto [untrusted] =
      co_await secure->stream().async_handshake(asio::ssl::stream_base::client, kDone);
  must(untrusted, "TLS");
  co_return secure;
}

}  // namespace onsale::kv
