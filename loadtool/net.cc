#include "loadtool/net.h"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <deque>

namespace onsale::load {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

std::string_view reason(const error_code& error) {
  if (error == asio::error::connection_refused) return "refused";
  if (error == asio::error::connection_reset || error == asio::error::broken_pipe) return "reset";
  if (error == asio::error::eof) return "closed";
  if (error == asio::error::timed_out) return "timeout";
  if (error == asio::error::no_descriptors) return "no descriptors left here";
  if (error == asio::error::address_in_use || error.value() == EADDRNOTAVAIL)
    return "no ports left here";
  return "unreachable";
}

bool is_loopback(const sockaddr_storage& address) {
  if (address.ss_family == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &address, sizeof v4);
    return ntohl(v4.sin_addr.s_addr) >> 24 == 127;
  }
  sockaddr_in6 v6{};
  std::memcpy(&v6, &address, sizeof v6);
  return IN6_IS_ADDR_LOOPBACK(&v6.sin6_addr) != 0;
}

// A loop has one thread, so all its sockets can read into the same buffer, and one that idles needs
// none of its own.
std::array<char, 65'536>& shared_buffer() {
  thread_local std::array<char, 65'536> buffer;
  return buffer;
}

}  // namespace

std::expected<Target, std::string> parse_target(const std::string& url) {
  constexpr std::string_view kScheme = "http://";
  if (!url.starts_with(kScheme))
    return std::unexpected("the server is given as http://ADDRESS:PORT");
  std::string host = url.substr(kScheme.size());
  while (host.ends_with('/')) host.pop_back();
  if (host.find_first_of("/?#@") != host.npos)
    return std::unexpected("the server is given without a path: http://ADDRESS:PORT");
  const auto bracket = host.rfind(']');
  auto colon = host.rfind(':');
  if (bracket != host.npos && colon != host.npos && colon < bracket) colon = host.npos;
  std::string name = host.substr(0, colon);
  const std::string port = colon == host.npos ? "80" : host.substr(colon + 1);
  if (name.starts_with('[') && name.ends_with(']')) name = name.substr(1, name.size() - 2);
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(name.c_str(), port.c_str(), &hints, &found);
  if (failed != 0) return std::unexpected(host + ": " + gai_strerror(failed));
  Target target{.host = host};
  std::memcpy(&target.address, found->ai_addr, found->ai_addrlen);
  target.address_size = found->ai_addrlen;
  freeaddrinfo(found);
  target.loopback = is_loopback(target.address);
  return target;
}

struct Socket::Wire : std::enable_shared_from_this<Socket::Wire> {
  Wire(exec::Loop& loop, SocketPeer& to) : socket(loop.io()), peer(&to) {}

  void connect(const Target& target, std::uint32_t source) {
    error_code error;
    tcp::endpoint to;
    std::memcpy(to.data(), &target.address, target.address_size);
    to.resize(target.address_size);
    socket.open(to.protocol(), error);
    if (!error && target.loopback && to.protocol() == tcp::v4()) bind(source, error);
    if (error) {
      asio::post(socket.get_executor(), [self = shared_from_this(), error] { self->end(error); });
      return;
    }
    socket.async_connect(to, [self = shared_from_this()](error_code failed) {
      if (!self->peer) return;
      if (failed) return self->end(failed);
      error_code ignored;
      self->socket.set_option(tcp::no_delay(true), ignored);
      self->socket.non_blocking(true, ignored);
      self->wait();
      self->peer->connected();
    });
  }

  void bind(std::uint32_t source, error_code& error) {
    // The port is chosen when connecting, among those that are free towards this server.
    const int on = 1;
    setsockopt(socket.native_handle(), IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
    const asio::ip::address_v4 from((127U << 24) + 1 + source);
    socket.bind(tcp::endpoint(from, 0), error);
  }

  void wait() {
    socket.async_wait(tcp::socket::wait_read, [self = shared_from_this()](error_code failed) {
      if (!self->peer) return;
      if (failed) return self->end(failed);
      self->read();
    });
  }

  void read() {
    auto& buffer = shared_buffer();
    for (;;) {
      error_code error;
      const std::size_t size = socket.read_some(asio::buffer(buffer), error);
      if (error == asio::error::would_block) return wait();
      if (error) return end(error);
      peer->received({buffer.data(), size});
      if (!peer) return;
      if (size < buffer.size()) return wait();
    }
  }

  void send(std::string bytes) {
    outbox.push_back(std::move(bytes));
    if (outbox.size() == 1) write();
  }

  void write() {
    asio::async_write(socket, asio::buffer(outbox.front()),
                      [self = shared_from_this()](error_code failed, std::size_t) {
                        if (failed) return self->end(failed);
                        self->outbox.pop_front();
                        if (!self->outbox.empty()) return self->write();
                        if (self->finishing) self->shut(false);
                      });
  }

  void end(const error_code& error) {
    SocketPeer* told = std::exchange(peer, nullptr);
    shut(false);
    if (told) told->lost(reason(error));
  }

  void shut(bool abruptly) {
    error_code ignored;
    if (abruptly) socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
  }

  tcp::socket socket;
  SocketPeer* peer;  // null: nobody listens any more
  std::deque<std::string> outbox;
  bool finishing = false;
};

void Socket::open(const Target& target, std::uint32_t source) {
  close();
  wire_ = std::make_shared<Wire>(loop_, peer_);
  wire_->connect(target, source);
}

void Socket::send(std::string bytes) {
  if (wire_) wire_->send(std::move(bytes));
}

void Socket::close(bool abruptly) {
  if (!wire_) return;
  wire_->peer = nullptr;
  wire_->shut(abruptly);
  wire_.reset();
}

void Socket::finish() {
  if (!wire_) return;
  wire_->peer = nullptr;
  wire_->finishing = true;
  if (wire_->outbox.empty()) wire_->shut(false);
  wire_.reset();
}

struct Timer::Waiting {
  explicit Waiting(exec::Loop& loop) : timer(loop.io()) {}
  asio::steady_timer timer;
  std::function<void()> then;
};

void Timer::after(std::chrono::microseconds delay, std::function<void()> then) {
  cancel();
  waiting_ = std::make_shared<Waiting>(loop_);
  waiting_->then = std::move(then);
  waiting_->timer.expires_after(delay);
  waiting_->timer.async_wait([this, waiting = waiting_](error_code) {
    if (!waiting->then) return;  // cancelled, and maybe the timer is gone
    if (waiting_ == waiting) waiting_.reset();
    std::exchange(waiting->then, nullptr)();
  });
}

void Timer::cancel() {
  if (!waiting_) return;
  waiting_->then = nullptr;
  waiting_->timer.cancel();
  waiting_.reset();
}

}  // namespace onsale::load
