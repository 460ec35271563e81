// What the lottery needs from outside, in its own words.
#pragma once

#include <functional>

#include "base/task.h"
#include "waitroom/events.h"
#include "waitroom/lottery/lottery.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom::lottery {

// The pre-queue of a room. Thread: any.
class Pool {
 public:
  virtual ~Pool() = default;
  virtual bool exists(const RoomId& room) const = 0;
  // Whether who joins the room now is in a lottery that is not drawn yet.
  virtual bool is_pool(const RoomId& room) const = 0;
  // Whether the room has its lottery on, drawn or not.
  virtual bool has_lottery(const RoomId& room) const = 0;
  // What a caller without a token is known by there.
  virtual OnePer one_per(const RoomId& room) const = 0;
  // Who waits now.
  virtual std::vector<Sequence> entrants(const RoomId& room) const = 0;
  // The line takes this order: who has gone since is passed over, who is not among them comes
  // after, as they joined. Durable when the Task finishes; repeating it is harmless.
  // False, and nothing moves, when the room is not the pool of these entrants (any more).
  virtual Task<bool> draw(RoomId room, std::vector<Sequence> ranked) = 0;
  // The place that its owner proves. No I/O.
  virtual std::optional<Sequence> place_of(const RoomId& room, const PlaceProof& proof,
                                           Timestamp now) = 0;
};

// Secrets that only this server can read back, even in a copy of the database.
class Vault {
 public:
  virtual ~Vault() = default;
  virtual std::string seal(const Secrets& secrets, Timestamp now) = 0;
  // Empty when the key is gone or the bytes are not ours.
  virtual std::optional<Secrets> open(std::string_view sealed, Timestamp sealed_at) = 0;
};

struct Stored {
  Lottery lottery;
  std::string sealed;     // the secrets
  bool in_force = false;  // the ranks are the room's order
};

// Where lotteries are kept. Everything is durable when its Task finishes; what throws may or may
// not have happened. Each change happens only from the state before it: false says that somebody
// else was first. What happens is told in the same transaction (events.h).
class Store {
 public:
  virtual ~Store() = default;
  virtual Task<std::vector<Stored>> latest() = 0;  // one of each room that has any
  virtual Task<bool> commit(Stored fresh, RoomChanged told) = 0;
  virtual Task<bool> close(Lottery closed, std::vector<Sequence> entrants, RoomChanged told) = 0;
  virtual Task<bool> draw(Lottery drawn, RoomChanged told) = 0;
  virtual Task<void> mark_in_force(RoomId room, std::int64_t number) = 0;
  // Whatever it was, unless its ranks are in force.
  virtual Task<bool> abandon(RoomId room, std::int64_t number, State from, RoomChanged told) = 0;
  virtual Task<std::vector<Sequence>> entrants(RoomId room, std::int64_t number) = 0;
};

// Fetches a drand round from where the operator said; empty when there is none to be had now, or
// no such place was named. Takes seconds at most.
class RoundSource {
 public:
  virtual ~RoundSource() = default;
  virtual bool configured() const = 0;
  virtual Task<std::optional<DrandRound>> fetch(DrandBeacon beacon) = 0;
};

// Runs what takes seconds elsewhere; the awaiter resumes on its own executor. Throws Overloaded.
class Worker {
 public:
  virtual ~Worker() = default;
  virtual Task<void> run(std::function<void()> work) = 0;
};

}  // namespace onsale::waitroom::lottery
