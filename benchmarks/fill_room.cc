// Joins strangers to a room and writes their place tokens, one a line.
//   fill_room HOST:PORT ROOM COUNT FILE
#include <fstream>
#include <mutex>
#include <thread>

#include "client_socket.h"

namespace {

using namespace std::string_literals;
constexpr int kThreads = 8;
constexpr int kPipelined = 32;

void join_many(const std::string& target, const std::string& room, int count, std::ofstream& out,
               std::mutex& mutex) {
  const int fd = onsale::bench::connect_to(target);
  const std::string request = "POST /api/v1/rooms/" + room + "/places HTTP/1.1\r\nHost: " + target +
                              "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  std::string buffer;
  for (int done = 0; done < count;) {
    const int group = std::min(kPipelined, count - done);
    std::string batch;
    for (int i = 0; i < group; ++i) batch += request;
    onsale::bench::send_all(fd, batch);
    std::string tokens;
    for (int i = 0; i < group; ++i) {
      const auto answer = onsale::bench::read_answer(fd, buffer);
      const auto token = onsale::bench::member(answer, "place");
      if (token.empty()) {
        std::fprintf(stderr, "no place in: %s\n", answer.c_str());
        std::exit(1);
      }
      tokens += token + "\n";
    }
    const std::lock_guard lock(mutex);
    out << tokens;
    done += group;
  }
  close(fd);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) {
    std::fprintf(stderr, "usage: fill_room HOST:PORT ROOM COUNT FILE\n");
    return 2;
  }
  const int count = std::stoi(argv[3]);
  std::ofstream out(argv[4]);
  std::mutex mutex;
  std::vector<std::jthread> threads;
  for (int i = 0; i < kThreads; ++i) {
    const int share = count / kThreads + (i < count % kThreads ? 1 : 0);
    threads.emplace_back([&, share] { join_many(argv[1], argv[2], share, out, mutex); });
  }
  return 0;
}
