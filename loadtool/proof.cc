#include "loadtool/proof.h"

#include <sodium.h>

#include <array>
#include <bit>
#include <charconv>

namespace onsale::load {
namespace {

// Hashes the token once for all numbers.
class Attempt {
 public:
  explicit Attempt(const std::string& token) {
    crypto_hash_sha256_init(&begun_);
    update(begun_, token);
    update(begun_, ".");
  }
  int zero_bits(std::uint64_t number) const {
    std::array<char, 24> digits{};
    const char* const end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
    crypto_hash_sha256_state state = begun_;
    update(state, {digits.data(), static_cast<std::size_t>(end - digits.data())});
    std::array<unsigned char, crypto_hash_sha256_BYTES> hash{};
    crypto_hash_sha256_final(&state, hash.data());
    int bits = 0;
    for (const unsigned char byte : hash) {
      bits += std::countl_zero(byte);
      if (byte != 0) break;
    }
    return bits;
  }

 private:
  static void update(crypto_hash_sha256_state& state, std::string_view text) {
    crypto_hash_sha256_update(&state, reinterpret_cast<const unsigned char*>(text.data()),
                              text.size());
  }
  crypto_hash_sha256_state begun_{};
};

constexpr int kCountMax = 1024;
constexpr std::uint64_t kLookUpEvery = 4096;

}  // namespace

bool solves(const std::string& token, std::uint64_t number, int bits) {
  return Attempt(token).zero_bits(number) >= bits;
}

std::optional<Solutions> solve(const Challenge& challenge, const std::atomic<bool>& stop) {
  if (challenge.token.empty() || challenge.bits < 0 || challenge.bits > kBitsMax ||
      challenge.count < 1 || challenge.count > kCountMax)
    return {};
  const Attempt attempt(challenge.token);
  Solutions found;
  for (std::uint64_t n = 0; static_cast<int>(found.size()) < challenge.count; ++n) {
    if (n % kLookUpEvery == 0 && stop.load(std::memory_order_relaxed)) return {};
    if (attempt.zero_bits(n) >= challenge.bits) found.push_back(n);
  }
  return found;
}

std::string proof_body(const Challenge& challenge, const Solutions& solutions) {
  std::string out = R"({"proof":{"token":")" + challenge.token + R"(","solutions":[)";
  for (std::size_t i = 0; i < solutions.size(); ++i)
    out += (i == 0 ? "" : ",") + std::to_string(solutions[i]);
  return out + "]}}";
}

Solvers::~Solvers() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
    queue_.clear();
  }
  wake_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Solvers::add(Challenge challenge, std::function<void(std::optional<Solutions>)> then) {
  {
    const std::lock_guard lock(mutex_);
    if (stop_) return;
    while (static_cast<int>(threads_.size()) < count_) threads_.emplace_back([this] { work(); });
    queue_.emplace_back(std::move(challenge), std::move(then));
  }
  wake_.notify_one();
}

void Solvers::work() {
  for (;;) {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
    if (stop_) return;
    auto [challenge, then] = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    auto solutions = solve(challenge, stop_);
    if (stop_) return;
    then(std::move(solutions));
  }
}

}  // namespace onsale::load
