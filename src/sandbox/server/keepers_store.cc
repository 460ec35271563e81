#include "sandbox/server/keepers_store.h"

#include <stdexcept>

#include "platform/json/json.h"

namespace onsale::sandbox {

struct ClockRecord {
  Timestamp real_at{};
  Timestamp at{};
  double rate = 1;
};
BOOST_DESCRIBE_STRUCT(ClockRecord, (), (real_at, at, rate))

namespace {

constexpr std::string_view kTossPayment = "toss_payment", kTossAuth = "toss_auth",
                           kTossBilling = "toss_billing", kTossForgotten = "toss_forgotten",
                           kTossAnswer = "toss_answer", kTossDelivery = "toss_delivery",
                           kKakaoPayment = "kakao_payment", kKakaoSid = "kakao_sid",
                           kKakaoForgotten = "kakao_forgotten", kClock = "clock";

template <class T>
void put(Records& records, std::string_view kind, std::string_view name, const T& value) {
  if (records.keeps()) records.put(kind, name, json::write(value));
}

void take(Records& records, std::string_view kind, std::string_view name) {
  if (records.keeps()) records.put(kind, name, {});
}

template <class T>
T kept(const std::string& kind, const std::string& text) {
  auto value = json::read<T>(text);
  if (value) return std::move(*value);
  throw std::runtime_error("the stand-in's file has a " + kind + " that can't be read: " +
                           value.error().front().field + " " + value.error().front().message);
}

}  // namespace

void TossKeeper::keep(const toss::Payment& p) { put(records_, kTossPayment, p.payment_key, p); }
void TossKeeper::forget(const toss::Payment& p) { take(records_, kTossPayment, p.payment_key); }
void TossKeeper::keep(const toss::BillingAuth& a) { put(records_, kTossAuth, a.auth_key, a); }
void TossKeeper::forget(const toss::BillingAuth& a) { take(records_, kTossAuth, a.auth_key); }
void TossKeeper::keep(const toss::BillingKey& k) { put(records_, kTossBilling, k.billing_key, k); }
void TossKeeper::forget(const toss::BillingKey& k) { take(records_, kTossBilling, k.billing_key); }
void TossKeeper::keep(const Sums& forgotten) { put(records_, kTossForgotten, "", forgotten); }
void TossKeeper::keep(const toss::FirstAnswer& a) { put(records_, kTossAnswer, a.scope, a); }
void TossKeeper::forget_answer(const std::string& scope) { take(records_, kTossAnswer, scope); }
void TossKeeper::keep(const toss::Delivery& d) { put(records_, kTossDelivery, d.id, d); }
void TossKeeper::forget(const toss::Delivery& d) { take(records_, kTossDelivery, d.id); }

void KakaoPayKeeper::keep(const kakaopay::Payment& p) { put(records_, kKakaoPayment, p.tid, p); }
void KakaoPayKeeper::forget(const kakaopay::Payment& p) { take(records_, kKakaoPayment, p.tid); }
void KakaoPayKeeper::keep(const kakaopay::Subscription& s) { put(records_, kKakaoSid, s.sid, s); }
void KakaoPayKeeper::forget(const kakaopay::Subscription& s) { take(records_, kKakaoSid, s.sid); }
void KakaoPayKeeper::keep(const Sums& forgotten) { put(records_, kKakaoForgotten, "", forgotten); }

void keep_clock(Records& records, const SandboxClock& clock) {
  const auto state = clock.state();
  put(records, kClock, "", ClockRecord{state.real_at, state.at, state.rate});
}

void restore(Memories& memories, const std::string& kind, const std::string& text) {
  if (kind == kTossPayment) return memories.toss.restore(kept<toss::Payment>(kind, text));
  if (kind == kTossAuth) return memories.toss.restore(kept<toss::BillingAuth>(kind, text));
  if (kind == kTossBilling) return memories.toss.restore(kept<toss::BillingKey>(kind, text));
  if (kind == kTossForgotten) return memories.toss.restore(kept<Sums>(kind, text));
  if (kind == kTossAnswer) return memories.answers.restore(kept<toss::FirstAnswer>(kind, text));
  if (kind == kTossDelivery) return memories.webhooks.restore(kept<toss::Delivery>(kind, text));
  if (kind == kKakaoPayment) return memories.kakaopay.restore(kept<kakaopay::Payment>(kind, text));
  if (kind == kKakaoSid) return memories.kakaopay.restore(kept<kakaopay::Subscription>(kind, text));
  if (kind == kKakaoForgotten) return memories.kakaopay.restore(kept<Sums>(kind, text));
  if (kind == kClock) {
    const auto state = kept<ClockRecord>(kind, text);
    return memories.clock.restore({state.real_at, state.at, state.rate});
  }
  throw std::runtime_error("the stand-in's file has records of a newer version (" + kind +
                           "): start that one, or use another folder");
}

}  // namespace onsale::sandbox
