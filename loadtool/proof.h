// Proofs of work, as the wait page's worker computes them: `count` rising numbers n for which
// SHA-256(token "." n) begins with `bits` zero bits.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "loadtool/answer.h"

namespace onsale::load {

using Solutions = std::vector<std::uint64_t>;

inline constexpr int kBitsMax = 32;  // more is not a challenge but a refusal

// Empty when the challenge asks for more than kBitsMax or a silly count, or `stop` turns true.
std::optional<Solutions> solve(const Challenge& challenge, const std::atomic<bool>& stop);
bool solves(const std::string& token, std::uint64_t number, int bits);
// The body of the join that carries them.
std::string proof_body(const Challenge& challenge, const Solutions& solutions);

// Threads that solve; started with the first challenge, as most runs have none.
class Solvers {
 public:
  explicit Solvers(int threads) : count_(threads) {}
  ~Solvers();
  Solvers(const Solvers&) = delete;
  Solvers& operator=(const Solvers&) = delete;

  // `then` is called on a solver's thread. Any thread.
  void add(Challenge challenge, std::function<void(std::optional<Solutions>)> then);

 private:
  void work();

  const int count_;
  std::atomic<bool> stop_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<Challenge, std::function<void(std::optional<Solutions>)>>> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace onsale::load
