#include "platform/crypto/password.h"

#include <sodium.h>

#include <new>

#include "platform/crypto/bytes.h"
#include "platform/crypto/sodium_ready.h"

namespace onsale::crypto {

std::string hash_password(std::string_view password) {
  sodium_ready();
  std::string hash(crypto_pwhash_STRBYTES, '\0');
  if (crypto_pwhash_str(hash.data(), password.data(), password.size(), kPasswordPasses,
                        kPasswordMemoryBytes) != 0)
    throw std::bad_alloc();
  hash.resize(hash.find('\0'));
  return hash;
}

bool verify_password(std::string_view hash, std::string_view password) {
  sodium_ready();
  if (password.size() > kPasswordLengthMax || hash.size() >= crypto_pwhash_STRBYTES) return false;
  const std::string terminated(hash);
  return crypto_pwhash_str_verify(terminated.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string_view hash) {
  sodium_ready();
  const std::string terminated(hash.substr(0, crypto_pwhash_STRBYTES - 1));
  return crypto_pwhash_str_needs_rehash(terminated.c_str(), kPasswordPasses,
                                        kPasswordMemoryBytes) != 0;
}

const std::string& decoy_password_hash() {
  static const std::string decoy = hash_password(random_token());
  return decoy;
}

}  // namespace onsale::crypto
