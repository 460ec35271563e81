// What is behind the signature of a place token, and place ids.
#include "tests/fuzz/fuzz.h"
#include "waitroom/line/place_token.h"

namespace onsale::fuzz {
namespace {

using waitroom::decode_place_token;
using waitroom::place_id;
using waitroom::PlaceId;
using waitroom::RoomId;
using waitroom::sequence_of;

void place_payload(std::string_view bytes) {
  if (const auto token = decode_place_token(bytes)) {
    const std::string written = encode(*token);
    check(written.size() <= bytes.size(), "the shortest spelling is the one that is written");
    const auto again = decode_place_token(written);
    check(again && again->room == token->room && again->epoch == token->epoch &&
              again->place == token->place && again->expires_s == token->expires_s,
          "a payload survives being written");
    check(!decode_place_token(std::string(bytes) + '\0'), "nothing follows a payload");
    check(sequence_of(place_id(token->epoch, token->place), token->epoch) == token->place,
          "an id names its place");
    check(!sequence_of(place_id(token->epoch, token->place), token->epoch + 1),
          "and none of another epoch");
  }
  if (const auto id = PlaceId::parse(bytes)) check(id->str() == bytes, "an id has one spelling");
  if (const auto room = RoomId::parse(bytes)) check(room->str() == bytes, "so has a room");
}

const Declare kDeclared("place_payload", place_payload);

}  // namespace
}  // namespace onsale::fuzz
