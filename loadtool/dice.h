// Seeded decisions. Every simulated person has a stream of its own, so what somebody decides
// depends on the seed and its number only: never on timing, threads or processes.
#pragma once

#include <cstdint>

namespace onsale::load {

struct Range {
  double low = 0, high = 0;
};

// splitmix64 (public domain, Steele, Lea, Flood 2014).
class Dice {
 public:
  Dice(std::uint64_t seed, std::uint64_t stream) : state_(seed * 0x9e3779b97f4a7c15ULL + stream) {
    next();
    state_ ^= stream << 32;
    next();
  }
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }  // [0, 1)
  bool chance(double share) { return unit() < share; }
  double between(Range range) { return range.low + unit() * (range.high - range.low); }
  // Whole numbers, both ends included.
  int whole(Range range) {
    return static_cast<int>(range.low) +
           static_cast<int>(unit() * (range.high - range.low + 1 - 1e-9));
  }

 private:
  std::uint64_t state_;
};

}  // namespace onsale::load
