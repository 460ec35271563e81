#include "platform/crypto/seal.h"

#include <sodium.h>

#include "platform/crypto/bytes.h"

namespace onsale::crypto {
namespace {

constexpr std::size_t kNonceBytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTagBytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t kExpiryBytes = 8;

unsigned char* raw(char* bytes) { return reinterpret_cast<unsigned char*>(bytes); }
const unsigned char* raw(const char* bytes) {
  return reinterpret_cast<const unsigned char*>(bytes);
}

std::string sealing_key(const Key& key) { return key.derive("onsale-seal-1"); }

std::string with_expiry(Timestamp expires_at, std::string_view value) {
  const auto ms = static_cast<std::uint64_t>(to_unix_ms(expires_at));
  std::string plain;
  for (int shift = 56; shift >= 0; shift -= 8) plain.push_back(static_cast<char>(ms >> shift));
  return plain.append(value);
}

Timestamp expiry_of(std::string_view plain) {
  std::uint64_t ms = 0;
  for (std::size_t i = 0; i < kExpiryBytes; ++i)
    ms = (ms << 8) | static_cast<unsigned char>(plain[i]);
  return from_unix_ms(static_cast<std::int64_t>(ms));
}

}  // namespace

std::string seal(const KeyRing& ring, std::string_view purpose, std::string_view value,
                 Timestamp expires_at) {
  const auto key = ring.active();
  const std::string secret = sealing_key(*key);
  const std::string plain = with_expiry(expires_at, value);
  std::string out(key->raw_kid());
  out += random_bytes(kNonceBytes);
  const std::size_t head = out.size();
  out.resize(head + plain.size() + kTagBytes);
  crypto_aead_xchacha20poly1305_ietf_encrypt(
      raw(out.data() + head), nullptr, raw(plain.data()), plain.size(), raw(purpose.data()),
      purpose.size(), nullptr, raw(out.data() + kKidBytes), raw(secret.data()));
  return base64url(out);
}

Result<std::string, TokenRefusal> unseal(const KeyRing& ring, std::string_view purpose,
                                         std::string_view sealed, Timestamp now) {
  constexpr std::size_t kHead = kKidBytes + kNonceBytes;
  const auto bytes = from_base64url(sealed);
  if (!bytes || bytes->size() < kHead + kExpiryBytes + kTagBytes)
    return std::unexpected(TokenRefusal::malformed);
  const auto key = ring.find(std::string_view(*bytes).substr(0, kKidBytes), now);
  if (!key) return std::unexpected(TokenRefusal::unknown_key);
  const std::string secret = sealing_key(*key);
  std::string plain(bytes->size() - kHead - kTagBytes, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(
          raw(plain.data()), nullptr, nullptr, raw(bytes->data() + kHead), bytes->size() - kHead,
          raw(purpose.data()), purpose.size(), raw(bytes->data() + kKidBytes),
          raw(secret.data())) != 0)
    return std::unexpected(TokenRefusal::bad_signature);
  if (now >= expiry_of(plain)) return std::unexpected(TokenRefusal::expired);
  return plain.substr(kExpiryBytes);
}

}  // namespace onsale::crypto
