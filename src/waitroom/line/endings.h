// How ended places ended, two bits each, for the latest 16 million that ended of a room. An older
// one is simply over. Numbers that were skipped cost nothing.
#pragma once

#include <array>
#include <cstdint>
#include <map>

#include "waitroom/line/line_index.h"

namespace onsale::waitroom {

enum class Ending : std::uint8_t { none, expired, left, completed };

class Endings {
 public:
  static constexpr std::size_t kWords = 512;        // of a chunk: 16,384 places in 4 KiB
  static constexpr std::size_t kChunksMax = 1'024;  // 4 MiB
  static constexpr std::uint64_t kPlaces = kWords * 32;
  using Chunk = std::array<std::uint64_t, kWords>;

  void set(Sequence sequence, Ending ending) {
    std::uint64_t& bits = chunk(sequence / kPlaces)[sequence % kPlaces / 32];
    const auto shift = static_cast<unsigned>(sequence % 32 * 2);
    bits = (bits & ~(std::uint64_t{3} << shift)) | (static_cast<std::uint64_t>(ending) << shift);
  }

  Ending get(Sequence sequence) const {
    const auto found = chunks_.find(sequence / kPlaces);
    if (found == chunks_.end()) return Ending::none;
    const std::uint64_t bits = found->second[sequence % kPlaces / 32];
    return static_cast<Ending>(bits >> (sequence % 32 * 2) & 3);
  }

  const std::map<std::uint64_t, Chunk>& chunks() const { return chunks_; }
  // The chunk of this number, zero when it is new; the oldest goes when there are too many.
  Chunk& chunk(std::uint64_t number) {
    const auto found = chunks_.find(number);
    if (found != chunks_.end()) return found->second;
    if (chunks_.size() >= kChunksMax) chunks_.erase(chunks_.begin());
    return chunks_[number];
  }

 private:
  std::map<std::uint64_t, Chunk> chunks_;
};

}  // namespace onsale::waitroom
