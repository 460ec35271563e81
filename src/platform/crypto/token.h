// Signed statements. A JWT where others verify it (passes, access tokens); compact signed bytes
// where only we do (place tokens, ticket codes). One algorithm, EdDSA: a token cannot choose.
// Thread: any. A verification costs tens of microseconds: use the caching verifiers of
// verified_cache.h for what is presented again and again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "platform/crypto/keys.h"

namespace onsale::crypto {

enum class TokenRefusal {
  malformed,       // not the form of such a token, or a claim is missing
  unknown_key,     // signed by no key of ours that is still live
  bad_algorithm,   // its header asks for something else than EdDSA
  bad_signature,   // changed, or not ours
  expired,         // its time is over
  not_yet_valid,   // its time has not come
  wrong_audience,  // meant for somebody else
  wrong_issuer,    // said by somebody else
  wrong_type,      // a token of another kind
};

std::string_view to_string(TokenRefusal refusal);

// Longer tokens are malformed, before any work.
inline constexpr std::size_t kTokenLengthMax = 2048;

// Times are whole seconds in a JWT: fractions are cut off when it is signed.
struct Claims {
  std::string issuer{};
  std::string subject{};
  std::string audience{};
  std::string id{};
  Timestamp issued_at{};
  Timestamp not_before{};
  Timestamp expires_at{};
  std::map<std::string, std::string, std::less<>> text{};      // further claims: strings,
  std::map<std::string, std::int64_t, std::less<>> numbers{};  // and integers
};

struct Expected {
  std::string issuer;
  std::string audience;
  std::string type;  // the header's typ: "at+jwt", "pass+jwt"
  Millis leeway{0};  // for clocks that differ
};

// `typ` says what kind of token it is, so that one kind is never taken for another. Members of
// `claims` that are empty are left out, except the times: exp is always there.
std::string sign_jwt(const KeyRing& ring, std::string_view typ, const Claims& claims);
Result<Claims, TokenRefusal> verify_jwt(const KeyRing& ring, std::string_view token,
                                        const Expected& expected, Timestamp now);

// base64url(payload || kid || signature): 176 characters for 60 bytes of payload. The purpose is
// signed too but not carried: a ticket code never passes for a place token. An expiry, where there
// is one, is part of the payload and its reader's business.
std::string sign_bytes(const KeyRing& ring, std::string_view purpose, std::string_view payload);
// The payload. Refuses with malformed, unknown_key or bad_signature.
Result<std::string, TokenRefusal> verify_bytes(const KeyRing& ring, std::string_view purpose,
                                               std::string_view token, Timestamp now);

}  // namespace onsale::crypto
