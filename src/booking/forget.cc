// Service: nobody fills the tables by reserving and letting go.
#include "booking/service.h"

namespace onsale::booking {

namespace {

constexpr Millis kEndedKept = std::chrono::days(30);
// No payment of the reservation can come any more, and late money finds it (payments::kPaymentLife
// is half an hour); what comes still is refunded by reconcile().
constexpr Millis kEndedAtLeast = std::chrono::hours(2);
constexpr int kEndedOfAccount = 50;
constexpr int kForgetBatch = 200;

}  // namespace

Task<void> Service::forget() {
  const Timestamp now = parts_.clock.now();
  for (int gone = kForgetBatch; gone >= kForgetBatch;) {
    gone = co_await parts_.store.forget_ended(now - kEndedKept, kForgetBatch);
  }
  const Timestamp ended = now - kEndedAtLeast;
  for (int gone = kForgetBatch; gone >= kForgetBatch;) {
    gone = co_await parts_.store.forget_quotas(ended, kForgetBatch);
  }
  const Timestamp from = from_unix_ms(forgot_at_ms_);
  const auto accounts = co_await parts_.store.accounts_with_ended(from, ended);
  for (const AccountId account : accounts) {
    for (int gone = kForgetBatch; gone >= kForgetBatch;) {
      gone = co_await parts_.store.forget_ended_of(account, ended, kEndedOfAccount, kForgetBatch);
    }
  }
  forgot_at_ms_ = to_unix_ms(ended);
}

}  // namespace onsale::booking
