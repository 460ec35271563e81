#include "waitroom/api/operator_http.h"

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
  if (refused.why == ConfigureRefusal::room_not_found) return room_not_found();
  return {422, "invalid", "Some fields are not valid.", std::move(refused.obstacles)};
}

AdminRoomJson to_json(const OperatorRoutes& parts, const RoomView& room, Timestamp now) {
  AdminRoomJson json = to_admin_json(room);
  if (const auto proposal = parts.approvals.pending(room.id, now)) {
    PendingJson& pending = json.pending.emplace();
    pending.id = proposal->id;
    pending.by = proposal->by;
    pending.at = proposal->at;
    pending.expires_at = proposal->expires_at;
    for (const Change& change : proposal->changes) {
      pending.changes.push_back({change.field, change.before, change.after});
    }
  }
  return json;
}

// Who proposed, withdrew or approved what. The change itself is another entry.
Task<void> note(AuditLog& audit, RoomId room, std::string who, Timestamp at, std::string before,
                std::string after) {
  AuditEntry entry{.who = std::move(who), .at = at, .room = std::move(room), .changes = {}};
  entry.changes.push_back({"proposal", std::move(before), std::move(after)});
  return audit.changed(std::move(entry));
}

std::string summary(const Proposal& proposal) {
  std::string text;
  for (const Change& change : proposal.changes) {
    text += (text.empty() ? "" : "; ") + change.field + ": " + change.before + " > " + change.after;
  }
  return text;
}

Task<Answer<AdminRoomJson>> propose(OperatorRoutes parts, RoomView room, SettingsPatch patch,
                                    std::string who, Timestamp now) {
  auto obstacles = out_of_range(patched(room.settings, patch));
  if (!obstacles.empty()) {
    co_return Problem(422, "invalid", "Some fields are not valid.", std::move(obstacles));
  }
  const Proposal proposal =
      parts.approvals.propose(room.id, std::move(patch), room.settings, who, now);
  co_await note(parts.audit, room.id, std::move(who), now, "", summary(proposal));
  co_return Answer<AdminRoomJson>(to_json(parts, room, now)).status(202);
}

Task<Answer<AdminRoomJson>> configure(OperatorRoutes parts, RoomId room, SettingsPatch patch,
                                      std::string who, Timestamp now) {
  auto configured =
      co_await parts.rooms.configure(std::move(room), std::move(patch), std::move(who));
  if (!configured) co_return problem(std::move(configured.error()));
  co_return to_json(parts, *configured, now);
}

Task<Answer<AdminRoomJson>> change(OperatorRoutes parts, RoomView room, SettingsPatch patch,
                                   std::string who, Timestamp now) {
  if (needs_two(room.settings, patched(room.settings, patch))) {
    return propose(parts, std::move(room), std::move(patch), std::move(who), now);
  }
  return configure(parts, room.id, std::move(patch), std::move(who), now);
}

Task<Answer<AdminRoomJson>> approve(OperatorRoutes parts, RoomId room, ProposalId id,
                                    std::string who, Timestamp now) {
  auto approved = parts.approvals.approve(room, id, who, now);
  if (!approved) {
    if (approved.error() == ApprovalRefusal::same_person) {
      co_return Problem(403, "second_person_needed", "Somebody else has to approve this.");
    }
    co_return Problem(404, "proposal_not_found", "There is no such proposal; it may have expired.");
  }
  co_await note(parts.audit, room, who, now, "by " + approved->by, "approved");
  auto done = configure(parts, std::move(room), std::move(approved->patch), std::move(who), now);
  auto answer = co_await std::move(done);
  co_return answer;
}

Task<Answer<void>> withdraw(OperatorRoutes parts, RoomId room, ProposalId id, std::string who,
                            Timestamp now) {
  if (!parts.approvals.withdraw(room, id)) {
    co_return Problem(404, "proposal_not_found", "There is no such proposal; it may have expired.");
  }
  co_await note(parts.audit, std::move(room), std::move(who), now, id.str(), "withdrawn");
  co_return http::no_content();
}

void approval_routes(http::Router& router, OperatorRoutes parts) {
  router.post("/admin/rooms/{room}/proposals/{proposal}/approval",
              {.summary = "Say yes to what another operator proposed; acts at once",
               .access = Access::admin,
               .answers = {{200, "changed"},
                           {403, "second_person_needed"},
                           {404, "proposal_not_found"},
                           {422, "invalid"}},
               .tag = "operators"},
              [parts](Call& call) {
                return approve(parts, room_of(parts.rooms, call).id,
                               call.id<ProposalId>("proposal"), call.principal()->account,
                               call.started());
              });
  router.del("/admin/rooms/{room}/proposals/{proposal}",
             {.summary = "Withdraw a proposal",
              .access = Access::admin,
              .answers = {{204, "withdrawn"}, {404, "proposal_not_found"}},
              .tag = "operators"},
             [parts](Call& call) {
               return withdraw(parts, room_of(parts.rooms, call).id,
                               call.id<ProposalId>("proposal"), call.principal()->account,
                               call.started());
             });
}

}  // namespace

void operator_routes(http::Router& router, OperatorRoutes parts) {
  router.get("/admin/rooms",
             {.summary = "All rooms with their settings",
              .access = Access::admin,
              .answers = {{200, "rooms"}},
              .tag = "operators"},
             [parts](Call& call) -> Answer<RoomsPage> {
               RoomsPage page;
               for (const RoomView& room : parts.rooms.rooms()) {
                 page.items.push_back(to_json(parts, room, call.started()));
               }
               return page;
             });
  router.get("/admin/rooms/{room}",
             {.summary = "One room with its settings",
              .access = Access::admin,
              .answers = {{200, "room"}, {404, "room_not_found"}},
              .tag = "operators"},
             [parts](Call& call) -> Answer<AdminRoomJson> {
               return to_json(parts, room_of(parts.rooms, call), call.started());
             });
  router.patch(
      "/admin/rooms/{room}",
      {.summary = "Change a room; acts at once and is audited. In a room of the two-person "
                  "rule, opening and closing wait for a second operator",
       .access = Access::admin,
       .idempotent = true,
       .answers = {{200, "changed"}, {202, "proposed"}, {404, "room_not_found"}, {422, "invalid"}},
       .tag = "operators"},
      [parts](RoomPatchBody body, Call& call) {
        return change(parts, room_of(parts.rooms, call), to_patch(std::move(body)),
                      call.principal()->account, call.started());
      });
  approval_routes(router, parts);
}

}  // namespace onsale::waitroom
