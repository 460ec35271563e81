#include "waitroom/proof_http.h"

#include <charconv>

#include "waitroom/caller_http.h"
#include "waitroom/proof_client.h"

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

struct ProofStatusJson {
  bool proof_demanded = false, pressed = false;
  double joins_per_second = 0, normal_per_second = 0, pressed_from_per_second = 0,
         cookie_less_share = 0;
  std::int64_t placed_last_minute = 0, allowance_per_network = 0;
  // Of all rooms, since the start.
  std::int64_t asked = 0, proven = 0, refused = 0, slow_by_quota = 0, slow_by_suspicion = 0,
               invited = 0, external_passed = 0, external_failed = 0, external_unavailable = 0;
};
BOOST_DESCRIBE_STRUCT(ProofStatusJson, (),
                      (proof_demanded, pressed, joins_per_second, normal_per_second,
                       pressed_from_per_second, cookie_less_share, placed_last_minute,
                       allowance_per_network, asked, proven, refused, slow_by_quota,
                       slow_by_suspicion, invited, external_passed, external_failed,
                       external_unavailable))

namespace {

constexpr std::int64_t kInvitesPage = 1'000;

Problem ask(const AskProof& question) {
  Problem problem(428, "proof_required",
                  "Many want to join just now: solve the challenge and send it as \"proof\".");
  if (question.fault) {
    problem.errors.push_back({"proof", std::string(to_string(*question.fault)),
                              "the proof does not count; solve the new challenge"});
  }
  if (question.external_failed) {
    problem.errors.push_back({"external", "failed", "the service did not accept this answer"});
  }
  ChallengeJson challenge{.token = question.token,
                          .bits = question.bits,
                          .count = question.count,
                          .expires_at = question.expires_at,
                          .external_url = {}};
  if (!question.external_url.empty()) challenge.external_url = question.external_url;
  problem.extensions.emplace_back("challenge", json::write(challenge));
  return problem;
}

Problem refuse(InviteFault fault) {
  const std::string code(to_string(fault));
  switch (fault) {
    case InviteFault::lanes_fixed:
      return {409, code, "The room has opened and its lanes are fixed; join without the invite."};
    case InviteFault::used:
      return {409, code, "Another device has used this invite."};
    case InviteFault::expired:
      return {403, code, "This invite has expired; join without it."};
    case InviteFault::invalid:
      break;
  }
  return {403, code, "This is no invite for this room."};
}

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

RoomView room_of(Waitroom& rooms, const Call& call) {
  const auto id = RoomId::parse(call.param("room"));
  auto room = id ? rooms.room(*id) : std::nullopt;
  if (!room) throw Problem(404, "room_not_found", "There is no such room.");
  return std::move(*room);
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

Task<Answer<InvitesPage>> make(ProofRoutes parts, RoomView room, InviteOrder order, Timestamp now) {
  auto made = co_await make_invites(parts.invites, parts.audit, room, std::move(order), now);
  if (!made) co_return refuse(made.error());
  InvitesPage page = page_of(parts.crypto, room, {*made}, 0, kInvitesPage);
  co_return Answer<InvitesPage>(std::move(page)).status(201);
}

Task<Answer<InvitesPage>> list(ProofRoutes parts, RoomView room, InvitesQuery query) {
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

Task<Answer<InviteBatchesJson>> list_batches(ProofRoutes parts, RoomView room) {
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

ProofStatusJson to_json(const Gatekeeper::Status& status, const GateCounts& counts) {
  const JoinPressure::Reading& reading = status.reading;
  return {.proof_demanded = status.demanded,
          .pressed = reading.pressed,
          .joins_per_second = reading.per_second,
          .normal_per_second = reading.normal,
          .pressed_from_per_second = reading.threshold,
          .cookie_less_share = reading.cookie_less,
          .placed_last_minute = reading.placed,
          .allowance_per_network = status.allowance,
          .asked = counts.asked,
          .proven = counts.proven,
          .refused = counts.refused,
          .slow_by_quota = counts.slow_quota,
          .slow_by_suspicion = counts.slow_suspect,
          .invited = counts.invited,
          .external_passed = counts.external_passed,
          .external_failed = counts.external_failed,
          .external_unavailable = counts.external_unavailable};
}

// Whose key it is: two strangers may choose the same one.
std::string scoped_key(const RoomId& room, const Call& call) {
  const std::string_view key = call.header("Idempotency-Key");
  if (key.empty()) return {};
  std::string scoped = room.str();
  scoped.push_back('\0');
  scoped.append(call.client_address()).push_back('\0');
  return scoped.append(key);
}

}  // namespace

JoinAttempt to_attempt(JoinBody body, RoomView room, const Call& call) {
  const OnePer one_per = room.settings.one_per;
  if (one_per == OnePer::account && !call.principal()) {
    throw Problem(401, "unauthenticated", "This room has one place per account: log in first.");
  }
  JoinAttempt attempt{.room = std::move(room),
                      .device = caller_of(call, one_per),
                      .network = prefix_of(call.client_address()),
                      .address = std::string(call.client_address())};
  attempt.key = scoped_key(attempt.room.id, call);
  if (body.proof) {
    Solutions& proof = attempt.proof.emplace();
    proof.token = std::move(body.proof->token.value);
    proof.numbers.reserve(body.proof->solutions.size());
    for (const auto& number : body.proof->solutions) {
      proof.numbers.push_back(static_cast<std::uint64_t>(number.value));
    }
  }
  if (body.invite) attempt.invite = std::move(body.invite->value);
  if (body.external) attempt.external = std::move(body.external->value);
  return attempt;
}

Task<Result<Entry, Problem>> pass_gate(Gatekeeper* gate, JoinAttempt attempt, Call& call) {
  Admit admit{.device = attempt.device};
  if (gate) {
    auto verdict = gate->decide(attempt, call.started());
    if (!verdict) verdict = co_await gate->check(std::move(attempt), call.started());
    if (const auto* question = std::get_if<AskProof>(&*verdict)) {
      co_return std::unexpected(ask(*question));
    }
    if (const auto* fault = std::get_if<InviteFault>(&*verdict)) {
      co_return std::unexpected(refuse(*fault));
    }
    admit = std::move(std::get<Admit>(*verdict));
  }
  Entry entry{.lane = admit.lane};
  if (!admit.cookie.empty()) {
    entry.device = give_device(call, std::move(admit.cookie));
  } else {
    entry.device = admit.device ? *admit.device : caller_or_new(call);
  }
  co_return entry;
}

void proof_routes(http::Router& router, ProofRoutes parts) {
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
  router.get("/admin/rooms/{room}/proof",
             {.summary = "Whether joining costs a proof now, and why",
              .access = Access::admin,
              .answers = {{200, "gate"}, {404, "room_not_found"}},
              .tag = "operators"},
             [parts](Call& call) -> Answer<ProofStatusJson> {
               const RoomView room = room_of(parts.rooms, call);
               return to_json(parts.gate.status(room, call.started()), parts.gate.counts());
             });
}

}  // namespace onsale::waitroom
