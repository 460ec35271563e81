// Looks at every place of a file of "TOKEN NUMBER" lines in a room that stands still, and tells
// whether anything became of somebody that must not: a place that is gone, another number, another
// order. Waiting people stand behind those who were called: position = number - called, for all, so
// that some of all places show it, too.
//   look_room HOST:PORT ROOM FILE
#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

#include "client_socket.h"

namespace {

constexpr int kThreads = 4;
constexpr std::size_t kPipelined = 64;

struct Ticket {
  std::string token;
  std::uint64_t number = 0;
};

struct Seen {
  std::uint64_t waiting = 0, called = 0, lost = 0, renumbered = 0;
  std::uint64_t last_called = 0;        // the highest number of all called
  std::uint64_t first_waiting = ~0ULL;  // the lowest number of all who wait
  std::set<std::uint64_t> ahead;        // number - position, of everybody who waits

  void merge(const Seen& other) {
    waiting += other.waiting;
    called += other.called;
    lost += other.lost;
    renumbered += other.renumbered;
    last_called = std::max(last_called, other.last_called);
    first_waiting = std::min(first_waiting, other.first_waiting);
    ahead.insert(other.ahead.begin(), other.ahead.end());
  }
};

void judge(const std::string& answer, const Ticket& ticket, Seen& seen) {
  const auto state = onsale::bench::member(answer, "state");
  const auto position = onsale::bench::number(answer, "position");
  if (onsale::bench::number(answer, "number") != ticket.number) ++seen.renumbered;
  if (state == "waiting" && position) {
    ++seen.waiting;
    seen.first_waiting = std::min(seen.first_waiting, ticket.number);
    seen.ahead.insert(ticket.number - *position);
  } else if (state == "admitted") {
    ++seen.called;
    seen.last_called = std::max(seen.last_called, ticket.number);
  } else {
    if (++seen.lost <= 3) std::fprintf(stderr, "not there: %s\n", answer.c_str());
  }
}

Seen look_many(const std::string& target, const std::string& room,
               const std::vector<Ticket>& tickets, std::size_t from, std::size_t to) {
  const int fd = onsale::bench::connect_to(target);
  Seen seen;
  std::string buffer;
  for (std::size_t done = from; done < to;) {
    const std::size_t group = std::min(kPipelined, to - done);
    std::string batch;
    for (std::size_t i = 0; i < group; ++i) {
      batch += "GET /api/v1/rooms/" + room + "/places/me HTTP/1.1\r\nHost: " + target +
               "\r\nOnsale-Place: " + tickets[done + i].token + "\r\n\r\n";
    }
    onsale::bench::send_all(fd, batch);
    for (std::size_t i = 0; i < group; ++i) {
      judge(onsale::bench::read_answer(fd, buffer), tickets[done + i], seen);
    }
    done += group;
  }
  close(fd);
  return seen;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: look_room HOST:PORT ROOM FILE\n");
    return 2;
  }
  std::vector<Ticket> tickets;
  std::ifstream in(argv[3]);
  for (Ticket ticket; in >> ticket.token >> ticket.number;) tickets.push_back(ticket);
  Seen all;
  std::mutex mutex;
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) {
      threads.emplace_back([&, i] {
        const Seen seen = look_many(argv[1], argv[2], tickets, tickets.size() * i / kThreads,
                                    tickets.size() * (i + 1) / kThreads);
        const std::lock_guard lock(mutex);
        all.merge(seen);
      });
    }
  }
  // One and the same number of people went in before everybody who waits, and those called are
  // among them.
  const std::uint64_t ahead = all.ahead.empty() ? all.last_called : *all.ahead.begin();
  const bool in_order =
      all.ahead.size() <= 1 && all.last_called <= ahead && ahead < all.first_waiting;
  std::printf(
      "{\"looked\":%zu,\"waiting\":%llu,\"called\":%llu,\"lost\":%llu,\"renumbered\":%llu,"
      "\"in_order\":%s}\n",
      tickets.size(), static_cast<unsigned long long>(all.waiting),
      static_cast<unsigned long long>(all.called), static_cast<unsigned long long>(all.lost),
      static_cast<unsigned long long>(all.renumbered), in_order ? "true" : "false");
  return all.lost == 0 && all.renumbered == 0 && in_order ? 0 : 1;
}
