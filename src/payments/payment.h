// The rules of a payment. Pure: time and answers come in as arguments.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "payments/payments.h"

namespace onsale::payments {

// A payment that is neither paid nor refused by then is cancelled (Toss gives its own pay page the
// same 30 minutes). Callers usually cancel sooner.
inline constexpr Millis kPaymentLife = std::chrono::minutes(30);
// How long a capture that was asked for is left alone before anybody else asks.
inline constexpr Millis kCaptureLease = std::chrono::seconds(10);
inline constexpr Millis kFirstCheckPending = std::chrono::seconds(60);
inline constexpr Millis kFirstCheckUnknown = std::chrono::seconds(2);
inline constexpr Millis kCheckMax = std::chrono::minutes(5);
// A cancelled payment is looked at once more: money may have been on its way.
inline constexpr Millis kAfterCheck = std::chrono::seconds(60);
// A refund that nobody has answered for so long waits for people.
inline constexpr Millis kRefundAwaited = std::chrono::hours(1);
// The same of a payment: longer than its life, so that whoever answers has answered.
inline constexpr Millis kPaymentAwaited = std::chrono::hours(1);
// A provider's notices of one payment are looked into at most so often, whoever sends them.
inline constexpr Millis kNoticeSpacing = std::chrono::seconds(5);
inline constexpr std::size_t kOrderNameMax = 100;
inline constexpr std::size_t kReasonMax = 200;
inline constexpr std::size_t kCodeMax = 100;
static_assert(kFirstCheckUnknown < kCaptureLease && kCaptureLease < kFirstCheckPending);
static_assert(kCheckMax < kPaymentLife);
static_assert(kCheckMax < kRefundAwaited);
static_assert(kPaymentLife + kCheckMax < kPaymentAwaited);

// What a provider says about a charge.
enum class Verdict {
  captured,    // the money is ours
  declined,    // the buyer or the bank said no; final
  abandoned,   // the buyer walked away; final
  authorised,  // the buyer said yes, nothing captured yet
  open,        // the buyer has not decided; nothing can have been captured
  waiting,     // the buyer was given an account to pay into; the money may come until a given day
  reversed,  // it was captured and is not ours any more: given back by somebody else, or withdrawn
  unknown,   // no answer, or none that settles it
};
std::string_view to_string(Verdict verdict);

// The state after `verdict`, or empty when it changes nothing. Money always counts, however late.
std::optional<PaymentState> next_state(PaymentState current, Verdict verdict);

// ready, pending, unknown, paid, partially_refunded: there can be only one such per subject.
bool live(PaymentState state);

// How long to wait before asking about it again; doubles with every `checks` made in vain.
Millis check_delay(PaymentState state, int checks);
Millis refund_delay(int checks);

// Whether people decide what becomes of a refund that was asked for, the last time at `asked_at`.
bool waits_for_people(const Refund& refund, Timestamp asked_at, Timestamp now);

// Whether what comes back of a payment needs an account to go to.
bool needs_account(const Payment& payment);
// Without blanks and hyphens in its number; empty when no bank would know it.
std::optional<RefundAccount> tidied(RefundAccount account);
// Why a refund of a deposit was not asked for.
inline constexpr std::string_view kAccountMissing = "refund_account_missing";

// Whether people may say how a payment ended: nobody else has for an hour. An account to pay into
// is waited for as long as it is open.
bool waits_for_people(const Payment& payment, Timestamp now);

// What `verdict` says is left at the provider of money that was captured; empty when it says
// nothing. `by_people`: only they said that it was captured.
std::optional<std::int64_t> left_there(Verdict verdict, std::int64_t left, bool by_people);

// What went back at the provider though nobody here asked (lost), or came again after that (back):
// one of them, or neither. A refund that may have gone or not counts as gone, and `unclear` says
// that a later look may find more.
struct Drift {
  std::int64_t lost = 0;
  std::int64_t back = 0;
  bool unclear = false;
};
Drift drift(std::int64_t captured, const std::vector<Refund>& refunds, std::int64_t left);

// When a notice that comes at `now` is looked into; `last` is when the one before it is, or was. A
// capture that is being asked for is left alone.
Timestamp notice_look(const Payment& payment, std::optional<Timestamp> last, Timestamp now);

// What became of a refund that was asked for when `seen` was refundable and whose answer was lost.
enum class Came { back, not_yet, differently };
Came came_back(std::int64_t seen, std::int64_t refundable, std::int64_t amount);

// At most `max` bytes without a torn character at the end.
std::string cut(std::string text, std::size_t max);

// Equal in the same time wherever the first difference is.
bool same_key(std::string_view a, std::string_view b);

}  // namespace onsale::payments
