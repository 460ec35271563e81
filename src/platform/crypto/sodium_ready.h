// Inside crypto only: libsodium has to be started once before it is used.
#pragma once

namespace onsale::crypto {

void sodium_ready();

}  // namespace onsale::crypto
