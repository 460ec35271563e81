#include "platform/crypto/bytes.h"

#include <openssl/evp.h>
#include <sodium.h>

#include <cstring>
#include <memory>

#include "base/check.h"
#include "base/encoding.h"
#include "platform/crypto/sodium_ready.h"

namespace onsale::crypto {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr auto kValues = [] {
  std::array<std::int8_t, 256> values{};
  values.fill(-1);
  for (std::size_t i = 0; i < kAlphabet.size(); ++i)
    values[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::int8_t>(i);
  return values;
}();

struct FreeDigest {
  void operator()(EVP_MD* md) const { EVP_MD_free(md); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

// Finding the algorithm takes longer than hashing a few bytes, so each thread does it once.
EVP_MD_CTX* sha256_context() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeDigest> context = [] {
    const std::unique_ptr<EVP_MD, FreeDigest> md(EVP_MD_fetch(nullptr, "SHA256", nullptr));
    std::unique_ptr<EVP_MD_CTX, FreeDigest> fresh(EVP_MD_CTX_new());
    check(md && fresh && EVP_DigestInit_ex2(fresh.get(), md.get(), nullptr) == 1,
          "OpenSSL knows SHA-256");
    return fresh;
  }();
  return context.get();
}

std::string_view view(const Sha256& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

}  // namespace

void sodium_ready() {
  static const bool ready = [] {
    check(sodium_init() >= 0, "libsodium starts");
    return true;
  }();
  (void)ready;
}

std::string base64url(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : bytes) {
    held = (held << 8) | static_cast<unsigned char>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      text.push_back(kAlphabet[(held >> bits) & 63]);
    }
  }
  if (bits > 0) text.push_back(kAlphabet[(held << (6 - bits)) & 63]);
  return text;
}

std::string base64(std::string_view bytes) {
  std::string text = base64url(bytes);
  for (char& c : text) c = c == '-' ? '+' : c == '_' ? '/' : c;
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> from_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return {};
  std::string bytes;
  bytes.reserve(text.size() * 3 / 4);
  std::uint32_t held = 0;
  int bits = 0;
  for (const char c : text) {
    const auto value = kValues[static_cast<unsigned char>(c)];
    if (value < 0) return {};
    held = (held << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<char>((held >> bits) & 255));
    }
  }
  if (held & ((1U << bits) - 1)) return {};
  return bytes;
}

std::string hex(std::string_view bytes) { return hex_encoded(bytes); }

Sha256 sha256_digest(std::string_view bytes) {
  Sha256 digest;
  EVP_MD_CTX* context = sha256_context();
  const bool done = EVP_DigestInit_ex2(context, nullptr, nullptr) == 1 &&
                    EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                    EVP_DigestFinal_ex(context, digest.data(), nullptr) == 1;
  check(done, "OpenSSL hashes");
  return digest;
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  constexpr std::size_t kBlock = 64;
  Sha256 hashed;
  if (key.size() > kBlock) {
    hashed = sha256_digest(key);
    key = view(hashed);
  }
  const auto padded = [&](char pad, std::string_view rest) {
    std::string text(kBlock, pad);
    for (std::size_t i = 0; i < key.size(); ++i) text[i] = static_cast<char>(text[i] ^ key[i]);
    return text.append(rest);
  };
  const Sha256 inner = sha256_digest(padded(0x36, bytes));
  return sha256_digest(padded(0x5c, view(inner)));
}

std::string sha256(std::string_view bytes) { return std::string(view(sha256_digest(bytes))); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string random_bytes(std::size_t count) {
  sodium_ready();
  std::string bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

std::string random_token(std::size_t count) { return base64url(random_bytes(count)); }

HashKey::HashKey() {
  sodium_ready();
  randombytes_buf(key_.data(), key_.size());
}

HashKey::HashKey(std::string_view secret) {
  sodium_ready();
  crypto_generichash(key_.data(), key_.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
}

Hash128 HashKey::hash128(std::string_view bytes) const {
  std::array<unsigned char, 16> out;
  crypto_generichash(out.data(), out.size(), reinterpret_cast<const unsigned char*>(bytes.data()),
                     bytes.size(), key_.data(), key_.size());
  Hash128 hash;
  std::memcpy(&hash, out.data(), out.size());
  return hash;
}

std::string HashKey::mac(std::string_view bytes) const {
  std::string out(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(out.data()), out.size(),
                     reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                     key_.data(), key_.size());
  return out;
}

}  // namespace onsale::crypto
