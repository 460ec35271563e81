// What a run does, as a TOML file says it. Unknown keys are refused.
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "loadtool/curve.h"
#include "loadtool/dice.h"

namespace onsale::load {

// What --admin sets before the run: any settings that the API takes, by their names.
using Setting = std::variant<bool, std::int64_t, double, std::string>;
using RoomSetup = std::map<std::string, Setting>;
// A whole number among them.
std::optional<std::int64_t> number_in(const RoomSetup& setup, const std::string& name);

struct People {
  Range think_s{0, 0.5};                           // from arriving to joining
  double websocket = 1, sse = 0, polling = 0;      // weights
  double lost_answers = 0;                         // share whose first join's answer is lost
  double reconnects = 0;                           // share whose line breaks while waiting
  Range reconnect_times{1, 1};                     // how often
  Range reconnect_after_s{2, 10}, away_s{0.5, 3};  // until it breaks; until they are back
  double by_token = 0.5;                           // share coming back without their cookies
  double drop_outs = 0;                            // share that gives up while waiting
  Range drop_out_after_s{5, 60};
  double vanish = 0.5;      // share of drop-outs that never say so
  Range inside_s{2, 8};     // how long they stay once admitted
  double leave = 1;         // share giving their slot back; the others just go
  double look_every_s = 0;  // a WebSocket's owner also asks over HTTP; 0 = never
};

// No cookies, no patience: each join is a newcomer to the server, and nobody ever looks.
struct Bots {
  int count = 0;
  Range joins{1, 1}, every_s{1, 1};
  bool solve_proof = false;
  bool one_network = true;  // all from one /24, while people each have their own
  Arrivals arrivals;
};

// Seats are held for a while and released.
struct Purchase {
  double share = 0;  // of those admitted
  Range seats{1, 2};
  Range hold_s{1, 3};
  int accounts = 20;        // made before the run when no --accounts are given
  std::string performance;  // empty: the first on sale of the room's show
};

struct Scenario {
  std::string name;
  int people = 100;
  double end_s = 60;  // who still waits then is asked whether the place is there, and leaves
  double request_timeout_s = 15;
  bool order = true;  // admissions in order of joining; off for a room with a lottery
  Arrivals arrivals;
  RoomSetup room;
  People behaviour;
  Bots bots;
  Purchase purchase;
};

std::expected<Scenario, std::string> parse_scenario(std::string_view toml);
// People, bots, accounts, capacity and rate times `scale`; all times through `speed`.
void rescale(Scenario& scenario, double scale, double speed);

}  // namespace onsale::load
