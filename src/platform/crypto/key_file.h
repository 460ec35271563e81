// The key store of a single server: one JSON file, readable by its owner only, replaced atomically
// (written beside, flushed, renamed, directory flushed). Thread: one at a time.
#pragma once

#include <string>

#include "platform/crypto/keys.h"

namespace onsale::crypto {

class KeyFile final : public KeyStore {
 public:
  // The file need not exist; its directory must.
  explicit KeyFile(std::string path) : path_(std::move(path)) {}
  std::vector<StoredKey> load() override;
  void save(const std::vector<StoredKey>& keys) override;

 private:
  std::string path_;
};

}  // namespace onsale::crypto
