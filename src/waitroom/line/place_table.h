// Every live place of a room, found by its sequence number or by its device. 32 bytes a place with
// the device key in it, and four to eight more for the index; chunks, so that growth never copies.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "waitroom/line/line_index.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

struct Place {
  DeviceKey device{};
  Sequence sequence : 54 = 0;
  std::uint64_t lane : 4 = kMainLane;
  bool live : 1 = false;
  bool admitted : 1 = false;
  bool missed : 1 = false;     // has had its one retained turn
  bool away : 1 = false;       // missed its turn, or was passed, and did not come back yet
  bool aside : 1 = false;      // came back for it: waits in the side lane
  bool heard : 1 = false;      // has shown life since joining; not recorded
  std::uint32_t joined_s = 0;  // Unix seconds
  std::uint32_t seen_s = 0;    // the last sign of life

  // Not there when called, and not called since: the first of its lane, as it was then.
  bool passed() const { return (away || aside) && !missed; }
};
static_assert(sizeof(Place) == 32);

class PlaceTable {
 public:
  // `salt` keeps strangers from choosing devices that collide.
  explicit PlaceTable(std::uint64_t salt = 0) : salt_(salt) {}

  // `sequence` is greater than every one before it and the device has no place yet. The pointer is
  // good until the next append or erase.
  Place* append(Sequence sequence, const DeviceKey& device);
  // Before so many are appended: their index need not grow step by step.
  void reserve(std::size_t places);
  Place* find(Sequence sequence);
  const Place* find(Sequence sequence) const;
  Place* find(const DeviceKey& device);
  void erase(Sequence sequence);
  // `place` is of this table; nobody else has the device.
  void give(Place& place, const DeviceKey& device);

  std::int64_t size() const { return size_; }
  std::size_t memory_bytes() const;

  // In order of joining.
  template <class F>
  void for_each(F visit) const {
    for (std::size_t i = 0; i < rows_; ++i) {
      if (row(i).live) visit(row(i));
    }
  }
  template <class F>
  void for_each(F visit) {
    for (std::size_t i = 0; i < rows_; ++i) {
      if (row(i).live) visit(row(i));
    }
  }

 private:
  static constexpr std::size_t kChunkRows = 4096;
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  using Chunk = std::array<Place, kChunkRows>;

  Place& row(std::size_t i) { return (*chunks_[i / kChunkRows])[i % kChunkRows]; }
  const Place& row(std::size_t i) const { return (*chunks_[i / kChunkRows])[i % kChunkRows]; }
  std::size_t row_of(Sequence sequence) const;
  std::size_t home_of(const DeviceKey& device) const;
  void index_insert(std::size_t row_number);
  void index_erase(const DeviceKey& device);
  void rebuild_index(std::size_t slots);
  void close_gaps();

  std::vector<std::unique_ptr<Chunk>> chunks_;
  std::vector<std::uint32_t> index_;  // row + 1, open addressing; 0 is free
  std::size_t rows_ = 0;              // live ones and gaps, by rising sequence
  std::int64_t size_ = 0;
  std::uint64_t salt_;
};

}  // namespace onsale::waitroom
