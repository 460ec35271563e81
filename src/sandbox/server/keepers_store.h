// What the providers remember, as records: JSON of their own structs, and back.
#pragma once

#include <string>

#include "sandbox/kakaopay/kakaopay.h"
#include "sandbox/records.h"
#include "sandbox/sandbox_clock.h"
#include "sandbox/toss/toss.h"
#include "sandbox/toss/toss_http.h"

namespace onsale::sandbox {

class TossKeeper final : public toss::Keeper, public toss::AnswerKeeper {
 public:
  explicit TossKeeper(Records& records) : records_(records) {}
  void keep(const toss::Payment& payment) override;
  void forget(const toss::Payment& payment) override;
  void keep(const toss::BillingAuth& auth) override;
  void forget(const toss::BillingAuth& auth) override;
  void keep(const toss::BillingKey& key) override;
  void forget(const toss::BillingKey& key) override;
  void keep(const Sums& forgotten) override;
  void keep(const toss::FirstAnswer& answer) override;
  void forget_answer(const std::string& scope);
  void keep(const toss::Delivery& delivery);
  void forget(const toss::Delivery& delivery);

 private:
  Records& records_;
};

class KakaoPayKeeper final : public kakaopay::Keeper {
 public:
  explicit KakaoPayKeeper(Records& records) : records_(records) {}
  void keep(const kakaopay::Payment& payment) override;
  void forget(const kakaopay::Payment& payment) override;
  void keep(const kakaopay::Subscription& subscription) override;
  void forget(const kakaopay::Subscription& subscription) override;
  void keep(const Sums& forgotten) override;

 private:
  Records& records_;
};

void keep_clock(Records& records, const SandboxClock& clock);

struct Memories {
  toss::Toss& toss;
  toss::Idempotency& answers;
  toss::Webhooks& webhooks;
  kakaopay::KakaoPay& kakaopay;
  SandboxClock& clock;
};
// Throws std::runtime_error for a record that can't be read.
void restore(Memories& memories, const std::string& kind, const std::string& text);

}  // namespace onsale::sandbox
