// The rooms of one process behind the facade. Decisions are made in memory under a mutex per room,
// their records become durable in groups, and only then is anybody told.
#pragma once

#include <map>
#include <shared_mutex>

#include "waitroom/room/journal_writer.h"
#include "waitroom/room/room.h"

namespace onsale::waitroom {

class Host final : public Waitroom {
 public:
  struct Ports {
    const Clock& clock;
    Random& random;
    Journal& journal;
    Signer& signer;
    Announcer& announcer;
    AuditLog& audit;
  };
  explicit Host(Ports ports);

  // Reads every room back; before anything else. Throws what the journal throws, and BrokenLog when
  // it does not hold what was written; a broken snapshot is made good from the log where it can be.
  Task<void> load();
  // Frees, reaps, admits, announces, retries. Call it every 100 ms; cheap when nothing moves.
  void tick();
  // Snapshots rooms whose journal has grown. Call it every few seconds; runs do not overlap.
  Task<void> compact();
  // A snapshot of the room with the next compact(), where its log can be cut some day.
  void want_snapshot(const RoomId& room);
  // What happened in every room since the start, by its durable records.
  std::vector<RoomNumbers> numbers() const;
  // One room as it is now; unknown rooms have no sample.
  std::optional<RoomSample> sample(const RoomId& room) const;
  // The same of every room, into `history`. Every RoomHistory::kEvery.
  void remember(RoomHistory& history) const;
  // Commits run on `home` from now on; call it once its thread runs. Thread: any.
  void run_on(Executor& home) { writer_.run_on(home); }
  // Makes everything durable that is not; for an orderly end. Call it while the home still runs;
  // from then on nothing depends on it.
  Task<void> drain();

  // A lottery: those it is among, as they joined; and its outcome, false when the room is not their
  // pool. Unknown rooms have nobody.
  bool is_pool(const RoomId& room) const;
  std::vector<Sequence> entrants(const RoomId& room) const;
  Task<bool> draw(RoomId room, std::vector<Sequence> ranked);

  Task<void> declare_room(RoomId id, std::string name, Settings defaults) override;
  std::optional<RoomView> room(const RoomId& id) const override;
  std::vector<RoomView> rooms() const override;
  Task<Result<PlaceView, JoinRefusal>> join(RoomId room, DeviceKey device, LaneId lane = kMainLane,
                                            std::string token = {}) override;
  Result<PlaceView, PlaceRefusal> look(const RoomId& room, const PlaceProof& proof,
                                       Timestamp now) override;
  std::optional<RoomId> room_of(std::string_view token, Timestamp now) override;
  void sign_of_life(const RoomId& room, PlaceId place, Timestamp now) override;
  void page_closed(const RoomId& room, PlaceId place, Timestamp now) override;
  Task<Result<void, PlaceRefusal>> leave(RoomId room, std::string token,
                                         std::optional<DeviceKey> device) override;
  Result<Admission, PassRefusal> admit_with(const RoomId& room, std::string_view pass_jwt,
                                            std::string_view account, Timestamp now) override;
  Task<void> complete(RoomId room, PlaceId place) override;
  Task<Result<RoomView, Refused<ConfigureRefusal>>> configure(RoomId room, SettingsPatch patch,
                                                              std::string who,
                                                              std::string seen = {}) override;
  Task<Result<RoomView, Refused<ConfigureRefusal>>> approve(RoomId room, ProposalId proposal,
                                                            std::string who) override;
  Task<Result<void, ConfigureRefusal>> withdraw(RoomId room, ProposalId proposal,
                                                std::string who) override;

 private:
  Room* find(const RoomId& id) const;
  std::vector<Room*> all() const;
  void keep(std::unique_ptr<Room> room);
  struct Restored {
    std::unique_ptr<Room> room;
    std::uint64_t broken = 0;  // the newest snapshot that can't be read covers this batch
  };
  Task<Restored> restored(StoredRoom stored);
  std::unique_ptr<Room> empty_room(const StoredRoom& stored);
  Task<void> load_room(StoredRoom stored, bool begins = false);
  Task<void> compact_room(Room& room);
  std::optional<Sequence> place_of(Room& room, const PlaceProof& proof, Timestamp now);
  void audit_changes(Room& room);
  void audit(Room::Changed changed);
  void audit_again();
  Task<void> carry_out(Room& room, Room::Configured done);
  Task<void> note_proposal(RoomId room, ProposalId proposal, std::string who, Timestamp now,
                           Change what);
  std::string token_for(const Room& room, Sequence place, Timestamp now);

  Ports ports_;
  mutable std::shared_mutex mutex_;  // of the map; rooms never go away
  std::map<RoomId, std::unique_ptr<Room>> rooms_;
  struct Unaudited;  // changes that the audit log didn't take; tried again with every tick
  std::shared_ptr<Unaudited> unaudited_;
  JournalWriter writer_;
};

}  // namespace onsale::waitroom
