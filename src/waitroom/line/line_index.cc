#include "waitroom/line/line_index.h"

#include <algorithm>
#include <bit>

#include "base/check.h"

namespace onsale::waitroom {

namespace {

constexpr std::size_t kEmptyBlocksWorthDropping = 64;

std::size_t low_bit(std::size_t i) { return i & (~i + 1); }

}  // namespace

void LineIndex::append(Sequence sequence) {
  const std::uint64_t number = sequence / 64;
  const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
  if (numbers_.empty() || numbers_.back() < number) {
    numbers_.push_back(number);
    bits_.push_back(0);
    const std::size_t node = numbers_.size();
    std::uint32_t below = 0;
    for (std::size_t i = node - 1; i > node - low_bit(node); i -= low_bit(i)) below += tree_[i - 1];
    tree_.push_back(below);
    ++empty_blocks_;
  }
  check(numbers_.back() == number && bits_.back() < bit, "people join at the end of the line");
  if (bits_.back() == 0) --empty_blocks_;
  bits_.back() |= bit;
  ++tree_.back();  // the last node has no later ancestors yet
  ++size_;
  front_ = std::min(front_, bits_.size() - 1);
}

bool LineIndex::erase(Sequence sequence) {
  const std::size_t block = block_of(sequence);
  const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
  if (block == kNone || !(bits_[block] & bit)) return false;
  bits_[block] &= ~bit;
  for (std::size_t i = block + 1; i <= tree_.size(); i += low_bit(i)) --tree_[i - 1];
  --size_;
  if (bits_[block] == 0) {
    ++empty_blocks_;
    if (empty_blocks_ > kEmptyBlocksWorthDropping && empty_blocks_ * 2 > bits_.size()) {
      drop_empty_blocks();
    }
  }
  return true;
}

bool LineIndex::contains(Sequence sequence) const {
  const std::size_t block = block_of(sequence);
  return block != kNone && (bits_[block] >> (sequence % 64) & 1);
}

std::int64_t LineIndex::position(Sequence sequence) const {
  const std::size_t block = block_of(sequence);
  if (block == kNone) return 0;
  const std::uint64_t bit = std::uint64_t{1} << (sequence % 64);
  if (!(bits_[block] & bit)) return 0;
  std::int64_t position = std::popcount(bits_[block] & (bit | (bit - 1)));
  for (std::size_t i = block; i > 0; i -= low_bit(i)) position += tree_[i - 1];
  return position;
}

std::optional<Sequence> LineIndex::first() const {
  if (size_ == 0) return {};
  while (bits_[front_] == 0) ++front_;
  return numbers_[front_] * 64 + static_cast<Sequence>(std::countr_zero(bits_[front_]));
}

std::size_t LineIndex::memory_bytes() const {
  return numbers_.capacity() * 8 + bits_.capacity() * 8 + tree_.capacity() * 4;
}

std::size_t LineIndex::block_of(Sequence sequence) const {
  const std::uint64_t number = sequence / 64;
  if (numbers_.empty() || number < numbers_.front()) return kNone;
  // Block numbers are distinct and rising, so a block is never further in than this.
  const std::size_t latest = static_cast<std::size_t>(
      std::min<std::uint64_t>(number - numbers_.front(), numbers_.size() - 1));
  if (numbers_[latest] == number) return latest;
  const auto end = numbers_.begin() + static_cast<std::ptrdiff_t>(latest);
  const auto found = std::lower_bound(numbers_.begin(), end, number);
  if (found == end || *found != number) return kNone;
  return static_cast<std::size_t>(found - numbers_.begin());
}

void LineIndex::drop_empty_blocks() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < bits_.size(); ++i) {
    if (bits_[i] == 0) continue;
    numbers_[kept] = numbers_[i];
    bits_[kept] = bits_[i];
    ++kept;
  }
  numbers_.resize(kept);
  bits_.resize(kept);
  tree_.assign(kept, 0);
  for (std::size_t i = 1; i <= kept; ++i) {
    tree_[i - 1] += static_cast<std::uint32_t>(std::popcount(bits_[i - 1]));
    const std::size_t parent = i + low_bit(i);
    if (parent <= kept) tree_[parent - 1] += tree_[i - 1];
  }
  front_ = 0;
  empty_blocks_ = 0;
}

}  // namespace onsale::waitroom
