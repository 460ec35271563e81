// What the suites of platform/kv share: loops, and short ways to ask.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/overload.h"
#include "platform/exec/loop.h"
#include "platform/kv/kv.h"
#include "platform/kv/redis.h"

namespace onsale::kv {

template <class Done>
bool soon(Done done, std::chrono::milliseconds within = std::chrono::seconds(10)) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (!done()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return true;
}

// Loops that run as long as it lives.
struct RunningLoops {
  explicit RunningLoops(int count = 2) : loops(count) { loops.start(); }
  exec::Loops loops;
};

inline Outcome ask(Client& client, Command command, Options options = {.timeout = Millis(5'000)}) {
  return sync_wait(client.call(std::move(command), options));
}

// The text, "-" for nil, the error's text after "!".
inline std::string text_of(const Outcome& outcome) {
  if (!outcome)
    return "!" + std::string(to_string(outcome.error().why)) + " " + outcome.error().text;
  if (outcome->kind == Reply::Kind::integer) return std::to_string(outcome->integer);
  return outcome->is_nil() ? "-" : outcome->text;
}

inline std::vector<std::string> texts_of(const Outcome& outcome) {
  std::vector<std::string> texts;
  if (!outcome) return {text_of(outcome)};
  for (const Reply& item : outcome->items)
    texts.push_back(item.is_nil()                       ? "-"
                    : item.kind == Reply::Kind::integer ? std::to_string(item.integer)
                                                        : item.text);
  return texts;
}

inline std::string why_of(const Outcome& outcome) {
  return outcome ? "answered" : std::string(to_string(outcome.error().why));
}

template <class... Words>
std::string say(Client& client, const Words&... words) {
  return text_of(ask(client, Command(words...)));
}

// Calls that are under way together, and what came of them.
class Many {
 public:
  void begin(exec::Loop& on, Client& client, std::function<Command()> make, Options options = {}) {
    auto& place = results_.emplace_back();
    pending_ += 1;
    on.post([this, &place, &client, make = std::move(make), options] {
      start(one(client, make(), options, place), [this](std::exception_ptr error) {
        if (error) ++thrown_;
        --pending_;
      });
    });
  }
  bool done() const { return pending_ == 0; }
  int thrown() const { return thrown_; }
  int count(const std::string& why) const {
    return static_cast<int>(std::ranges::count_if(
        results_, [&](const auto& one) { return one && why_of(*one) == why; }));
  }
  const std::deque<std::optional<Outcome>>& results() const { return results_; }

 private:
  static Task<void> one(Client& client, Command command, Options options,
                        std::optional<Outcome>& out) {
    auto asked = client.call(std::move(command), options);
    Outcome outcome = co_await std::move(asked);
    out = std::move(outcome);
  }
  std::deque<std::optional<Outcome>> results_;  // places stay where they are
  std::atomic<int> pending_{0}, thrown_{0};
};

}  // namespace onsale::kv
