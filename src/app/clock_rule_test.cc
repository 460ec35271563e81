#include "app/clock_rule.h"

#include <gtest/gtest.h>

namespace onsale::app {
namespace {

using waitroom::Mode;

bool may(Mode mode, std::int64_t active, std::int64_t waiting, Millis behind = kClockOff) {
  waitroom::RoomView quiet{.id = *waitroom::RoomId::parse("quiet")};
  quiet.settings.mode = Mode::queue;
  waitroom::RoomView room{.id = *waitroom::RoomId::parse("room")};
  room.settings.mode = mode;
  room.active = active;
  room.waiting = waiting;
  return may_catch_up(behind, {quiet, room});
}

TEST(ClockRule, GoesRightAtOnceWhileNobodyLosesTimeByIt) {
  for (const Mode mode : {Mode::prequeue, Mode::closed}) {
    EXPECT_TRUE(may(mode, 0, 7)) << "it opens when it should";
    EXPECT_FALSE(may(mode, 1, 0)) << "somebody is inside still";
  }
  for (const Mode mode : {Mode::queue, Mode::paused, Mode::drain, Mode::open}) {
    EXPECT_TRUE(may(mode, 0, 0));
    EXPECT_FALSE(may(mode, 0, 1));
    EXPECT_FALSE(may(mode, 1, 0));
  }
  EXPECT_FALSE(may(Mode::queue, 0, 0, kClockOff - Millis(1))) << "it drifts there";
}

}  // namespace
}  // namespace onsale::app
