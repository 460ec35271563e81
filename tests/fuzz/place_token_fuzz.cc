// Place tokens as strangers send them: the first byte says whether the rest is a token, edits to a
// good one, or a payload that gets our signature. Nothing is accepted that we did not sign.
#include "platform/crypto/token.h"
#include "tests/fuzz/edits.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/keys.h"
#include "waitroom/line/place_token.h"
#include "waitroom/room/crypto_client.h"

namespace onsale::fuzz {
namespace {

constexpr std::string_view kPurpose = "waitroom-place";

waitroom::Signer& signer() {
  static const auto made = waitroom::make_signer(known_ring(), "onsale");
  return *made;
}

const std::string& good_payload() {
  static const std::string payload =
      waitroom::fresh_payload(*waitroom::RoomId::parse("film-x"), 7, 1'234, now());
  return payload;
}

const std::string& good_token() {
  static const std::string token = signer().sign_place(good_payload());
  return token;
}

// Neither the cache nor the keys take it, whatever was asked before.
void refuse_unless_good(std::string_view token) {
  const auto opened = signer().open_place(token, now());
  const auto verified = crypto::verify_bytes(known_ring(), kPurpose, token, now());
  check((opened != nullptr) == (token == good_token()), "only the token itself is accepted");
  check(verified.has_value() == (opened != nullptr), "with the cache and without it");
  if (opened) check(*opened == good_payload() && *verified == *opened, "it says what was signed");
}

void signed_by_us(std::string_view payload) {
  const std::string token = crypto::sign_bytes(known_ring(), kPurpose, payload);
  const auto verified = crypto::verify_bytes(known_ring(), kPurpose, token, now());
  check(token.size() > crypto::kTokenLengthMax || (verified && *verified == payload),
        "what was signed is read");
  if (verified) (void)waitroom::decode_place_token(*verified);
  const auto foreign = crypto::verify_bytes(known_ring(), "booking-ticket", token, now());
  check(!foreign, "a token is good for its own purpose only");
}

void place_token(std::string_view bytes) {
  check(signer().open_place(good_token(), now()) != nullptr, "the good token is accepted");
  Choices choices(bytes);
  switch (choices.byte() % 3) {
    case 0:
      return refuse_unless_good(choices.rest());
    case 1:
      return refuse_unless_good(edited(good_token(), choices));
    default:
      return signed_by_us(choices.rest());
  }
}

const Declare kDeclared("place_token", place_token);

}  // namespace
}  // namespace onsale::fuzz
