#include "base/random.h"

#include <sys/random.h>

#include <algorithm>
#include <array>

#include "base/check.h"

namespace onsale {

namespace {

constexpr std::size_t kSmall = 64;

void ask_kernel(std::span<std::byte> out) {
  while (!out.empty()) {
    const ssize_t got = getrandom(out.data(), out.size(), 0);
    check(got > 0, "the kernel gives random bytes");
    out = out.subspan(static_cast<std::size_t>(got));
  }
}

// Ids take a few bytes each, and asking costs more than they do. What was given out is wiped. A
// thread's own; a process that is forked runs another program.
struct Stock {
  std::array<std::byte, 1024> bytes{};
  std::size_t left = 0;
};
thread_local Stock stock;

}  // namespace

void SystemRandom::fill(std::span<std::byte> out) {
  if (out.size() > kSmall) return ask_kernel(out);
  if (stock.left < out.size()) {
    ask_kernel(stock.bytes);
    stock.left = stock.bytes.size();
  }
  stock.left -= out.size();
  const auto from = std::span(stock.bytes).subspan(stock.left, out.size());
  std::ranges::copy(from, out.begin());
  std::ranges::fill(from, std::byte{});
}

}  // namespace onsale
