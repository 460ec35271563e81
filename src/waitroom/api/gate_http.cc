#include "waitroom/api/gate_http.h"

#include <onsale_gate.h>

#include "base/encoding.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/seal.h"
#include "platform/crypto/token.h"
#include "platform/crypto/verified_cache.h"
#include "waitroom/line/place_token.h"
#include "waitroom/room/crypto_client.h"
#include "waitroom/room/room_http.h"
#include "waitroom/settings.h"

namespace onsale::waitroom {

using http::Answer;
using http::Call;
using http::Problem;

struct GateJson {
  std::string room, issuer;
  std::int64_t epoch = 0, session_seconds = 0;
  std::string jwks_url, enter_url;
};
BOOST_DESCRIBE_STRUCT(GateJson, (), (room, issuer, epoch, session_seconds, jwks_url, enter_url))

struct LeasesBody {
  std::vector<json::Text<1, crypto::kTokenLengthMax>> passes;
};
BOOST_DESCRIBE_STRUCT(LeasesBody, (), (passes))

struct LeasesJson {
  std::vector<std::string> ended;  // jti
};
BOOST_DESCRIBE_STRUCT(LeasesJson, (), (ended))

// What the gate's own cookie holds, sealed. Before the pass has come there is only the id.
struct GateSession {
  std::string id;
  std::int64_t epoch = 0;
  std::string place_token;  // of who is inside
};
BOOST_DESCRIBE_STRUCT(GateSession, (), (id, epoch, place_token))

namespace {

constexpr std::size_t kLeasesMax = 100;
constexpr std::size_t kUsesMax = 4'000'000;  // passes that were used and have not expired
constexpr std::size_t kPassesRemembered = 65'536;
constexpr Millis kTrustedFor{600'000};  // a withdrawn key must not live on in the cache
constexpr Millis kSkew{5'000};
constexpr std::size_t kIdBytes = 16;
constexpr std::chrono::seconds kBeforeEntry{86'400};  // how long the wait may take
constexpr std::string_view kPassHeader = "Onsale-Pass";
constexpr std::string_view kPassCookie = "onsale_pass";
constexpr std::string_view kReturnHeader = "Onsale-Return";
constexpr std::string_view kEnterHeader = "Onsale-Enter-Url";
constexpr std::string_view kPlaceHeader = "Onsale-Place-Id";
constexpr std::size_t kReturnBytesMax = 2'048;

std::string cookie_name(const RoomId& room) { return "onsale_gate_" + room.str(); }
std::string purpose(const RoomId& room) { return "waitroom-gate " + room.str(); }

}  // namespace

class GateDesk {
 public:
  explicit GateDesk(GateParts parts)
      : parts_(std::move(parts)), passes_(kPassesRemembered), uses_(kUsesMax) {}

  Answer<GateJson> describe(const Call& call) const {
    const RoomView room = room_of(parts_.rooms, call);
    return GateJson{.room = room.id.str(),
                    .issuer = parts_.issuer,
                    .epoch = room.settings.pass_epoch,
                    .session_seconds = room.settings.session_seconds,
                    .jwks_url = parts_.public_url + "/.well-known/jwks.json",
                    .enter_url = enter_url(room.id)};
  }

  Answer<void> check(Call& call);
  Answer<LeasesJson> renew(const LeasesBody& body, const Call& call);

 private:
  // A pass that was good once, and the token of its place.
  struct Lease {
    std::string jti;
    PlaceId place;
    std::string place_token;
    std::int64_t epoch = 0;
    Timestamp not_before{}, expires_at{};
  };
  using LeasePointer = std::shared_ptr<const Lease>;

  std::string enter_url(const RoomId& room) const {
    return parts_.public_url + "/wait/" + room.str();
  }

  Result<LeasePointer, crypto::TokenRefusal> lease_of(const RoomView& room, std::string_view pass,
                                                      Timestamp now);
  Result<crypto::Verified<Lease>, crypto::TokenRefusal> verify(const RoomView& room,
                                                               std::string_view pass,
                                                               Timestamp now);
  // Whose slot it is, if it is still there; counts as a sign of life.
  std::optional<PlaceId> inside(const RoomView& room, const std::string& place_token,
                                Timestamp now) {
    const auto place = parts_.rooms.look(room.id, {.token = place_token, .device = {}}, now);
    if (!place || place->state != PlaceState::admitted) return {};
    return place->id;
  }

  GateSession session_of(const RoomView& room, const Call& call) const;
  void keep_session(const RoomView& room, const GateSession& session, Call& call,
                    std::chrono::seconds life) const;
  std::optional<Problem> enter(const RoomView& room, std::string_view pass, GateSession& session,
                               Timestamp now);

  GateParts parts_;
  crypto::VerifiedCache<Lease> passes_;
  onsale_gate::Uses uses_;
};

// A place's token finds it on any node and after any restart, which its id alone does not.
Result<crypto::Verified<GateDesk::Lease>, crypto::TokenRefusal> GateDesk::verify(
    const RoomView& room, std::string_view pass, Timestamp now) {
  // Passes are looked at long after they have expired: by then they only say whose slot it is.
  const crypto::Expected expected{
      .issuer = parts_.issuer,
      .audience = room.id.str(),
      .type = std::string(kPassType),
      .leeway = std::chrono::seconds(decltype(SettingKinds::session_seconds)::kMax)};
  const auto claims = crypto::verify_jwt(parts_.ring, pass, expected, now);
  if (!claims) return std::unexpected(claims.error());
  const auto place = PlaceId::parse(claims->subject);
  const auto number = place ? sequence_of(*place, room.epoch) : std::nullopt;
  if (!number || claims->id.empty()) return std::unexpected(crypto::TokenRefusal::malformed);
  const auto epoch = claims->numbers.find("epoch");
  Lease lease{
      .jti = claims->id,
      .place = *place,
      .place_token = parts_.signer.sign_place(fresh_payload(room.id, room.epoch, *number, now)),
      .epoch = epoch == claims->numbers.end() ? 0 : epoch->second,
      .not_before = claims->not_before,
      .expires_at = claims->expires_at};
  return crypto::Verified<Lease>{std::make_shared<const Lease>(std::move(lease)),
                                 now + kTrustedFor};
}

Result<GateDesk::LeasePointer, crypto::TokenRefusal> GateDesk::lease_of(const RoomView& room,
                                                                        std::string_view pass,
                                                                        Timestamp now) {
  auto lease = passes_.get(pass, now, [&] { return verify(room, pass, now); });
  if (!lease) return lease;
  // The cache knows no rooms.
  const auto number = sequence_of((*lease)->place, room.epoch);
  const auto said = parts_.rooms.room_of((*lease)->place_token, now);
  if (!number || !said || *said != room.id)
    return std::unexpected(crypto::TokenRefusal::wrong_audience);
  return lease;
}

GateSession GateDesk::session_of(const RoomView& room, const Call& call) const {
  if (const auto cookie = call.cookie(cookie_name(room.id))) {
    const auto opened = crypto::unseal(parts_.ring, purpose(room.id), *cookie, call.started());
    if (!opened) return {};
    if (auto session = json::read<GateSession>(*opened)) return std::move(*session);
  }
  return {};
}

void GateDesk::keep_session(const RoomView& room, const GateSession& session, Call& call,
                            std::chrono::seconds life) const {
  call.set_cookie({.name = cookie_name(room.id),
                   .value = crypto::seal(parts_.ring, purpose(room.id), json::write(session),
                                         call.started() + life),
                   .max_age = life});
}

std::optional<Problem> GateDesk::enter(const RoomView& room, std::string_view pass,
                                       GateSession& session, Timestamp now) {
  const auto lease = lease_of(room, pass, now);
  if (!lease) return Problem(403, "pass_invalid", "This is no pass for this room.");
  const Lease& said = **lease;
  if (now >= said.expires_at + kSkew) return Problem(401, "pass_expired", "The pass has expired.");
  if (now + kSkew < said.not_before)
    return Problem(403, "pass_invalid", "The pass is not valid yet.");
  if (said.epoch < room.settings.pass_epoch)
    return Problem(401, "pass_revoked", "The operator has ended this pass.");
  if (!inside(room, said.place_token, now))
    return Problem(401, "slot_gone", "The slot of this pass has been given to somebody else.");
  const auto until = to_unix_ms(said.expires_at + kSkew) / 1000;
  switch (uses_.claim(said.jti, session.id, until, to_unix_ms(now) / 1000)) {
    case onsale_gate::Uses::Claim::another:
      return Problem(403, "pass_used", "Somebody else came with this pass first.");
    case onsale_gate::Uses::Claim::full:
      return Problem(503, "busy", "Too many passes are in use.", {}, 5);
    case onsale_gate::Uses::Claim::first:
    case onsale_gate::Uses::Claim::again:
      break;
  }
  session.epoch = said.epoch;
  session.place_token = said.place_token;
  return {};
}

Answer<void> GateDesk::check(Call& call) {
  const RoomView room = room_of(parts_.rooms, call);
  const Timestamp now = call.started();
  GateSession session = session_of(room, call);
  const bool known = !session.id.empty();
  if (!known) session.id = crypto::random_token(kIdBytes);
  const bool was_inside = !session.place_token.empty();
  if (was_inside && session.epoch >= room.settings.pass_epoch) {
    if (const auto place = inside(room, session.place_token, now)) {
      call.set_header(kPlaceHeader, place->str());
      return http::no_content();
    }
  }

  std::string pass(call.header(kPassHeader));
  if (pass.empty()) pass = call.cookie(kPassCookie).value_or("");
  std::optional<Problem> refusal(std::in_place, 401, "pass_required", "Wait for a pass first.");
  if (!pass.empty()) refusal = enter(room, pass, session, now);
  if (!refusal) {
    keep_session(room, session, call, std::chrono::seconds(room.settings.session_seconds));
    if (const auto place = inside(room, session.place_token, now))
      call.set_header(kPlaceHeader, place->str());
    return http::no_content();
  }
  // The pass that comes later will belong to whoever was given this cookie now.
  if (!known || was_inside) {
    session.place_token.clear();
    keep_session(room, session, call, kBeforeEntry);
  }
  std::string enter_at = enter_url(room.id);
  const std::string_view back = call.header(kReturnHeader);
  if (!back.empty() && back.size() <= kReturnBytesMax)
    enter_at += "?return=" + percent_encoded(back);
  call.set_header(kEnterHeader, enter_at);
  return std::move(*refusal);
}

Answer<LeasesJson> GateDesk::renew(const LeasesBody& body, const Call& call) {
  if (body.passes.size() > kLeasesMax)
    return Problem(422, "invalid", "Some fields are not valid.",
                   {{"passes", "too_long", "at most 100 passes"}});
  const RoomView room = room_of(parts_.rooms, call);
  LeasesJson answer;
  for (const auto& pass : body.passes) {
    const auto lease = lease_of(room, pass.value, call.started());
    if (!lease) continue;  // says nothing that could be believed, not even its id
    const bool lives = (*lease)->epoch >= room.settings.pass_epoch &&
                       inside(room, (*lease)->place_token, call.started());
    if (!lives) answer.ended.push_back((*lease)->jti);
  }
  return answer;
}

void gate_routes(http::Router& router, GateParts parts) {
  const auto desk = std::make_shared<GateDesk>(std::move(parts));
  router.get("/rooms/{room}/gate",
             {.summary = "What a gate in front of another origin has to know",
              .answers = {{200, "gate"}, {404, "room_not_found"}},
              .rate = http::RateClass::none,
              .tag = "waiting room",
              .etag = true,
              .cache_control = "public, max-age=1"},
             [desk](Call& call) { return desk->describe(call); });
  router.get("/rooms/{room}/gate/check",
             {.summary = "May this visitor in? For nginx's auth_request; renews the slot",
              .answers = {{204, "inside"},
                          {401, "pass_required"},
                          {401, "pass_expired"},
                          {401, "pass_revoked"},
                          {401, "slot_gone"},
                          {403, "pass_invalid"},
                          {403, "pass_used"},
                          {404, "room_not_found"}},
              .rate = http::RateClass::none,
              .tag = "waiting room",
              .headers = {{"Onsale-Pass", "The pass; or the cookie onsale_pass"},
                          {"Onsale-Return", "Where the visitor wanted to go, absolute"}}},
             [desk](Call& call) { return desk->check(call); });
  router.post("/rooms/{room}/gate/leases",
              {.summary = "Keep the slots of people inside; names those that have ended",
               .answers = {{200, "leases"}, {404, "room_not_found"}},
               .rate = http::RateClass::none,
               .tag = "waiting room",
               .csrf_exempt = true,
               .body_max = 256 * 1024},
              [desk](LeasesBody body, Call& call) { return desk->renew(body, call); });
}

}  // namespace onsale::waitroom
