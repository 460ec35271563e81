// What the connections of one server share, and what those of one loop share. Private to http.
#pragma once

#include <array>
#include <atomic>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "platform/exec/loop.h"
#include "platform/http/connection.h"
#include "platform/http/latencies.h"
#include "platform/http/live/upgrade.h"
#include "platform/http/message/unnamed_proxy.h"
#include "platform/http/pipeline.h"
#include "platform/http/server.h"

namespace onsale::http {

using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp,
                                                    boost::asio::io_context::executor_type>;

struct LoopTallies {
  Tally requests, limited, cut_off, connections, upgraded;
  std::array<Tally, kStatusClasses> by_class;
};

struct Core;

// Thread: the loop's, but for tallies and the constructor.
class LoopCore {
 public:
  LoopCore(Core& core, exec::Loop& loop);

  void open(const boost::asio::ip::tcp::endpoint& endpoint);
  void shut() { acceptor_.close(); }
  std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
  void start();
  void drain(Millis deadline);
  // Closes everything at once. After a drain there is nothing left to close.
  void abandon();
  void add(ClientConnection& connection);
  void removed();  // a connection has just left

  std::string_view date_line(Timestamp now);
  std::uint64_t random();

  Core& core;
  exec::Loop& loop;
  LoopTallies tallies;
  Latencies latencies;
  GzipCache gzip;
  bool draining = false;
  OneShot<bool> drained;

 private:
  void accept();
  void accepted();
  void sweep();
  void arm_sweep();
  Millis sweep_period() const;

  Acceptor acceptor_;
  Socket peer_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      sweeper_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      retry_;
  ConnectionList connections_;
  std::int64_t drain_until_ms_ = 0;
  bool drained_said_ = false;
  std::int64_t date_s_ = -1;
  std::string date_line_;
  std::uint64_t random_state_;
};

struct Core : std::enable_shared_from_this<Core> {
  Core(ServerConfig c, ServerParts p) : config(std::move(c)), parts(p), pipeline(config, parts) {}

  ServerConfig config;
  ServerParts parts;
  Pipeline pipeline;
  UnnamedProxy unnamed_proxy{"http", "server.trusted_proxies"};
  std::map<std::string, std::function<void(Upgrade&&)>, std::less<>> upgrades;
  std::atomic<int> open{0};  // connections and upgraded sockets, all loops
  std::uint16_t port = 0;
  bool listening = false;
  std::vector<std::unique_ptr<LoopCore>> loops;
};

std::int64_t steady_ms();
std::int64_t steady_ns();

}  // namespace onsale::http
