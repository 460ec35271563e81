// The operators' routes for invites: made before the room opens, listed, counted.
#pragma once

#include "platform/http/router.h"
#include "waitroom/join/invite.h"

namespace onsale::waitroom {

struct InviteRoutes {
  const Waitroom& rooms;
  InviteBook& invites;
  ProofCrypto& crypto;
  Random& random;
};
// All must outlive the router.
void invite_routes(http::Router& router, InviteRoutes parts);

}  // namespace onsale::waitroom
