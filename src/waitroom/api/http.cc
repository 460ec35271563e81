#include "waitroom/api/http.h"

#include "platform/http/live/sse.h"
#include "waitroom/join/join_http.h"
#include "waitroom/room/caller_http.h"
#include "waitroom/room/room_http.h"
#include "waitroom/room/views_http.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

using http::Answer;
using http::Call;
using http::Problem;

namespace {

Problem problem(PlaceRefusal refusal) {
  if (refusal == PlaceRefusal::room_not_found) return room_not_found();
  return {401, "place_invalid", "This is no place of this room. Join again."};
}

Task<Answer<PlaceJson>> join(Waitroom& rooms, Gatekeeper* keeper, JoinAttempt attempt, Call& call) {
  RoomId room = attempt.room.id;
  std::string token(call.header("Onsale-Place"));
  const bool holds = shows_place(rooms, room, call);
  auto entry = co_await check_join(keeper, std::move(attempt), call, holds);
  if (!entry) co_return std::move(entry.error());
  const Gatekeeper::InFlight in_flight(keeper);
  auto joined = co_await rooms.join(std::move(room), entry->device, entry->lane, std::move(token));
  if (!joined) {
    if (joined.error() == JoinRefusal::room_not_found) co_return room_not_found();
    co_return Problem(403, "room_closed", "The room takes nobody now.");
  }
  if (joined->stood_before && !call.header("Idempotency-Key").empty()) {
    call.set_header("Idempotency-Replayed", "true");
  }
  const int status = joined->state == PlaceState::admitted ? 200 : 202;
  co_return Answer<PlaceJson>(to_json(std::move(*joined))).status(status);
}

// The fast path: a hash, a lock and a look; no coroutine.
Answer<PlaceJson> look(Waitroom& rooms, Call& call) {
  const auto room = RoomId::parse(call.param("room"));
  if (!room) return room_not_found();
  PlaceProof proof{.token = call.header("Onsale-Place"), .device = {}};
  if (proof.token.empty()) proof.device = caller_of(call, rooms, *room);
  auto place = rooms.look(*room, proof, call.started());
  if (!place) return problem(place.error());
  call.charge(place->id.str());
  return to_json(std::move(*place));
}

Task<Answer<void>> leave(Waitroom& rooms, RoomId room, std::string token,
                         std::optional<DeviceKey> device) {
  auto left = co_await rooms.leave(std::move(room), std::move(token), device);
  if (!left) co_return problem(left.error());
  co_return http::no_content();
}

// EventSource can't send headers, so the token may also come in the query.
http::Stream events(Waitroom& rooms, http::Hub& hub, LiveRooms& live, Call& call) {
  const RoomId room = room_id_of(call);
  std::string token(call.header("Onsale-Place"));
  if (token.empty()) token = std::string(call.query("place"));
  PlaceProof proof{.token = token, .device = {}};
  if (token.empty()) proof.device = caller_of(call, rooms, room);
  auto place = rooms.look(room, proof, call.started());
  if (!place) throw problem(place.error());
  call.charge(place->id.str());
  if (token.empty()) token = std::move(place->token);
  auto subscription = live.watch(room, token);
  if (!subscription) throw problem(PlaceRefusal::place_invalid);
  return http::event_stream(hub, "place", std::move(*subscription),
                            std::string(call.client_address()));
}

}  // namespace

void routes(http::Router& router, Waitroom& rooms, http::Hub& hub, LiveRooms& live,
            Gatekeeper* keeper) {
  router.get("/rooms/{room}",
             {.summary = "A waiting room",
              .answers = {{200, "room"}, {404, "room_not_found"}},
              .tag = "waiting room"},
             [&rooms, &live](Call& call) -> Answer<RoomJson> {
               return live.describe(room_of(rooms, call), call.started());
             });
  router.post("/rooms/{room}/places",
              {.summary = "Join; the same place for the same device or account, however often",
               .repeatable = true,
               .answers = {{200, "admitted"},
                           {202, "waiting"},
                           {403, "room_closed"},
                           {403, "invite_invalid"},
                           {403, "invite_expired"},
                           {404, "room_not_found"},
                           {409, "invite_used"},
                           {409, "lanes_fixed"},
                           {428, "proof_required"}},
               .tag = "waiting room",
               .problem_members = {{428, "challenge", &json::kTypeOf<ChallengeJson>}}},
              [&rooms, keeper](JoinBody body, Call& call) {
                return join(rooms, keeper, to_attempt(std::move(body), room_of(rooms, call), call),
                            call);
              });
  router.get("/rooms/{room}/places/me",
             {.summary = "One's own place; a sign of life",
              .answers = {{200, "place"}, {401, "place_invalid"}, {404, "room_not_found"}},
              .rate = http::RateClass::shared,
              .tag = "waiting room",
              .headers = {{"Onsale-Place", "The place token"}}},
             [&rooms](Call& call) { return look(rooms, call); });
  router.del("/rooms/{room}/places/me",
             {.summary = "Leave the line or give the slot back",
              .answers = {{204, "left"}, {401, "place_invalid"}, {404, "room_not_found"}},
              .tag = "waiting room",
              .headers = {{"Onsale-Place", "The place token"}}},
             [&rooms](Call& call) {
               RoomId room = room_id_of(call);
               const auto caller = caller_of(call, rooms, room);
               return leave(rooms, std::move(room), std::string(call.header("Onsale-Place")),
                            caller);
             });
  router.get("/rooms/{room}/places/me/events",
             {.summary = "One's own place as server-sent events",
              .answers = {{200, "events"}, {401, "place_invalid"}, {404, "room_not_found"}},
              .rate = http::RateClass::shared,
              .tag = "waiting room",
              .headers = {{"Onsale-Place", "The place token"}}},
             [&rooms, &hub, &live](Call& call) { return events(rooms, hub, live, call); });
}

}  // namespace onsale::waitroom
