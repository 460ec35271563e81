#include "platform/http/connection.h"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <mutex>

#include "base/log.h"
#include "platform/http/core.h"

namespace onsale::http {
namespace {

using UserTimeout = boost::asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;

constexpr std::size_t kInFirst = 4096;          // bytes of input buffer to begin with
constexpr std::size_t kOutAtOnce = 256 * 1024;  // answers collected before they must be sent
constexpr std::size_t kOutKept = 64 * 1024;     // a larger output buffer is given back
constexpr std::size_t kProgress = 8 * 1024;     // taken in time earns a slow client more time
constexpr std::size_t kLingerBytes = 1 << 20;
constexpr Millis kLinger = std::chrono::seconds(2);
constexpr int kSilentPeerMs = 30'000;  // sent and not acknowledged for so long: the peer is gone

constexpr std::string_view kFull =
    R"({"type":"/docs#overloaded","title":"Service Unavailable","status":503,"code":"overloaded"})";
// For a person: it may be the way back from paying. It asks again by itself.
constexpr std::string_view kFullPage =
    "<!doctype html>\n<html lang=\"ko\">\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
    "<meta http-equiv=\"refresh\" content=\"5\">\n<title>503</title>\n"
    "<p>지금 접속이 많습니다. 이 화면이 5초 뒤에 저절로 다시 시도합니다. 결제했다면 다시 결제하지 "
    "마세요.</p>\n"
    "<p lang=\"en\">Many people are connected. This page tries again by itself in 5 seconds. If "
    "you have "
    "paid, don't pay again.</p>\n</html>\n";

}  // namespace

// Held by whoever sends; the connection may be gone.
class ConnectionStream final : public StreamWriter {
 public:
  ConnectionStream(std::weak_ptr<ClientConnection> connection, exec::Loop& loop)
      : connection_(std::move(connection)), loop_(loop) {}

  void send(std::string bytes) override {
    std::lock_guard lock(mutex_);
    waiting_ = std::move(bytes);
    wake();
  }
  void close() override {
    std::lock_guard lock(mutex_);
    closing_ = true;
    wake();
  }
  void forget() {
    std::lock_guard lock(mutex_);
    connection_.reset();
  }

 private:
  void wake() {  // with the lock held
    if (posted_ || connection_.expired()) return;
    posted_ = true;
    loop_.post([connection = connection_, this] {
      if (const auto alive = connection.lock()) deliver(*alive);  // which owns us
    });
  }
  void deliver(ClientConnection& connection) {
    std::unique_lock lock(mutex_);
    posted_ = false;
    std::string bytes = std::exchange(waiting_, {});
    const bool closing = closing_;
    lock.unlock();
    if (!bytes.empty()) connection.stream_send(std::move(bytes));
    if (closing) connection.close();
  }

  std::mutex mutex_;
  std::weak_ptr<ClientConnection> connection_;  // guarded by mutex_
  std::string waiting_;                         // guarded by mutex_
  bool posted_ = false;                         // guarded by mutex_
  bool closing_ = false;                        // guarded by mutex_
  exec::Loop& loop_;
};

ClientConnection::ClientConnection(std::shared_ptr<Core> core, LoopCore& loop, Socket socket,
                                   std::shared_ptr<void> slot)
    : core_(std::move(core)), loop_(loop), socket_(std::move(socket)), slot_(std::move(slot)) {
  boost::system::error_code ec;
  const auto peer = socket_.remote_endpoint(ec);
  if (ec) return;
  if (const auto address = Address::parse(peer.address().to_string())) {
    address_ = address->text();
    trusted_proxy_ = core_->config.trusted_proxies.contains(*address);
  }
}

void ClientConnection::start() {
  socket_.set_option(boost::asio::ip::tcp::no_delay(true));
  // Event streams and upgraded sockets have no deadline of their own.
  socket_.set_option(UserTimeout(kSilentPeerMs));
  in_ = std::make_unique_for_overwrite<char[]>(kInFirst);
  in_size_ = kInFirst;
  enter(Phase::idle, core_->config.limits.header_timeout);  // whoever connects has something to say
  read();
}

void ClientConnection::turn_away() {
  in_ = std::make_unique_for_overwrite<char[]>(kInFirst);
  in_size_ = kInFirst;
  turned_away_ = true;
  enter(Phase::idle, core_->config.limits.header_timeout);
  read();
}

// Once something was said, which tells a person from a program: nothing more is read of it.
void ClientConnection::answer_full() {
  const bool person = std::string_view(in_.get(), end_).find("text/html") != std::string_view::npos;
  const std::string_view body = person ? kFullPage : kFull;
  out_ = "HTTP/1.1 503 Service Unavailable\r\nContent-Type: ";
  out_.append(person ? "text/html; charset=utf-8" : "application/problem+json");
  out_.append("\r\nCache-Control: no-store\r\nRetry-After: 5\r\nConnection: close\r\n");
  out_.append("Content-Length: " + std::to_string(body.size()) + "\r\n\r\n").append(body);
  close_after_ = true;
  advance();
}

void ClientConnection::enter(Phase phase, Millis timeout) {
  phase_ = phase;
  deadline_ms_ = timeout.count() > 0 ? steady_ms() + timeout.count() : 0;
}

void ClientConnection::read() {
  if (reading_ || closed_) return;
  reading_ = true;
  socket_.async_read_some(
      boost::asio::buffer(in_.get() + end_, in_size_ - end_),
      [self = shared_from_this()](const boost::system::error_code& ec, std::size_t size) {
        self->on_read(ec, size);
      });
}

void ClientConnection::on_read(const boost::system::error_code& ec, std::size_t size) {
  reading_ = false;
  if (closed_) return;
  if (ec) return close();
  if (phase_ == Phase::lingering || phase_ == Phase::streaming) {
    if (phase_ == Phase::lingering && (lingered_ += size) > kLingerBytes) return close();
    return read();  // nobody listens any more
  }
  end_ += size;
  if (turned_away_) return answer_full();
  advance();
}

void ClientConnection::advance() {
  while (!closed_ && !busy_ && !writing_ && phase_ != Phase::streaming) {
    if (close_after_) {
      if (flush()) linger();
      return;
    }
    if ((out_.size() > kOutAtOnce || !out_fixed_.empty()) && !flush()) return;
    switch (phase_ == Phase::body ? read_body() : read_head()) {
      case Progress::more:
        if (loop_.draining && phase_ == Phase::idle) {
          close_after_ = true;
          break;
        }
        if (flush()) read();
        return;
      case Progress::complete:
        if (run_request()) break;
        flush();
        return;
      case Progress::refused:
        break;
      case Progress::gone:
        return;
    }
  }
}

bool ClientConnection::flush() {
  while (out_sent_ < out_.size() || !out_fixed_.empty()) {
    iovec parts[2] = {{out_.data() + out_sent_, out_.size() - out_sent_},
                      {const_cast<char*>(out_fixed_.data()), out_fixed_.size()}};
    msghdr message{};
    message.msg_iov = parts;
    message.msg_iovlen = 2;
    const auto n = ::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (n >= 0) {
      sent(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_writable();
      return false;
    } else if (errno != EINTR) {
      close();
      return false;
    }
  }
  if (out_.capacity() > kOutKept)
    out_ = {};
  else
    out_.clear();
  out_sent_ = 0;
  return true;
}

void ClientConnection::sent(std::size_t size) {
  taken_ += size;
  const auto first = std::min(size, out_.size() - out_sent_);
  out_sent_ += first;
  out_fixed_.remove_prefix(size - first);
}

void ClientConnection::wait_writable() {
  if (write_deadline_ms_ == 0 || taken_ >= kProgress) {
    write_deadline_ms_ = steady_ms() + core_->config.limits.write_timeout.count();
    taken_ = 0;
  }
  writing_ = true;
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this()](const boost::system::error_code& ec) {
                       self->writing_ = false;
                       if (self->closed_) return;
                       if (ec) return self->close();
                       if (!self->flush()) return;
                       self->write_deadline_ms_ = 0;
                       if (self->phase_ == Phase::streaming)
                         self->stream_next();
                       else
                         self->advance();
                     });
}

// Closing with unread input would reset the connection and take the answer along, so: say that
// nothing more comes, and wait for the client to go.
void ClientConnection::linger() {
  enter(Phase::lingering, kLinger);
  ::shutdown(socket_.native_handle(), SHUT_WR);
  end_ = 0;
  read();
}

void ClientConnection::close() {
  if (closed_) return;
  closed_ = true;
  boost::system::error_code ec;
  socket_.close(ec);
  unlink();
  loop_.tallies.connections.add(-1);
  if (writer_) writer_->forget();
  if (const auto stream = std::move(stream_); stream && stream->on_close) stream->on_close();
  loop_.removed();
}

void ClientConnection::drain() {
  if (phase_ == Phase::streaming) return close();
  if (phase_ == Phase::idle && !busy_ && !writing_ && end_ == begin_) close();
}

void ClientConnection::sweep(std::int64_t now_ms) {
  if (writing_) {
    if (now_ms < write_deadline_ms_) return;
    loop_.tallies.cut_off.add();
    return close();
  }
  if (phase_ == Phase::streaming) {
    if (now_ms - stream_sent_ms_ >= stream_->heartbeat_s * 1000) stream_send(stream_->heartbeat);
    return;
  }
  if (deadline_ms_ == 0 || now_ms < deadline_ms_ || busy_) return;
  const bool half_said = phase_ == Phase::body || (phase_ == Phase::head);
  if (phase_ != Phase::idle && phase_ != Phase::lingering) loop_.tallies.cut_off.add();
  if (!half_said) return close();
  if (phase_ == Phase::head) x_.clear();
  refuse(Problem(408, "request_timeout", "The request did not arrive in time."));
  advance();
}

void ClientConnection::start_stream() {
  stream_ = std::move(x_.reply.stream);
  enter(Phase::streaming, Millis(0));
  stream_sent_ms_ = steady_ms();
  writer_ = std::make_shared<ConnectionStream>(weak_from_this(), loop_.loop);
  if (flush()) stream_next();
  if (closed_) return;
  end_ = begin_ = 0;
  read();  // only to notice that the client has gone
  try {
    // Taken out first: it may close us, and with us the stream it belongs to.
    if (const auto on_open = std::exchange(stream_->on_open, {})) on_open(writer_);
  } catch (const std::exception& e) {
    log::error("http", "a stream could not be opened", {{"error", e.what()}});
    close();
  }
}

void ClientConnection::stream_send(std::string bytes) {
  if (closed_ || phase_ != Phase::streaming) return;
  stream_waiting_ = std::move(bytes);
  if (!writing_) stream_next();
}

void ClientConnection::stream_next() {
  while (!closed_ && !writing_ && !stream_waiting_.empty()) {
    out_.append(stream_waiting_);
    stream_waiting_.clear();
    stream_sent_ms_ = steady_ms();
    flush();
  }
}

}  // namespace onsale::http
