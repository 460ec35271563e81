// Sockets and timers on an event loop, behind a small door: the one file that knows Asio is net.cc.
// Thread: everything on its loop. Callbacks may close and reopen their own socket or timer.
#pragma once

#include <sys/socket.h>

#include <chrono>
#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "platform/exec/loop.h"

namespace onsale::load {

// Where the server is. Plain HTTP only: TLS is a proxy's business.
struct Target {
  std::string host;  // for the Host header
  sockaddr_storage address{};
  socklen_t address_size = 0;
  bool loopback = false;
};
// "http://127.0.0.1:8080". Resolves names; blocks.
std::expected<Target, std::string> parse_target(const std::string& url);

class SocketPeer {
 public:
  virtual void connected() = 0;
  virtual void received(std::string_view bytes) = 0;
  // The connection is gone or could not be made: "refused", "reset", "closed", "unreachable" …
  virtual void lost(std::string_view why) = 0;

 protected:
  ~SocketPeer() = default;
};

class Socket {
 public:
  Socket(exec::Loop& loop, SocketPeer& peer) : loop_(loop), peer_(peer) {}
  ~Socket() { close(); }
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;

  // Connects from 127.0.0.1 + `source` when the target is an IPv4 loopback address: every source
  // has ports of its own. Closes what was open before.
  void open(const Target& target, std::uint32_t source);
  void send(std::string bytes);
  // Nothing is called afterwards. Reset instead of FIN when `abruptly`.
  void close(bool abruptly = false);
  // Sends what is left, then FIN; never reads again. Nothing is called afterwards.
  void finish();
  bool is_open() const { return wire_ != nullptr; }

 private:
  struct Wire;
  exec::Loop& loop_;
  SocketPeer& peer_;
  std::shared_ptr<Wire> wire_;
};

class Timer {
 public:
  explicit Timer(exec::Loop& loop) : loop_(loop) {}
  ~Timer() { cancel(); }
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  // Replaces what was set before.
  void after(std::chrono::microseconds delay, std::function<void()> then);
  void cancel();
  bool is_set() const { return waiting_ != nullptr; }

 private:
  struct Waiting;
  exec::Loop& loop_;
  std::shared_ptr<Waiting> waiting_;
};

// Seconds, as scenarios have them.
inline std::chrono::microseconds seconds_of(double seconds) {
  return std::chrono::microseconds(static_cast<std::int64_t>(seconds * 1e6));
}

}  // namespace onsale::load
