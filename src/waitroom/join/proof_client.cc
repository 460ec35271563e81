#include "waitroom/join/proof_client.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstring>
#include <shared_mutex>

#include "platform/crypto/bytes.h"

namespace onsale::waitroom {
namespace {

constexpr std::size_t kMacBytes = 16;
constexpr std::size_t kCookieBytes = 16;
constexpr std::size_t kAddressMax = 45;  // the longest IPv6 in text
constexpr std::size_t kV6PrefixBytes = 7;
constexpr std::size_t kSecretsMax = 8;  // more than a ring holds

std::string prefixed(std::string_view kind, std::string_view bytes) {
  std::string text(kind);
  text.push_back('\0');
  return text.append(bytes);
}

// token = base64url(payload || kid || mac), mac = keyed hash of kind, payload and kid.
class KeyRingProofs final : public ProofCrypto {
 public:
  explicit KeyRingProofs(const crypto::KeyRing& ring) : ring_(ring) {}

  std::string sign(std::string_view kind, std::string_view payload) override {
    const auto key = ring_.active();
    std::string bytes(payload);
    bytes += key->raw_kid();
    const std::string mac = secret_of(*key)->mac(prefixed(kind, bytes));
    return crypto::base64url(bytes.append(mac, 0, kMacBytes));
  }

  std::optional<std::string> open(std::string_view kind, std::string_view token,
                                  Timestamp now) override {
    auto bytes = crypto::from_base64url(token);
    if (!bytes || bytes->size() < crypto::kKidBytes + kMacBytes) return {};
    const std::string_view whole = *bytes;
    const std::string_view sealed = whole.substr(0, whole.size() - kMacBytes);
    const auto key = ring_.find(sealed.substr(sealed.size() - crypto::kKidBytes), now);
    if (!key) return {};
    const std::string mac = secret_of(*key)->mac(prefixed(kind, sealed));
    if (!crypto::equal_constant_time(std::string_view(mac).substr(0, kMacBytes),
                                     whole.substr(sealed.size()))) {
      return {};
    }
    bytes->resize(sealed.size() - crypto::kKidBytes);
    return bytes;
  }

  std::array<std::uint8_t, 32> sha256(std::string_view text) override {
    return crypto::sha256_digest(text);
  }

  // With the key that sealed the token, so that a rotation changes nobody's device.
  std::string device_cookie(std::string_view kind, std::string_view seed, Timestamp now) override {
    crypto::KeyRing::KeyPointer key;
    const auto bytes = crypto::from_base64url(seed);
    if (bytes && bytes->size() >= crypto::kKidBytes + kMacBytes) {
      const std::size_t at = bytes->size() - kMacBytes - crypto::kKidBytes;
      key = ring_.find(std::string_view(*bytes).substr(at, crypto::kKidBytes), now);
    }
    if (!key) key = ring_.active();
    const std::string purpose = "device " + std::string(kind);
    const std::string mac = secret_of(*key)->mac(prefixed(purpose, seed));
    return crypto::base64url(std::string_view(mac).substr(0, kCookieBytes));
  }

  DeviceKey device_key(std::string_view cookie) override {
    const auto digest = sha256("onsale device " + std::string(cookie));
    DeviceKey key;
    std::memcpy(key.data(), digest.data(), key.size());
    return key;
  }

 private:
  using Secret = std::shared_ptr<const crypto::HashKey>;

  Secret secret_of(const crypto::Key& key) {
    {
      std::shared_lock lock(mutex_);
      for (const auto& [kid, secret] : secrets_) {
        if (kid == key.raw_kid()) return secret;
      }
    }
    auto secret = std::make_shared<const crypto::HashKey>(key.derive("onsale-waitroom-proof-1"));
    std::lock_guard lock(mutex_);
    if (secrets_.size() >= kSecretsMax) secrets_.erase(secrets_.begin());
    secrets_.emplace_back(key.raw_kid(), secret);
    return secret;
  }

  const crypto::KeyRing& ring_;
  std::shared_mutex mutex_;
  std::vector<std::pair<std::string, Secret>> secrets_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<ProofCrypto> make_proof_crypto(const crypto::KeyRing& ring) {
  return std::make_unique<KeyRingProofs>(ring);
}

NetworkPrefix prefix_of(std::string_view address) {
  NetworkPrefix prefix(NetworkPrefix::Bytes{});
  if (address.size() > kAddressMax) return prefix;
  const std::string text(address);
  std::array<std::uint8_t, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) {
    prefix.bytes = {4, bytes[0], bytes[1], bytes[2]};
    return prefix;
  }
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) != 1) return prefix;
  constexpr std::array<std::uint8_t, 12> kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  if (std::equal(kMapped.begin(), kMapped.end(), bytes.begin())) {
    prefix.bytes = {4, bytes[12], bytes[13], bytes[14]};
    return prefix;
  }
  prefix.bytes[0] = 6;
  std::copy_n(bytes.begin(), kV6PrefixBytes, prefix.bytes.begin() + 1);
  return prefix;
}

}  // namespace onsale::waitroom
