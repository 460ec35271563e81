// Values that only we can read and nobody can change: what a cookie carries through a browser.
// XChaCha20-Poly1305 under a secret derived from the key ring; the key's id travels in front, the
// expiry inside. Thread: any.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "platform/crypto/keys.h"
#include "platform/crypto/token.h"

namespace onsale::crypto {

// base64url text. What is sealed for one purpose does not open for another.
std::string seal(const KeyRing& ring, std::string_view purpose, std::string_view value,
                 Timestamp expires_at);
// Refuses with malformed, unknown_key, bad_signature (changed, or another purpose) or expired.
Result<std::string, TokenRefusal> unseal(const KeyRing& ring, std::string_view purpose,
                                         std::string_view sealed, Timestamp now);

}  // namespace onsale::crypto
