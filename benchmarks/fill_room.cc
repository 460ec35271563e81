// Joins strangers to a room and writes "TOKEN NUMBER" of each, one a line. Judges what it was
// told on the way: a number given twice, or a lower one to somebody who asked only after the higher
// one had been answered, ends with 1.
//   fill_room HOST:PORT ROOM COUNT FILE
#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <thread>
#include <vector>

#include "client_socket.h"

namespace {

constexpr int kThreads = 8;
constexpr int kPipelined = 32;

// What all threads were told.
class Order {
 public:
  std::uint64_t answered() const { return highest_; }
  // `floor`: the highest number answered before this one was asked for.
  void told(std::uint64_t number, std::uint64_t floor) {
    const std::lock_guard lock(mutex_);
    if (number <= floor) ++inversions_;
    if (given_.size() <= number) given_.resize(std::max(number + 1, given_.size() * 2));
    if (given_[number]) ++duplicates_;
    given_[number] = true;
    highest_ = std::max(highest_.load(), number);
  }
  std::uint64_t inversions() const { return inversions_; }
  std::uint64_t duplicates() const { return duplicates_; }

 private:
  std::mutex mutex_;
  std::vector<bool> given_;
  std::atomic<std::uint64_t> highest_ = 0;
  std::uint64_t inversions_ = 0, duplicates_ = 0;
};

void join_many(const std::string& target, const std::string& room, int count, std::ofstream& out,
               std::mutex& mutex, Order& order) {
  const int fd = onsale::bench::connect_to(target);
  const std::string request = "POST /api/v1/rooms/" + room + "/places HTTP/1.1\r\nHost: " + target +
                              "\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}";
  std::string buffer;
  for (int done = 0; done < count;) {
    const int group = std::min(kPipelined, count - done);
    std::string batch;
    for (int i = 0; i < group; ++i) batch += request;
    const std::uint64_t floor = order.answered();
    onsale::bench::send_all(fd, batch);
    std::string lines;
    for (int i = 0; i < group; ++i) {
      const auto answer = onsale::bench::read_answer(fd, buffer);
      const auto token = onsale::bench::member(answer, "place");
      const auto number = onsale::bench::number(answer, "number");
      if (token.empty() || !number) {
        std::fprintf(stderr, "no place in: %s\n", answer.c_str());
        std::exit(1);
      }
      order.told(*number, floor);
      lines += token + " " + std::to_string(*number) + "\n";
    }
    const std::lock_guard lock(mutex);
    out << lines;
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
  Order order;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < kThreads; ++i) {
      const int share = count / kThreads + (i < count % kThreads ? 1 : 0);
      threads.emplace_back([&, share] { join_many(argv[1], argv[2], share, out, mutex, order); });
    }
  }
  std::printf("%d joins: %llu inversions, %llu duplicates\n", count,
              static_cast<unsigned long long>(order.inversions()),
              static_cast<unsigned long long>(order.duplicates()));
  return order.inversions() + order.duplicates() == 0 ? 0 : 1;
}
