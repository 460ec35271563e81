#include "booking/store/crypto_client.h"

#include "platform/crypto/token.h"

namespace onsale::booking {

std::string CryptoTicketSigner::sign(std::string_view payload) {
  return crypto::sign_bytes(ring_, kTicketPurpose, payload);
}

}  // namespace onsale::booking
