// Waiting rooms: a fair line in front of whatever sells out. Owns invariants I3 (a shown position
// never increases), I4 (nobody is admitted before somebody earlier) and I5 (slots never exceed
// capacity, admissions never exceed the rate), and the tables waitroom_room, waitroom_journal,
// waitroom_snapshot. A room protects anything; it never knows what.
// Thread: any. Functions that return Task wait until the change is durable (it survives kill -9);
// the others only touch memory and never block on I/O. Any of them throws Overloaded when the
// journal can't keep up or can't write.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "waitroom/room_settings.h"

namespace onsale::waitroom {

// A room's address: 1 to 40 of a-z, 0-9 and '-'.
class RoomId {
 public:
  static std::optional<RoomId> parse(std::string_view text);
  const std::string& str() const { return text_; }
  auto operator<=>(const RoomId&) const = default;

 private:
  explicit RoomId(std::string_view text) : text_(text) {}
  std::string text_;
};

struct PlaceKind {
  static constexpr std::string_view prefix = "plc";
};
using PlaceId = Id<PlaceKind>;  // made by the server from the room's epoch and the sequence

// Who a place belongs to: the digest of the device cookie or of the account. One place per device
// and room.
using DeviceKey = std::array<std::uint8_t, 16>;

std::string_view to_string(Mode mode);

// One line of a room. Order holds inside a lane; lanes share the admissions by their weights.
using LaneId = std::uint8_t;
inline constexpr LaneId kMainLane = 0;       // 1 to 8: in the order of Settings::lanes
inline constexpr LaneId kSlowLane = 9;       // for what looks like a robot; never a ban
inline constexpr LaneId kRestoredLane = 10;  // back by their token after the server lost them
inline constexpr std::size_t kLanes = 11;
inline constexpr std::int64_t kMainShare = 100;
inline constexpr std::int64_t kSlowShare = 10;

// What changed, as text: for operators and the audit log.
struct Change {
  std::string field, before, after;
};

struct ProposalKind {
  static constexpr std::string_view prefix = "apr";
};
using ProposalId = Id<ProposalKind>;

// A change that waits for a second operator.
struct Proposal {
  ProposalId id;
  std::string by;  // an account id
  Timestamp at{}, expires_at{};
  std::vector<Change> changes;  // all of them, from the settings it was proposed for
};

struct RoomView {
  RoomId id;
  std::string name;
  Settings settings;
  std::int64_t waiting = 0;  // people in line
  std::int64_t active = 0;   // slots in use
  std::int64_t admitted_last_minute = 0;
  std::uint32_t epoch = 0;  // of the room itself: its tokens carry it
  std::optional<Proposal> pending;
  bool proposed = false;  // of a change: nothing has changed, it is `pending`
};

enum class PlaceState { waiting, prequeue, admitted, expired, left, completed };
BOOST_DESCRIBE_ENUM(PlaceState, waiting, prequeue, admitted, expired, left, completed)
std::string_view to_string(PlaceState state);

// Seconds until admission: half, four fifths, nine tenths of people wait no longer.
struct Eta {
  std::int64_t p50_seconds = 0, p80_seconds = 0, p90_seconds = 0;
};

// Why things are as they are, when that needs a word.
enum class Notice {
  none,
  missed_turn,    // called, but not there; any sign of life gets one more turn
  passed,         // silent when called: the first of the lane now
  slow_lane,      // looks like many from one place; served, but more slowly
  lottery,        // positions come with the draw
  restored,       // the server had lost the place; the token brought it back
  paused,         // the wait grew: nobody is admitted now
  slower_rate,    // the wait grew: the operator lowered the rate
  less_capacity,  // the wait grew: fewer slots
  slower_buyers,  // the wait grew: slots are kept longer
  fewer_gave_up,  // the wait grew: fewer leave the line than before
};
BOOST_DESCRIBE_ENUM(Notice, none, missed_turn, passed, slow_lane, lottery, restored, paused,
                    slower_rate, less_capacity, slower_buyers, fewer_gave_up)
std::string_view to_string(Notice notice);

struct PlaceView {
  PlaceState state = PlaceState::waiting;
  PlaceId id;
  std::string token;          // proves the place; at most 200 bytes
  std::int64_t position = 0;  // 1 = next of one's lane; 0 when not in line, or not told
  std::int64_t waiting = 0;   // in one's lane
  std::int64_t number = 0;    // joined as number n of the room
  LaneId lane = kMainLane;
  std::string lane_name;  // empty for the main lane
  Notice notice = Notice::none;
  std::optional<Timestamp> joined_at, called_at;  // while the place lives
  std::optional<Eta> eta;
  Millis poll_after{1000};
  std::optional<Timestamp> opens_at;
  std::string pass;  // only when admitted
  Timestamp pass_expires_at{};
  bool stood_before = false;  // of a join: no new place was made
  // The latest lottery it was in drew it as number `draw_rank` of `draw_count`; 0: none has.
  std::int64_t draw_rank = 0, draw_count = 0;
};

enum class JoinRefusal { room_not_found, room_closed };
enum class PlaceRefusal { room_not_found, place_invalid };
enum class ConfigureRefusal {
  room_not_found,
  out_of_range,
  changed_meanwhile,     // the settings are not those that were seen
  proposal_not_found,    // or it has expired
  second_person_needed,  // who proposed a change can't approve it
};
enum class PassRefusal {
  room_not_found,
  forged,           // not a pass of ours, or for another room
  not_valid_now,    // expired, or not yet valid
  revoked,          // the room's epoch has moved on
  slot_gone,        // left, idle, over time or completed
  used_by_another,  // another account came with it first
};

// What a verified pass is worth. Whoever holds it may act until `ends_at` at most.
struct Admission {
  RoomId room;
  PlaceId place;
  Timestamp ends_at;
};

// How a caller proves a place: a token, or only the device it was given to.
struct PlaceProof {
  std::string_view token;
  std::optional<DeviceKey> device;
  bool present = true;  // the caller itself asks now; false for what the server does on its behalf
};

class Waitroom {
 public:
  virtual ~Waitroom() = default;

  // Creates the room with `defaults`, or keeps an existing one with its settings. Idempotent; the
  // only way a room comes into being.
  virtual Task<void> declare_room(RoomId id, std::string name, Settings defaults) = 0;

  virtual std::optional<RoomView> room(const RoomId& id) const = 0;
  virtual std::vector<RoomView> rooms() const = 0;  // in the order of their ids

  // Takes a place, or finds the one that `token` proves or this device has. Never overtakes
  // anybody. A new place is in `lane`; one that the room doesn't have is the main lane. The place
  // of a token is this device's from now on; of two places of one person the later one ends.
  virtual Task<Result<PlaceView, JoinRefusal>> join(RoomId room, DeviceKey device,
                                                    LaneId lane = kMainLane,
                                                    std::string token = {}) = 0;
  // The place now; counts as a sign of life when the caller is present. No I/O: fit for an event
  // loop's fast path.
  virtual Result<PlaceView, PlaceRefusal> look(const RoomId& room, const PlaceProof& proof,
                                               Timestamp now) = 0;
  // The room a place token is for; empty when it is none of ours. No I/O.
  virtual std::optional<RoomId> room_of(std::string_view token, Timestamp now) = 0;
  // For a connection that is open but has nothing to ask. Unknown places are ignored. No I/O.
  virtual void sign_of_life(const RoomId& room, PlaceId place, Timestamp now) = 0;
  // A page of this place was closed. A slot without any other sign of life soon is free then; who
  // waits keeps the usual grace. Unknown places are ignored. No I/O.
  virtual void page_closed(const RoomId& room, PlaceId place, Timestamp now) = 0;
  // Leaves the line or gives the slot back. Idempotent.
  virtual Task<Result<void, PlaceRefusal>> leave(RoomId room, std::string token,
                                                 std::optional<DeviceKey> device) = 0;

  // Verifies a pass and renews the slot's lease. The first account that comes with any pass of a
  // place owns them all; every other account is refused. No I/O.
  virtual Result<Admission, PassRefusal> admit_with(const RoomId& room, std::string_view pass_jwt,
                                                    std::string_view account, Timestamp now) = 0;
  // The purchase is done: frees the slot. Idempotent; unknown rooms and places are ignored.
  virtual Task<void> complete(RoomId room, PlaceId place) = 0;

  // Operator's change by `who` (an account id) of the settings of version `seen` (version_of();
  // empty: of whatever they are). Acts at once; written to the audit log. In a room of the
  // two-person rule, what opens it further than it would be waits for a second operator; what stops
  // it never does.
  virtual Task<Result<RoomView, Refused<ConfigureRefusal>>> configure(RoomId room,
                                                                      SettingsPatch patch,
                                                                      std::string who,
                                                                      std::string seen = {}) = 0;
  // The second operator's yes: exactly what was proposed, and only while the room's settings are
  // those it was proposed for.
  virtual Task<Result<RoomView, Refused<ConfigureRefusal>>> approve(RoomId room,
                                                                    ProposalId proposal,
                                                                    std::string who) = 0;
  // Takes a proposal back; anybody's.
  virtual Task<Result<void, ConfigureRefusal>> withdraw(RoomId room, ProposalId proposal,
                                                        std::string who) = 0;
};

}  // namespace onsale::waitroom
