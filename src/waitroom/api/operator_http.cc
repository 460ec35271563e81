#include "waitroom/api/operator_http.h"

#include "platform/http/message/encode.h"
#include "waitroom/room/room_http.h"
#include "waitroom/room/views_http.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct RoomsPage {
  std::vector<AdminRoomJson> items;
};
BOOST_DESCRIBE_STRUCT(RoomsPage, (), (items))

namespace {

Problem problem(Refused<ConfigureRefusal> refused) {
  switch (refused.why) {
    case ConfigureRefusal::room_not_found:
      return room_not_found();
    case ConfigureRefusal::out_of_range:
      break;
    case ConfigureRefusal::changed_meanwhile:
      return {409, "changed_meanwhile", "The room was changed since this was proposed."};
    case ConfigureRefusal::second_person_needed:
      return {403, "second_person_needed", "Somebody else has to approve this."};
    case ConfigureRefusal::proposal_not_found:
      return {404, "proposal_not_found", "There is no such proposal; it may have expired."};
  }
  return {422, "invalid", "Some fields are not valid.", std::move(refused.obstacles)};
}

Problem not_as_seen() {
  return {412, "changed_meanwhile", "The room is not as it was when it was looked at."};
}

// One room, and the version of its settings for If-Match. Its numbers have none, so that no cache
// may keep the answer.
Answer<AdminRoomJson> shown(Call& call, const RoomView& room) {
  AdminRoomJson json = to_admin_json(room);
  call.set_header("ETag", '"' + json.version + '"');
  call.set_header("Cache-Control", "no-store");
  return json;
}

Task<Answer<AdminRoomJson>> change(Waitroom& rooms, SettingsPatch patch, Call& call) {
  const RoomView room = room_of(rooms, call);
  std::string seen;
  if (const std::string_view wanted = call.header("If-Match"); !wanted.empty()) {
    seen = version_of(room.settings);
    if (!http::etag_matches(wanted, '"' + seen + '"')) co_return not_as_seen();
  }
  std::string who = call.principal()->account;
  auto changed =
      co_await rooms.configure(room.id, std::move(patch), std::move(who), std::move(seen));
  if (!changed) {
    if (changed.error().why == ConfigureRefusal::changed_meanwhile) co_return not_as_seen();
    co_return problem(std::move(changed.error()));
  }
  co_return shown(call, *changed).status(changed->proposed ? 202 : 200);
}

Task<Answer<AdminRoomJson>> approve(Waitroom& rooms, Call& call) {
  RoomId room = room_of(rooms, call).id;
  const auto proposal = call.id<ProposalId>("proposal");
  std::string who = call.principal()->account;
  auto approved = co_await rooms.approve(std::move(room), proposal, std::move(who));
  if (!approved) co_return problem(std::move(approved.error()));
  co_return shown(call, *approved);
}

Task<Answer<void>> withdraw(Waitroom& rooms, Call& call) {
  RoomId room = room_of(rooms, call).id;
  const auto proposal = call.id<ProposalId>("proposal");
  std::string who = call.principal()->account;
  auto withdrawn = co_await rooms.withdraw(std::move(room), proposal, std::move(who));
  if (!withdrawn) co_return problem({.why = withdrawn.error()});
  co_return http::no_content();
}

void approval_routes(http::Router& router, Waitroom& rooms) {
  router.post("/admin/rooms/{room}/proposals/{proposal}/approval",
              {.summary = "Say yes to what another operator proposed; acts at once, exactly as it "
                          "was proposed, while the room's settings are still those of then",
               .access = Access::admin,
               .answers = {{200, "changed"},
                           {403, "second_person_needed"},
                           {404, "proposal_not_found"},
                           {409, "changed_meanwhile"},
                           {422, "invalid"}},
               .tag = "operators"},
              [&rooms](Call& call) { return approve(rooms, call); });
  router.del("/admin/rooms/{room}/proposals/{proposal}",
             {.summary = "Withdraw a proposal",
              .access = Access::admin,
              .answers = {{204, "withdrawn"}, {404, "proposal_not_found"}},
              .tag = "operators"},
             [&rooms](Call& call) { return withdraw(rooms, call); });
}

}  // namespace

void operator_routes(http::Router& router, Waitroom& rooms) {
  router.get("/admin/rooms",
             {.summary = "All rooms with their settings",
              .access = Access::admin,
              .answers = {{200, "rooms"}},
              .tag = "operators"},
             [&rooms](Call&) -> Answer<RoomsPage> {
               RoomsPage page;
               for (const RoomView& room : rooms.rooms()) page.items.push_back(to_admin_json(room));
               return page;
             });
  router.get("/admin/rooms/{room}",
             {.summary = "One room with its settings; the ETag names the settings",
              .access = Access::admin,
              .answers = {{200, "room"}, {404, "room_not_found"}},
              .tag = "operators"},
             [&rooms](Call& call) { return shown(call, room_of(rooms, call)); });
  router.patch(
      "/admin/rooms/{room}",
      {.summary = "Change a room; acts at once and is audited. In a room of the two-person "
                  "rule, what opens it waits for a second operator",
       .access = Access::admin,
       .idempotent = true,
       .answers = {{200, "changed"},
                   {202, "proposed"},
                   {404, "room_not_found"},
                   {412, "changed_meanwhile"},
                   {422, "invalid"}},
       .tag = "operators",
       .headers = {{"If-Match", "The version of the settings that were looked at, quoted"}}},
      [&rooms](RoomPatchBody body, Call& call) {
        return change(rooms, to_patch(std::move(body)), call);
      });
  approval_routes(router, rooms);
}

}  // namespace onsale::waitroom
