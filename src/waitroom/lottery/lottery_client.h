// The lottery's ports on platform: hashes, sealed secrets, drand rounds over HTTP, a thread for
// what takes seconds.
#pragma once

#include "platform/crypto/keys.h"
#include "platform/exec/blocking_pool.h"
#include "waitroom/lottery/lottery_ports.h"

namespace onsale::waitroom::lottery {

class CryptoHashing final : public Hashing {
 public:
  Digest sha256(std::string_view bytes) const override;
  Digest hmac_sha256(std::string_view key, std::string_view bytes) const override;
};

// Under the server's own keys. What was sealed opens for as long as the key ring holds the key that
// was active then: do not rotate keys five times between a commitment and its draw.
class KeyRingVault final : public Vault {
 public:
  explicit KeyRingVault(const crypto::KeyRing& ring) : ring_(ring) {}
  std::string seal(const Secrets& secrets, Timestamp now) override;
  std::optional<Secrets> open(std::string_view sealed, Timestamp sealed_at) override;

 private:
  const crypto::KeyRing& ring_;
};

class PooledWorker final : public Worker {
 public:
  explicit PooledWorker(exec::BlockingPool& pool) : pool_(pool) {}
  Task<void> run(std::function<void()> work) override;

 private:
  exec::BlockingPool& pool_;
};

// GET {base}/{chain hash}/public/{round}, the address every drand relay answers. An empty `base`
// fetches nothing.
class HttpRounds final : public RoundSource {
 public:
  HttpRounds(std::string base, exec::BlockingPool& pool) : base_(std::move(base)), pool_(pool) {}
  bool configured() const override { return !base_.empty(); }
  Task<std::optional<DrandRound>> fetch(DrandBeacon beacon) override;

 private:
  const std::string base_;
  exec::BlockingPool& pool_;
};

// A round as drand publishes it: {"round":…, "signature":"…", "randomness":"…"}; what else it says
// is passed over. Empty for anything else.
std::optional<DrandRound> read_round(std::string_view json);

}  // namespace onsale::waitroom::lottery
