// kv_bench PORT SECONDS: SETs and GETs of 100 bytes, a thousand under way, over one connection from
// one thread: with our client, and with hiredis alone (a thousand commands, then a thousand
// answers). Prints "ours RATE PER_CPU_SECOND" and "hiredis RATE PER_CPU_SECOND".
#include <hiredis/hiredis.h>

#include <chrono>
#include <cstdio>
#include <ctime>
#include <memory>
#include <string>
#include <thread>

#include "platform/exec/loop.h"
#include "platform/kv/redis.h"

namespace onsale {
namespace {

using std::chrono::steady_clock;

constexpr int kUnderWay = 1'000;

double processor_s() {
  timespec used{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

std::string key_of(int i) { return "bench:" + std::to_string(i); }

struct Tally {
  std::int64_t commands = 0;
  int running = kUnderWay;
  bool ending = false;
  bool failed = false;
};

Task<void> go_on(kv::Client& client, int i, Tally& tally) {
  const std::string key = key_of(i), value(100, 'x');
  while (!tally.ending) {
    const bool write = tally.commands++ % 2 == 0;
    auto asked = client.call(write ? kv::Command("SET", key, value) : kv::Command("GET", key),
                             {Millis(5'000)});
    const kv::Outcome outcome = co_await std::move(asked);
    if (!outcome) tally.failed = true;
  }
  --tally.running;
}

void report(const char* who, std::int64_t commands, steady_clock::duration took, double processor) {
  const double seconds = std::chrono::duration<double>(took).count();
  std::printf("%s %.0f %.0f\n", who, static_cast<double>(commands) / seconds,
              static_cast<double>(commands) / processor);
}

bool ours(std::uint16_t port, std::chrono::seconds length) {
  exec::Loops loops(1);
  const auto client = kv::open(loops, {.endpoints = {{"127.0.0.1", port}}});
  Tally tally;
  double before = 0, after = 0;
  exec::Loop& loop = loops.at(0);
  loop.post([&] {
    before = processor_s();
    for (int i = 0; i < kUnderWay; ++i)
      start(go_on(*client, i, tally), [](const std::exception_ptr&) {});
  });
  const auto began = steady_clock::now();
  loops.start();
  std::this_thread::sleep_for(length);
  OneShot<bool> ended;
  loop.post([&] {
    after = processor_s();
    tally.ending = true;
    ended.set(true);
  });
  sync_wait(ended.wait());
  const auto took = steady_clock::now() - began;
  const std::int64_t commands = tally.commands;
  std::this_thread::sleep_for(Millis(500));
  loops.stop();
  report("ours", commands, took, after - before);
  return !tally.failed && tally.running == 0;
}

bool hiredis(int port, std::chrono::seconds length) {
  struct Close {
    void operator()(redisContext* context) const noexcept { redisFree(context); }
  };
  const std::unique_ptr<redisContext, Close> context(redisConnect("127.0.0.1", port));
  if (!context || context->err) return false;
  std::int64_t commands = 0;
  const std::string value(100, 'x');
  const auto began = steady_clock::now();
  const double before = processor_s();
  while (steady_clock::now() - began < length) {
    for (int i = 0; i < kUnderWay; ++i) {
      const std::string key = key_of(i);
      const char* words[] = {i % 2 ? "GET" : "SET", key.data(), value.data()};
      const std::size_t sizes[] = {3, key.size(), value.size()};
      redisAppendCommandArgv(context.get(), i % 2 ? 2 : 3, words, sizes);
    }
    for (int i = 0; i < kUnderWay; ++i) {
      void* reply = nullptr;
      if (redisGetReply(context.get(), &reply) != REDIS_OK) return false;
      freeReplyObject(reply);
    }
    commands += kUnderWay;
  }
  report("hiredis", commands, steady_clock::now() - began, processor_s() - before);
  return true;
}

}  // namespace
}  // namespace onsale

int main(int count, char** words) {
  if (count != 3) return 2;
  const int port = std::atoi(words[1]);
  const std::chrono::seconds length(std::atoi(words[2]));
  return onsale::hiredis(port, length) && onsale::ours(static_cast<std::uint16_t>(port), length)
             ? 0
             : 1;
}
