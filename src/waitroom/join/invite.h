// Invitations: single-use tokens that lead into a room's priority lane. A token carries room,
// epoch, lane, number and expiry under a keyed hash of ours; what is kept is how many were made and
// which numbers were used by whom. Made and used before the room opens: a lane is fixed from then
// on. Pure rules and the port they need.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "waitroom/events.h"
#include "waitroom/join/proof.h"

namespace onsale::waitroom {

inline constexpr std::size_t kInviteTokenMax = 200;        // characters
inline constexpr std::int64_t kInvitesAtOnce = 1'000'000;  // made by one call
inline constexpr std::int64_t kInvitesPerRoom = 10'000'000;

struct Invite {
  std::string room;
  std::uint32_t epoch = 0;
  LaneId lane = kMainLane;
  std::int64_t number = 0;                // from 1, in order of making
  std::optional<Timestamp> expires_at{};  // empty: as long as the room does not open
  bool operator==(const Invite&) const = default;
};

std::string sign(ProofCrypto& crypto, const Invite& invite);

enum class InviteFault {
  invalid,  // none of ours, or for another room
  expired,
  lanes_fixed,  // the room has opened; join without it
  used,         // by another device
};
std::string_view to_string(InviteFault fault);

// Lanes take people, and invitations are made, until the room opens.
bool lanes_open(const Settings& settings);

// What can be said without asking the book: invalid, expired or lanes_fixed.
Result<Invite, InviteFault> open_invite(ProofCrypto& crypto, std::string_view token,
                                        const RoomView& room, Timestamp now);

// Invitations that were made together.
struct InviteBatch {
  std::int64_t first = 0, count = 0;
  LaneId lane = kMainLane;
  std::optional<Timestamp> expires_at{};
  std::string made_by;
  Timestamp made_at{};
  std::int64_t used = 0;  // filled in by batches()
};

enum class InviteUse { taken, ours_already, used_by_another };

using TellInvites = std::function<RoomChanged(const InviteBatch& made)>;

// Which invitations there are and who used which. Durable when a Task finishes. Thread: any.
class InviteBook {
 public:
  virtual ~InviteBook() = default;
  // Gives the batch the next free numbers; its `first` says which. Empty when the room would have
  // more than kInvitesPerRoom. What `tell` makes of it is told in the same transaction (events.h).
  virtual Task<std::optional<InviteBatch>> add(RoomId room, std::uint32_t epoch, InviteBatch batch,
                                               TellInvites tell) = 0;
  virtual Task<std::vector<InviteBatch>> batches(RoomId room, std::uint32_t epoch) = 0;
  // The first device that uses a number owns it; repeating is harmless.
  virtual Task<InviteUse> use(RoomId room, std::uint32_t epoch, std::int64_t number,
                              DeviceKey device, Timestamp now) = 0;
};

struct InviteOrder {
  std::int64_t count = 0;
  std::string lane;  // its name
  std::optional<Timestamp> expires_at{};
  std::string made_by;  // an account id
  ChangeId change;      // made by the caller: what the audit log knows it by
};

enum class InviteOrderRefusal { room_opened, lane_unknown, out_of_range, too_many };

// Makes invitations for a room that has not opened; written to the audit log.
Task<Result<InviteBatch, InviteOrderRefusal>> make_invites(InviteBook& book, RoomView room,
                                                           InviteOrder order, Timestamp now);

struct InviteToken {
  Invite invite;
  std::string token;
};
// The tokens numbered above `after`, at most `limit`: made from what was kept of their batches.
std::vector<InviteToken> invite_tokens(ProofCrypto& crypto, const RoomView& room,
                                       const std::vector<InviteBatch>& batches, std::int64_t after,
                                       std::int64_t limit);

}  // namespace onsale::waitroom
