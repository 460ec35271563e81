// How the stores of the waiting room tell what they write.
#pragma once

#include "platform/json/json.h"
#include "platform/sql/database.h"
#include "waitroom/events.h"

namespace onsale::waitroom {

inline void publish(sql::Tx& tx, const RoomChanged& told) {
  tx.publish(kChangedTopic, told.room, json::write(told));
}

}  // namespace onsale::waitroom
