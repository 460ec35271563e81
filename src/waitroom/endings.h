// How ended places ended, two bits each, for the latest 16 million places of a room. An older one
// is simply over.
#pragma once

#include <cstdint>
#include <deque>

#include "waitroom/line_index.h"

namespace onsale::waitroom {

enum class Ending : std::uint8_t { none, expired, left, completed };

class Endings {
 public:
  static constexpr std::size_t kWordsMax = std::size_t{1} << 19;  // 32 places a word, 4 MiB

  void set(Sequence sequence, Ending ending) {
    const std::uint64_t word = sequence / 32;
    if (words_.empty()) first_word_ = word > kWordsMax / 2 ? word - kWordsMax / 2 : 0;
    if (word < first_word_) return;
    while (word - first_word_ >= words_.size()) {
      words_.push_back(0);
      if (words_.size() > kWordsMax) {
        words_.pop_front();
        ++first_word_;
      }
    }
    if (word < first_word_) return;
    const auto shift = static_cast<unsigned>(sequence % 32 * 2);
    std::uint64_t& bits = words_[word - first_word_];
    bits = (bits & ~(std::uint64_t{3} << shift)) | (static_cast<std::uint64_t>(ending) << shift);
  }

  Ending get(Sequence sequence) const {
    const std::uint64_t word = sequence / 32;
    if (words_.empty() || word < first_word_ || word - first_word_ >= words_.size()) {
      return Ending::none;
    }
    return static_cast<Ending>(words_[word - first_word_] >> (sequence % 32 * 2) & 3);
  }

  std::uint64_t first_word() const { return first_word_; }
  const std::deque<std::uint64_t>& words() const { return words_; }
  void restore_word(std::uint64_t number, std::uint64_t bits) {
    if (words_.empty()) first_word_ = number;
    while (number - first_word_ > words_.size()) words_.push_back(0);
    words_.push_back(bits);
  }

 private:
  std::uint64_t first_word_ = 0;
  std::deque<std::uint64_t> words_;
};

}  // namespace onsale::waitroom
