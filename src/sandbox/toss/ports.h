// What the memory of Toss needs from outside.
#pragma once

#include <string>

#include "sandbox/sums.h"
#include "sandbox/toss/billing.h"
#include "sandbox/toss/idempotency.h"
#include "sandbox/toss/payment.h"
#include "sandbox/toss/webhooks.h"

namespace onsale::sandbox::toss {

// Told of every change; nothing is durable before Records::flush().
class Keeper {
 public:
  virtual ~Keeper() = default;
  virtual void keep(const Payment& payment) = 0;
  virtual void forget(const Payment& payment) = 0;
  virtual void keep(const BillingAuth& auth) = 0;
  virtual void forget(const BillingAuth& auth) = 0;
  virtual void keep(const BillingKey& key) = 0;
  virtual void forget(const BillingKey& key) = 0;
  // Of payments that are forgotten.
  virtual void keep(const Sums& forgotten) = 0;
};

// Who hears of changes that the shop is told of.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void status_changed(const Payment& payment) = 0;
  virtual void deposit_changed(const Payment& payment) = 0;
  virtual void billing_deleted(const BillingKey& key) = 0;
};

}  // namespace onsale::sandbox::toss
