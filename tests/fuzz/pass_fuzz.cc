// Passes, by the gates' own verifier and the server's: the first byte says whether the rest is a
// pass, edits to a good one, a key set, or a header and claims (with a line end between) that get
// our signature. Nothing is accepted that we did not sign; the gate accepts nothing that the server
// refuses; both read the same claims.
#include <limits>

#include "gates/cpp/onsale_gate.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/token.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"
#include "waitroom/room/crypto_client.h"

namespace onsale::fuzz {
namespace {

constexpr std::string_view kRoom = "film-1";
constexpr std::string_view kIssuer = "https://onsale.test";
constexpr std::int64_t kEpoch = 3;
constexpr std::int64_t kSkewSeconds = 5;

std::vector<onsale_gate::Key> our_keys() {
  return onsale_gate::parse_jwks(known_ring().jwks_json(now())).value();
}

const std::string& good_pass() {
  static const std::string pass = waitroom::make_signer(known_ring(), std::string(kIssuer))
                                      ->sign_pass({.room = std::string(kRoom),
                                                   .place = "plc_0000000000000000000000000A",
                                                   .id = "pas_1",
                                                   .issued_at = now(),
                                                   .expires_at = now() + Millis(120'000),
                                                   .epoch = kEpoch});
  return pass;
}

Result<crypto::Claims, crypto::TokenRefusal> by_server(std::string_view jwt) {
  const crypto::Expected expected{.issuer = std::string(kIssuer),
                                  .audience = std::string(kRoom),
                                  .type = std::string(waitroom::kPassType),
                                  .leeway = Millis(kSkewSeconds * 1000)};
  return crypto::verify_jwt(known_ring(), jwt, expected, now());
}

onsale_gate::Gate& our_gate() {
  static onsale_gate::Gate gate(
      {.room = std::string(kRoom), .issuer = std::string(kIssuer), .skew_seconds = kSkewSeconds});
  static const bool ready = [] {
    gate.set_keys(our_keys());
    gate.set_epoch(kEpoch);
    return true;
  }();
  check(ready, "the gate has its keys");
  return gate;
}

void refuse_unless_good(std::string_view jwt) {
  const bool good = jwt == good_pass();
  const auto verdict = our_gate().check(jwt, kNowS);
  check(static_cast<bool>(verdict) == good, "the gate accepts the pass itself only");
  check(by_server(jwt).has_value() == good, "and so does the server");
}

// Once per session, and only for the room, the time and the epoch it is for.
void use_once(const std::string& jwt, const onsale_gate::Pass& pass) {
  onsale_gate::Gate gate({.room = std::string(kRoom), .issuer = std::string(kIssuer)});
  gate.set_keys(our_keys());
  check(static_cast<bool>(gate.use(jwt, kNowS, "a")), "the first session gets in");
  check(static_cast<bool>(gate.use(jwt, kNowS, "a")), "and again");
  check(gate.use(jwt, kNowS, "b").refusal == onsale_gate::Refusal::used, "another one does not");
  check(!gate.check(jwt, pass.expires_at + kSkewSeconds), "its time ends");
  gate.set_epoch(pass.epoch + 1);
  check(!gate.check(jwt, kNowS), "and so does its epoch");
}

void signed_by_us(std::string_view text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  const std::string message = crypto::base64url(text.substr(0, end)) + '.' +
                              crypto::base64url(text.substr(std::min(end + 1, text.size())));
  const std::string jwt = message + '.' + crypto::base64url(known_ring().active()->sign(message));
  const auto verdict = our_gate().check(jwt, kNowS);
  if (!verdict) return;
  const auto server = by_server(jwt);
  check(server.has_value(), "the server accepts what a gate accepts");
  const onsale_gate::Pass& pass = *verdict.pass;
  check(pass.place == server->subject && pass.id == server->id && pass.room == server->audience &&
            pass.expires_at * 1000 == to_unix_ms(server->expires_at),
        "both read the same claims");
  check(pass.epoch >= kEpoch, "an epoch that is over stays out");
  if (pass.epoch < std::numeric_limits<std::int64_t>::max()) use_once(jwt, pass);
}

void key_set(std::string_view text) {
  auto keys = onsale_gate::parse_jwks(text);
  if (!keys) return;
  check(!keys->empty() && keys->size() <= onsale_gate::kKeysMax, "some keys, not too many");
  const onsale_gate::Key ours = our_keys().front();
  const bool known = std::ranges::any_of(*keys, [&](const onsale_gate::Key& key) {
    return key.kid == ours.kid && key.public_key == ours.public_key;
  });
  onsale_gate::Gate gate({.room = std::string(kRoom), .issuer = std::string(kIssuer)});
  gate.set_keys(std::move(*keys));
  check(known || !gate.check(good_pass(), kNowS), "another key does not verify our pass");
}

void pass(std::string_view bytes) {
  check(static_cast<bool>(our_gate().check(good_pass(), kNowS)), "the good pass is accepted");
  Choices choices(bytes);
  switch (choices.byte() % 4) {
    case 0:
      return refuse_unless_good(choices.rest());
    case 1:
      return refuse_unless_good(edited(good_pass(), choices));
    case 2:
      return signed_by_us(choices.rest());
    default:
      return key_set(choices.rest());
  }
}

const Declare kDeclared("pass", pass);

}  // namespace
}  // namespace onsale::fuzz
