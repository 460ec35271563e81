#include "waitroom/http.h"

#include "platform/http/sse.h"
#include "waitroom/caller_http.h"
#include "waitroom/proof_http.h"
#include "waitroom/settings.h"
#include "waitroom/views_http.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct RoomsPage {
  std::vector<AdminRoomJson> items;
};
BOOST_DESCRIBE_STRUCT(RoomsPage, (), (items))

struct RoomPatchBody {
  std::optional<Mode> mode;
  std::optional<json::Int<0, kCapacityMax>> capacity, per_node_capacity;
  std::optional<json::Int<0, kAdmitPerMinuteMax>> admit_per_minute;
  std::optional<json::Int<kPassSecondsMin, kPassSecondsMax>> pass_seconds;
  std::optional<json::Int<kIdleSecondsMin, kIdleSecondsMax>> idle_seconds;
  std::optional<json::Int<kSessionSecondsMin, kSessionSecondsMax>> session_seconds;
  std::optional<json::Int<kGraceSecondsMin, kGraceSecondsMax>> grace_seconds;
  json::Nullable<Timestamp> opens_at;
  std::optional<json::Text<0, kMessageBytesMax>> message;
  std::optional<json::Int<kNoShowSecondsMin, kNoShowSecondsMax>> no_show_seconds;
  std::optional<json::Int<0, kMissedSecondsMax>> missed_seconds;
  std::optional<json::Int<0, kPassEpochMax>> pass_epoch;
  std::optional<OnePer> one_per;
  std::optional<bool> lottery, two_person;
  std::optional<ProofMode> proof;
  std::optional<json::Int<kProofBitsMin, kProofBitsMax>> proof_bits;
  std::optional<json::Int<kProofCountMin, kProofCountMax>> proof_count;
  std::optional<json::Int<0, kJoinsPerPrefixMax>> joins_per_prefix;
  std::optional<std::vector<LaneJson>> lanes;
  std::optional<std::vector<PlannedJson>> schedule;
};
BOOST_DESCRIBE_STRUCT(RoomPatchBody, (),
                      (mode, capacity, per_node_capacity, admit_per_minute, pass_seconds,
                       idle_seconds, session_seconds, grace_seconds, opens_at, message,
                       no_show_seconds, missed_seconds, pass_epoch, one_per, lottery, two_person,
                       proof, proof_bits, proof_count, joins_per_prefix, lanes, schedule))

namespace {

Problem room_not_found() { return {404, "room_not_found", "There is no such room."}; }

Problem problem(PlaceRefusal refusal) {
  if (refusal == PlaceRefusal::room_not_found) return room_not_found();
  return {401, "place_invalid", "This is no place of this room. Join again."};
}

RoomId room_of(const Call& call) {
  auto room = RoomId::parse(call.param("room"));
  if (!room) throw room_not_found();
  return *room;
}

Task<Answer<PlaceJson>> join(Waitroom& rooms, Gatekeeper* gate, JoinAttempt attempt, Call& call) {
  RoomId room = attempt.room.id;
  auto entry = co_await pass_gate(gate, std::move(attempt), call);
  if (!entry) co_return std::move(entry.error());
  const Gatekeeper::InFlight in_flight(gate);
  auto joined = co_await rooms.join(std::move(room), entry->device, entry->lane);
  if (!joined) {
    if (joined.error() == JoinRefusal::room_not_found) co_return room_not_found();
    co_return Problem(403, "room_closed", "The room takes nobody now.");
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
  const RoomId room = room_of(call);
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
  return http::event_stream(hub, "place", std::move(*subscription));
}

template <class T>
std::optional<std::int64_t> number(const std::optional<T>& value) {
  if (!value) return {};
  return value->value;
}

SettingsPatch to_patch(RoomPatchBody body) {
  SettingsPatch patch{.mode = body.mode,
                      .capacity = number(body.capacity),
                      .per_node_capacity = number(body.per_node_capacity),
                      .admit_per_minute = number(body.admit_per_minute),
                      .pass_seconds = number(body.pass_seconds),
                      .idle_seconds = number(body.idle_seconds),
                      .session_seconds = number(body.session_seconds),
                      .grace_seconds = number(body.grace_seconds),
                      .opens_at = body.opens_at,
                      .message = {}};
  if (body.message) patch.message = std::move(body.message->value);
  patch.no_show_seconds = number(body.no_show_seconds);
  patch.missed_seconds = number(body.missed_seconds);
  patch.pass_epoch = number(body.pass_epoch);
  patch.one_per = body.one_per;
  patch.lottery = body.lottery;
  patch.two_person = body.two_person;
  patch.proof = body.proof;
  patch.proof_bits = number(body.proof_bits);
  patch.proof_count = number(body.proof_count);
  patch.joins_per_prefix = number(body.joins_per_prefix);
  if (body.lanes) patch.lanes = to_lanes(std::move(*body.lanes));
  if (body.schedule) patch.schedule = to_schedule(std::move(*body.schedule));
  return patch;
}

Task<Answer<AdminRoomJson>> configure(Waitroom& rooms, RoomId room, SettingsPatch patch,
                                      std::string who) {
  auto configured = co_await rooms.configure(std::move(room), std::move(patch), std::move(who));
  if (!configured) {
    if (configured.error().why == ConfigureRefusal::room_not_found) co_return room_not_found();
    co_return Problem(422, "invalid", "Some fields are not valid.",
                      std::move(configured.error().obstacles));
  }
  co_return to_admin_json(*configured);
}

void public_routes(http::Router& router, Waitroom& rooms, http::Hub& hub, LiveRooms& live,
                   Gatekeeper* gate) {
  router.get("/rooms/{room}",
             {.summary = "A waiting room",
              .answers = {{200, "room"}, {404, "room_not_found"}},
              .tag = "waiting room"},
             [&rooms, &live](Call& call) -> Answer<RoomJson> {
               const auto view = rooms.room(room_of(call));
               if (!view) return room_not_found();
               return live.describe(*view, call.started());
             });
  router.post("/rooms/{room}/places",
              {.summary = "Join; the same place for the same device or account, however often",
               .idempotent = true,
               .answers = {{200, "admitted"},
                           {202, "waiting"},
                           {403, "room_closed"},
                           {403, "invite_invalid"},
                           {403, "invite_expired"},
                           {404, "room_not_found"},
                           {409, "invite_used"},
                           {409, "lanes_fixed"},
                           {428, "proof_required"}},
               .tag = "waiting room"},
              [&rooms, gate](JoinBody body, Call& call) {
                auto room = rooms.room(room_of(call));
                if (!room) throw room_not_found();
                return join(rooms, gate, to_attempt(std::move(body), std::move(*room), call), call);
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
               RoomId room = room_of(call);
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

void operator_routes(http::Router& router, Waitroom& rooms) {
  router.get("/admin/rooms",
             {.summary = "All rooms with their settings",
              .access = Access::admin,
              .answers = {{200, "rooms"}},
              .tag = "operators"},
             [&rooms](Call&) -> Answer<RoomsPage> {
               RoomsPage page;
               for (const RoomView& room : rooms.rooms()) {
                 page.items.push_back(to_admin_json(room));
               }
               return page;
             });
  router.get("/admin/rooms/{room}",
             {.summary = "One room with its settings",
              .access = Access::admin,
              .answers = {{200, "room"}, {404, "room_not_found"}},
              .tag = "operators"},
             [&rooms](Call& call) -> Answer<AdminRoomJson> {
               const auto view = rooms.room(room_of(call));
               if (!view) return room_not_found();
               return to_admin_json(*view);
             });
  router.patch("/admin/rooms/{room}",
               {.summary = "Change a room; acts at once and is audited",
                .access = Access::admin,
                .idempotent = true,
                .answers = {{200, "changed"}, {404, "room_not_found"}, {422, "invalid"}},
                .tag = "operators"},
               [&rooms](RoomPatchBody body, Call& call) {
                 return configure(rooms, room_of(call), to_patch(std::move(body)),
                                  call.principal()->account);
               });
}

}  // namespace

void routes(http::Router& router, Waitroom& rooms, http::Hub& hub, LiveRooms& live,
            Gatekeeper* gate) {
  public_routes(router, rooms, hub, live, gate);
  operator_routes(router, rooms);
}

}  // namespace onsale::waitroom
