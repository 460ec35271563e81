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
BOOST_DESCRIBE_ENUM(RefundState, requested, done, failed)

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
