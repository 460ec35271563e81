// Seats bought and paid for over HTTP: hold, reservation, payment, the pay page's button, the way
// back, tickets. One buyer a thread at a time, a connection for as long as the run lasts, one seat
// a purchase. The pay page is wherever `redirect_url` says, by this server or another one.
//   paid_bench TARGET PERFORMANCE SEATS TOKENS SECONDS BUYERS
// Prints how many tickets there were a second, how long a purchase took, 5xx, and the client's own
// processor time for each purchase.
#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <fstream>
#include <map>
#include <thread>
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
  Clock::time_point end;
  std::atomic<std::size_t> next{0};
  std::atomic<int> fives{0};
  std::atomic<int> refused{0};
};

struct Reply {
  int status = 0;
  std::string location;
  std::string body;
};

class Buyer {
 public:
  Buyer(Run& run, int number) : run_(run), host_(1 + number % 100) {}

  void shop() {
    while (Clock::now() < run_.end) {
      const std::size_t turn = run_.next++;
      if (turn >= run_.seats.size()) return;
      // Neighbours in the file are neighbours in the hall: stride so that purchases spread.
      const std::string& seat = run_.seats[turn * 7919 % run_.seats.size()];
      token_ = run_.tokens[turn / 4 % run_.tokens.size()];
      const auto began = Clock::now();
      if (buy(seat)) took_.push_back(Clock::now() - began);
    }
  }
  const std::vector<Clock::duration>& took() const { return took_; }

 private:
  bool buy(const std::string& seat) {
    const std::string api = "/api/v1";
    const Reply hold = post(api + "/performances/" + run_.performance + "/holds",
                            R"({"seats":[")" + seat + "\"]}");
    if (hold.status != 201) return false;
    const Reply reserved =
        post(api + "/reservations", R"({"hold_id":")" + member(hold.body, "id") + "\"}");
    if (reserved.status != 201) return false;
    const std::string reservation = member(reserved.body, "id");
    const Reply paying = post(api + "/reservations/" + reservation + "/payments",
                              R"({"provider":"sandbox","return_url":"/my/reservations"})");
    if (paying.status != 201) return false;
    const Reply decided = send("POST", member(paying.body, "redirect_url"), "decision=approve",
                               "application/x-www-form-urlencoded");
    if (decided.location.empty()) return false;
    const Reply back = send("GET", decided.location);
    if (back.location.find("state=confirmed") == std::string::npos) return false;
    const Reply tickets = send("GET", api + "/reservations/" + reservation + "/tickets");
    return tickets.status == 200 && tickets.body.find("\"token\"") != std::string::npos;
  }

  Reply post(const std::string& path, const std::string& json) {
    return send("POST", path, json, "application/json");
  }

  Reply send(const std::string& method, std::string address, const std::string& body = {},
             const std::string& type = {}) {
    std::string target = run_.target;
    if (const auto scheme = address.find("://"); scheme != std::string::npos) {
      const auto slash = address.find('/', scheme + 3);
      target = address.substr(scheme + 3, slash - scheme - 3);
      address = address.substr(slash);
    }
    std::string request = method + " " + address + " HTTP/1.1\r\nHost: " + target +
                          "\r\nAuthorization: Bearer " + token_ + "\r\n";
    if (!type.empty())
      request +=
          "Content-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n";
    const auto [socket, fresh] = sockets_.try_emplace(target);
    if (fresh) socket->second.fd = connect_to(target, host_);
    send_all(socket->second.fd, request + "\r\n" + body);
    return read(read_answer(socket->second.fd, socket->second.buffer));
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

  struct Socket {
    int fd = -1;
    std::string buffer;
  };
  Run& run_;
  const int host_;
  std::string token_;
  std::map<std::string, Socket> sockets_;
  std::vector<Clock::duration> took_;
};

double ms(Clock::duration time) { return std::chrono::duration<double, std::milli>(time).count(); }

int paid_bench(int argc, char** argv) {
  if (argc != 7) {
    std::fprintf(stderr, "usage: paid_bench TARGET PERFORMANCE SEATS TOKENS SECONDS BUYERS\n");
    return 2;
  }
  const auto began = Clock::now();
  Run run{.target = argv[1],
          .performance = argv[2],
          .seats = lines_of(argv[3]),
          .tokens = lines_of(argv[4]),
          .end = began + std::chrono::seconds(std::stoi(argv[5]))};
  std::vector<Buyer> buyers;
  for (int i = 0; i < std::stoi(argv[6]); ++i) buyers.emplace_back(run, i);
  std::vector<std::thread> threads;
  for (Buyer& buyer : buyers) threads.emplace_back([&buyer] { buyer.shop(); });
  for (std::thread& thread : threads) thread.join();
  const double seconds = ms(Clock::now() - began) / 1000;

  std::vector<Clock::duration> took;
  for (const Buyer& buyer : buyers)
    took.insert(took.end(), buyer.took().begin(), buyer.took().end());
  std::ranges::sort(took);
  rusage own{};
  getrusage(RUSAGE_SELF, &own);
  const double client_ms = static_cast<double>(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1000 +
                           static_cast<double>(own.ru_utime.tv_usec + own.ru_stime.tv_usec) / 1000;
  const auto count = static_cast<double>(std::max<std::size_t>(took.size(), 1));
  const auto at = [&took](double share) {
    return took.empty() ? 0 : ms(took[static_cast<std::size_t>(share * double(took.size() - 1))]);
  };
  std::printf("paid_per_second %.0f\npaid %zu\nseconds %.2f\np50_ms %.1f\np99_ms %.1f\n",
              count / seconds, took.size(), seconds, at(0.5), at(0.99));
  std::printf("fives %d\nrefused %d\nclient_ms_each %.3f\n", run.fives.load(), run.refused.load(),
              client_ms / count);
  return 0;
}

}  // namespace
}  // namespace onsale::bench

int main(int argc, char** argv) { return onsale::bench::paid_bench(argc, argv); }
