// `onsale room …`: the log of a waiting room, replayed, verified and taken along.
#pragma once

#include <string>

#include "app/settings.h"

namespace onsale::app {

struct RoomReplay {
  std::string room;
  std::string from;   // an exported file; empty: the data
  std::string csv;    // where the facts go as CSV; empty: nowhere
  std::string until;  // RFC 3339; empty: to the end
  bool json = false;
};

// 0: the log is whole, and the room is what it says. 1: it is not; says what is wrong first.
// 2: it could not be read at all.
int replay_room(const Settings& settings, const RoomReplay& wanted);
// Also while a server runs on the data. 0, or 2 when it could not be done.
int export_room(const Settings& settings, const std::string& room, const std::string& out);

}  // namespace onsale::app
