#include "platform/crypto/keys.h"

#include <sodium.h>

#include <algorithm>
#include <mutex>

#include "base/check.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/sodium_ready.h"

namespace onsale::crypto {
namespace {

unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }
const unsigned char* raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

// The members in alphabetical order, as RFC 7638 (3.2) and RFC 8037 (appendix A.3) want them.
std::string thumbprint(std::string_view public_key) {
  return sha256(R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url(public_key) + "\"}");
}

StoredKey fresh_key(Timestamp now) {
  return {.seed = random_bytes(kSeedBytes), .created_at = now, .retires_at = {}};
}

}  // namespace

Key::Key(StoredKey stored) : stored_(std::move(stored)) {
  sodium_ready();
  check(stored_.seed.size() == kSeedBytes, "a key store gives whole keys");
  public_key_.resize(crypto_sign_PUBLICKEYBYTES);
  secret_key_.resize(crypto_sign_SECRETKEYBYTES);
  crypto_sign_seed_keypair(raw(public_key_), raw(secret_key_), raw(stored_.seed));
  raw_kid_ = thumbprint(public_key_).substr(0, kKidBytes);
  kid_ = base64url(raw_kid_);
}

Key::~Key() {
  sodium_memzero(stored_.seed.data(), stored_.seed.size());
  sodium_memzero(secret_key_.data(), secret_key_.size());
}

std::string Key::sign(std::string_view message) const {
  std::string signature(kSignatureBytes, '\0');
  crypto_sign_detached(raw(signature), nullptr, raw(message), message.size(), raw(secret_key_));
  return signature;
}

bool Key::verify(std::string_view message, std::string_view signature) const {
  return signature.size() == kSignatureBytes &&
         crypto_sign_verify_detached(raw(signature), raw(message), message.size(),
                                     raw(public_key_)) == 0;
}

std::string Key::derive(std::string_view purpose) const {
  std::string secret(32, '\0');
  crypto_generichash(raw(secret), secret.size(), raw(purpose), purpose.size(), raw(stored_.seed),
                     stored_.seed.size());
  return secret;
}

KeyRing::KeyRing(KeyStore& store, Timestamp now) : store_(store) {
  for (StoredKey& stored : store.load())
    keys_.push_back(std::make_shared<const Key>(std::move(stored)));
  const auto signs = [](const KeyPointer& key) { return !key->stored().retires_at; };
  std::stable_partition(keys_.begin(), keys_.end(), signs);
  if (!keys_.empty() && signs(keys_.front())) return;
  std::vector<KeyPointer> keys = keys_;
  keys.insert(keys.begin(), std::make_shared<const Key>(fresh_key(now)));
  save_locked(keys);
}

KeyRing::KeyPointer KeyRing::active() const {
  std::shared_lock lock(mutex_);
  return keys_.front();
}

KeyRing::KeyPointer KeyRing::find(std::string_view raw_kid, Timestamp now) const {
  std::shared_lock lock(mutex_);
  for (const KeyPointer& key : keys_)
    if (key->raw_kid() == raw_kid) return key->live(now) ? key : nullptr;
  return nullptr;
}

KeyRing::KeyPointer KeyRing::announced_locked() const {
  const bool any = keys_.size() > 1 && !keys_[1]->stored().retires_at;
  return any ? keys_[1] : nullptr;
}

void KeyRing::rotate(Timestamp now, Millis keep_previous) {
  std::unique_lock lock(mutex_);
  rotate_locked(now, keep_previous);
}

void KeyRing::rotate_locked(Timestamp now, Millis keep_previous) {
  const KeyPointer next = announced_locked();
  std::vector<KeyPointer> keys{next ? next : std::make_shared<const Key>(fresh_key(now))};
  StoredKey previous = keys_.front()->stored();
  previous.retires_at = now + keep_previous;
  keys.push_back(std::make_shared<const Key>(std::move(previous)));
  for (std::size_t i = next ? 2 : 1; i < keys_.size() && keys.size() <= kPreviousKeysMax; ++i)
    if (keys_[i]->live(now)) keys.push_back(keys_[i]);
  save_locked(keys);
}

bool KeyRing::renew(Timestamp now, Millis life, Millis ahead, Millis keep_previous) {
  std::unique_lock lock(mutex_);
  if (const KeyPointer next = announced_locked()) {
    if (now < next->stored().created_at + ahead) return false;
    rotate_locked(now, keep_previous);
    return true;
  }
  if (now < keys_.front()->stored().created_at + life) return false;
  std::vector<KeyPointer> keys = keys_;
  keys.insert(keys.begin() + 1, std::make_shared<const Key>(fresh_key(now)));
  save_locked(keys);
  return true;
}

// Saved first: nothing may be signed by a key that a restart would not know.
void KeyRing::save_locked(const std::vector<KeyPointer>& keys) {
  std::vector<StoredKey> stored;
  for (const KeyPointer& key : keys) stored.push_back(key->stored());
  store_.save(stored);
  keys_ = keys;
}

std::string KeyRing::jwks_json(Timestamp now) const {
  std::shared_lock lock(mutex_);
  std::string json = R"({"keys":[)";
  bool first = true;
  for (const KeyPointer& key : keys_) {
    if (!key->live(now)) continue;
    if (!first) json += ',';
    first = false;
    json += R"({"kty":"OKP","crv":"Ed25519","alg":"EdDSA","use":"sig","kid":")" + key->kid() +
            R"(","x":")" + base64url(key->public_key()) + "\"}";
  }
  return json + "]}";
}

}  // namespace onsale::crypto
