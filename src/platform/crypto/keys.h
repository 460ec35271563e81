// The server's own keys: Ed25519, one that signs and the previous ones that still verify. A key's
// id (kid) is its RFC 7638 thumbprint, shortened to 8 bytes. The values of seal.h are encrypted
// under secrets derived from the same keys, so one file holds everything that must stay secret.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.h"

namespace onsale::crypto {

inline constexpr std::size_t kKidBytes = 8;
inline constexpr std::size_t kSeedBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;
// Verifying keys kept beside the signing one; the oldest goes first.
inline constexpr std::size_t kPreviousKeysMax = 4;

// What is kept of a key. The rest follows from the seed.
struct StoredKey {
  std::string seed;  // kSeedBytes secret bytes
  Timestamp created_at{};
  std::optional<Timestamp> retires_at{};  // empty for the one that signs and the one that will
};

// Where keys live between two starts.
class KeyStore {
 public:
  virtual ~KeyStore() = default;
  // Empty when nothing was ever saved. Throws std::runtime_error, in one line, when what is there
  // cannot be read: a fresh key in its place would void every token in the world.
  virtual std::vector<StoredKey> load() = 0;
  // Returns when the keys are on disk. Throws std::runtime_error when they are not.
  virtual void save(const std::vector<StoredKey>& keys) = 0;
};

class Key {
 public:
  explicit Key(StoredKey stored);
  ~Key();
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;

  const std::string& kid() const { return kid_; }              // as text, in headers and JWKS
  std::string_view raw_kid() const { return raw_kid_; }        // kKidBytes
  std::string_view public_key() const { return public_key_; }  // 32 bytes
  const StoredKey& stored() const { return stored_; }
  bool live(Timestamp now) const { return !stored_.retires_at || now < *stored_.retires_at; }

  std::string sign(std::string_view message) const;  // kSignatureBytes
  bool verify(std::string_view message, std::string_view signature) const;
  // 32 secret bytes for another purpose; tell nothing about this key or each other.
  std::string derive(std::string_view purpose) const;

 private:
  StoredKey stored_;
  std::string public_key_;
  std::string secret_key_;
  std::string raw_kid_;
  std::string kid_;
};

// Thread: any. Keys handed out stay valid for as long as they are held.
class KeyRing {
 public:
  using KeyPointer = std::shared_ptr<const Key>;

  // Loads the keys; makes and saves the first one when there is none. `store` must outlive this.
  KeyRing(KeyStore& store, Timestamp now);

  KeyPointer active() const;
  // The key of that id when it may still verify; null otherwise.
  KeyPointer find(std::string_view raw_kid, Timestamp now) const;
  // A new key, the announced one if there is one, signs from now on; the one before verifies for
  // `keep_previous` longer (at least as long as the longest life of what it has signed). Blocks on
  // the store.
  void rotate(Timestamp now, Millis keep_previous);
  // Call it every so often: a key signs for `life`, its successor is in the JWKS from `ahead`
  // before that, so that whoever keeps a copy of the set knows it in time. True when something
  // changed. Blocks on the store.
  bool renew(Timestamp now, Millis life, Millis ahead, Millis keep_previous);
  // RFC 7517 set of the keys that verify now: OKP, Ed25519, EdDSA, sig.
  std::string jwks_json(Timestamp now) const;

 private:
  void save_locked(const std::vector<KeyPointer>& keys);
  KeyPointer announced_locked() const;  // null: none
  void rotate_locked(Timestamp now, Millis keep_previous);

  KeyStore& store_;
  mutable std::shared_mutex mutex_;
  std::vector<KeyPointer> keys_;  // the signing one, the announced one, then the newest
};

}  // namespace onsale::crypto
