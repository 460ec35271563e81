// Ticket codes that only this server makes and that its scanners verify without a query.
#pragma once

#include "booking/ports.h"
#include "platform/crypto/keys.h"

namespace onsale::booking {

inline constexpr std::string_view kTicketPurpose = "ticket";  // of crypto::verify_bytes

class CryptoTicketSigner final : public TicketSigner {
 public:
  // `ring` must outlive this.
  explicit CryptoTicketSigner(const crypto::KeyRing& ring) : ring_(ring) {}
  std::string sign(std::string_view payload) override;

 private:
  const crypto::KeyRing& ring_;
};

}  // namespace onsale::booking
