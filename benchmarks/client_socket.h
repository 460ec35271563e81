// Blocking loopback sockets for the benchmark clients.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::bench {

[[noreturn]] inline void die(const std::string& what) {
  std::perror(what.c_str());
  std::exit(1);
}

// `target` is "127.0.0.1:8080". The client's own address is 127.0.0.`host`: spreads ports.
inline int connect_to(const std::string& target, int host = 1) {
  const auto colon = target.find(':');
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<std::uint16_t>(std::stoi(target.substr(colon + 1))));
  inet_pton(AF_INET, target.substr(0, colon).c_str(), &to.sin_addr);
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) die("socket");
  sockaddr_in from{};
  from.sin_family = AF_INET;
  from.sin_addr.s_addr = htonl((127U << 24) | static_cast<unsigned>(host));
  if (bind(fd, reinterpret_cast<sockaddr*>(&from), sizeof from) != 0) die("bind");
  if (connect(fd, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0) die("connect");
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

inline void send_all(int fd, std::string_view data) {
  while (!data.empty()) {
    const auto sent = send(fd, data.data(), data.size(), MSG_NOSIGNAL);
    if (sent <= 0) die("send");
    data.remove_prefix(static_cast<std::size_t>(sent));
  }
}

// The first whole answer in `buffer`, taken out of it; it has a Content-Length, or no body.
inline std::optional<std::string> take_answer(std::string& buffer) {
  const auto head_end = buffer.find("\r\n\r\n");
  if (head_end == std::string::npos) return {};
  const auto at = buffer.find("Content-Length: ");
  const std::size_t length = at < head_end ? std::stoul(buffer.substr(at + 16)) : 0;
  const std::size_t whole = head_end + 4 + length;
  if (buffer.size() < whole) return {};
  std::string answer = buffer.substr(0, whole);
  buffer.erase(0, whole);
  return answer;
}

// Waits for more; it goes behind what is in `buffer`.
inline void read_more(int fd, std::string& buffer) {
  char chunk[65536];
  const auto got = recv(fd, chunk, sizeof chunk, 0);
  if (got <= 0) die("recv");
  buffer.append(chunk, static_cast<std::size_t>(got));
}

// The next answer; what follows it stays in `buffer`.
inline std::string read_answer(int fd, std::string& buffer) {
  for (;;) {
    if (auto answer = take_answer(buffer)) return std::move(*answer);
    read_more(fd, buffer);
  }
}

// The string member `name` of flat JSON; empty when absent.
inline std::string member(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":\"";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  const auto begin = at + key.size();
  return std::string(json.substr(begin, json.find('"', begin) - begin));
}

// The same for a whole number.
inline std::optional<std::uint64_t> number(std::string_view json, std::string_view name) {
  const std::string key = "\"" + std::string(name) + "\":";
  const auto at = json.find(key);
  if (at == std::string_view::npos) return {};
  return std::strtoull(json.data() + at + key.size(), nullptr, 10);
}

}  // namespace onsale::bench
