// waitroom::ProofCrypto on platform/crypto: keyed BLAKE2b under secrets derived from the key ring,
// SHA-256. What a key sealed opens for as long as the ring keeps the key.
#pragma once

#include <memory>

#include "platform/crypto/keys.h"
#include "waitroom/join/proof.h"

namespace onsale::waitroom {

// `ring` must outlive it.
std::unique_ptr<ProofCrypto> make_proof_crypto(const crypto::KeyRing& ring);

// Of an address in text.
NetworkPrefix prefix_of(std::string_view address);

}  // namespace onsale::waitroom
