// What everybody else feels while some are paying: positions in a line, seat maps and holds, each
// asked for at a steady rate, whatever the answers do. How long one took counts from when it was to
// be sent, so a server that stands still is seen.
//   mixed_bench TARGET ROOM PLACES MAP PERFORMANCE SEATS TOKENS SECONDS
// MAP is the performance whose seats are looked at, PERFORMANCE the one that is held of. PLACES,
// SEATS and TOKENS are files: a place token, a seat, a buyer's access token a line.
// Prints for each kind how many answers of 2xx came, and their median and 99th percentile.
#include <sys/epoll.h>

#include <algorithm>
#include <chrono>
#include <deque>
#include <fstream>
#include <functional>
#include <memory>
#include <vector>

#include "client_socket.h"

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kConnections = 32;  // for each kind

std::vector<std::string> lines_of(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(line.substr(0, line.find(' ')));
  return out;
}

struct Kind;
struct Socket {
  Kind* kind = nullptr;
  int fd = -1;
  std::string buffer;
  Clock::time_point due;
};

struct Kind {
  std::string name;
  Clock::duration every;
  std::function<std::string(std::size_t)> request;  // the n-th
  std::size_t sent = 0;
  int good = 0, fives = 0;
  std::vector<std::unique_ptr<Socket>> sockets;
  std::deque<Socket*> idle;
  std::vector<Clock::duration> took;

  // Sends what is due and has a connection. Nobody waits for the last of them.
  void send(Clock::time_point began, Clock::time_point now, Clock::time_point end) {
    while (!idle.empty()) {
      const auto due = began + every * sent;
      if (due > now || due >= end) return;
      Socket& socket = *idle.front();
      idle.pop_front();
      socket.due = due;
      send_all(socket.fd, request(sent++));
    }
  }

  void read(Socket& socket) {
    read_more(socket.fd, socket.buffer);
    const auto answer = take_answer(socket.buffer);
    if (!answer) return;
    took.push_back(Clock::now() - socket.due);
    const char status = answer->at(9);
    good += status == '2' ? 1 : 0;
    fives += status == '5' ? 1 : 0;
    idle.push_back(&socket);
  }

  void print() {
    std::ranges::sort(took);
    const auto at = [this](double share) {
      if (took.empty()) return 0.0;
      const auto one = took[static_cast<std::size_t>(share * double(took.size() - 1))];
      return std::chrono::duration<double, std::milli>(one).count();
    };
    std::printf("%s good %d fives %d p50_ms %.2f p99_ms %.2f\n", name.c_str(), good, fives, at(0.5),
                at(0.99));
  }
};

std::string get(const std::string& target, const std::string& path, const std::string& header) {
  return "GET " + path + " HTTP/1.1\r\nHost: " + target + "\r\n" + header + "\r\n";
}

void run(std::vector<Kind>& kinds, const std::string& target, Clock::duration time) {
  const int poll = epoll_create1(EPOLL_CLOEXEC);
  for (Kind& kind : kinds) {
    for (int i = 0; i < kConnections; ++i) {
      kind.sockets.push_back(std::make_unique<Socket>(&kind, connect_to(target, 1 + i)));
      Socket* const socket = kind.sockets.back().get();
      kind.idle.push_back(socket);
      epoll_event event{.events = EPOLLIN, .data = {.ptr = socket}};
      if (epoll_ctl(poll, EPOLL_CTL_ADD, socket->fd, &event) != 0) die("epoll_ctl");
    }
  }
  const auto began = Clock::now();
  const auto end = began + time;
  std::vector<epoll_event> ready(64);
  const auto busy = [](const Kind& kind) { return kind.idle.size() < kind.sockets.size(); };
  for (auto now = began; now < end || std::ranges::any_of(kinds, busy); now = Clock::now()) {
    if (now > end + std::chrono::seconds(20)) die("nobody answers");
    for (Kind& kind : kinds) kind.send(began, now, end);
    const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), 1);
    for (int i = 0; i < count; ++i) {
      auto& socket = *static_cast<Socket*>(ready[static_cast<std::size_t>(i)].data.ptr);
      socket.kind->read(socket);
    }
  }
}

int mixed_bench(int argc, char** argv) {
  if (argc != 9) {
    std::fprintf(stderr,
                 "usage: mixed_bench TARGET ROOM PLACES MAP PERFORMANCE SEATS TOKENS SECONDS\n");
    return 2;
  }
  const std::string target = argv[1], room = argv[2];
  const auto places = lines_of(argv[3]), seats = lines_of(argv[6]), tokens = lines_of(argv[7]);
  const std::string performances = "/api/v1/performances/";
  const std::string map = performances + argv[4], sale = performances + argv[5];
  std::vector<Kind> kinds(3);
  kinds[0] = {.name = "position", .every = std::chrono::microseconds(1'000)};
  kinds[0].request = [&](std::size_t n) {
    return get(target, "/api/v1/rooms/" + room + "/places/me",
               "Onsale-Place: " + places[n % places.size()] + "\r\n");
  };
  kinds[1] = {.name = "map", .every = std::chrono::milliseconds(20)};
  kinds[1].request = [&](std::size_t n) {
    return get(target, map + (n % 2 == 0 ? "/seatmap" : "/availability"), "");
  };
  kinds[2] = {.name = "hold", .every = std::chrono::microseconds(5'000)};
  kinds[2].request = [&](std::size_t n) {
    const std::string body = R"({"seats":[")" + seats[n % seats.size()] + "\"]}";
    return "POST " + sale + "/holds HTTP/1.1\r\nHost: " + target + "\r\nAuthorization: Bearer " +
           tokens[n / 4 % tokens.size()] + "\r\nContent-Type: application/json\r\n" +
           "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  };
  run(kinds, target, std::chrono::seconds(std::stoi(argv[8])));
  for (Kind& kind : kinds) kind.print();
  return 0;
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) { return onsale::bench::mixed_bench(argc, argv); }
