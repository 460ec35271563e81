// Accepting, deadlines and stopping, per loop.
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>

#include "base/log.h"
#include "platform/http/core.h"

namespace onsale::http {
namespace {

namespace asio = boost::asio;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr int kTurnedAwayMax = 1000;  // connections beyond the limit that still hear a 503
constexpr Millis kDrainStep(20);
constexpr Millis kAcceptPause(50);  // when the process is out of files

void append_two(std::string& out, int value) {
  out += static_cast<char>('0' + value / 10);
  out += static_cast<char>('0' + value % 10);
}

}  // namespace

LoopCore::LoopCore(Core& c, exec::Loop& l)
    : core(c),
      loop(l),
      latencies(c.parts.router),
      acceptor_(l.io().get_executor()),
      peer_(l.io().get_executor()),
      sweeper_(l.io().get_executor()),
      retry_(l.io().get_executor()),
      random_state_(SystemRandom().next_u64()) {}

void LoopCore::open(const asio::ip::tcp::endpoint& endpoint) {
  acceptor_.open(endpoint.protocol());
  acceptor_.set_option(asio::socket_base::reuse_address(true));
  acceptor_.set_option(ReusePort(true));
  acceptor_.bind(endpoint);
  acceptor_.listen(4096);
}

void LoopCore::start() {
  accept();
  arm_sweep();
}

// What waits on the loop holds the core weakly: a handler that the loop never ran must not be the
// last to let go of it, when the loop's own services are gone.
void LoopCore::accept() {
  acceptor_.async_accept(
      peer_, [this, weak = core.weak_from_this()](const boost::system::error_code& ec) {
        const auto keep = weak.lock();
        if (!keep || draining || ec == asio::error::operation_aborted) return;
        if (!ec) {
          accepted();
          return accept();
        }
        log::warn("http", "cannot accept connections", {{"error", ec.message()}});
        retry_.expires_after(kAcceptPause);
        retry_.async_wait([this, weak](const boost::system::error_code& stopped) {
          const auto alive = weak.lock();
          if (alive && !stopped && !draining) accept();
        });
      });
}

void LoopCore::accepted() {
  auto shared = core.shared_from_this();
  const int open = ++core.open;
  std::shared_ptr<void> slot(nullptr, [shared](void*) { --shared->open; });
  Socket socket = std::exchange(peer_, Socket(loop.io().get_executor()));
  if (open > core.config.limits.connections_max + kTurnedAwayMax) return;
  auto connection = std::make_shared<ClientConnection>(std::move(shared), *this, std::move(socket),
                                                       std::move(slot));
  connections_.push_back(*connection);
  tallies.connections.add();
  try {
    if (open > core.config.limits.connections_max)
      connection->turn_away();
    else
      connection->start();
  } catch (const std::exception&) {  // the client was quicker to leave than we to greet
    connection->close();
  }
}

Millis LoopCore::sweep_period() const {
  const auto& limits = core.config.limits;
  const auto shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.write_timeout, limits.idle_timeout});
  return draining ? kDrainStep : std::clamp(shortest / 4, Millis(10), Millis(500));
}

void LoopCore::arm_sweep() {
  sweeper_.expires_after(sweep_period());
  sweeper_.async_wait([this, weak = core.weak_from_this()](const boost::system::error_code& ec) {
    const auto keep = weak.lock();
    if (keep && !ec && !drained_said_) sweep();
  });
}

void LoopCore::sweep() {
  const auto now = steady_ms();
  const bool end = draining && now >= drain_until_ms_;
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = (at++)->shared_from_this();
    if (end)
      connection->close();
    else
      connection->sweep(now);
  }
  if (!drained_said_) arm_sweep();
}

void LoopCore::drain(Millis deadline) {
  if (draining) return;
  draining = true;
  drain_until_ms_ = steady_ms() + deadline.count();
  boost::system::error_code ec;
  acceptor_.close(ec);
  retry_.cancel();
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = (at++)->shared_from_this();
    connection->drain();
  }
  removed();
  if (drained_said_) return;
  sweeper_.cancel();
  arm_sweep();
}

void LoopCore::abandon() {
  drain(Millis(0));
  for (auto at = connections_.begin(); at != connections_.end();) {
    const auto connection = (at++)->shared_from_this();
    connection->close();
  }
}

void LoopCore::removed() {
  if (!draining || drained_said_ || !connections_.empty()) return;
  drained_said_ = true;
  sweeper_.cancel();
  drained.set(true);
}

std::string_view LoopCore::date_line(Timestamp now) {
  const auto second = to_unix_ms(now) / 1000;
  if (second == date_s_) return date_line_;
  date_s_ = second;
  constexpr std::string_view kDays = "SunMonTueWedThuFriSat";
  constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
  const auto time = static_cast<std::time_t>(second);
  std::tm parts{};
  ::gmtime_r(&time, &parts);
  date_line_ = "Date: ";
  date_line_.append(kDays.substr(static_cast<std::size_t>(parts.tm_wday) * 3, 3)).append(", ");
  append_two(date_line_, parts.tm_mday);
  date_line_.append(" ").append(kMonths.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3));
  date_line_.append(" ").append(std::to_string(parts.tm_year + 1900)).append(" ");
  append_two(date_line_, parts.tm_hour);
  date_line_ += ':';
  append_two(date_line_, parts.tm_min);
  date_line_ += ':';
  append_two(date_line_, parts.tm_sec);
  date_line_ += " GMT\r\n";
  return date_line_;
}

// splitmix64: for names of requests, not for secrets.
std::uint64_t LoopCore::random() {
  random_state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = random_state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

}  // namespace onsale::http
