// The facts that payments publishes, in the same transaction as what they tell. At least once and
// in order; handlers are idempotent by payment and state, or by refund. The JSON of the outbox is
// json::write of these structs.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <string>
#include <string_view>

#include "payments/payments.h"

namespace onsale::payments {

BOOST_DESCRIBE_ENUM(PaymentState, ready, pending, unknown, paid, failed, cancelled, refunded,
                    partially_refunded)
BOOST_DESCRIBE_ENUM(RefundState, requested, done, failed, reversed, restored)

// A payment came to an end: state is paid, failed or cancelled. `paid` may follow the other two
// when money arrives late: claim the subject again, or refund.
inline constexpr std::string_view kSettledTopic = "payments.settled";
struct Settled {
  PaymentId payment;
  std::string subject;
  AccountId owner;
  PaymentState state = PaymentState::paid;
  std::int64_t amount = 0;  // captured; 0 unless paid
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(Settled, (), (payment, subject, owner, state, amount, currency))

// The buyer was given an account to pay into, and is waited for. Told again whenever that changes.
inline constexpr std::string_view kDepositAwaitedTopic = "payments.deposit_awaited";
struct DepositAwaited {
  PaymentId payment;
  std::string subject;
};
BOOST_DESCRIBE_STRUCT(DepositAwaited, (), (payment, subject))

// Money went back.
inline constexpr std::string_view kRefundedTopic = "payments.refunded";
struct Refunded {
  PaymentId payment;
  RefundId refund;
  std::string subject;
  AccountId owner;
  PaymentState state = PaymentState::refunded;  // of the payment: refunded or partially_refunded
  std::int64_t amount = 0;                      // of this refund
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(Refunded, (), (payment, refund, subject, owner, state, amount, currency))

// The provider refused to give money back; an operator must look at it (RefundTask). Money may go
// back all the same, later: `refunded` follows then.
inline constexpr std::string_view kRefundFailedTopic = "payments.refund_failed";
struct RefundFailed {
  PaymentId payment;
  RefundId refund;
  std::string subject;
  AccountId owner;
  std::int64_t amount = 0;  // of this refund
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(RefundFailed, (), (payment, refund, subject, owner, amount, currency))

// Somebody decided about a refund that the provider refused: for the audit log.
inline constexpr std::string_view kRefundDecidedTopic = "payments.refund_decided";
struct RefundDecided {
  RefundDecisionId id;
  RefundId refund;
  std::string who;
  RefundState state = RefundState::requested;  // requested: to be asked for again
  std::string reason;                          // empty then
  std::int64_t amount = 0;
  std::string currency;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(RefundDecided, (), (id, refund, who, state, reason, amount, currency, at))

// Money of a payment is not at its provider any more, and nobody here asked for that. Refund: the
// row that says so, and waits for people. The payment's state is that of a refund.
inline constexpr std::string_view kReversedTopic = "payments.reversed";
struct Reversed {
  PaymentId payment;
  RefundId refund;
  std::string subject;
  AccountId owner;
  PaymentState state = PaymentState::refunded;
  std::int64_t amount = 0;
  std::string currency;
};
BOOST_DESCRIBE_STRUCT(Reversed, (), (payment, refund, subject, owner, state, amount, currency))

// Somebody decided what that means for the purchase: it ends, or stands without the money.
inline constexpr std::string_view kReversalDecidedTopic = "payments.reversal_decided";
struct ReversalDecided {
  RefundDecisionId id;
  PaymentId payment;
  RefundId refund;
  std::string subject;
  std::string who;
  bool purchase_ends = false;
  std::string reason;
  std::int64_t amount = 0;
  std::string currency;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(ReversalDecided, (),
                      (id, payment, refund, subject, who, purchase_ends, reason, amount, currency,
                       at))

// Somebody said how a payment ended that its provider does not answer for: for the audit log.
inline constexpr std::string_view kDecidedTopic = "payments.decided";
struct Decided {
  PaymentDecisionId id;
  PaymentId payment;
  std::string who;
  PaymentState before = PaymentState::unknown;
  PaymentState after = PaymentState::unknown;
  std::string reason;
  std::int64_t amount = 0;
  std::string currency;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(Decided, (), (id, payment, who, before, after, reason, amount, currency, at))

// Somebody had a payment looked up: for the audit log.
inline constexpr std::string_view kLookedUpTopic = "payments.looked_up";
struct LookUpKind {
  static constexpr std::string_view prefix = "lku";
};
using LookUpId = Id<LookUpKind>;
struct LookedUp {
  LookUpId id;
  PaymentId payment;
  std::string who;
  PaymentState before = PaymentState::unknown;
  PaymentState after = PaymentState::unknown;
  Timestamp at{};
};
BOOST_DESCRIBE_STRUCT(LookedUp, (), (id, payment, who, before, after, at))

}  // namespace onsale::payments
