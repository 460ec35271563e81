// One room's engine in virtual time, for tests.
#pragma once

#include <gtest/gtest.h>

#include <cstring>

#include "waitroom/line/engine.h"

namespace onsale::waitroom {

inline DeviceKey device(std::uint64_t number) {
  DeviceKey key{};
  std::memcpy(key.data(), &number, sizeof number);
  return key;
}

class EngineTest : public testing::Test {
 protected:
  EngineTest() {
    settings_.capacity = 2;
    configure();
  }
  void configure() { engine_.configure(settings_, now_, out_); }
  Sequence join(std::uint64_t number) {
    return engine_.join(device(number), kMainLane, now_, out_).value();
  }
  bool admitted(Sequence place) { return engine_.slot(place) != nullptr; }
  std::int64_t position(Sequence place) { return engine_.line().find(place).position; }
  void pass_time(std::int64_t seconds) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      now_ += Millis(1000);
      engine_.tick(now_, out_);
    }
  }
  // The room is asked something every second, and no tick has come yet.
  void pass_without_ticks(std::int64_t seconds) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      now_ += Millis(1000);
      engine_.page_closed(0, now_, out_);  // of nobody
    }
  }
  // Nothing runs, and nobody is heard.
  void stand_still(std::int64_t seconds) {
    now_ += Millis(seconds * 1000);
    engine_.tick(now_, out_);
  }
  // The same, with everybody in `places` showing life all the while.
  void live(std::int64_t seconds, std::initializer_list<Sequence> places) {
    for (std::int64_t s = 0; s < seconds; ++s) {
      for (const Sequence place : places) engine_.sign_of_life(place, now_, out_);
      pass_time(1);
    }
  }

  Settings settings_;
  Engine engine_{Engine::Options{}};
  Timestamp now_ = from_unix_ms(1'800'000'000'000);
  Records out_;
};

}  // namespace onsale::waitroom
