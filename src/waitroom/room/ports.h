// What the waiting room needs from outside, in its own words.
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "waitroom/log/broken_log.h"
#include "waitroom/log/stored_batch.h"
#include "waitroom/settings.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// A room as it is kept. The epoch tells its tokens from those of an older room of the same name.
struct StoredRoom {
  RoomId id;
  std::string name;
  std::uint32_t epoch = 0;
};

struct StoredSnapshot {
  std::uint64_t covers = 0;  // every batch up to this number is in it
  std::string bytes;
};

// Where facts become durable. Everything is durable when its Task finishes; what throws may or may
// not have happened, and repeating it is harmless.
class Journal {
 public:
  virtual ~Journal() = default;
  // All or none, in one commit. Writing a batch that is there already, with the same records, does
  // nothing; with others it throws: somebody else writes this room.
  virtual Task<void> append(std::shared_ptr<const std::vector<StoredBatch>> batches) = 0;
  // The room and its first batch. Does nothing when the room is there already.
  virtual Task<void> create_room(StoredRoom room, StoredBatch first) = 0;
  virtual Task<std::vector<StoredRoom>> rooms() = 0;
  virtual Task<std::optional<StoredSnapshot>> snapshot(RoomId room) = 0;
  // The newest one that is still kept and covers less than `than`, for when that one is broken.
  virtual Task<std::optional<StoredSnapshot>> older_snapshot(RoomId room, std::uint64_t than) = 0;
  // The next few batches with a number above `after`, in order; empty when there are no more.
  // Throws BrokenLog at the first that is missing, or that is not linked to the one before.
  virtual Task<std::vector<StoredBatch>> batches(RoomId room, std::uint64_t after) = 0;
  // From now on a start begins with this snapshot. What it covers stays in the log.
  virtual Task<void> compact(RoomId room, std::shared_ptr<const StoredSnapshot> snapshot) = 0;
};

struct PassClaims {
  std::string room;   // aud
  std::string place;  // sub
  std::string id;     // jti
  Timestamp issued_at{}, expires_at{};
  std::int64_t epoch = 0;  // passes of an epoch below the room's are revoked
};

enum class PassFault { forged, not_valid_now };

// Signs and verifies with keys that outlive the process. Thread: any; no I/O. Verifying what was
// verified, or signed for a newcomer, a moment ago costs a hash.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual std::string sign_place(std::string_view payload) = 0;
  // Many at once, elsewhere: an event loop that signed for every newcomer would do little else.
  // Begins at once; the tokens come in the order of the payloads. Never fails.
  virtual OneShot<std::vector<std::string>> sign_places(std::vector<std::string> payloads,
                                                        Timestamp now) = 0;
  // The payload of a token of ours; null for anything else.
  virtual std::shared_ptr<const std::string> open_place(std::string_view token, Timestamp now) = 0;
  virtual std::string sign_pass(const PassClaims& claims) = 0;
  virtual Result<PassClaims, PassFault> open_pass(std::string_view jwt, const RoomId& room,
                                                  Timestamp now) = 0;
};

// Told after the fact, from any thread, without any lock held; must be quick and must not throw.
class Announcer {
 public:
  virtual ~Announcer() = default;
  // Numbers or settings of the room moved; at most every two seconds.
  virtual void room_changed(const RoomId& room) = 0;
  // Somebody's position or state in the room moved.
  virtual void places_changed(const RoomId& room) = 0;
  // It is their turn: news that can't wait.
  virtual void places_called(const RoomId& room, const std::vector<PlaceId>& places) = 0;
  // A page of somebody inside says that it was closed.
  virtual void page_closed(const RoomId& room, PlaceId place) = 0;
};

struct AuditEntry {
  std::string who;
  Timestamp at{};
  RoomId room;
  std::vector<Change> changes;
  std::string told_once{};  // the record it comes from; empty: none, and it is told but once
};

class AuditLog {
 public:
  virtual ~AuditLog() = default;
  // Durable when it finishes. Does nothing when an entry of the same record is there already.
  virtual Task<void> changed(AuditEntry entry) = 0;
};

}  // namespace onsale::waitroom
