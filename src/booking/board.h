// The seats of one performance in memory: a mirror of the store's claims that answers availability,
// refuses hopeless requests and finds the best free seats without a query.
// Thread: any; one mutex, held for microseconds.
// Not promised: that it is never behind. The store decides who gets a seat.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "booking/ports.h"
#include "booking/seat_finder.h"

namespace onsale::booking {

class Board {
 public:
  // Versions start after `version`, which must be higher than in any life before: use the clock.
  Board(std::size_t seats, std::uint64_t version) : size_(seats), version_(version) {}
  Board(const Board&) = delete;
  Board& operator=(const Board&) = delete;

  // Applies a committed change to those seats that know no newer one.
  void apply(std::span<const std::uint32_t> seats, SeatState state, Timestamp until, Stamp stamp);

  // True when somebody has the seat for sure: asking the store would be in vain.
  bool taken(std::uint32_t seat, Timestamp now) const;

  // Finds seats and keeps them from other searches until put_back(). Empty: nothing fits.
  std::vector<std::uint32_t> pick(const SeatFinder& finder, std::size_t quantity,
                                  std::optional<std::uint16_t> grade);
  void put_back(std::span<const std::uint32_t> seats);
  bool strands_needlessly(const SeatFinder& finder, std::span<const std::uint32_t> chosen) const;

  std::int64_t available() const;
  std::uint64_t changes() const;  // a count; rises with every change of a state
  std::int64_t sold() const;
  // Version and states; without states when every seat is free.
  Availability snapshot() const;

  struct Changes {
    std::uint64_t from_version = 0;
    std::uint64_t version = 0;
    std::vector<std::pair<std::uint32_t, SeatState>> seats;
  };
  // What changed since the last call; makes the next version when anything did.
  std::optional<Changes> drain();

 private:
  struct Seat {
    Stamp stamp = 0;
    std::int64_t until = 0;  // Unix ms; of a held seat
    SeatState state = SeatState::free;
    SeatState published = SeatState::free;
    bool picked = false;
    bool dirty = false;
  };
  void ensure_seats();
  bool free_locked(std::uint32_t seat) const {
    return seats_[seat].state == SeatState::free && !seats_[seat].picked;
  }

  const std::size_t size_;
  mutable std::mutex mutex_;
  std::vector<Seat> seats_;  // empty until something happens: most performances are quiet
  std::vector<std::uint32_t> dirty_;
  SearchHint hint_;
  std::uint64_t changes_ = 0;
  std::int64_t held_ = 0;
  std::int64_t sold_ = 0;
  std::uint64_t version_;
};

}  // namespace onsale::booking
