#include "waitroom/join/join_http.h"

#include "base/overload.h"
#include "waitroom/join/proof_client.h"
#include "waitroom/room/caller_http.h"
#include "waitroom/room/room_http.h"

namespace onsale::waitroom {

using http::Access;
using http::Answer;
using http::Call;
using http::Problem;

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

ProofStatusJson to_json(const Gatekeeper::Status& status, const JoinCounts& counts) {
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

JoinAttempt attempt_of(RoomView room, const Call& call) {
  JoinAttempt attempt{.room = std::move(room),
                      .device = {},
                      .network = prefix_of(call.client_address()),
                      .address = std::string(call.client_address())};
  attempt.device = caller_of(call, attempt.room.settings.one_per);
  attempt.key = scoped_key(attempt.room.id, call);
  return attempt;
}

JoinAttempt to_attempt(JoinBody body, RoomView room, const Call& call) {
  if (room.settings.one_per == OnePer::account && !call.principal()) {
    throw Problem(401, "unauthenticated", "This room has one place per account: log in first.");
  }
  JoinAttempt attempt = attempt_of(std::move(room), call);
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

bool shows_place(Waitroom& rooms, const RoomId& room, const Call& call) {
  const std::string_view token = call.header("Onsale-Place");
  if (token.empty()) return false;
  try {
    const auto place =
        rooms.look(room, {.token = token, .device = {}, .present = false}, call.started());
    return place && (place->state == PlaceState::waiting || place->state == PlaceState::prequeue ||
                     place->state == PlaceState::admitted);
  } catch (const Overloaded&) {  // it is being brought back
    return true;
  }
}

Task<Result<Entry, Problem>> check_join(Gatekeeper* gatekeeper, JoinAttempt attempt, Call& call,
                                        bool holds) {
  Admit admit{.device = attempt.device};
  if (gatekeeper && !holds) {
    auto verdict = gatekeeper->decide(attempt, call.started());
    if (!verdict) verdict = co_await gatekeeper->check(std::move(attempt), call.started());
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

void join_status_routes(http::Router& router, const Waitroom& rooms, Gatekeeper& gatekeeper) {
  router.get("/admin/rooms/{room}/proof",
             {.summary = "Whether joining costs a proof now, and why",
              .access = Access::admin,
              .answers = {{200, "join check"}, {404, "room_not_found"}},
              .tag = "operators"},
             [&rooms, &gatekeeper](Call& call) -> Answer<ProofStatusJson> {
               const RoomView room = room_of(rooms, call);
               return to_json(gatekeeper.status(room, call.started()), gatekeeper.counts());
             });
}

}  // namespace onsale::waitroom
