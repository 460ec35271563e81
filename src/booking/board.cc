#include "booking/board.h"

#include "base/check.h"

namespace onsale::booking {

void Board::ensure_seats() {
  if (seats_.empty()) seats_.resize(size_);
}

void Board::apply(std::span<const std::uint32_t> seats, SeatState state, Timestamp until,
                  Stamp stamp) {
  std::lock_guard lock(mutex_);
  ensure_seats();
  const auto count = [this](SeatState which, std::int64_t by) {
    if (which == SeatState::held) held_ += by;
    if (which == SeatState::sold) sold_ += by;
  };
  for (const std::uint32_t index : seats) {
    check(index < size_, "a seat of this performance");
    Seat& seat = seats_[index];
    if (seat.stamp > stamp) continue;
    seat.stamp = stamp;
    seat.until = to_unix_ms(until);
    if (seat.state == state) continue;
    count(seat.state, -1);
    count(state, 1);
    seat.state = state;
    ++changes_;
    if (state == SeatState::free) hint_.reset();
    if (!seat.dirty) {
      seat.dirty = true;
      dirty_.push_back(index);
    }
  }
}

bool Board::taken(std::uint32_t index, Timestamp now) const {
  std::lock_guard lock(mutex_);
  if (seats_.empty()) return false;
  const Seat& seat = seats_[index];
  return seat.state == SeatState::sold ||
         (seat.state == SeatState::held && seat.until > to_unix_ms(now));
}

std::vector<std::uint32_t> Board::pick(const SeatFinder& finder, std::size_t quantity,
                                       std::optional<std::uint16_t> grade) {
  std::lock_guard lock(mutex_);
  ensure_seats();
  auto seats =
      finder.best(quantity, grade, [this](std::uint32_t i) { return free_locked(i); }, hint_);
  for (const std::uint32_t seat : seats) seats_[seat].picked = true;
  return seats;
}

void Board::put_back(std::span<const std::uint32_t> seats) {
  std::lock_guard lock(mutex_);
  for (const std::uint32_t index : seats) {
    seats_[index].picked = false;
    if (seats_[index].state == SeatState::free) hint_.reset();
  }
}

bool Board::strands_needlessly(const SeatFinder& finder,
                               std::span<const std::uint32_t> chosen) const {
  std::lock_guard lock(mutex_);
  return finder.strands_needlessly(chosen, [this](std::uint32_t i) {
    return seats_.empty() || seats_[i].state == SeatState::free;
  });
}

std::int64_t Board::available() const {
  std::lock_guard lock(mutex_);
  return static_cast<std::int64_t>(size_) - held_ - sold_;
}

std::uint64_t Board::changes() const {
  std::lock_guard lock(mutex_);
  return changes_;
}

std::int64_t Board::sold() const {
  std::lock_guard lock(mutex_);
  return sold_;
}

Availability Board::snapshot() const {
  std::lock_guard lock(mutex_);
  Availability out{.version = version_,
                   .available = static_cast<std::int64_t>(size_) - held_ - sold_};
  out.seats.reserve(seats_.size());
  for (const Seat& seat : seats_) out.seats.push_back(seat.state);
  return out;
}

std::optional<Board::Changes> Board::drain() {
  std::lock_guard lock(mutex_);
  if (dirty_.empty()) return {};
  Changes changes{.from_version = version_};
  for (const std::uint32_t index : dirty_) {
    Seat& seat = seats_[index];
    seat.dirty = false;
    if (seat.published == seat.state) continue;  // there and back again
    seat.published = seat.state;
    changes.seats.emplace_back(index, seat.state);
  }
  dirty_.clear();
  if (changes.seats.empty()) return {};
  changes.version = ++version_;
  return changes;
}

}  // namespace onsale::booking
