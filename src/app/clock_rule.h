// When the server's clock may go right at once (SteadyWallClock::catch_up) instead of drifting
// there.
#pragma once

#include <algorithm>
#include <vector>

#include "base/time.h"
#include "waitroom/waitroom.h"

namespace onsale::app {

inline constexpr Millis kClockOff{2'000};

// It was behind at the start, and that costs nobody anything: nobody is inside a room or waits in
// an open one.
inline bool may_catch_up(Millis behind, const std::vector<waitroom::RoomView>& rooms) {
  const auto in_use = [](const waitroom::RoomView& room) {
    const waitroom::Mode mode = room.settings.mode;
    const bool opened = mode != waitroom::Mode::prequeue && mode != waitroom::Mode::closed;
    return room.active > 0 || (opened && room.waiting > 0);
  };
  return behind >= kClockOff && std::ranges::none_of(rooms, in_use);
}

}  // namespace onsale::app
