// Who stands in line, as an ordered set of sequence numbers with ranks. Numbers only ever join at
// the end; they leave anywhere. Rank, removal and lookup are O(log n); about a third of a byte a
// member while the line is dense, 20 bytes at worst.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace onsale::waitroom {

using Sequence = std::uint64_t;  // order of joining in one room, from 1

class LineIndex {
 public:
  // `sequence` is greater than every one before it.
  void append(Sequence sequence);
  bool erase(Sequence sequence);
  bool contains(Sequence sequence) const;
  // 1 for the first in line; 0 for somebody who is not in it.
  std::int64_t position(Sequence sequence) const;
  std::optional<Sequence> first() const;
  std::int64_t size() const { return size_; }
  std::size_t memory_bytes() const;

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::size_t block_of(Sequence sequence) const;
  void drop_empty_blocks();

  // One block covers 64 neighbouring numbers; only blocks that once had a member exist.
  std::vector<std::uint64_t> numbers_;  // sequence / 64, rising
  std::vector<std::uint64_t> bits_;
  std::vector<std::uint32_t> tree_;  // Fenwick tree over the blocks' sizes; tree_[i] is node i+1
  mutable std::size_t front_ = 0;    // no member before this block
  std::size_t empty_blocks_ = 0;
  std::int64_t size_ = 0;
};

}  // namespace onsale::waitroom
