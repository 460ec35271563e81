// The lotteries of all rooms: their life from the commitment to the draw, and what is published of
// it. kill -9 anywhere is harmless: repeat the call, or let load() finish a draw that was cut
// short. Thread: any. What returns a Task waits until the change is durable; the rest only touches
// memory.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <set>

#include "base/random.h"
#include "waitroom/lottery/lottery_ports.h"

namespace onsale::waitroom::lottery {

// One page of the list of entries.
struct EntriesPage {
  std::uint64_t first = 0;
  std::uint64_t count = 0;      // of all
  std::vector<Digest> entries;  // in the order of joining
};

// What the owner of a place may know about its part.
struct OwnEntry {
  State state = State::none;
  Sequence place = 0;  // joined as this number
  Salt salt{};
  Digest entry{};
  // Of an entrant of a closed lottery. Late joiners have none.
  struct Proof {
    std::uint64_t index = 0;
    std::uint64_t count = 0;
    std::vector<Digest> path;
    std::optional<std::uint64_t> rank;  // from 1; once drawn
  };
  std::optional<Proof> proof;
};

inline constexpr std::uint64_t kEntriesPerPage = 10'000;

class Lotteries {
 public:
  struct Ports {
    const Clock& clock;
    Random& random;
    const Hashing& hashing;
    Store& store;
    Vault& vault;
    Pool& pool;
    RoundSource& rounds;
    Worker& worker;
  };
  explicit Lotteries(Ports ports) : ports_(ports) {}

  // Reads everything back and finishes draws that were cut short. After the rooms are loaded.
  Task<void> load();
  // Draws what is due, when rounds can be fetched, and lines people up where that was cut short.
  // Call it every few seconds; runs do not overlap.
  Task<void> tick();

  using Changed = Result<Lottery, Refused<Refusal>>;
  // Publishes the hash of a fresh seed, before anybody joins. Repeating it changes nothing.
  Task<Changed> commit(RoomId room, std::string who);
  // Fixes the entries and what the beacon will be. The same beacon again changes nothing.
  Task<Changed> close(RoomId room, Beacon beacon, std::string who);
  // With no evidence the round is fetched. The same evidence again changes nothing.
  Task<Changed> draw(RoomId room, std::optional<Evidence> evidence, std::string who);

  // Gives up a lottery that can't be drawn, for good: its beacon never comes, or its seed can't be
  // opened. Repeating it changes nothing. A drawn one stays, unless nobody can line people up.
  // Switching a room's lottery off before the draw does the same.
  Task<Changed> abandon(RoomId room, std::string who);

  // The latest lottery of the room; state none when there was never one. Refuses room_not_found.
  Result<Lottery, Refusal> find(const RoomId& room) const;
  Task<Result<EntriesPage, Refusal>> entries(RoomId room, std::uint64_t first, std::uint64_t limit);
  OnePer one_per(const RoomId& room) const { return ports_.pool.one_per(room); }
  // By the place's token or, when that is empty, by the device.
  Task<Result<OwnEntry, Refusal>> mine(RoomId room, std::string token,
                                       std::optional<DeviceKey> device);

 private:
  class OneAtATime;
  // Everything that follows from a closed lottery's entrants; takes about a second a million.
  struct Prepared {
    RoomId room;
    std::int64_t number = 0;
    std::vector<Sequence> places;
    std::vector<Digest> entries;
    Tree tree;
    std::vector<std::uint32_t> order;  // the indexes by rank, once drawn
    std::vector<std::uint32_t> ranks;  // from 0, by index, once drawn
    std::vector<Sequence> ranked() const;
  };
  using PreparedPointer = std::shared_ptr<const Prepared>;

  std::optional<Stored> stored(const RoomId& room) const;
  void keep(Stored stored);
  Secrets secrets_of(const Stored& stored) const;
  static bool undecided(const Stored& stored);
  Task<PreparedPointer> prepared(Stored stored);
  PreparedPointer prepare(const Lottery& lottery, const Secrets& secrets,
                          std::vector<Sequence> places) const;
  PreparedPointer cached(const Lottery& lottery) const;
  void cache(PreparedPointer prepared);
  Task<Changed> fix_entries(Stored stored, Beacon beacon, std::string who);
  Task<Changed> decide(Stored stored, Evidence evidence, std::string who);
  Task<bool> put_in_force(Stored stored);
  Task<void> advance(Stored one);
  bool opens(const Stored& stored) const;
  Task<Changed> give_up(Stored stored, std::string who);
  Task<Changed> reread(RoomId room, Refusal otherwise);
  RoomChanged told(const Lottery& after, std::string_view before, std::string who);

  Ports ports_;
  mutable std::mutex mutex_;
  std::map<RoomId, Stored> latest_;           // guarded by mutex_
  std::set<RoomId> lining_up_;                // guarded by mutex_
  std::map<RoomId, Timestamp> ask_again_at_;  // for a round; only tick() touches it
  std::deque<PreparedPointer> prepared_;      // the last few that were asked for; guarded by mutex_
  std::mutex preparing_;                      // held by the worker: one at a time
};

}  // namespace onsale::waitroom::lottery
