// Many WebSockets, each watching its own place over STOMP: memory of the server, and how long a new
// position takes to reach all of them.
//   sockets_bench HOST:PORT ROOM TOKENS COUNT SERVER_PID ADMIN_TOKEN
#include <fcntl.h>
#include <sys/epoll.h>

#include <chrono>
#include <fstream>
#include <vector>

#include "client_socket.h"

namespace {

using Clock = std::chrono::steady_clock;

struct Watcher {
  int fd = -1;
  std::string inbox;
  int messages = 0;
};

// A masked text frame; the mask is zero, which the protocol allows.
std::string frame(const std::string& text) {
  std::string out = "\x81";
  if (text.size() < 126) {
    out += static_cast<char>(0x80 | text.size());
  } else {
    out += static_cast<char>(0x80 | 126);
    out += static_cast<char>(text.size() >> 8);
    out += static_cast<char>(text.size() & 255);
  }
  return out + std::string(4, '\0') + text;
}

// Takes whole frames out of the inbox; counts STOMP MESSAGE frames.
void count_messages(Watcher& watcher) {
  auto& in = watcher.inbox;
  while (in.size() >= 2) {
    std::size_t length = static_cast<unsigned char>(in[1]) & 127;
    std::size_t head = 2;
    if (length == 126) {
      if (in.size() < 4) return;
      length = static_cast<unsigned char>(in[2]) * 256U + static_cast<unsigned char>(in[3]);
      head = 4;
    }
    if (in.size() < head + length) return;
    if (in.compare(head, 7, "MESSAGE") == 0) ++watcher.messages;
    if (in.compare(head, 5, "ERROR") == 0) {
      std::fprintf(stderr, "%s\n", in.substr(head, length).c_str());
      std::exit(1);
    }
    in.erase(0, head + length);
  }
}

void open_watcher(Watcher& watcher, const std::string& target, const std::string& token, int host) {
  watcher.fd = onsale::bench::connect_to(target, host);
  onsale::bench::send_all(watcher.fd, "GET /ws HTTP/1.1\r\nHost: " + target +
                                          "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                          "Sec-WebSocket-Version: 13\r\n"
                                          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                                          "Sec-WebSocket-Protocol: v12.stomp\r\n\r\n");
  while (watcher.inbox.find("\r\n\r\n") == std::string::npos) {
    char chunk[4096];
    const auto got = recv(watcher.fd, chunk, sizeof chunk, 0);
    if (got <= 0) onsale::bench::die("upgrade");
    watcher.inbox.append(chunk, static_cast<std::size_t>(got));
  }
  if (!watcher.inbox.starts_with("HTTP/1.1 101")) {
    std::fprintf(stderr, "%s\n", watcher.inbox.c_str());
    std::exit(1);
  }
  watcher.inbox.erase(0, watcher.inbox.find("\r\n\r\n") + 4);
  using namespace std::string_literals;
  onsale::bench::send_all(
      watcher.fd,
      frame("CONNECT\naccept-version:1.2\nhost:x\nheart-beat:0,0\n\n\0"s) +
          frame("SUBSCRIBE\nid:0\ndestination:/user/queue/place\nplace:" + token + "\n\n\0"s));
  fcntl(watcher.fd, F_SETFL, O_NONBLOCK);
}

// Reads until every watcher has more than `before` messages; false when the time is over.
bool all_have(std::vector<Watcher>& watchers, int poll, int more_than, double seconds) {
  std::size_t there = 0;
  for (const auto& watcher : watchers) there += watcher.messages > more_than;
  const auto end = Clock::now() + std::chrono::duration<double>(seconds);
  std::vector<epoll_event> events(1024);
  while (there < watchers.size() && Clock::now() < end) {
    const int count = epoll_wait(poll, events.data(), static_cast<int>(events.size()), 100);
    for (int i = 0; i < count; ++i) {
      auto& watcher = watchers[events[static_cast<std::size_t>(i)].data.u64];
      const bool had = watcher.messages > more_than;
      char chunk[16384];
      for (;;) {
        const auto got = recv(watcher.fd, chunk, sizeof chunk, 0);
        if (got == 0) {
          std::fprintf(stderr, "the server closed a socket\n");
          std::exit(1);
        }
        if (got < 0) break;
        watcher.inbox.append(chunk, static_cast<std::size_t>(got));
      }
      count_messages(watcher);
      there += !had && watcher.messages > more_than;
    }
  }
  return there == watchers.size();
}

double rss_mib(const std::string& pid) {
  std::ifstream status("/proc/" + pid + "/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmRSS:")) return std::stod(line.substr(6)) / 1024;
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr,
                 "usage: sockets_bench HOST:PORT ROOM TOKENS COUNT SERVER_PID ADMIN_TOKEN\n");
    return 2;
  }
  const std::string target = argv[1];
  const std::string room = argv[2];
  std::ifstream tokens(argv[3]);
  std::vector<Watcher> watchers(static_cast<std::size_t>(std::stoi(argv[4])));
  const int poll = epoll_create1(0);
  std::string token, number;
  tokens >> token >> number;  // the first may be the one inside
  for (std::size_t i = 0; i < watchers.size(); ++i) {
    tokens >> token >> number;
    open_watcher(watchers[i], target, token, 1 + static_cast<int>(i % 8));
    epoll_event event{.events = EPOLLIN, .data = {.u64 = i}};
    epoll_ctl(poll, EPOLL_CTL_ADD, watchers[i].fd, &event);
  }
  if (!all_have(watchers, poll, 0, 30)) {
    std::fprintf(stderr, "not every watcher got its present state\n");
    return 1;
  }
  all_have(watchers, poll, 1 << 30, 3.5);  // let the room come to rest
  std::printf("rss_mib_after %.1f\n", rss_mib(argv[5]));

  std::vector<int> seen;
  int most = 0;
  for (auto& watcher : watchers) most = std::max(most, watcher.messages);
  for (auto& watcher : watchers) watcher.messages = most;
  const std::string body = "{\"capacity\":2}";
  const int admin = onsale::bench::connect_to(target);
  const auto asked = Clock::now();
  onsale::bench::send_all(admin, "PATCH /api/v1/admin/rooms/" + room + " HTTP/1.1\r\nHost: " +
                                     target + "\r\nAuthorization: Bearer " + argv[6] +
                                     "\r\nContent-Type: application/json\r\nContent-Length: " +
                                     std::to_string(body.size()) + "\r\n\r\n" + body);
  const bool all = all_have(watchers, poll, most, 20);
  const double took = std::chrono::duration<double, std::milli>(Clock::now() - asked).count();
  std::printf("all_reached_ms %.0f%s\n", took, all ? "" : " (not all)");
  return all ? 0 : 1;
}
