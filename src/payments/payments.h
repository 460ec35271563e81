// Money in and money back. Owns invariant I2 (every won captured ends known; no charge happens
// twice) and the tables payments_*. Knows its buyer and an opaque subject, never what is bought.
// Thread: call from any event loop. A provider is never called inside a database transaction;
// every call to one carries a key made before it (the payment's id, the refund's id), so that a
// repeat is the same step.
// How money is captured: the buyer's approval only authorises; settle() captures. cancel() and
// settle() compete for one conditional UPDATE, so a cancelled payment is never captured.
// Not promised: that settle() knows the outcome. `unknown` is settled by reconcile(), and told
// through the event payments.settled.
#pragma once

#include <array>
#include <boost/describe.hpp>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/money.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "identity/identity.h"

namespace onsale::payments {

struct PaymentKind {
  static constexpr std::string_view prefix = "pay";
};
using PaymentId = Id<PaymentKind>;

struct RefundKind {
  static constexpr std::string_view prefix = "rfd";
};
using RefundId = Id<RefundKind>;

// What somebody decided about a refund that the provider refused, or that was none of ours.
struct RefundDecisionKind {
  static constexpr std::string_view prefix = "rdn";
};
using RefundDecisionId = Id<RefundDecisionKind>;

// What somebody decided about a payment that its provider does not answer for.
struct PaymentDecisionKind {
  static constexpr std::string_view prefix = "pdn";
};
using PaymentDecisionId = Id<PaymentDecisionKind>;

// ready: made, no pay page yet. pending: the buyer is at the provider. unknown: the provider was
// asked to capture and has not said what happened. The rest is final, except that paid may become
// (partially_)refunded, and that money which arrives late turns failed or cancelled into paid.
enum class PaymentState {
  ready,
  pending,
  unknown,
  paid,
  failed,
  cancelled,
  refunded,
  partially_refunded,
};
// reversed: the money is not at the provider any more and nobody here asked for that: it was given
// back there by somebody else, charged back, or a deposit was withdrawn. restored: after that it
// came again.
enum class RefundState { requested, done, failed, reversed, restored };
std::string_view to_string(PaymentState state);
std::string_view to_string(RefundState state);

// Whom buyers may pay with, by the names of the API; not every server offers every one.
enum class ProviderName { sandbox, toss, kakaopay };
BOOST_DESCRIBE_ENUM(ProviderName, sandbox, toss, kakaopay)
std::string_view to_string(ProviderName provider);

// A virtual account that the buyer pays into.
struct Deposit {
  std::string bank, account, holder;
  std::optional<Timestamp> until;  // nothing is taken later
  bool operator==(const Deposit&) const = default;
};
BOOST_DESCRIBE_STRUCT(Deposit, (), (bank, account, holder, until))

// What the provider told besides the money.
struct PaymentDetail {
  std::string method;       // as the provider calls it, for people
  std::string receipt_url;  // empty: none
  std::string cash_receipt_url;
  std::optional<Deposit> deposit;
  bool operator==(const PaymentDetail&) const = default;
};
BOOST_DESCRIBE_STRUCT(PaymentDetail, (), (method, receipt_url, cash_receipt_url, deposit))

// The buyer's own account: what was deposited does not go back where it came from by itself.
struct RefundAccount {
  std::string bank;     // its code, as the provider names it
  std::string account;  // digits
  std::string holder;
  bool operator==(const RefundAccount&) const = default;
};
BOOST_DESCRIBE_STRUCT(RefundAccount, (), (bank, account, holder))

struct Payment {
  PaymentId id;
  std::string subject;  // the caller's word for what is paid, e.g. "res_…"
  AccountId owner;
  std::string provider;
  PaymentState state = PaymentState::ready;
  Money amount;                // asked for
  std::int64_t captured = 0;   // in amount.currency, as the provider told
  std::int64_t refunding = 0;  // refunds done and requested
  std::int64_t refunded = 0;   // refunds done
  std::string order_name;
  std::string failure;       // why it failed, for people; empty otherwise
  std::string redirect_url;  // the pay page; empty before begin()
  std::string return_url;    // the caller's own, given to begin() and kept for it
  Timestamp created_at{};
  Timestamp updated_at{};
  std::optional<Timestamp> paid_at;
  std::optional<PaymentDetail> detail;
  std::optional<Timestamp> decided_at;  // by people, where the provider did not answer
  std::string decided_reason;
  bool refund_account_given = false;  // and not all is back yet
};

struct Refund {
  RefundId id;
  PaymentId payment;
  Money amount;
  std::string reason;
  RefundState state = RefundState::requested;
  Timestamp created_at{};
  int attempt = 0;             // how often people had it asked for again after a refusal
  std::string settled_reason;  // why people settled it; empty when they did not
  std::optional<Timestamp> settled_at;
  std::string failure{};       // why it was refused last, in the provider's word or our own
  bool purchase_ends = false;  // of a reversed one, once that is decided
};

struct NewPayment {
  PaymentId id;  // made by the caller: a retry is the same payment
  std::string subject;
  AccountId owner;
  std::string provider;
  Money amount;            // > 0; nothing to pay is not a payment
  std::string order_name;  // shown at the provider, at most 100 characters
};

struct Begin {
  PaymentId payment;
  std::string return_address;  // where the provider sends the buyer's browser: the server's own
                               // route, `{payment}` in it is the payment's id, and `?key=…` is
                               // appended. settle() wants that key back
  std::string return_url;      // opaque, kept in Payment::return_url for the caller
  std::string locale;          // "ko" or "en"; a hint
  bool mobile = false;         // the browser is a phone's; a hint
};

// The names that our providers use on the way back; everything else is somebody's invention.
inline constexpr std::array<std::string_view, 9> kReturnFields{"key",    "paymentKey",  "orderId",
                                                               "amount", "paymentType", "pg_token",
                                                               "result", "code",        "message"};
// What came back with the buyer's browser: the query parameters of return_address, `key` included.
using ReturnData = std::map<std::string, std::string>;

struct RefundRequest {
  PaymentId payment;
  RefundId id;  // made by the caller: a retry is the same refund
  Money amount;
  std::string reason;  // for the provider and the books, at most 200 characters
};

enum class CreateRefusal {
  amount_invalid,  // not positive
  provider_unknown,
  id_reused,     // the same id with other contents
  subject_busy,  // another live payment of the subject; find_live() and cancel() it first
};
enum class BeginRefusal { payment_unknown, not_payable, provider_unavailable };
using OpenRefusal = std::variant<CreateRefusal, BeginRefusal>;
enum class SettleRefusal { payment_unknown, key_invalid, not_begun };
enum class CancelRefusal { payment_unknown, in_progress, paid };
enum class AccountRefusal { payment_unknown, not_needed, account_invalid };
enum class RefundRefusal {
  payment_unknown,
  amount_invalid,
  not_refundable,
  exceeds_captured,
  id_reused
};

// A refund that the provider refused, or has not answered for an hour (it may be switched off
// here): somebody has it asked for again, or settles it. Or one that nobody asked for (reversed):
// somebody decides whether the purchase ends with it.
struct RefundTask {
  Refund refund;
  std::string subject;
  AccountId owner;
  std::string provider;
};
struct RefundTaskPage {
  std::vector<RefundTask> items;  // the oldest first
  std::optional<RefundId> next;
};
struct RefundRetry {
  RefundId refund;
  std::string who;  // for the audit log
};
struct RefundSettlement {
  RefundId refund;
  std::string who;
  // done: the buyer has the money by another way. failed: it will not go back.
  RefundState outcome = RefundState::done;
  std::string reason;  // for the books, at most 200 characters
};
struct ReversalDecision {
  RefundId refund;
  std::string who;
  bool purchase_ends = true;  // false: it stands, and what was lost stays on kChargebacksAccount
  std::string reason;         // at most 200 characters
};
enum class RefundTaskRefusal {
  refund_unknown,
  not_failed,        // on its way, done, or settled already; to ask again: not refused
  not_reversed,      // or decided already
  exceeds_captured,  // other refunds took what there is
};

// How a payment ended that its provider has not answered for during an hour: it may be switched off
// here. When it answers after all and says otherwise, that counts: money that came is late money,
// money that did not is reversed.
struct PaymentSettlement {
  PaymentId payment;
  std::string who;
  bool captured = false;  // all of it
  std::string reason;     // for the books, at most 200 characters
};
enum class PaymentTaskRefusal { payment_unknown, not_waiting };

// Accounts of the ledger that others book on, too; every transfer's subject is the payment. What a
// provider owes us is on provider:<its name>.
inline constexpr std::string_view kBuyersAccount = "buyers";  // captured, not bought with yet, or
                                                              // bought with no more
inline constexpr std::string_view kRefundsAccount = "refunds_under_way";
// What providers took back of money that was bought with: the purchases stand without it.
inline constexpr std::string_view kChargebacksAccount = "chargebacks";

// A step that was asked of a provider, for the history. answered: it said yes, or how things stand.
// refused: it said no. uncertain: it said something that settles nothing. no_answer: none that is
// one. not_asked: it rests, or too many are with it.
enum class ProviderStep { begin, settle, lookup, refund, close, statement };
BOOST_DESCRIBE_ENUM(ProviderStep, begin, settle, lookup, refund, close, statement)
enum class CallOutcome { answered, refused, uncertain, no_answer, not_asked };
BOOST_DESCRIBE_ENUM(CallOutcome, answered, refused, uncertain, no_answer, not_asked)
struct ProviderCall {
  PaymentId payment;
  ProviderStep step = ProviderStep::lookup;
  CallOutcome outcome = CallOutcome::answered;
  std::string code;  // the provider's own word, at most 100 bytes
  Timestamp at{};    // when it was asked
  Millis duration{};
};

struct PaymentQuery {
  std::optional<PaymentState> state;
  std::string provider;               // empty: all
  std::optional<Timestamp> from, to;  // of its making; `to` excluded
  std::string q;                      // an id: of a payment, of what is paid, of who pays, or the
                                      // provider's own
  int limit = 20;                     // 1..100
  std::optional<PaymentId> before;
};
struct PaymentPage {
  std::vector<Payment> items;  // the newest first
  std::optional<PaymentId> next;
};
struct PaymentHistory {
  Payment payment;
  std::string reference, receipt;  // the provider's own ids
  std::optional<Timestamp> check_at;
  std::vector<Refund> refunds;
  std::vector<ProviderCall> calls;  // in order; of many, the first and the last
};

// What moved between the buyers and a provider in some time: by our books, and by its own word.
struct Sums {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;  // and what else went back there
  std::int64_t net() const { return captured - refunded; }
  bool operator==(const Sums&) const = default;
};
// Why our books and the provider's word differ. other_day: not in amount, one of us has it on
// another day. not_there: it says nothing of it. unknown_here: it is no payment of ours.
enum class Differs { no, other_day, amount, not_there, unknown_here };
BOOST_DESCRIBE_ENUM(Differs, no, other_day, amount, not_there, unknown_here)
struct DayLine {
  std::string payment;              // its id; of one unknown here what the provider calls it
  std::string subject;              // empty: unknown here
  Sums ours, theirs;                // `theirs` only when the provider says anything
  std::optional<std::int64_t> fee;  // that the provider keeps, VAT included; < 0: gives back
  Differs differs = Differs::no;
};
// Why a provider says nothing. not_offered: it has no list of what moved. not_set_up: it is not
// asked by this server any more. silent: no answer that is one, or none in time.
enum class NoStatement { not_offered, not_set_up, silent };
BOOST_DESCRIBE_ENUM(NoStatement, not_offered, not_set_up, silent)
struct ProviderDay {
  std::string provider;
  std::optional<NoStatement> silent;  // empty: it said all
  std::string code;                   // what it said instead, or what went wrong
  bool fees_told = false;             // by the provider, of everything that moved
  std::vector<DayLine> lines;         // every payment that moved, here or there
};
struct DayQuery {
  std::string provider;
  Timestamp from{}, to{};  // from <= at < to
};
inline constexpr std::string_view kSettlementCurrency = "KRW";
inline constexpr Millis kStatementTime = std::chrono::seconds(20);

// What a pay page of our own shows.
struct PayPage {
  PaymentId payment;
  Money amount;
  std::string order_name;
  PaymentState state = PaymentState::pending;
};

// Sums over all payments, for tests and the books.
struct Balance {
  std::int64_t captured = 0;
  std::int64_t refunded = 0;
  std::int64_t refunding = 0;  // refunded and requested
};

class Payments {
 public:
  virtual ~Payments() = default;

  // Idempotent per id. When the subject already has a live payment that differs only in its id,
  // that one is returned instead: look at the id of the answer.
  virtual Task<Result<Payment, CreateRefusal>> create(NewPayment request) = 0;

  // Opens the provider's pay page: the answer has redirect_url. Repeating returns the same page,
  // and from then on the buyer goes on to the return_url that came last.
  virtual Task<Result<Payment, BeginRefusal>> begin(Begin request) = 0;

  // create() and begin() of what it answered with, whatever `begin.payment` says; one transaction
  // where the provider is not asked for its page.
  virtual Task<Result<Payment, OpenRefusal>> open(NewPayment request, Begin begin) = 0;

  // Captures (or learns that there is nothing to capture) and returns the payment as it then
  // stands. Repeats and races are harmless.
  virtual Task<Result<Payment, SettleRefusal>> settle(PaymentId id, ReturnData data) = 0;

  // The subject died before it was paid. in_progress: the capture was already asked for; the event
  // payments.settled tells how it ended, refund then.
  virtual Task<Result<Payment, CancelRefusal>> cancel(PaymentId id) = 0;

  // Gives money back: all refunds of a payment never exceed what was captured. The answer's state
  // may still be `requested`: reconcile() repeats it with the same key until the provider answers.
  virtual Task<Result<Refund, RefundRefusal>> refund(RefundRequest request) = 0;

  virtual Task<std::optional<Payment>> find(PaymentId id) = 0;
  // The subject's payment that is ready, pending, unknown, paid or partially refunded.
  virtual Task<std::optional<Payment>> find_live(std::string subject) = 0;
  virtual Task<std::vector<Refund>> refunds(PaymentId id) = 0;

  // Where refunds of a deposit go (needs_account()); those that waited for it are asked for again.
  // The one given last counts, until all is back; then it is forgotten.
  virtual Task<Result<void, AccountRefusal>> give_account(PaymentId id, RefundAccount account) = 0;

  // Refunds that wait for people. `limit` 1..100.
  virtual Task<RefundTaskPage> refund_tasks(int limit, std::optional<RefundId> after) = 0;
  // Asks the provider once more, under a new key: only what was refused, or it might go back twice.
  virtual Task<Result<Refund, RefundTaskRefusal>> retry_refund(RefundRetry request) = 0;
  virtual Task<Result<Refund, RefundTaskRefusal>> settle_refund(RefundSettlement request) = 0;
  // Of one that is reversed; publishes payments.reversal_decided.
  virtual Task<Result<Refund, RefundTaskRefusal>> decide_reversal(ReversalDecision request) = 0;
  // Nothing was bought with what a reversed one took: nobody has a claim to it.
  virtual Task<void> reversal_unbought(RefundId id) = 0;
  // Of one that waits for people (waits_for_people()); publishes payments.decided.
  virtual Task<Result<Payment, PaymentTaskRefusal>> settle_payment(PaymentSettlement request) = 0;
  // How many wait, at the last reconcile_rest(). Thread: any.
  virtual std::int64_t refund_tasks_waiting() const = 0;
  virtual std::int64_t payment_tasks_waiting() const = 0;

  // Whom buyers may pay with.
  virtual std::vector<std::string> providers() const = 0;

  // Asks `provider` about everything of its own left pending, unknown or requested whose time has
  // come; returns how many it brought forward. At start and then every few seconds, for each of
  // providers() by itself: one that hangs holds up nobody else's.
  virtual Task<int> reconcile(std::string provider) = 0;
  // The same of those whose provider is not set up here any more; counts what waits for people and
  // writes the history down. Waits for no provider.
  virtual Task<int> reconcile_rest() = 0;
  // All of this in a row, for whoever can wait for it.
  virtual Task<int> reconcile() = 0;

  // Money that was captured by `before` and whose subject has not said yet what became of it, in
  // the order of the ids from behind `after`. Whoever owns the subjects looks here, whatever events
  // did or did not bring.
  virtual Task<std::vector<Payment>> unaccounted(Timestamp before, std::optional<PaymentId> after,
                                                 int limit) = 0;
  // The subject's owner has this money on its books: kept for the subject, or a refund of it asked
  // for durably.
  virtual Task<void> accounted(std::vector<PaymentId> payments) = 0;

  // Forgets payments that ended without money: after thirty days, and all but an owner's newest
  // fifty after two hours. Every ten minutes or so.
  virtual Task<void> forget() = 0;

  virtual Task<Balance> balance() = 0;

  // ---- for people

  virtual Task<PaymentPage> search(PaymentQuery query) = 0;
  virtual Task<std::optional<PaymentHistory>> history(PaymentId id) = 0;
  // What moved, by the ledger, beside what the provider says of the same time. Asks it page by
  // page, at most for kStatementTime and the call under way then; all in kSettlementCurrency.
  virtual Task<ProviderDay> day(DayQuery query) = 0;
  // By name: those that are offered, and those with money on the books of that time all the same.
  virtual Task<std::vector<std::string>> providers_of(Timestamp from, Timestamp to) = 0;
  // Asks the provider now, acts on what it says, and tells who wanted it: payments.looked_up. A
  // payment whose capture is being asked for is left alone. Empty: there is no such payment.
  virtual Task<std::optional<Payment>> look_up(PaymentId id, std::string who) = 0;
  // Somebody says that this payment moved at `provider`. Nothing he says is believed: it is looked
  // up, by the next reconcile(), at most once in kNoticeSpacing. Unknown ones are ignored.
  virtual Task<void> noticed(PaymentId id, std::string provider) = 0;
  // Empty when the key is not the payment's own.
  virtual Task<std::optional<PayPage>> pay_page(PaymentId id, std::string key) = 0;
};

}  // namespace onsale::payments

namespace onsale {
using payments::PaymentId;
using payments::RefundId;
}  // namespace onsale
