#include "waitroom/line/place_table.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace onsale::waitroom {

namespace {

constexpr std::size_t kIndexSlotsMin = 64;
constexpr std::size_t kGapsWorthClosing = 4096;

// The index is grown beyond seven tenths full.
bool crowded(std::size_t members, std::size_t slots) { return members * 10 > slots * 7; }

}  // namespace

Place* PlaceTable::append(Sequence sequence, const DeviceKey& device) {
  check(rows_ == 0 || row(rows_ - 1).sequence < sequence, "sequence numbers rise");
  if (rows_ == chunks_.size() * kChunkRows) chunks_.push_back(std::make_unique<Chunk>());
  const std::size_t added = rows_++;
  Place& place = row(added);
  place = Place{.device = device, .sequence = sequence, .live = true};
  ++size_;
  if (crowded(static_cast<std::size_t>(size_), index_.size())) {
    rebuild_index(std::max(kIndexSlotsMin, index_.size() * 2));
  } else {
    index_insert(added);
  }
  return &place;
}

void PlaceTable::reserve(std::size_t places) {
  std::size_t slots = std::max(kIndexSlotsMin, index_.size());
  while (crowded(places, slots)) slots *= 2;
  if (slots != index_.size()) rebuild_index(slots);
}

Place* PlaceTable::find(Sequence sequence) {
  const std::size_t found = row_of(sequence);
  return found == kNone ? nullptr : &row(found);
}

const Place* PlaceTable::find(Sequence sequence) const {
  const std::size_t found = row_of(sequence);
  return found == kNone ? nullptr : &row(found);
}

Place* PlaceTable::find(const DeviceKey& device) {
  if (index_.empty()) return nullptr;
  const std::size_t mask = index_.size() - 1;
  for (std::size_t slot = home_of(device); index_[slot] != 0; slot = (slot + 1) & mask) {
    Place& place = row(index_[slot] - 1);
    if (place.device == device) return &place;
  }
  return nullptr;
}

void PlaceTable::erase(Sequence sequence) {
  const std::size_t found = row_of(sequence);
  if (found == kNone) return;
  index_erase(row(found).device);
  row(found).live = false;
  --size_;
  const std::size_t gaps = rows_ - static_cast<std::size_t>(size_);
  if (gaps > kGapsWorthClosing && gaps > static_cast<std::size_t>(size_)) close_gaps();
}

void PlaceTable::give(Place& place, const DeviceKey& device) {
  const std::size_t found = row_of(place.sequence);
  index_erase(place.device);
  place.device = device;
  index_insert(found);
}

std::size_t PlaceTable::memory_bytes() const {
  return chunks_.size() * sizeof(Chunk) + index_.capacity() * sizeof(std::uint32_t);
}

std::size_t PlaceTable::row_of(Sequence sequence) const {
  if (rows_ == 0 || sequence < row(0).sequence) return kNone;
  // Numbers are distinct and rising, so a place is never further in than this.
  std::size_t high =
      static_cast<std::size_t>(std::min<std::uint64_t>(sequence - row(0).sequence, rows_ - 1));
  std::size_t low = 0;
  if (row(high).sequence == sequence) return row(high).live ? high : kNone;
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    if (row(middle).sequence < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return row(low).sequence == sequence && row(low).live ? low : kNone;
}

std::size_t PlaceTable::home_of(const DeviceKey& device) const {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  std::memcpy(&low, device.data(), 8);
  std::memcpy(&high, device.data() + 8, 8);
  std::uint64_t mixed = (low ^ salt_) * 0x9E3779B97F4A7C15ULL;
  mixed = (mixed ^ (mixed >> 32) ^ high) * 0xD6E8FEB86659FD93ULL;
  return static_cast<std::size_t>(mixed >> 20) & (index_.size() - 1);
}

void PlaceTable::index_insert(std::size_t row_number) {
  const std::size_t mask = index_.size() - 1;
  std::size_t slot = home_of(row(row_number).device);
  while (index_[slot] != 0) slot = (slot + 1) & mask;
  index_[slot] = static_cast<std::uint32_t>(row_number + 1);
}

void PlaceTable::index_erase(const DeviceKey& device) {
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = home_of(device);
  while (row(index_[hole] - 1).device != device || !row(index_[hole] - 1).live) {
    hole = (hole + 1) & mask;
  }
  // Whoever was pushed past the hole moves back, so that no search stops early.
  for (std::size_t slot = (hole + 1) & mask; index_[slot] != 0; slot = (slot + 1) & mask) {
    const std::size_t home = home_of(row(index_[slot] - 1).device);
    const bool home_after_hole = ((slot - home) & mask) < ((slot - hole) & mask);
    if (home_after_hole) continue;
    index_[hole] = index_[slot];
    hole = slot;
  }
  index_[hole] = 0;
}

void PlaceTable::rebuild_index(std::size_t slots) {
  index_.assign(slots, 0);
  index_.shrink_to_fit();
  for (std::size_t i = 0; i < rows_; ++i) {
    if (row(i).live) index_insert(i);
  }
}

void PlaceTable::close_gaps() {
  std::size_t kept = 0;
  for (std::size_t i = 0; i < rows_; ++i) {
    if (!row(i).live) continue;
    if (kept != i) row(kept) = row(i);
    ++kept;
  }
  rows_ = kept;
  chunks_.resize((rows_ + kChunkRows - 1) / kChunkRows);
  std::size_t slots = index_.size();
  while (slots > kIndexSlotsMin && !crowded(rows_, slots / 4)) slots /= 2;
  rebuild_index(slots);
}

}  // namespace onsale::waitroom
