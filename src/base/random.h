// Unpredictable bytes, from outside, so that a test can replay them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace onsale {

// Thread: any.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<std::byte> out) = 0;
  std::uint64_t next_u64() {
    std::uint64_t value = 0;
    fill(std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
};

// The kernel's generator. Good for keys and tokens.
class SystemRandom final : public Random {
 public:
  void fill(std::span<std::byte> out) override;
};

}  // namespace onsale
