#include "waitroom/join/invite_http.h"

#include <charconv>

#include "platform/json/json.h"
#include "waitroom/room/room_http.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

struct InviteJson {
  std::int64_t number = 0;
  std::string lane, token;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(InviteJson, (), (number, lane, token, expires_at))

struct InvitesPage {
  std::vector<InviteJson> items;
  std::optional<std::string> next_cursor;
};
BOOST_DESCRIBE_STRUCT(InvitesPage, (), (items, next_cursor))

struct InvitesQuery {
  std::optional<json::Int<1, 10'000>> limit;
  std::optional<json::Text<1, 20>> cursor;
};
BOOST_DESCRIBE_STRUCT(InvitesQuery, (), (limit, cursor))

struct InviteOrderBody {
  json::Int<1, kInvitesAtOnce> count;
  json::Text<1, 40> lane;
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(InviteOrderBody, (), (count, lane, expires_at))

struct InviteBatchJson {
  std::int64_t first = 0, count = 0, used = 0;
  std::string lane, made_by;
  Timestamp made_at{};
  std::optional<Timestamp> expires_at;
};
BOOST_DESCRIBE_STRUCT(InviteBatchJson, (), (first, count, used, lane, made_by, made_at, expires_at))

struct InviteBatchesJson {
  std::vector<InviteBatchJson> items;
};
BOOST_DESCRIBE_STRUCT(InviteBatchesJson, (), (items))

namespace {

constexpr std::int64_t kInvitesPage = 1'000;

Problem refuse(InviteOrderRefusal refusal) {
  switch (refusal) {
    case InviteOrderRefusal::room_opened:
      return {409, "room_opened", "The room has opened and its lanes are fixed."};
    case InviteOrderRefusal::lane_unknown:
      return {422,
              "lane_unknown",
              "The room has no such lane.",
              {{"lane", "unknown_value", "must be the name of one of the room's lanes"}}};
    case InviteOrderRefusal::too_many:
      return {409, "too_many_invites", "The room has as many invites as it may have."};
    case InviteOrderRefusal::out_of_range:
      break;
  }
  return {422, "invalid", "Some fields are not valid.", {{"expires_at", "out_of_range", "past"}}};
}

std::string lane_name(const RoomView& room, LaneId lane) {
  const auto& lanes = room.settings.lanes;
  return lane >= 1 && lane <= lanes.size() ? lanes[lane - 1U].name : std::to_string(lane);
}

InvitesPage page_of(ProofCrypto& crypto, const RoomView& room,
                    const std::vector<InviteBatch>& batches, std::int64_t after,
                    std::int64_t limit) {
  InvitesPage page;
  auto tokens = invite_tokens(crypto, room, batches, after, limit + 1);
  const bool more = std::cmp_greater(tokens.size(), limit);
  if (more) tokens.pop_back();
  for (InviteToken& one : tokens) {
    page.items.push_back({.number = one.invite.number,
                          .lane = lane_name(room, one.invite.lane),
                          .token = std::move(one.token),
                          .expires_at = one.invite.expires_at});
  }
  if (more) page.next_cursor = std::to_string(page.items.back().number);
  return page;
}

Task<Answer<InvitesPage>> make(InviteRoutes parts, RoomView room, InviteOrder order,
                               Timestamp now) {
  order.change = ChangeId::make(now, parts.random);
  auto made = co_await make_invites(parts.invites, room, std::move(order), now);
  if (!made) co_return refuse(made.error());
  InvitesPage page = page_of(parts.crypto, room, {*made}, 0, kInvitesPage);
  co_return Answer<InvitesPage>(std::move(page)).status(201);
}

Task<Answer<InvitesPage>> list(InviteRoutes parts, RoomView room, InvitesQuery query) {
  std::int64_t after = 0;
  if (query.cursor) {
    const std::string& text = query.cursor->value;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), after);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size() || after < 0) {
      co_return Problem(422, "invalid", "Some fields are not valid.",
                        {{"cursor", "malformed", "must be one that an answer gave"}});
    }
  }
  const std::int64_t limit = query.limit ? query.limit->value : kInvitesPage;
  const auto batches = co_await parts.invites.batches(room.id, room.epoch);
  co_return page_of(parts.crypto, room, batches, after, limit);
}

Task<Answer<InviteBatchesJson>> list_batches(InviteRoutes parts, RoomView room) {
  const auto batches = co_await parts.invites.batches(room.id, room.epoch);
  InviteBatchesJson json;
  for (const InviteBatch& batch : batches) {
    json.items.push_back({.first = batch.first,
                          .count = batch.count,
                          .used = batch.used,
                          .lane = lane_name(room, batch.lane),
                          .made_by = batch.made_by,
                          .made_at = batch.made_at,
                          .expires_at = batch.expires_at});
  }
  co_return json;
}

}  // namespace

void invite_routes(http::Router& router, InviteRoutes parts) {
  router.post("/admin/rooms/{room}/invites",
              {.summary = "Make single-use invites into a lane, before the room opens",
               .access = Access::admin,
               .idempotent = true,
               .answers = {{201, "made"},
                           {404, "room_not_found"},
                           {409, "room_opened"},
                           {409, "too_many_invites"},
                           {422, "lane_unknown"}},
               .tag = "operators"},
              [parts](InviteOrderBody body, Call& call) {
                InviteOrder order{.count = body.count.value,
                                  .lane = std::move(body.lane.value),
                                  .expires_at = body.expires_at,
                                  .made_by = call.principal()->account};
                return make(parts, room_of(parts.rooms, call), std::move(order), call.started());
              });
  router.get("/admin/rooms/{room}/invites",
             {.summary = "The invites of a room, in order of their numbers",
              .access = Access::admin,
              .answers = {{200, "invites"}, {404, "room_not_found"}},
              .tag = "operators"},
             [parts](InvitesQuery query, Call& call) {
               return list(parts, room_of(parts.rooms, call), std::move(query));
             });
  router.get("/admin/rooms/{room}/invites/batches",
             {.summary = "Which invites were made together, and how many were used",
              .access = Access::admin,
              .answers = {{200, "batches"}, {404, "room_not_found"}},
              .tag = "operators"},
             [parts](Call& call) { return list_batches(parts, room_of(parts.rooms, call)); });
}

}  // namespace onsale::waitroom
