#include "waitroom/room/crypto_client.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "base/overload.h"
#include "platform/crypto/token.h"
#include "platform/crypto/verified_cache.h"
#include "platform/exec/blocking_pool.h"

namespace onsale::waitroom {
namespace {

constexpr std::string_view kPlacePurpose = "waitroom-place";
constexpr std::string_view kEpochClaim = "epoch";
// About 250 bytes each, of those that are shown. A token costs a signature check again when more
// than half of this many others were shown since: the cache keeps two generations.
constexpr std::size_t kPlacesRemembered = 2'500'000;
constexpr std::size_t kPassesRemembered = 65'536;
// A withdrawn key must not live on in the cache.
constexpr Millis kTrustedFor{600'000};
// One signature takes 20 to 30 us.
constexpr std::size_t kSignedAtOnce = 32;
constexpr std::size_t kSigningQueueMax = 1'024;

int signer_threads() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency() / 2, 1U, 8U));
}

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

  OneShot<std::vector<std::string>> sign_places(std::vector<std::string> payloads,
                                                Timestamp now) override {
    auto work = std::make_shared<Work>();
    work->now = now;
    work->texts = std::move(payloads);
    const std::size_t count = work->texts.size();
    work->left = (count + kSignedAtOnce - 1) / kSignedAtOnce;
    if (count == 0) work->done.set({});
    for (std::size_t from = 0; from < count; from += kSignedAtOnce) {
      const std::size_t to = std::min(count, from + kSignedAtOnce);
      auto sign = [this, work, from, to] { sign_some(*work, from, to); };
      try {
        pool_.post(sign);
      } catch (const Overloaded&) {  // a full queue only means that this thread signs
        sign();
      }
    }
    return work->done;
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
                             .expires_at = claims.expires_at,
                             .numbers = {{std::string(kEpochClaim), claims.epoch}}});
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
    const auto epoch = said.numbers.find(kEpochClaim);
    return PassClaims{.room = said.audience,
                      .place = said.subject,
                      .id = said.id,
                      .issued_at = said.issued_at,
                      .expires_at = said.expires_at,
                      .epoch = epoch == said.numbers.end() ? 0 : epoch->second};
  }

 private:
  struct Work {
    std::vector<std::string> texts;  // payloads become tokens
    Timestamp now{};
    std::atomic<std::size_t> left{0};
    OneShot<std::vector<std::string>> done;
  };

  void sign_some(Work& work, std::size_t from, std::size_t to) {
    for (std::size_t i = from; i < to; ++i) {
      std::string token = sign_place(work.texts[i]);
      // Its owner will ask about it in a moment.
      places_.trust(token, std::move(work.texts[i]), work.now);
      work.texts[i] = std::move(token);
    }
    if (--work.left == 0) work.done.set(std::move(work.texts));
  }

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
  exec::BlockingPool pool_{"waitroom-signer", signer_threads(), kSigningQueueMax};
};

}  // namespace

std::unique_ptr<Signer> make_signer(const crypto::KeyRing& ring, std::string issuer) {
  return std::make_unique<KeyRingSigner>(ring, std::move(issuer));
}

}  // namespace onsale::waitroom
