// Everything one simulated person will decide, made before the run from the seed and its number.
#pragma once

#include <array>
#include <cstdint>

#include "loadtool/scenario.h"

namespace onsale::load {

enum class Kind : std::uint8_t { person, bot };
enum class Transport : std::uint8_t { websocket, sse, polling };

inline constexpr std::size_t kReconnectsMax = 4;

struct Plan {
  std::uint32_t index = 0;  // among all people and bots of the run
  Kind kind = Kind::person;
  Transport transport = Transport::websocket;
  double arrives_s = 0;
  double think_s = 0;
  bool loses_answer = false;
  double gives_up_after_s = 0;  // from joining; 0 = never
  bool vanishes = false;        // gives up without a word
  bool by_token = false;        // comes back with the place token alone
  std::uint8_t reconnects = 0;
  std::array<double, kReconnectsMax> reconnect_after_s{}, away_s{};
  double inside_s = 0;
  bool leaves = true;
  bool buys = false;
  std::uint8_t seats = 1;
  double hold_s = 0;
  std::uint32_t account = 0;  // among the accounts of the run
  std::uint16_t joins = 1;    // of a bot
  double every_s = 0;         // of a bot
  std::uint64_t dice = 0;     // seed for what depends on events: back-off
};

// People are 0 .. people-1, bots follow.
inline int crowd_size(const Scenario& scenario) { return scenario.people + scenario.bots.count; }
Plan plan_of(const Scenario& scenario, std::uint64_t seed, std::uint32_t index);

}  // namespace onsale::load
