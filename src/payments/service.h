// The use cases of payments: its rules over its ports. app makes one; others see payments.h.
#pragma once

#include <memory>
#include <vector>

#include "payments/payments.h"
#include "payments/ports.h"

namespace onsale::payments {

inline constexpr int kReconcileBatch = 100;

// Everything must outlive the answer. A provider's name() is what NewPayment::provider says.
struct Parts {
  Store& store;
  std::vector<Provider*> providers;
  Clock& clock;
  Random& random;
  Records* records = nullptr;  // null: nothing is kept for people, who find nothing
};

std::unique_ptr<Payments> make_payments(Parts parts);

}  // namespace onsale::payments
