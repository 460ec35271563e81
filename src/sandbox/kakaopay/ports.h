// What the memory of KakaoPay needs from outside.
#pragma once

#include "sandbox/kakaopay/payment.h"
#include "sandbox/sums.h"

namespace onsale::sandbox::kakaopay {

// Told of every change; nothing is durable before Records::flush().
class Keeper {
 public:
  virtual ~Keeper() = default;
  virtual void keep(const Payment& payment) = 0;
  virtual void forget(const Payment& payment) = 0;
  virtual void keep(const Subscription& subscription) = 0;
  virtual void forget(const Subscription& subscription) = 0;
  // Of payments that are forgotten.
  virtual void keep(const Sums& forgotten) = 0;
};

}  // namespace onsale::sandbox::kakaopay
