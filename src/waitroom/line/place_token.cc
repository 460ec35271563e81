#include "waitroom/line/place_token.h"

#include "waitroom/varint.h"

namespace onsale::waitroom {

namespace {

constexpr std::uint64_t kFormat = 1;

}  // namespace

std::string encode(const PlaceToken& token) {
  std::string out;
  put_varint(out, kFormat);
  put_text(out, token.room);
  put_varint(out, token.epoch);
  put_varint(out, token.place);
  put_varint(out, static_cast<std::uint64_t>(token.expires_s));
  return out;
}

std::string fresh_payload(const RoomId& room, std::uint32_t epoch, Sequence place, Timestamp now) {
  return encode({.room = room.str(),
                 .epoch = epoch,
                 .place = place,
                 .expires_s = to_unix_ms(now) / 1000 + kTokenDays * 86'400});
}

std::optional<PlaceToken> decode_place_token(std::string_view payload) {
  ByteReader reader(payload);
  if (reader.varint() != kFormat) return {};
  PlaceToken token;
  token.room = reader.text();
  const std::uint64_t epoch = reader.varint();
  token.epoch = static_cast<std::uint32_t>(epoch);
  token.place = reader.varint();
  token.expires_s = static_cast<std::int64_t>(reader.varint());
  if (reader.failed() || !reader.done() || epoch != token.epoch) return {};
  return token;
}

PlaceId place_id(std::uint32_t epoch, Sequence place) {
  return PlaceId(RawId{.high = epoch, .low = place});
}

std::optional<Sequence> sequence_of(const PlaceId& id, std::uint32_t epoch) {
  if (id.raw().high != epoch) return {};
  return id.raw().low;
}

}  // namespace onsale::waitroom
