// The routes under /api/v1/auth and /api/v1/me.
#pragma once

#include "identity/crypto_client.h"
#include "identity/identity.h"
#include "platform/http/router.h"

namespace onsale::identity {

inline constexpr std::string_view kAccessCookie = "onsale_access";
inline constexpr std::string_view kRefreshCookie = "onsale_refresh";

// Both must outlive the router.
void routes(http::Router& router, Identity& identity, AccessVerifier& verifier);

}  // namespace onsale::identity
