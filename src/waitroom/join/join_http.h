// The join check over HTTP: what a join may carry, how the verdicts are told, and what operators
// see of it.
#pragma once

#include "platform/http/router.h"
#include "waitroom/join/gatekeeper.h"

namespace onsale::waitroom {

struct ProofBody {
  json::Text<1, kProofTokenMax> token;
  std::vector<json::Int<0, (std::int64_t{1} << 53) - 1>> solutions;  // what JavaScript counts to
};
BOOST_DESCRIBE_STRUCT(ProofBody, (), (token, solutions))

// What an unproven join is asked: in its 428, beside the usual members of a problem.
struct ChallengeJson {
  std::string token;
  std::string algorithm = "sha256";
  std::int64_t bits = 0, count = 0;
  Timestamp expires_at{};
  std::optional<std::string> external_url;
};
BOOST_DESCRIBE_STRUCT(ChallengeJson, (), (token, algorithm, bits, count, expires_at, external_url))

// The body of a join; an absent one is empty.
struct JoinBody {
  std::optional<ProofBody> proof;
  std::optional<json::Text<1, kInviteTokenMax>> invite;
  std::optional<json::Text<1, 4096>> external;
};
BOOST_DESCRIBE_STRUCT(JoinBody, (), (proof, invite, external))

// Who asks and from where: the one place that makes a JoinAttempt. The device is empty for a
// stranger.
JoinAttempt attempt_of(RoomView room, const http::Call& call);
JoinAttempt to_attempt(JoinBody body, RoomView room, const http::Call& call);

// Whose place it will be, and in which lane; who had no device has its cookie then.
struct Entry {
  DeviceKey device{};
  LaneId lane = kMainLane;
};
// Asks the gatekeeper, if there is one. Whoever `holds` a place by its token is no newcomer.
Task<Result<Entry, http::Problem>> check_join(Gatekeeper* gatekeeper, JoinAttempt attempt,
                                              http::Call& call, bool holds = false);
// Whether the request shows the token of a place of this room that is not over.
bool shows_place(Waitroom& rooms, const RoomId& room, const http::Call& call);

// GET /admin/rooms/{room}/proof. Both must outlive the router.
void join_status_routes(http::Router& router, const Waitroom& rooms, Gatekeeper& gatekeeper);

}  // namespace onsale::waitroom
