#include "gateway/proxy_http.h"

#include <sys/socket.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <stdexcept>
#include <unordered_map>

#include "base/log.h"
#include "gateway/visitor_http.h"
#include "platform/exec/loop.h"

namespace onsale::gateway {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

namespace {

constexpr Millis kDrainStep{20};
constexpr Millis kAcceptPause{100};  // after a failure such as too many open files

// One loop's part. Thread: its loop's, but for open().
class Side : public std::enable_shared_from_this<Side> {
 public:
  Side(exec::Loop& loop, std::shared_ptr<ProxyState> state)
      : loop_(loop), state_(std::move(state)), acceptor_(loop.io()), pause_(loop.io()) {}

  void open(const tcp::endpoint& where) {
    acceptor_.open(where.protocol());
    acceptor_.set_option(tcp::acceptor::reuse_address(true));
    const int on = 1;
    ::setsockopt(acceptor_.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    acceptor_.bind(where);
    acceptor_.listen();
  }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  exec::Loop& loop() { return loop_; }

  void accept() {
    acceptor_.async_accept(
        [self = shared_from_this()](boost::system::error_code error, tcp::socket socket) {
          if (!self->acceptor_.is_open()) return;
          if (error) return self->accept_later();
          if (self->state_->connections < self->state_->config.connections_max)
            self->begin(std::move(socket));
          self->accept();
        });
  }

  void drain() {
    boost::system::error_code ignored;
    acceptor_.close(ignored);
    each([](Visitor& visitor) { visitor.drain(); });
  }
  void close_all() {
    each([](Visitor& visitor) { visitor.close(); });
  }

 private:
  void accept_later() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([self = shared_from_this()](boost::system::error_code) {
      if (self->acceptor_.is_open()) self->accept();
    });
  }

  void begin(tcp::socket socket) {
    const auto visitor = std::make_shared<Visitor>(state_, std::move(socket));
    visitors_.emplace(visitor.get(), visitor);
    asio::co_spawn(loop_.io(), visitor->run(),
                   [self = shared_from_this(), visitor](std::exception_ptr) {
                     self->visitors_.erase(visitor.get());
                   });
  }

  template <class Do>
  void each(Do act) {
    std::vector<std::shared_ptr<Visitor>> present;
    for (const auto& [raw, weak] : visitors_)
      if (auto visitor = weak.lock()) present.push_back(std::move(visitor));
    for (const auto& visitor : present) act(*visitor);
  }

  exec::Loop& loop_;
  std::shared_ptr<ProxyState> state_;
  tcp::acceptor acceptor_;
  asio::steady_timer pause_;
  std::unordered_map<Visitor*, std::weak_ptr<Visitor>> visitors_;
};

}  // namespace

struct Proxy::Shared {
  std::shared_ptr<ProxyState> state;
  std::vector<std::shared_ptr<Side>> sides;
  std::uint16_t port = 0;
};

Proxy::Proxy(ProxyConfig config, exec::Loops& loops, Door& door, const Clock& clock,
             std::function<std::string()> health)
    : shared_(std::make_shared<Shared>()) {
  shared_->state = std::make_shared<ProxyState>(std::move(config), door, clock, std::move(health));
  for (int i = 0; i < loops.size(); ++i)
    shared_->sides.push_back(std::make_shared<Side>(loops.at(i), shared_->state));
}

Proxy::~Proxy() = default;

void Proxy::start() {
  const ProxyConfig& config = shared_->state->config;
  try {
    tcp::endpoint where(asio::ip::make_address(config.address), config.port);
    for (const auto& side : shared_->sides) {
      side->open(where);
      where.port(side->port());  // the same for all, when any would do
    }
    shared_->port = where.port();
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error("cannot listen on " + config.address + ":" +
                             std::to_string(config.port) + ": " + error.code().message() +
                             "; choose another address with --listen");
  }
  for (const auto& side : shared_->sides) side->loop().post([side] { side->accept(); });
}

std::uint16_t Proxy::port() const { return shared_->port; }

Task<void> Proxy::stop(Millis deadline) {
  const auto shared = shared_;
  shared->state->draining = true;
  for (const auto& side : shared->sides) side->loop().post([side] { side->drain(); });
  exec::Loop& here = shared->sides.front()->loop();
  for (Millis waited{0}; shared->state->connections > 0 && waited < deadline;
       waited += kDrainStep) {
    co_await here.sleep(kDrainStep);
  }
  for (const auto& side : shared->sides) side->loop().post([side] { side->close_all(); });
  for (Millis waited{0}; shared->state->connections > 0 && waited < 25 * kDrainStep;
       waited += kDrainStep) {
    co_await here.sleep(kDrainStep);
  }
}

ProxyStats Proxy::stats() const {
  const ProxyState& state = *shared_->state;
  return {.requests = state.requests,
          .forwarded = state.forwarded,
          .redirected = state.redirected,
          .refused = state.refused,
          .origin_failures = state.origin_failures,
          .connections = state.connections};
}

}  // namespace onsale::gateway
