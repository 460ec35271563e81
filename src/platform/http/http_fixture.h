// A live server on a free port and a client made of a bare socket, for tests.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "base/fakes.h"
#include "platform/exec/loop.h"
#include "platform/http/server.h"

namespace onsale::http {

struct TestAnswer {
  int status = 0;
  std::string head;  // with the status line
  std::string body;
  std::string header(std::string_view name) const {
    const std::string key = "\r\n" + std::string(name) + ": ";
    const auto at = head.find(key);
    if (at == std::string::npos) return {};
    return head.substr(at + key.size(), head.find("\r\n", at + 2) - at - key.size());
  }
};

// Blocks for at most two seconds per wait.
class TestClient {
 public:
  explicit TestClient(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(port);
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) == 0;
  }
  ~TestClient() { ::close(fd_); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }

  void send(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }

  // One answer; status 0 when the server closed or said nothing in time.
  TestAnswer receive(bool head_only = false) {
    TestAnswer answer;
    std::size_t end;
    while ((end = in_.find("\r\n\r\n")) == std::string::npos)
      if (!more()) return answer;
    answer.head = in_.substr(0, end + 2);
    in_.erase(0, end + 4);
    answer.status = std::stoi(answer.head.substr(9, 3));
    const auto length = answer.header("Content-Length");
    const std::size_t size = length.empty() || head_only ? 0 : std::stoul(length);
    while (in_.size() < size)
      if (!more()) return {};
    answer.body = in_.substr(0, size);
    in_.erase(0, size);
    return answer;
  }

  TestAnswer request(std::string_view method, std::string_view path, std::string_view headers = "",
                     std::string_view body = "") {
    std::string text(method);
    text.append(" ").append(path).append(" HTTP/1.1\r\nHost: localhost\r\n").append(headers);
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    text.append("\r\n").append(body);
    send(text);
    return receive(method == "HEAD");
  }
  TestAnswer get(std::string_view path, std::string_view headers = "") {
    return request("GET", path, headers);
  }
  TestAnswer post(std::string_view path, std::string_view body, std::string_view headers = "") {
    return request("POST", path, std::string(headers) + "Content-Type: application/json\r\n", body);
  }

  // What has come and was not part of an answer; waits for `text` to be in it.
  bool sees(std::string_view text) {
    while (in_.find(text) == std::string::npos)
      if (!more()) return false;
    return true;
  }
  const std::string& received() const { return in_; }
  // True when the server has closed.
  bool closed() {
    while (more()) {
    }
    return eof_;
  }

 private:
  bool more() {
    pollfd ready{fd_, POLLIN, 0};
    if (::poll(&ready, 1, 2000) != 1) return false;
    char bytes[65536];
    const auto n = ::recv(fd_, bytes, sizeof bytes, 0);
    eof_ = n <= 0;
    if (n <= 0) return false;
    in_.append(bytes, static_cast<std::size_t>(n));
    return true;
  }

  int fd_;
  bool connected_ = false;
  bool eof_ = false;
  std::string in_;
};

// Declare routes on `router`, change `config`, then start().
class TestServer {
 public:
  explicit TestServer(int loop_count = 1) : loops(loop_count) {
    config.port = 0;
    config.limits.rate_enabled = false;
  }
  ~TestServer() {
    if (server) sync_wait(server->stop(Millis(200)));
    loops.stop();
  }

  void start() {
    start_with([](Server&) {});
  }
  // `prepare` runs before the server listens.
  void start_with(const std::function<void(Server&)>& prepare) {
    server.emplace(config, ServerParts{.loops = loops,
                                       .router = router,
                                       .clock = clock,
                                       .authenticator = authenticator,
                                       .idempotency = idempotency,
                                       .files = files,
                                       .history = history});
    prepare(*server);
    server->start();
    loops.start();
  }
  std::uint16_t port() const { return server->port(); }

  exec::Loops loops;
  FakeClock clock;
  ServerConfig config;
  Router router;
  Authenticator* authenticator = nullptr;
  IdempotencyStore* idempotency = nullptr;
  std::span<const StaticFile> files{};
  ReadHistory* history = nullptr;
  std::optional<Server> server;
};

}  // namespace onsale::http
