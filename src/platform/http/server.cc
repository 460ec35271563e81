#include "platform/http/server.h"

#include <sys/socket.h>

#include <latch>

#include "base/check.h"
#include "base/log.h"
#include "platform/http/core.h"

namespace onsale::http {

namespace asio = boost::asio;

struct Server::State {
  std::shared_ptr<Core> core;
};

namespace {

// A free port that the kernel chose may be taken by somebody else before every loop has it; a port
// that was asked for may still be held by what is left of the server before.
constexpr int kListenTries = 10;
constexpr Millis kListenPause{50};

void listen(Core& core) {
  const auto& config = core.config;
  const auto address = asio::ip::make_address(
      config.address == "localhost" ? std::string("127.0.0.1") : config.address);
  asio::ip::tcp::endpoint endpoint(address, config.port);
  for (auto& loop : core.loops) loop->shut();  // what a try before this one opened
  // SO_REUSEPORT would share the port with a second server; so ask first without it. The one who
  // asks never listens: a client that knocks just then would hold the port against the loops.
  asio::ip::tcp::acceptor asking(core.loops.front()->loop.io(), endpoint.protocol());
  asking.set_option(asio::socket_base::reuse_address(true));
  asking.bind(endpoint);
  endpoint.port(asking.local_endpoint().port());
  asking.close();
  for (auto& loop : core.loops) loop->open(endpoint);
  core.port = endpoint.port();
}

}  // namespace

std::int64_t steady_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::nanoseconds>(since).count();
}

std::int64_t steady_ms() { return steady_ns() / 1'000'000; }

Server::Server(ServerConfig config, ServerParts parts) : state_(std::make_shared<State>()) {
  state_->core = std::make_shared<Core>(std::move(config), parts);
  auto& core = *state_->core;
  for (int i = 0; i < parts.loops.size(); ++i)
    core.loops.push_back(std::make_unique<LoopCore>(core, parts.loops.at(i)));
}

Server::~Server() {
  Core& core = *state_->core;
  if (!core.listening || !core.parts.loops.running()) return;
  const auto abandoned = std::make_shared<std::latch>(std::ssize(core.loops));
  for (auto& loop : core.loops) {
    const auto abandon = [&loop = *loop, abandoned] {
      loop.abandon();
      abandoned->count_down();
    };
    if (exec::Loop::current() == &loop->loop) {
      abandon();
    } else {
      loop->loop.post(abandon);
    }
  }
  abandoned->wait();
}

void Server::on_upgrade(std::string path, std::function<void(Upgrade&&)> handler) {
  state_->core->upgrades.emplace(std::move(path), std::move(handler));
}

void Server::start() {
  Core& core = *state_->core;
  const auto& config = core.config;
  const std::string where = config.address + ':' + std::to_string(config.port);
  for (int tries_left = kListenTries; tries_left > 0; --tries_left) {
    try {
      listen(core);
      break;
    } catch (const boost::system::system_error& e) {
      const bool taken = e.code() == asio::error::address_in_use;
      if (taken && tries_left > 1) {
        asio::steady_timer(core.loops.front()->loop.io(), kListenPause).wait();
        continue;
      }
      throw std::runtime_error("cannot listen on " + where + ": " +
                               (taken ? "the port is in use; stop the other program or choose "
                                        "another address with --listen"
                                      : e.code().message() + "; choose another with --listen"));
    }
  }
  core.listening = true;
  for (auto& loop : core.loops)
    loop->loop.post([keep = state_->core, &loop = *loop] { loop.start(); });
}

std::uint16_t Server::port() const { return state_->core->port; }

Task<void> Server::stop(Millis deadline) {
  auto core = state_->core;
  for (auto& loop : core->loops)
    loop->loop.post([core, &loop = *loop, deadline] { loop.drain(deadline); });
  for (auto& loop : core->loops) {
    auto drained = loop->drained;
    co_await drained.wait();
  }
}

ServerStats Server::stats() const {
  ServerStats sum;
  for (const auto& loop : state_->core->loops) {
    const auto& t = loop->tallies;
    sum.requests += static_cast<std::uint64_t>(t.requests.value());
    for (std::size_t i = 0; i < 6; ++i)
      sum.answers_by_class[i] += static_cast<std::uint64_t>(t.by_class[i].value());
    sum.limited += static_cast<std::uint64_t>(t.limited.value());
    sum.cut_off += static_cast<std::uint64_t>(t.cut_off.value());
    sum.connections += t.connections.value();
    sum.upgraded += t.upgraded.value();
  }
  return sum;
}

metrics::HistogramRows Server::latencies() const {
  std::vector<const Latencies*> loops;
  for (const auto& loop : state_->core->loops) loops.push_back(&loop->latencies);
  return Latencies::sum(loops);
}

}  // namespace onsale::http
