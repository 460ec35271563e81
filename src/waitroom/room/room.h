// One room in memory: the engine that decides, the view that is told, and what still has to become
// durable in between. Every function locks the room by itself and does no I/O. Thread: any.
#pragma once

#include <atomic>
#include <mutex>

#include "base/random.h"
#include "waitroom/line/engine.h"
#include "waitroom/line/place_token.h"
#include "waitroom/line/view.h"
#include "waitroom/log/tally.h"
#include "waitroom/pace/pace.h"
#include "waitroom/room/approvals.h"
#include "waitroom/room/ports.h"
#include "waitroom/room/room_history.h"

namespace onsale::waitroom {

// Set when durable, with the place's token for who joined; fails with Overloaded when it is
// unknown.
using Durable = OneShot<std::string>;

struct Waiter {
  Durable durable;
  Sequence joined = 0;  // wants the token of this place
};

// Records that are not durable yet, with those who wait for them. Without records it only waits for
// what came before.
struct Unwritten {
  std::uint64_t number = 0;  // given when it has records and is sealed
  Records records;
  std::vector<Waiter> waiters;
  std::vector<OneShot<bool>> audited;  // of every `configured` in it, in order
};

class Room {
 public:
  struct Identity {
    RoomId id;
    std::string name;
    std::uint32_t epoch = 0;
  };
  Room(Identity identity, std::uint64_t salt, Signer& signer, Random& random);

  const RoomId& id() const { return identity_.id; }
  std::uint32_t epoch() const { return identity_.epoch; }

  // Rebuilding, before anybody else knows the room: snapshot, batches in order, then resume.
  bool restore(const StoredSnapshot& snapshot);
  bool replay(const StoredBatch& batch);
  // True when the end of the life before may have been lost; its numbers are skipped then.
  bool resume(Timestamp now);
  std::uint64_t last_batch() const;
  // The room of a life that begins now.
  void begin(Timestamp now);

  // Transitions. `durable` is empty when there is nothing to wait for: who repeats what is still on
  // its way to the disk waits for that.
  struct Joined {
    Sequence place = 0;
    bool stood_before = false;
    std::optional<Durable> durable;
  };
  // `held` is the place of a token that came along.
  std::expected<Joined, JoinFailure> join(const DeviceKey& device, LaneId lane,
                                          std::optional<Sequence> held, Timestamp now);
  std::optional<Durable> leave(Sequence place, Timestamp now);
  std::optional<Durable> complete(Sequence place, Timestamp now);
  struct Configured {
    std::optional<Durable> durable;
    std::optional<OneShot<bool>> audited;  // of a change; after it is durable
    std::optional<Proposal> proposed;      // instead of a change; or what was approved
  };
  using Configuring = Result<Configured, Refused<ConfigureRefusal>>;
  // Nothing changes when something is out of range, or fixed as things are now, or a second person
  // has to approve it. `seen` as for Waitroom::configure.
  Configuring configure(const SettingsPatch& patch, const std::string& who, Timestamp now,
                        std::string_view seen = {});
  Configuring approve(ProposalId proposal, const std::string& who, Timestamp now);
  bool withdraw(ProposalId proposal, Timestamp now);
  // Those a lottery is among, as they joined; and its outcome.
  std::vector<Sequence> entrants();
  struct Drawn {
    DrawOutcome outcome;
    std::optional<Durable> durable;
  };
  Drawn draw(const std::vector<Sequence>& ranked, Timestamp now);
  bool is_pool();
  // An orderly end.
  void stop(Timestamp now);
  // A token names a place that the room doesn't know: brings it back when a lost end of the journal
  // may have held it.
  std::optional<Durable> restore_lost(Sequence place, const std::optional<DeviceKey>& device,
                                      Timestamp now);
  struct Used {
    UseOutcome outcome;
    Timestamp ends_at{};
  };
  Used use(Sequence place, std::string_view account, Timestamp now);
  void tick(Timestamp now);
  // Instead of a tick, while the journal fails: nobody is admitted, by whatever step, until the
  // next one.
  void hold_admissions(Timestamp now);
  void sign_of_life(Sequence place, Timestamp now);
  void page_closed(Sequence place, Timestamp now);

  // What its owner may know now, without the token; a sign of life when the owner is present. Empty
  // while the place is unknown or not durable yet.
  std::optional<PlaceView> look(Sequence place, Timestamp now, bool present = true);
  std::optional<Sequence> find(const DeviceKey& device);
  RoomView view(Timestamp now);
  std::int64_t pass_epoch();
  // Changes of settings that became durable since the last call, or before this life: whether those
  // are in the audit log is not known. Whoever wrote one there counts `unaudited` down.
  struct Changed {
    AuditEntry entry;
    OneShot<bool> audited;
    std::shared_ptr<std::atomic<std::int64_t>> unaudited;
  };
  std::vector<Changed> take_changed();
  // A durable change may be missing in the audit log. What a snapshot covers is not read again, so
  // it has to wait.
  bool unaudited() const { return *unaudited_ > 0; }
  // How honest the waits were that people were told.
  CalibrationReport calibration();
  RoomNumbers numbers(Timestamp now);
  // The same for the history; says what somebody who joined now would be told, and to nobody.
  RoomSample sample(Timestamp now);

  // For the journal's writer, which writes one batch after the other.
  std::vector<Unwritten> take_unwritten();
  void settle(const Unwritten& batch, Timestamp now);
  bool has_unwritten();

  // True once after durable changes; news of the room come at most every `spacing`.
  bool take_room_news(Timestamp now, Millis spacing);
  bool take_place_news();
  // Those whose turn came, durably, since the last call.
  std::vector<PlaceId> take_called();

  // A snapshot of everything up to now, and the moment from which it may count.
  struct Frozen {
    StoredSnapshot snapshot;
    Durable durable;
  };
  bool worth_compacting();
  void want_snapshot();  // of its log, though it is not worth it for a start
  Frozen freeze();

 private:
  struct IssuedPass {
    std::string jwt;
    Timestamp issued_at, expires_at;
    std::int64_t epoch = 0;
  };

  struct Inside {
    Timestamp called_at;
    Timestamp session_began;  // may be later: what that was lengthened by is durable
  };

  using LastStep = void (Engine::*)(Sequence place, Timestamp now, Records& out);

  RoomNow as_it_is(bool by_lane) const;
  std::optional<Durable> end(Sequence place, Timestamp now, LastStep step);
  std::vector<Obstacle> obstacles(const Settings& after, Timestamp now);
  Configured change_to(const Settings& after, std::vector<std::string> by, Timestamp now);
  std::optional<Durable> wait_for_step(std::size_t records_before, Sequence joined = 0);
  Durable wait_for_all(Sequence joined = 0);
  std::optional<Durable> wait_for_what_was_found();
  void note_change(const Settings& before, const Record& record, std::string told_once,
                   OneShot<bool> audited);
  std::string told_once(std::uint64_t batch, std::size_t index) const;
  void after_step();
  void close_batch();
  void measure(const Record& record, Timestamp at);
  void know_who_waits();
  void note_wait(const Record& called);
  PaceRoom pace_room() const;
  std::optional<Eta> newcomers_eta(Timestamp now);
  std::int64_t oldest_wait_s(Timestamp now) const;
  void survey(Timestamp now);
  PlaceState state_of(Sequence place) const;
  void tell_draw(PlaceView& out, Sequence place) const;
  void tell_wait(PlaceView& out, Sequence place, Timestamp now);
  std::int64_t ahead_in_all_lanes(const Line::Standing& standing) const;
  bool stands_aside(Sequence place) const;
  bool was_passed(Sequence place) const;
  static Notice notice_of(EtaRise rise);
  Notice notice_of(Sequence place, LaneId lane) const;
  Timestamp session_ends(const Inside& inside) const;
  void add_pass(PlaceView& out, Sequence place, Timestamp now);

  const Identity identity_;
  Signer& signer_;
  Random& random_;

  std::mutex mutex_;
  Engine engine_;
  View view_;
  Pace pace_;
  Approvals approvals_;
  Unwritten open_;
  std::vector<Unwritten> sealed_;
  std::uint64_t last_batch_ = 0;
  std::uint64_t durable_batch_ = 0;
  std::uint64_t batches_since_snapshot_ = 0;
  std::uint64_t records_since_snapshot_ = 0;
  std::unordered_map<Sequence, IssuedPass> passes_;  // of people inside
  std::unordered_map<Sequence, Inside> inside_;      // durably
  std::vector<Changed> changed_;
  const std::shared_ptr<std::atomic<std::int64_t>> unaudited_ =
      std::make_shared<std::atomic<std::int64_t>>(0);
  Tally tally_;  // of durable records since the start
  RecentCalls recent_calls_;
  bool snapshot_wanted_ = false;
  bool room_news_ = false;
  bool place_news_ = false;
  std::vector<PlaceId> called_;
  Timestamp announced_at_{};
};

}  // namespace onsale::waitroom
