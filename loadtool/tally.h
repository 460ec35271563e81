// What a run counts while it runs: latencies per call, answers by code, a line per second, facts
// per person. One per event loop; merged at the end, across processes too.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "loadtool/facts.h"
#include "loadtool/histogram.h"

namespace onsale::load {

enum class Call : std::uint8_t {
  connect,    // a connection, TCP only
  join,       // POST places, connecting included
  look,       // GET places/me
  subscribe,  // opening a live stream, until the first position
  leave,      // DELETE places/me
  hold,
  release,
  room,        // GET the room: the observer's
  news,        // from being called to being told over a live line; needs the server's called_at
  asked_news,  // the same, learned by asking
  solve,       // a proof of work, here
  late,        // the tool's own delay behind the arrival curve
  away,        // how long a server that goes away asks to wait before coming back
};
inline constexpr std::size_t kCalls = 13;
const char* name_of(Call call);

// Coarse: four steps for every doubling, from 100 us on.
inline constexpr std::size_t kCoarse = 72;
std::size_t coarse_of(Micros micros);
Micros coarse_upper(std::size_t bucket);

struct Second {
  std::uint32_t arrived = 0, joined = 0, admitted = 0, ended = 0, errors = 0;
  std::array<std::uint32_t, kCoarse> latency{};  // of joins and looks
};

struct Tally {
  std::array<Histogram, kCalls> calls;
  std::map<std::string, std::uint64_t> answers;  // "join 202", "look 503 overloaded"
  std::map<std::string, std::uint64_t> errors;   // those that are not wanted
  std::vector<Second> seconds;
  std::vector<Facts> facts;
  std::uint64_t breaches[kBreachKinds]{};
  std::vector<Breach> examples;
  std::uint64_t lines_broken = 0, came_back = 0;  // by plan or not; the place was found again
  std::uint64_t bot_places = 0;

  Second& at(Micros now);
  void record(Call call, Micros took, Micros now);
  void breach(BreachKind kind, std::string what);
  void merge(Tally&& other);
};

// For another process. decode is empty for what encode can't have written.
std::string encode(const Tally& tally);
std::optional<Tally> decode_tally(std::string_view bytes);

}  // namespace onsale::load
