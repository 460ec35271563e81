#include "waitroom/lottery/lottery_client.h"

#include <boost/json.hpp>
#include <cstring>

#include "base/check.h"
#include "base/log.h"
#include "platform/crypto/bytes.h"
#include "platform/crypto/seal.h"
#include "platform/net/fetch.h"

namespace onsale::waitroom::lottery {
namespace {

constexpr std::string_view kPurpose = "waitroom-lottery";
constexpr std::chrono::days kSealedFor{3'650};
constexpr Millis kRoundTimeout{5'000};

Digest to_digest(std::string_view bytes) {
  Digest digest;
  check(bytes.size() == digest.size(), "a digest has 32 bytes");
  std::memcpy(digest.data(), bytes.data(), digest.size());
  return digest;
}

std::optional<DrandRound> fetch_round(const std::string& url) {
  try {
    const net::Answer answer = net::fetch({.url = url, .timeout = kRoundTimeout});
    if (answer.status == 200) {
      if (auto round = read_round(answer.body)) return round;
    }
    log::warn("waitroom", "no drand round", {{"url", url}, {"status", answer.status}});
  } catch (const net::Unreachable& error) {
    log::warn("waitroom", "no drand round", {{"url", url}, {"why", error.what()}});
  }
  return {};
}

}  // namespace

Digest CryptoHashing::sha256(std::string_view bytes) const { return crypto::sha256_digest(bytes); }

Digest CryptoHashing::hmac_sha256(std::string_view key, std::string_view bytes) const {
  return crypto::hmac_sha256(key, bytes);
}

std::string KeyRingVault::seal(const Secrets& secrets, Timestamp now) {
  std::string plain(bytes_of(secrets.seed));
  plain += bytes_of(secrets.salt_key);
  return crypto::seal(ring_, kPurpose, plain, now + kSealedFor);
}

// As of the time it was sealed: a key that has retired since still opens what it had sealed.
std::optional<Secrets> KeyRingVault::open(std::string_view sealed, Timestamp sealed_at) {
  const auto plain = crypto::unseal(ring_, kPurpose, sealed, sealed_at);
  if (!plain || plain->size() != 2 * kDigestBytes) return {};
  const std::string_view bytes = *plain;
  return Secrets{.seed = to_digest(bytes.substr(0, kDigestBytes)),
                 .salt_key = to_digest(bytes.substr(kDigestBytes))};
}

Task<void> PooledWorker::run(std::function<void()> work) {
  Task<void> job = pool_.run(std::move(work));
  co_await std::move(job);
}

Task<std::optional<DrandRound>> HttpRounds::fetch(DrandBeacon beacon) {
  if (base_.empty()) co_return std::nullopt;
  std::string url = base_;
  while (url.ends_with('/')) url.pop_back();
  url += "/" + beacon.chain.hash + "/public/" + std::to_string(beacon.round);
  auto ask = [url = std::move(url)] { return fetch_round(url); };
  auto job = pool_.run(std::move(ask));
  auto round = co_await std::move(job);
  co_return round;
}

std::optional<DrandRound> read_round(std::string_view text) {
  boost::system::error_code error;
  const auto value = boost::json::parse(text, error);
  const auto* object = error ? nullptr : value.if_object();
  if (!object) return {};
  DrandRound found;
  const auto* round = object->if_contains("round");
  const auto* signature = object->if_contains("signature");
  if (!round || !signature || !signature->is_string()) return {};
  const auto number = round->to_number<std::uint64_t>(error);
  auto bytes = from_hex(std::string_view(signature->get_string()));
  if (error || !bytes) return {};
  found.round = number;
  found.signature = std::move(*bytes);
  if (const auto* randomness = object->if_contains("randomness")) {
    if (!randomness->is_string()) return {};
    found.randomness = digest_from_hex(std::string_view(randomness->get_string()));
    if (!found.randomness) return {};
  }
  return found;
}

}  // namespace onsale::waitroom::lottery
