// Seats bought and paid for over HTTP: hold, reservation, payment, the provider's pay page, its
// button, the way back, tickets. One thread that never waits for a single buyer; each buyer buys
// one seat after the other over connections of its own, one to the server and one to the pay page,
// which is wherever `redirect_url` says.
//   paid_bench TARGET PERFORMANCE SEATS TOKENS SECONDS BUYERS PROVIDER [RATE]
// RATE is how many begin a second while there are idle buyers, and then nobody waits for those who
// are stuck; without it everybody buys again at once.
// Prints how many tickets there were a second, how long a purchase took, 5xx, and the client's own
// processor time for each purchase.
#include <sys/epoll.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <fstream>
#include <map>
#include <memory>
#include <vector>

#include "client_socket.h"

namespace onsale::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::vector<std::string> lines_of(const char* path) {
  std::ifstream in(path);
  std::vector<std::string> out;
  for (std::string line; std::getline(in, line);) out.push_back(std::move(line));
  return out;
}

struct Run {
  std::string target;
  std::string performance;
  std::vector<std::string> seats;
  std::vector<std::string> tokens;
  std::string provider;
  int rate = 0;  // purchases begun a second; 0: as fast as the answers come
  Clock::time_point end;
  std::size_t next = 0;
  int fives = 0;
  int refused = 0;
  int poll = -1;
};

struct Reply {
  int status = 0;
  std::string location;
  std::string body;
};

class Buyer {
 public:
  struct Socket {
    Buyer* buyer = nullptr;
    int fd = -1;
    std::string buffer;
  };

  Buyer(Run& run, int number) : run_(run), host_(1 + number % 100) {}

  // Takes the next seat; false when there is none left or it is late.
  bool begin() {
    const std::size_t turn = run_.next;
    if (Clock::now() >= run_.end || turn >= run_.seats.size()) return false;
    ++run_.next;
    // Neighbours in the file are neighbours in the hall: stride so that purchases spread.
    const std::string& seat = run_.seats[turn * 7919 % run_.seats.size()];
    head_ = "\r\nAuthorization: Bearer " + run_.tokens[turn / 4 % run_.tokens.size()] + "\r\n";
    began_ = Clock::now();
    step_ = &Buyer::held;
    post("/api/v1/performances/" + run_.performance + "/holds", R"({"seats":[")" + seat + "\"]}");
    return true;
  }

  // Something came for `socket`; false when this buyer is idle now.
  bool read(Socket& socket) {
    read_more(socket.fd, socket.buffer);
    const auto answer = take_answer(socket.buffer);
    if (!answer) return true;
    const bool goes_on = (this->*step_)(read(*answer));
    return goes_on || (run_.rate == 0 && begin());
  }
  const std::vector<Clock::duration>& took() const { return took_; }

 private:
  // Each step reads an answer and asks for the next; false when the purchase is over.
  bool held(const Reply& reply) {
    if (reply.status != 201) return false;
    step_ = &Buyer::reserved;
    post("/api/v1/reservations", R"({"hold_id":")" + member(reply.body, "id") + "\"}");
    return true;
  }
  bool reserved(const Reply& reply) {
    if (reply.status != 201) return false;
    reservation_ = "/api/v1/reservations/" + member(reply.body, "id");
    step_ = &Buyer::paying;
    post(reservation_ + "/payments",
         R"({"provider":")" + run_.provider + R"(","return_url":"/my/reservations"})");
    return true;
  }
  bool paying(const Reply& reply) {
    if (reply.status != 201) return false;
    page_ = member(reply.body, "redirect_url");
    step_ = &Buyer::looked;
    send("GET", page_);
    return true;
  }
  bool looked(const Reply& reply) {
    constexpr std::string_view kAction = "action=\"";
    const auto at = reply.body.find(kAction);
    if (reply.status != 200 || at == std::string::npos) return false;
    const auto begin = at + kAction.size();
    const std::string action = reply.body.substr(begin, reply.body.find('"', begin) - begin);
    step_ = &Buyer::decided;
    const auto folder = page_.substr(0, page_.find('?')).rfind('/') + 1;
    send("POST", page_.substr(0, folder) + action, "decision=approve",
         "application/x-www-form-urlencoded");
    return true;
  }
  bool decided(const Reply& reply) {
    if (reply.location.empty()) return false;
    step_ = &Buyer::came_back;
    send("GET", reply.location);
    return true;
  }
  bool came_back(const Reply& reply) {
    if (reply.location.find("state=confirmed") == std::string::npos) return false;
    step_ = &Buyer::ticketed;
    send("GET", reservation_ + "/tickets");
    return true;
  }
  bool ticketed(const Reply& reply) {
    if (reply.status == 200 && reply.body.find("\"token\"") != std::string::npos)
      took_.push_back(Clock::now() - began_);
    return false;
  }

  void post(const std::string& path, const std::string& json) {
    send("POST", path, json, "application/json");
  }

  // A whole address goes where it says, without our credentials when that is somebody else.
  void send(const std::string& method, std::string address, const std::string& body = {},
            const std::string& type = {}) {
    std::string target = run_.target;
    if (const auto scheme = address.find("://"); scheme != std::string::npos) {
      const auto slash = address.find('/', scheme + 3);
      target = address.substr(scheme + 3, slash - scheme - 3);
      address.erase(0, slash);
    }
    std::string request = method + " " + address + " HTTP/1.1\r\nHost: " + target;
    request += target == run_.target ? head_ : "\r\n";
    if (!type.empty())
      request +=
          "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    send_all(socket_to(target).fd, request + "\r\n" + body);
  }

  Socket& socket_to(const std::string& target) {
    const auto [found, fresh] = sockets_.try_emplace(target);
    if (!fresh) return *found->second;
    found->second = std::make_unique<Socket>(this, connect_to(target, host_));
    epoll_event event{.events = EPOLLIN, .data = {.ptr = found->second.get()}};
    if (epoll_ctl(run_.poll, EPOLL_CTL_ADD, found->second->fd, &event) != 0) die("epoll_ctl");
    return *found->second;
  }

  Reply read(const std::string& answer) {
    Reply reply{.status = std::stoi(answer.substr(9, 3))};
    if (reply.status >= 500) ++run_.fives;
    if (reply.status >= 400) ++run_.refused;
    const auto head_end = answer.find("\r\n\r\n");
    const auto at = answer.find("\r\nLocation: ");
    if (at < head_end)
      reply.location = answer.substr(at + 12, answer.find("\r\n", at + 12) - at - 12);
    reply.body = answer.substr(head_end + 4);
    return reply;
  }

  Run& run_;
  const int host_;
  bool (Buyer::*step_)(const Reply&) = nullptr;
  std::string head_, reservation_, page_;
  Clock::time_point began_;
  std::map<std::string, std::unique_ptr<Socket>> sockets_;
  std::vector<Clock::duration> took_;
};

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

// Reads what has come within `wait_ms`; who is done stands behind those who are idle.
int read_answers(Run& run, std::deque<Buyer*>& idle, int wait_ms) {
  std::array<epoll_event, 256> ready;
  const int count = epoll_wait(run.poll, ready.data(), static_cast<int>(ready.size()), wait_ms);
  for (int i = 0; i < count; ++i) {
    auto& socket = *static_cast<Buyer::Socket*>(ready[static_cast<std::size_t>(i)].data.ptr);
    if (!socket.buyer->read(socket)) idle.push_back(socket.buyer);
  }
  return count;
}

void shop(Run& run, std::vector<Buyer>& buyers) {
  std::deque<Buyer*> idle;
  for (Buyer& buyer : buyers) {
    if (run.rate > 0 || !buyer.begin()) idle.push_back(&buyer);
  }
  while (run.rate == 0 && idle.size() < buyers.size()) {
    if (read_answers(run, idle, 30'000) <= 0) die("nobody answers");
  }
  const auto began = Clock::now();
  int begun = 0;
  while (run.rate > 0 && Clock::now() < run.end + std::chrono::seconds(1)) {
    while (!idle.empty() && Clock::now() >= began + std::chrono::seconds(1) * begun / run.rate) {
      if (!idle.front()->begin()) break;
      idle.pop_front();
      ++begun;
    }
    read_answers(run, idle, 1);
  }
}

int paid_bench(int argc, char** argv) {
  if (argc != 8 && argc != 9) {
    std::fprintf(stderr,
                 "usage: paid_bench TARGET PERFORMANCE SEATS TOKENS SECONDS BUYERS PROVIDER "
                 "[RATE]\n");
    return 2;
  }
  Run run{.target = argv[1],
          .performance = argv[2],
          .seats = lines_of(argv[3]),
          .tokens = lines_of(argv[4]),
          .provider = argv[7],
          .rate = argc == 9 ? std::stoi(argv[8]) : 0,
          .poll = epoll_create1(EPOLL_CLOEXEC)};
  std::vector<Buyer> buyers;
  buyers.reserve(static_cast<std::size_t>(std::stoi(argv[6])));
  for (int i = 0; i < std::stoi(argv[6]); ++i) buyers.emplace_back(run, i);
  rusage before{};
  getrusage(RUSAGE_SELF, &before);
  const auto began = Clock::now();
  run.end = began + std::chrono::seconds(std::stoi(argv[5]));
  shop(run, buyers);
  const double seconds = ms(Clock::now() - began) / 1000;
  rusage after{};
  getrusage(RUSAGE_SELF, &after);

  std::vector<Clock::duration> took;
  for (const Buyer& buyer : buyers)
    took.insert(took.end(), buyer.took().begin(), buyer.took().end());
  std::ranges::sort(took);
  const auto used = [](const rusage& r) {
    return static_cast<double>(r.ru_utime.tv_sec + r.ru_stime.tv_sec) * 1000 +
           static_cast<double>(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1000;
  };
  const auto count = static_cast<double>(std::max<std::size_t>(took.size(), 1));
  const auto at = [&took](double share) {
    return took.empty() ? 0 : ms(took[static_cast<std::size_t>(share * double(took.size() - 1))]);
  };
  std::printf("paid_per_second %.0f\npaid %zu\nseconds %.2f\np50_ms %.1f\np99_ms %.1f\n",
              static_cast<double>(took.size()) / seconds, took.size(), seconds, at(0.5), at(0.99));
  std::printf("fives %d\nrefused %d\nclient_ms_each %.3f\n", run.fives, run.refused,
              (used(after) - used(before)) / count);
  return 0;
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) { return onsale::bench::paid_bench(argc, argv); }
