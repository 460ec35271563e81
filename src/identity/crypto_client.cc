#include "identity/crypto_client.h"

#include "platform/crypto/bytes.h"
#include "platform/crypto/password.h"
#include "platform/crypto/token.h"

namespace onsale::identity {
namespace {

constexpr std::size_t kTokenBytes = 32;

// A pad that only the holder of `under` can compute. It is used for one token only: a refresh
// token has one successor.
std::string pad_for(std::string_view under) {
  return crypto::sha256("onsale refresh successor\n" + std::string(under));
}

std::string xored(std::string_view text, std::string_view under) {
  auto bytes = crypto::from_base64url(text);
  if (!bytes || bytes->size() != kTokenBytes) return {};
  const std::string pad = pad_for(under);
  for (std::size_t i = 0; i < kTokenBytes; ++i)
    (*bytes)[i] = static_cast<char>((*bytes)[i] ^ pad[i]);
  return crypto::base64url(*bytes);
}

}  // namespace

Task<std::string> PooledPasswords::hash(std::string password) {
  return pool_.run([password = std::move(password)] { return crypto::hash_password(password); });
}

Task<bool> PooledPasswords::verify(std::optional<std::string> hash, std::string password) {
  return pool_.run([hash = std::move(hash), password = std::move(password)] {
    const bool fits =
        crypto::verify_password(hash ? *hash : crypto::decoy_password_hash(), password);
    return fits && hash.has_value();
  });
}

bool PooledPasswords::outdated(const std::string& hash) const { return crypto::needs_rehash(hash); }

std::string SignedTokens::sign_access(const AccessClaims& claims) {
  return crypto::sign_jwt(
      ring_, kAccessTokenType,
      {.issuer = issuer_,
       .subject = claims.account.str(),
       .issued_at = claims.issued_at,
       .expires_at = claims.expires_at,
       .text = {{"role", std::string(to_string(claims.role))}, {"sid", claims.session.str()}}});
}

std::string SignedTokens::new_refresh_token() { return crypto::random_token(kTokenBytes); }

std::string SignedTokens::digest(std::string_view refresh_token) {
  return crypto::base64url(crypto::sha256(refresh_token));
}

std::string SignedTokens::wrap(std::string_view token, std::string_view under) {
  return xored(token, under);
}

std::string SignedTokens::unwrap(std::string_view wrapped, std::string_view under) {
  return xored(wrapped, under);
}

Result<crypto::Verified<AccessVerifier::Known>, crypto::TokenRefusal> AccessVerifier::read(
    std::string_view token, Timestamp now) {
  const auto claims = crypto::verify_jwt(ring_, token, expected_, now);
  if (!claims) return std::unexpected(claims.error());
  const auto role = claims->text.find("role");
  const auto sid = claims->text.find("sid");
  if (role == claims->text.end() || sid == claims->text.end() || !parse_role(role->second) ||
      !AccountId::parse(claims->subject))
    return std::unexpected(crypto::TokenRefusal::malformed);
  const auto session = SessionId::parse(sid->second);
  if (!session) return std::unexpected(crypto::TokenRefusal::malformed);
  return crypto::Verified<Known>{std::make_shared<const Known>(Known{
                                     {claims->subject, role->second}, *session, claims->issued_at}),
                                 claims->expires_at};
}

std::shared_ptr<const AccessVerifier::Known> AccessVerifier::verified(std::string_view access_token,
                                                                      Timestamp now) {
  const auto known = cache_.get(access_token, now, [&] { return read(access_token, now); });
  if (!known || ended_.refuses((*known)->session, (*known)->issued_at)) return nullptr;
  return *known;
}

std::optional<http::Principal> AccessVerifier::authenticate(std::string_view access_token,
                                                            Timestamp now) {
  const auto known = verified(access_token, now);
  if (!known) return std::nullopt;
  return known->principal;
}

std::optional<SessionId> AccessVerifier::session_of(std::string_view access_token, Timestamp now) {
  const auto known = verified(access_token, now);
  if (!known) return std::nullopt;
  return known->session;
}

}  // namespace onsale::identity
