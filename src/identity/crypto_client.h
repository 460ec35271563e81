// identity's ports on platform/crypto, and the verifier that http asks on every request.
#pragma once

#include <string>

#include "identity/ended_sessions.h"
#include "identity/ports.h"
#include "platform/crypto/keys.h"
#include "platform/crypto/verified_cache.h"
#include "platform/exec/blocking_pool.h"
#include "platform/http/message/authenticator.h"

namespace onsale::identity {

inline constexpr std::string_view kAccessTokenType = "at+jwt";
inline constexpr std::size_t kVerifiedTokensMax = 65'536;

// argon2id on `pool`: about 25 ms and 19 MiB a call, so give it few threads and a short queue.
class PooledPasswords final : public Passwords {
 public:
  explicit PooledPasswords(exec::BlockingPool& pool) : pool_(pool) {}
  Task<std::string> hash(std::string password) override;
  Task<bool> verify(std::optional<std::string> hash, std::string password) override;
  bool outdated(const std::string& hash) const override;

 private:
  exec::BlockingPool& pool_;
};

class SignedTokens final : public Tokens {
 public:
  // `issuer` is the server's public address or name: the JWT's iss.
  SignedTokens(const crypto::KeyRing& ring, std::string issuer)
      : ring_(ring), issuer_(std::move(issuer)) {}
  std::string sign_access(const AccessClaims& claims) override;
  std::string new_refresh_token() override;
  std::string digest(std::string_view refresh_token) override;
  std::string wrap(std::string_view token, std::string_view under) override;
  std::string unwrap(std::string_view wrapped, std::string_view under) override;

 private:
  const crypto::KeyRing& ring_;
  const std::string issuer_;
};

// What an access token says, after its signature, time and session were checked. Thread: any.
class AccessVerifier final : public http::Authenticator {
 public:
  AccessVerifier(const crypto::KeyRing& ring, std::string issuer, const EndedSessions& ended)
      : ring_(ring),
        expected_{.issuer = std::move(issuer), .audience = "", .type = "at+jwt"},
        ended_(ended),
        cache_(kVerifiedTokensMax) {}

  std::optional<http::Principal> authenticate(std::string_view access_token,
                                              Timestamp now) override;
  // The session of a token that authenticate() would accept; for logging out.
  std::optional<SessionId> session_of(std::string_view access_token, Timestamp now);

 private:
  struct Known {
    http::Principal principal;
    SessionId session;
    Timestamp issued_at;
  };
  std::shared_ptr<const Known> verified(std::string_view access_token, Timestamp now);
  Result<crypto::Verified<Known>, crypto::TokenRefusal> read(std::string_view token, Timestamp now);

  const crypto::KeyRing& ring_;
  const crypto::Expected expected_;
  const EndedSessions& ended_;
  crypto::VerifiedCache<Known> cache_;
};

}  // namespace onsale::identity
