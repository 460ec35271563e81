// One payment of Toss Payments as it goes through its states. Pure: time and names come in as
// arguments. Amounts are won.
#pragma once

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/control.h"
#include "base/result.h"
#include "base/time.h"
#include "sandbox/toss/errors.h"

namespace onsale::sandbox::toss {

inline constexpr Millis kAuthenticateWithin = std::chrono::minutes(30);  // READY
inline constexpr Millis kConfirmWithin = std::chrono::minutes(10);       // IN_PROGRESS
inline constexpr Millis kCancelPause = std::chrono::seconds(1);  // between two cancels of a payment
inline constexpr Millis kTransferRefund = std::chrono::days(180);
inline constexpr Millis kDepositWithin = std::chrono::days(7);
inline constexpr std::int64_t kCardMin = 100;
inline constexpr std::int64_t kAccountMin = 200;
inline constexpr std::size_t kCancelsMax = 1000;  // of one payment

enum class Status {
  READY,
  IN_PROGRESS,
  WAITING_FOR_DEPOSIT,
  DONE,
  CANCELED,
  PARTIAL_CANCELED,
  ABORTED,
  EXPIRED,
};
BOOST_DESCRIBE_ENUM(Status, READY, IN_PROGRESS, WAITING_FOR_DEPOSIT, DONE, CANCELED,
                    PARTIAL_CANCELED, ABORTED, EXPIRED)

enum class Method { card, virtual_account, transfer, phone };
BOOST_DESCRIBE_ENUM(Method, card, virtual_account, transfer, phone)
std::string_view korean(Method method);  // as Toss spells it

enum class Type { NORMAL, BILLING };
BOOST_DESCRIBE_ENUM(Type, NORMAL, BILLING)

enum class CashReceipt { none, income, expense };  // 소득공제, 지출증빙
BOOST_DESCRIBE_ENUM(CashReceipt, none, income, expense)

struct RefundAccount {
  std::string bank, number, holder;
};
BOOST_DESCRIBE_STRUCT(RefundAccount, (), (bank, number, holder))

struct Cancel {
  std::int64_t amount = 0;
  std::int64_t tax_free = 0;
  std::int64_t refundable = 0;  // what was left after it
  std::string reason;
  Timestamp at{};
  std::string transaction_key;
  bool moved_money = true;  // not where a deposit was still awaited
};
BOOST_DESCRIBE_STRUCT(Cancel, (),
                      (amount, tax_free, refundable, reason, at, transaction_key, moved_money))

struct Payment {
  std::string payment_key, order_id, order_name, customer_name;
  std::string merchant;  // whose keys these are, "test_sk_NAME" without what tells the kind of key
  std::string success_url, fail_url;
  Type type = Type::NORMAL;
  Status status = Status::READY;
  Method method = Method::card;
  CashReceipt cash_receipt = CashReceipt::none;
  std::int64_t total = 0;
  std::int64_t tax_free = 0;
  std::int64_t balance = 0;  // what could still be given back
  Timestamp requested_at{};
  std::optional<Timestamp> authenticated_at{};  // by the buyer, on the pay page
  std::optional<Timestamp> approved_at{};
  std::optional<Timestamp> due_at{};  // of a deposit
  std::string secret;                 // DEPOSIT_CALLBACK carries it
  std::string approve_number;
  std::string account_number;   // virtual
  std::string transaction_key;  // the last one
  std::string customer_key;     // of a billing key's charge
  std::optional<RefundAccount> refund_account{};
  std::string failure;  // a Code; empty: none
  bool refuse = false;  // the buyer agreed, and the card company will not
  std::vector<Cancel> cancels{};
};
BOOST_DESCRIBE_STRUCT(Payment, (),
                      (payment_key, order_id, order_name, customer_name, merchant, success_url,
                       fail_url, type, status, method, cash_receipt, total, tax_free, balance,
                       requested_at, authenticated_at, approved_at, due_at, secret, approve_number,
                       account_number, transaction_key, customer_key, refund_account, failure,
                       refuse, cancels))

// Rules that a negative control takes away.
struct Guards {
  Guard balance{};      // no more goes back than is left
  Guard refundable{};   // refundableAmount is a compare-and-set
  Guard pause{};        // kCancelPause
  Guard session{};      // kConfirmWithin
  Guard idempotency{};  // a key's second request is answered with the first answer
};

// When something happens by itself next; empty: never.
std::optional<Timestamp> deadline_of(const Payment& payment);
// Lets it happen; true when it did. A payment past its time is EXPIRED for whoever looks at it.
bool expire(Payment& payment, Timestamp now, const Guards& guards = {});

enum class Decision { approve, decline, leave, refuse, deposit, withdraw };
BOOST_DESCRIBE_ENUM(Decision, approve, decline, leave, refuse, deposit, withdraw)
// approve, decline, leave: the buyer on the pay page. refuse: the buyer approves and the card
// company will not. deposit, withdraw: at the bank, for a virtual account; a withdrawn deposit
// waits again. False where the payment's state does not allow it.
bool decide(Payment& payment, Decision decision, Timestamp now, std::string transaction_key);

struct ConfirmRequest {
  std::string order_id;
  std::int64_t amount = 0;
};
// What a confirmed payment gets.
struct ConfirmNames {
  std::string transaction_key, secret, approve_number, account_number;
};
// A refused one changes only where the card company refuses (ABORTED).
Result<void, Error> confirm(Payment& payment, const ConfirmRequest& request, ConfirmNames names,
                            Timestamp now, const Guards& guards = {});

struct CancelRequest {
  std::string reason;
  std::optional<std::int64_t> amount{};  // absent: all that is left
  std::int64_t tax_free = 0;
  std::optional<std::int64_t> refundable{};
  std::optional<RefundAccount> account{};
};
// A refused one changes nothing.
Result<void, Error> cancel(Payment& payment, CancelRequest request, std::string transaction_key,
                           Timestamp now, const Guards& guards = {});

// Won that came from the buyer, refunded or not, and won that went back.
std::int64_t captured(const Payment& payment);
std::int64_t refunded(const Payment& payment);

}  // namespace onsale::sandbox::toss
