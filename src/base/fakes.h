// Maintained stand-ins for the ports of base, for tests and simulators.
#pragma once

#include <cstring>
#include <mutex>
#include <random>

#include "base/random.h"
#include "base/time.h"

namespace onsale {

// Stands still until told. Thread: any.
class FakeClock final : public Clock {
 public:
  explicit FakeClock(Timestamp start = from_unix_ms(1'800'000'000'000)) : ms_(to_unix_ms(start)) {}
  Timestamp now() const override { return from_unix_ms(ms_.load()); }
  void advance(Millis by) { ms_ += by.count(); }
  void set(Timestamp t) { ms_ = to_unix_ms(t); }

 private:
  std::atomic<std::int64_t> ms_;
};

// The same bytes for the same seed. Thread: any.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
  void fill(std::span<std::byte> out) override {
    std::lock_guard lock(mutex_);
    while (!out.empty()) {
      const std::uint64_t bits = engine_();
      const std::size_t n = std::min(out.size(), sizeof bits);
      std::memcpy(out.data(), &bits, n);
      out = out.subspan(n);
    }
  }

 private:
  std::mutex mutex_;
  std::mt19937_64 engine_;
};

}  // namespace onsale
