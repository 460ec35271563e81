// Another server, as a test wants it: it keeps what it was asked and answers by a script, or not at
// all. One thread per connection; only on the loopback.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace onsale::net {

struct Asked {
  std::string method, target, head, body;
  int connection = 0;  // the how manieth
  std::string header(std::string_view name) const {
    const auto at = head.find("\r\n" + std::string(name) + ": ");
    if (at == std::string::npos) return {};
    const auto begin = at + 4 + name.size();
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

struct Said {
  int status = 200;
  std::string body = "{}";
  bool hang_up = false;  // reads the request, does what it does, and says nothing
  bool last = false;     // closes the connection after the answer
};

class ScriptedServer {
 public:
  using Script = std::function<Said(const Asked&)>;  // on any thread, one call at a time

  explicit ScriptedServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(listener_, 64);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port_ = ntohs(at.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
  }
  ~ScriptedServer() {
    stopping_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    ::close(listener_);
    for (auto& one : connections_) ::shutdown(one.fd, SHUT_RDWR);
    for (auto& one : connections_) one.thread.join();
    for (auto& one : connections_) ::close(one.fd);
  }
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  std::uint16_t port() const { return port_; }
  std::vector<Asked> asked() const {
    std::lock_guard lock(mutex_);
    return asked_;
  }
  int count(std::string_view method, std::string_view target_start) const {
    int n = 0;
    for (const Asked& one : asked())
      n += one.method == method && one.target.starts_with(target_start) ? 1 : 0;
    return n;
  }
  int connections() const { return accepted_; }

 private:
  struct Connection {
    int fd;
    std::thread thread;
  };

  void accept_all() {
    while (!stopping_) {
      const int fd = ::accept(listener_, nullptr, nullptr);
      if (fd < 0) break;
      const int number = ++accepted_;
      auto& mine = connections_.emplace_back(Connection{fd, {}});
      mine.thread = std::thread([this, fd, number] { serve(fd, number); });
    }
  }

  static bool more(int fd, std::string& in) {
    char bytes[16384];
    const auto got = ::recv(fd, bytes, sizeof bytes, 0);
    if (got <= 0) return false;
    in.append(bytes, static_cast<std::size_t>(got));
    return true;
  }

  static bool read(int fd, std::string& in, Asked& out) {
    std::size_t end;
    while ((end = in.find("\r\n\r\n")) == std::string::npos)
      if (!more(fd, in)) return false;
    out.head = in.substr(0, end + 2);
    in.erase(0, end + 4);
    out.method = out.head.substr(0, out.head.find(' '));
    const auto target = out.method.size() + 1;
    out.target = out.head.substr(target, out.head.find(' ', target) - target);
    const std::string length = out.header("Content-Length");
    const std::size_t size = length.empty() ? 0 : std::stoul(length);
    while (in.size() < size)
      if (!more(fd, in)) return false;
    out.body = in.substr(0, size);
    in.erase(0, size);
    return true;
  }

  void serve(int fd, int number) {
    std::string in;
    Asked asked;
    asked.connection = number;
    while (read(fd, in, asked)) {
      Said said;
      {
        std::lock_guard lock(mutex_);
        asked_.push_back(asked);
        said = script_(asked);
      }
      if (said.hang_up) break;
      std::string out = "HTTP/1.1 " + std::to_string(said.status) +
                        " X\r\nContent-Length: " + std::to_string(said.body.size()) + "\r\n\r\n" +
                        said.body;
      ::send(fd, out.data(), out.size(), MSG_NOSIGNAL);
      if (said.last) break;
    }
    ::shutdown(fd, SHUT_RDWR);
  }

  const Script script_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Asked> asked_;           // guarded by mutex_
  std::list<Connection> connections_;  // the acceptor's, then the destructor's
  std::atomic<int> accepted_{0};
  std::atomic<bool> stopping_{false};
  std::thread acceptor_;
};

}  // namespace onsale::net
