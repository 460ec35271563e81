#include "platform/crypto/token.h"

#include <algorithm>
#include <boost/json.hpp>
#include <optional>

#include "platform/crypto/bytes.h"
#include "platform/crypto/verified_cache.h"

namespace onsale::crypto {
namespace {

namespace json = boost::json;

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of year 9999
// A cached token is verified again after this, so that a withdrawn key doesn't live on in caches.
constexpr Millis kTrustedFor = std::chrono::minutes(10);

std::int64_t seconds(Timestamp t) {
  return std::chrono::floor<std::chrono::seconds>(t).time_since_epoch().count();
}

std::string signed_message(std::string_view purpose, std::string_view payload) {
  // No JWT begins like this, and no purpose holds a NUL: nothing signed here reads as another.
  std::string message("onsale-bytes-1");
  message.push_back('\0');
  message.append(purpose).push_back('\0');
  return message.append(payload);
}

struct Parts {
  std::string_view header, claims, signature, message;
};

std::optional<Parts> split(std::string_view token) {
  if (token.size() > kTokenLengthMax) return {};
  const auto first = token.find('.');
  if (first == token.npos) return {};
  const auto second = token.find('.', first + 1);
  if (second == token.npos || token.find('.', second + 1) != token.npos) return {};
  return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
               token.substr(second + 1), token.substr(0, second)};
}

std::optional<json::object> object_of(std::string_view encoded) {
  const auto text = from_base64url(encoded);
  if (!text) return {};
  json::error_code error;
  json::value value = json::parse({text->data(), text->size()}, error);
  if (error || !value.is_object()) return {};
  return std::move(value.get_object());
}

std::optional<std::string_view> text_of(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (!value || !value->is_string()) return {};
  const json::string& text = value->get_string();
  return std::string_view(text.data(), text.size());
}

// False when the member is there but is no time. Absent leaves `out` as it is.
bool read_time(const json::object& object, std::string_view name, Timestamp& out) {
  const json::value* value = object.if_contains({name.data(), name.size()});
  if (!value) return true;
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > kSecondsMax)
    return false;
  out = Timestamp(std::chrono::seconds(value->get_int64()));
  return true;
}

std::optional<Claims> claims_of(const json::object& object) {
  Claims claims;
  if (!object.contains("exp") || !read_time(object, "exp", claims.expires_at) ||
      !read_time(object, "nbf", claims.not_before) || !read_time(object, "iat", claims.issued_at))
    return {};
  for (const auto& member : object) {
    const std::string_view name(member.key().data(), member.key().size());
    const auto text = text_of(object, name);
    const bool time = name == "exp" || name == "nbf" || name == "iat";
    if (member.value().is_int64() && !time)
      claims.numbers.emplace(name, member.value().get_int64());
    if (!text) continue;
    if (name == "iss")
      claims.issuer = *text;
    else if (name == "sub")
      claims.subject = *text;
    else if (name == "aud")
      claims.audience = *text;
    else if (name == "jti")
      claims.id = *text;
    else
      claims.text.emplace(name, *text);
  }
  return claims;
}

Result<void, TokenRefusal> check_claims(const Claims& claims, const Expected& expected,
                                        Timestamp now) {
  if (claims.issuer != expected.issuer) return std::unexpected(TokenRefusal::wrong_issuer);
  if (claims.audience != expected.audience) return std::unexpected(TokenRefusal::wrong_audience);
  if (now >= claims.expires_at + expected.leeway) return std::unexpected(TokenRefusal::expired);
  if (now + expected.leeway < claims.not_before)
    return std::unexpected(TokenRefusal::not_yet_valid);
  return {};
}

}  // namespace

std::string_view to_string(TokenRefusal refusal) {
  switch (refusal) {
    case TokenRefusal::malformed:
      return "malformed";
    case TokenRefusal::unknown_key:
      return "unknown_key";
    case TokenRefusal::bad_algorithm:
      return "bad_algorithm";
    case TokenRefusal::bad_signature:
      return "bad_signature";
    case TokenRefusal::expired:
      return "expired";
    case TokenRefusal::not_yet_valid:
      return "not_yet_valid";
    case TokenRefusal::wrong_audience:
      return "wrong_audience";
    case TokenRefusal::wrong_issuer:
      return "wrong_issuer";
    case TokenRefusal::wrong_type:
      return "wrong_type";
  }
  return "malformed";
}

std::string sign_jwt(const KeyRing& ring, std::string_view typ, const Claims& claims) {
  const auto key = ring.active();
  const json::object header{
      {"alg", "EdDSA"}, {"typ", json::string_view(typ.data(), typ.size())}, {"kid", key->kid()}};
  json::object body;
  const auto add = [&body](std::string_view name, const std::string& value) {
    if (!value.empty()) body[{name.data(), name.size()}] = value;
  };
  add("iss", claims.issuer);
  add("sub", claims.subject);
  add("aud", claims.audience);
  add("jti", claims.id);
  if (claims.issued_at != Timestamp{}) body["iat"] = seconds(claims.issued_at);
  if (claims.not_before != Timestamp{}) body["nbf"] = seconds(claims.not_before);
  body["exp"] = seconds(claims.expires_at);
  for (const auto& [name, value] : claims.text) add(name, value);
  for (const auto& [name, value] : claims.numbers) body[name] = value;
  std::string token = base64url(json::serialize(header)) + '.' + base64url(json::serialize(body));
  const std::string signature = key->sign(token);
  return token += '.' + base64url(signature);
}

Result<Claims, TokenRefusal> verify_jwt(const KeyRing& ring, std::string_view token,
                                        const Expected& expected, Timestamp now) {
  const auto parts = split(token);
  if (!parts) return std::unexpected(TokenRefusal::malformed);
  const auto header = object_of(parts->header);
  const auto signature = from_base64url(parts->signature);
  if (!header || !signature) return std::unexpected(TokenRefusal::malformed);
  if (text_of(*header, "alg") != "EdDSA") return std::unexpected(TokenRefusal::bad_algorithm);
  // An extension that must be understood (RFC 7515, 4.1.11): we understand none.
  if (header->contains("crit")) return std::unexpected(TokenRefusal::malformed);
  const auto kid = from_base64url(text_of(*header, "kid").value_or(""));
  if (!kid) return std::unexpected(TokenRefusal::unknown_key);
  const auto key = ring.find(*kid, now);
  if (!key) return std::unexpected(TokenRefusal::unknown_key);
  if (!key->verify(parts->message, *signature)) return std::unexpected(TokenRefusal::bad_signature);
  if (text_of(*header, "typ") != expected.type) return std::unexpected(TokenRefusal::wrong_type);
  const auto body = object_of(parts->claims);
  if (!body) return std::unexpected(TokenRefusal::malformed);
  auto claims = claims_of(*body);
  if (!claims) return std::unexpected(TokenRefusal::malformed);
  if (const auto ok = check_claims(*claims, expected, now); !ok) return std::unexpected(ok.error());
  return std::move(*claims);
}

std::string sign_bytes(const KeyRing& ring, std::string_view purpose, std::string_view payload) {
  const auto key = ring.active();
  std::string bytes(payload);
  bytes.append(key->raw_kid()).append(key->sign(signed_message(purpose, payload)));
  return base64url(bytes);
}

Result<std::string, TokenRefusal> verify_bytes(const KeyRing& ring, std::string_view purpose,
                                               std::string_view token, Timestamp now) {
  if (token.size() > kTokenLengthMax) return std::unexpected(TokenRefusal::malformed);
  auto bytes = from_base64url(token);
  if (!bytes || bytes->size() < kKidBytes + kSignatureBytes)
    return std::unexpected(TokenRefusal::malformed);
  const std::string_view all(*bytes);
  const std::string_view signature = all.substr(all.size() - kSignatureBytes);
  const std::size_t length = all.size() - kSignatureBytes - kKidBytes;
  const auto key = ring.find(all.substr(length, kKidBytes), now);
  if (!key) return std::unexpected(TokenRefusal::unknown_key);
  if (!key->verify(signed_message(purpose, all.substr(0, length)), signature))
    return std::unexpected(TokenRefusal::bad_signature);
  bytes->resize(length);
  return std::move(*bytes);
}

Result<std::shared_ptr<const Claims>, TokenRefusal> JwtVerifier::verify(std::string_view token,
                                                                        Timestamp now) {
  return cache_.get(token, now, [&]() -> Result<Verified<Claims>, TokenRefusal> {
    auto claims = verify_jwt(ring_, token, expected_, now);
    if (!claims) return std::unexpected(claims.error());
    const Timestamp end = std::min(claims->expires_at + expected_.leeway, now + kTrustedFor);
    return Verified<Claims>{std::make_shared<const Claims>(std::move(*claims)), end};
  });
}

void BytesVerifier::trust(std::string_view token, std::string payload, Timestamp now) {
  cache_.put(token, {std::make_shared<const std::string>(std::move(payload)), now + kTrustedFor});
}

Result<std::shared_ptr<const std::string>, TokenRefusal> BytesVerifier::verify(
    std::string_view token, Timestamp now) {
  return cache_.get(token, now, [&]() -> Result<Verified<std::string>, TokenRefusal> {
    auto payload = verify_bytes(ring_, purpose_, token, now);
    if (!payload) return std::unexpected(payload.error());
    return Verified<std::string>{std::make_shared<const std::string>(std::move(*payload)),
                                 now + kTrustedFor};
  });
}

}  // namespace onsale::crypto
