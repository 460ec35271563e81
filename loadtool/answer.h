// The server's words as the tool reads them: what it does not know is ignored, what is missing is
// empty, so that the tool outlives additions to the API.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace onsale::load {

enum class PlaceState { unknown, waiting, prequeue, admitted, expired, left, completed };

struct PlaceAnswer {
  PlaceState state = PlaceState::unknown;
  std::string place;  // the token
  std::string lane = "main";
  std::optional<std::int64_t> number;  // "joined as number n" of the lane
  std::optional<std::int64_t> position, poll_after_ms;
  std::optional<std::int64_t> p50_s, p80_s, p90_s;
  std::optional<std::int64_t> called_at_ms;  // Unix
  bool passed = false;                       // was silent when called
  std::string pass;
  std::string place_id;  // of the pass: its subject
};
// Empty when it is no place.
std::optional<PlaceAnswer> read_place(std::string_view json);

// {"type":"reconnect","after_ms":n}: the server is going away.
std::optional<std::int64_t> read_reconnect(std::string_view json);

struct Challenge {
  std::string token;
  int bits = 0;
  int count = 0;
};
struct ProblemAnswer {
  std::string code;  // empty when it is no problem+json
  std::optional<Challenge> challenge;
};
ProblemAnswer read_problem(std::string_view json);

struct RoomAnswer {
  std::string mode;
  std::int64_t waiting = 0, active = 0, capacity = 0, admit_per_minute = 0;
  std::optional<std::int64_t> admitted_last_minute;  // operators only
  std::optional<std::int64_t> grace_seconds, idle_seconds, session_seconds, no_show_seconds;
};
std::optional<RoomAnswer> read_room(std::string_view json);

// The text of the member `name` of a JSON object; empty when there is none.
std::string read_text(std::string_view json, std::string_view name);

}  // namespace onsale::load
