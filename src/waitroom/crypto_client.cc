#include "waitroom/crypto_client.h"

#include "platform/crypto/token.h"
#include "platform/crypto/verified_cache.h"

namespace onsale::waitroom {
namespace {

constexpr std::string_view kPlacePurpose = "waitroom-place";
// About 300 bytes each. Beyond this, a token costs a signature check again.
constexpr std::size_t kPlacesRemembered = 1'000'000;
constexpr std::size_t kPassesRemembered = 65'536;
// A withdrawn key must not live on in the cache.
constexpr Millis kTrustedFor{600'000};

class KeyRingSigner final : public Signer {
 public:
  KeyRingSigner(const crypto::KeyRing& ring, std::string issuer)
      : ring_(ring),
        issuer_(std::move(issuer)),
        places_(ring, std::string(kPlacePurpose), kPlacesRemembered),
        passes_(kPassesRemembered) {}

  std::string sign_place(std::string_view payload) override {
    return crypto::sign_bytes(ring_, kPlacePurpose, payload);
  }

  std::shared_ptr<const std::string> open_place(std::string_view token, Timestamp now) override {
    auto payload = places_.verify(token, now);
    return payload ? std::move(*payload) : nullptr;
  }

  std::string sign_pass(const PassClaims& claims) override {
    return crypto::sign_jwt(ring_, kPassType,
                            {.issuer = issuer_,
                             .subject = claims.place,
                             .audience = claims.room,
                             .id = claims.id,
                             .issued_at = claims.issued_at,
                             .not_before = claims.issued_at,
                             .expires_at = claims.expires_at});
  }

  Result<PassClaims, PassFault> open_pass(std::string_view jwt, const RoomId& room,
                                          Timestamp now) override {
    const auto claims = passes_.get(jwt, now, [&] { return verify(jwt, room, now); });
    if (!claims) {
      const bool time = claims.error() == crypto::TokenRefusal::expired ||
                        claims.error() == crypto::TokenRefusal::not_yet_valid;
      return std::unexpected(time ? PassFault::not_valid_now : PassFault::forged);
    }
    const crypto::Claims& said = **claims;
    if (said.audience != room.str()) return std::unexpected(PassFault::forged);
    return PassClaims{.room = said.audience,
                      .place = said.subject,
                      .id = said.id,
                      .issued_at = said.issued_at,
                      .expires_at = said.expires_at};
  }

 private:
  Result<crypto::Verified<crypto::Claims>, crypto::TokenRefusal> verify(std::string_view jwt,
                                                                        const RoomId& room,
                                                                        Timestamp now) {
    const crypto::Expected expected{
        .issuer = issuer_, .audience = room.str(), .type = std::string(kPassType)};
    auto claims = crypto::verify_jwt(ring_, jwt, expected, now);
    if (!claims) return std::unexpected(claims.error());
    const Timestamp until = std::min(claims->expires_at, now + kTrustedFor);
    return crypto::Verified<crypto::Claims>{
        std::make_shared<const crypto::Claims>(std::move(*claims)), until};
  }

  const crypto::KeyRing& ring_;
  const std::string issuer_;
  crypto::BytesVerifier places_;
  crypto::VerifiedCache<crypto::Claims> passes_;
};

}  // namespace

std::unique_ptr<Signer> make_signer(const crypto::KeyRing& ring, std::string issuer) {
  return std::make_unique<KeyRingSigner>(ring, std::move(issuer));
}

}  // namespace onsale::waitroom
