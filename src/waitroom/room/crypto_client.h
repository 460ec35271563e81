// waitroom::Signer on platform/crypto: place tokens are compact signed bytes, passes are JWTs
// (EdDSA, typ "pass+jwt") that anybody can verify with /.well-known/jwks.json.
#pragma once

#include <memory>

#include "platform/crypto/keys.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom {

inline constexpr std::string_view kPassType = "pass+jwt";

// `ring` must outlive it. `issuer` is the server's public name: the pass's iss.
std::unique_ptr<Signer> make_signer(const crypto::KeyRing& ring, std::string issuer);

}  // namespace onsale::waitroom
