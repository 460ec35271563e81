// The facts a room's engine produces, and their stored form. Applying the same records in the same
// order to an empty engine rebuilds the same room, so they are all that is ever made durable.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "waitroom/line/line_index.h"
#include "waitroom/waitroom.h"

namespace onsale::waitroom {

// Side lanes: one for each lane, and one for those with a turn to make up.
inline constexpr LaneId kMissedSide = static_cast<LaneId>(kLanes);
inline constexpr std::size_t kSides = kLanes + 1;

enum class Fact : std::uint8_t {
  joined = 1,       // device, lane
  admitted = 2,     // from the line into a slot
  ghosted = 3,      // from the line: silent beyond the grace period
  left = 4,         // from the line, by themselves
  returned = 5,     // the slot was given back
  no_show = 6,      // the slot: never came
  idle = 7,         // the slot: silent too long
  overtime = 8,     // the slot: the session's absolute end
  completed = 9,    // the slot: the purchase is done
  bound = 10,       // text = the account that all passes of this place belong to
  configured = 11,  // text = encode(settings), by
  // 12 stores joined in another lane than the main one
  missed = 13,     // the slot: never came; one more turn is kept
  rejoined = 14,   // back for that turn: into the side lane
  forfeited = 15,  // did not come back for it
  skipped = 16,    // numbers below `place` may have been given away and lost
  restored = 17,   // device; a token brought a lost place back
  stopped = 18,    // an orderly end: nothing after it was lost
  draw = 19,       // place = the lowest number of a lottery, text = how many it spans, its entrants
  drawn = 20,      // the next of the new order, text = the published rank of an entrant
  passed = 21,  // from the line or the side lane: not there when called; costs no turn and no slot
  // 22 stores drawn with a rank
  given = 23,  // device; came with the place's token: it is the device's from now on
  // 24 stores configured with who did it
  lengthened = 25,  // the session of `place`, or with 0 of everybody inside; text = by how much
};

struct Record {
  Fact fact{};
  Sequence place = 0;
  Timestamp at{};
  DeviceKey device{};
  LaneId lane = kMainLane;
  std::string text{};
  // Of `configured`: who did it, then who had proposed it. Empty: nobody, or before that was kept.
  std::vector<std::string> by{};
  bool operator==(const Record&) const = default;
};
using Records = std::vector<Record>;

// Who changes settings when their time has come.
inline constexpr const char* kByPlan = "plan";

// True when the record takes somebody out of the line (or the side lane), or out of a slot.
bool leaves_line(Fact fact);
bool frees_slot(Fact fact);

// How many numbers from record.place on a draw spans, and how many were ranked; 0 when the record
// is older than that was kept.
std::uint64_t draw_span(const Record& record);
std::uint64_t draw_entrants(const Record& record);
// The published rank of who was drawn, from 1; 0 for who came after the close.
std::uint32_t drawn_rank(const Record& record);

// By how much a session was lengthened, and such a text.
Millis lengthened_by(const Record& record);
std::string length_text(Millis length);

// A batch: a version, then each record with its time relative to the one before; about 22 bytes a
// join and 6 an admission.
std::string encode(const Records& records);
// False when the bytes are not a batch; records before the broken one were visited.
bool decode_records(std::string_view batch, const std::function<void(const Record&)>& visit);

}  // namespace onsale::waitroom
