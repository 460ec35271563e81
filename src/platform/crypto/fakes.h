// A key store that forgets with the process, for tests.
#pragma once

#include <vector>

#include "platform/crypto/keys.h"

namespace onsale::crypto {

class MemoryKeyStore final : public KeyStore {
 public:
  std::vector<StoredKey> load() override { return keys; }
  void save(const std::vector<StoredKey>& saved) override { keys = saved; }

  std::vector<StoredKey> keys;
};

}  // namespace onsale::crypto
