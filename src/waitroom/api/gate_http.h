// What gates in front of other origins need: the epoch that passes must have, an answer to nginx's
// auth_request, and a way to keep the slots of people inside alive. gates/README.md says how they
// use it. Checks no account: whoever brings a pass first has it.
#pragma once

#include <string>

#include "platform/crypto/keys.h"
#include "platform/http/router.h"
#include "waitroom/room/ports.h"

namespace onsale::waitroom {

// All must outlive the router.
struct GateParts {
  Waitroom& rooms;
  Signer& signer;
  const crypto::KeyRing& ring;
  std::string issuer;      // of passes
  std::string public_url;  // where browsers reach us; empty: links are relative
};

// GET /rooms/{room}/gate, GET /rooms/{room}/gate/check, POST /rooms/{room}/gate/leases.
void gate_routes(http::Router& router, GateParts parts);

}  // namespace onsale::waitroom
