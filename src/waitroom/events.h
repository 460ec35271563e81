// What the waiting room publishes, in the same transaction as what it tells. At least once; the
// JSON of the outbox is json::write of these structs.
#pragma once

#include <boost/describe.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "waitroom/waitroom.h"

namespace onsale::waitroom {

BOOST_DESCRIBE_STRUCT(Change, (), (field, before, after))

struct ChangeKind {
  static constexpr std::string_view prefix = "chg";
};
using ChangeId = Id<ChangeKind>;

// An operator made invites, or took a step of a lottery, or the server did: for the audit log.
// Settings are not among it: a room's own log says who changed them (Record::by).
inline constexpr std::string_view kChangedTopic = "waitroom.changed";
struct RoomChanged {
  ChangeId id;
  std::string room;
  std::string who;  // an account's id, or "server"
  Timestamp at{};
  std::vector<Change> changes;
};
BOOST_DESCRIBE_STRUCT(RoomChanged, (), (id, room, who, at, changes))

}  // namespace onsale::waitroom
