// What payments needs from outside, in its own words: a provider that moves money, and a store.
#pragma once

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "payments/events.h"
#include "payments/payment.h"
#include "payments/payments.h"

namespace onsale::payments {

// ---- provider

struct Order {
  PaymentId payment;  // the key of begin: a repeat is the same order
  AccountId owner;
  Money amount;
  std::string order_name;
  std::string return_address;  // complete, with our key; the provider may append parameters
  std::string locale;
  bool mobile = false;  // the buyer's browser is a phone's; a hint
};

struct Started {
  std::string reference;     // the provider's id of the order (KakaoPay's tid), may be empty
  std::string redirect_url;  // the pay page
};

// rejected: the provider did not take the order. unavailable: it gave no answer, or was not asked.
enum class BeginFailure { rejected, unavailable };
struct BeginRefused {
  BeginRefused(BeginFailure failure, std::string said = {}) : why(failure), code(std::move(said)) {}
  BeginFailure why;
  std::string code;  // what the provider said
};

// The provider gave no answer that is one: none in time, or a fault of its own. What was asked for
// may have happened.
struct Unanswered : std::runtime_error {
  explicit Unanswered(std::string said) : std::runtime_error(said), code(std::move(said)) {}
  std::string code;  // short, for the history; nothing secret
};

// It was not asked: it rests, or as many as may be are with it.
struct NotAsked : Unanswered {
  using Unanswered::Unanswered;
};

struct Charge {
  PaymentId payment;  // the key of settle: a repeat captures once
  AccountId owner;
  std::string reference;
  std::string receipt;  // once captured
  Money amount;
  ReturnData data;       // what came back with the buyer; empty when nobody came back
  bool waiting = false;  // an account to pay into was given out
  // How often it was asked about since the buyer came back. A look-up comes before every repeat of
  // settle, so a repeat may have a key of its own: under the old one it might get the old answer.
  int checks = 0;
};

struct ProviderAnswer {
  Verdict verdict = Verdict::unknown;
  std::int64_t captured = 0;  // when captured; less what was given back there
  std::string receipt;        // the provider's id of the capture (Toss's paymentKey), for people
  std::string reason;         // for people, when declined
  std::string code;           // what the provider said: its status, or its error's code
  // How much can still go back, as the provider says, when it does.
  std::optional<std::int64_t> refundable;
  std::optional<PaymentDetail> detail;
  bool absent = false;  // it knows no such payment, though one was captured there
};

struct GiveBack {
  RefundId refund;  // with `attempt` and `checks` the key: a repeat gives back once
  int attempt = 0;  // one more after a final refusal: the old key may bring the old answer
  int checks = 0;   // one more with every repeat that a look-up allowed
  PaymentId payment;
  std::string reference;
  std::string receipt;
  Money amount;
  std::int64_t refundable_before = 0;      // a compare-and-set where one is offered
  std::optional<RefundAccount> account{};  // where it goes, of a deposit
  std::string reason;
};

enum class RefundVerdict { done, refused, unknown };
struct RefundAnswer {
  RefundAnswer(RefundVerdict said = RefundVerdict::unknown, std::string by_code = {})
      : verdict(said), code(std::move(by_code)) {}
  RefundVerdict verdict;
  std::string code;
};

// One page of what a provider has on record. moved: captures and refunds, each at its time. fees:
// what it keeps of each, by the day of the sale; may come days later.
enum class Listed { moved, fees };
struct StatementQuery {
  Listed what = Listed::moved;
  Timestamp from{}, to{};  // from <= at < to; of fees whole days of Korea
  std::string after;       // where the page before ended; empty: the first one
};
struct StatementEntry {
  std::string key;          // the provider's own, the same in both lists
  std::string order;        // our payment's id, as it knows it
  std::int64_t amount = 0;  // moved: > 0 came, < 0 went back. fees: what it keeps
  Timestamp at{};
};
struct StatementPage {
  std::vector<StatementEntry> entries;
  std::string next;  // where to go on; empty: that was all
  std::string code;  // what it said instead; empty: it said all this
  bool offered = true;
};

// One payment provider. No call is made inside a database transaction. When an answer is lost the
// implementation says `unknown` (or throws, which means the same); it never guesses.
class Provider {
 public:
  virtual ~Provider() = default;
  virtual std::string_view name() const = 0;
  // Whether a refund asked for twice under its key is given back once, however much later. Where it
  // is not, lookup() says what is refundable, and a refund is looked for before it is repeated.
  virtual bool knows_repeats() const { return true; }
  // Whether begin() asks it anything. Where it does not, nobody learns there whether it answers.
  virtual bool asked_to_begin() const { return true; }
  virtual Task<Result<Started, BeginRefused>> begin(Order order) = 0;
  // Captures an authorised charge.
  virtual Task<ProviderAnswer> settle(Charge charge) = 0;
  // Changes nothing.
  virtual Task<ProviderAnswer> lookup(Charge charge) = 0;
  virtual Task<RefundAnswer> refund(GiveBack request) = 0;
  // The payment is off: take the pay page down where that can be done. Best effort.
  virtual Task<void> close(Charge charge) = 0;
  // A page of its own books, for ours to be compared with. Changes nothing.
  virtual Task<StatementPage> statement(StatementQuery) {
    StatementPage none;
    none.offered = false;
    co_return none;
  }
};

// ---- store

struct Stored {
  Payment payment;
  std::string key;  // what settle() must be shown
  std::string reference;
  std::string receipt;
  ReturnData data;
  int checks = 0;
  std::optional<Timestamp> check_at;
  std::optional<RefundAccount> refund_account;  // shown to nobody but the provider
};

struct StoredRefund {
  Refund refund;
  Timestamp asked_at{};  // the last time, while it is requested
  int checks = 0;
  // Set once its turn came: what was refundable at the provider before it was asked, kTurnBegan
  // until that is known. Only where repeats are not known (Provider::knows_repeats).
  std::optional<std::int64_t> refundable_seen;
  std::optional<Timestamp> check_at;
};

inline constexpr std::int64_t kTurnBegan = -1;

struct Taken {
  Stored stored;      // as it was
  bool mine = false;  // and now it is `unknown`, with the data that came
};

struct Begun {
  PaymentId payment;
  std::string reference;
  std::string redirect_url;
  std::string return_url;
};

struct Settlement {
  PaymentId payment;
  PaymentState state;  // paid, failed, cancelled
  std::int64_t captured = 0;
  std::string receipt;
  std::string failure;
  std::optional<PaymentDetail> detail;
  std::optional<Timestamp> check_at;
  // Money that came and cannot stay: the refund is requested in the same transaction.
  std::optional<Refund> give_back;
};

struct RefundDecision {
  RefundDecisionId id;
  std::string who;
  std::string reason;
  Timestamp at{};
};

struct PaymentDecision {
  PaymentDecisionId id;
  PaymentId payment;
  std::string who;
  bool captured = false;
  std::string reason;
  Timestamp at{};
  Timestamp check_at{};  // the provider may answer after all
};

// What a provider says is left of a payment's money, against our books.
struct Comparison {
  PaymentId payment;
  std::int64_t left = 0;
  RefundId fresh;  // of a reversal that turns out, or of a refund of what came again
  Timestamp now{};
};

// What need not be kept of payments that ended without money.
struct Forgetting {
  Timestamp ended_by{};           // older than this: none is
  Timestamp of_owner_ended_by{};  // older than this: an owner's newest `keep_of_owner` are
  int keep_of_owner = 0;
};

enum class RefundRequested { requested, exists, payment_unknown, not_refundable, exceeds_captured };

// Every call is one transaction; what is conditional is one conditional statement in it. Moves to
// a final state publish payments.settled, finished refunds payments.refunded or
// payments.refund_failed, in the same one.
class Store {
 public:
  virtual ~Store() = default;

  // As it is: ready, or pending with its `reference`. False when the id exists or the subject has a
  // live payment.
  virtual Task<bool> insert(Stored stored) = 0;
  virtual Task<std::optional<Stored>> find(PaymentId id) = 0;
  virtual Task<std::optional<Payment>> find_live(std::string subject) = 0;

  // ready -> pending.
  virtual Task<bool> begin(Begun begun, Timestamp now, Timestamp check_at) = 0;
  // The buyer will go on somewhere else; only while pending.
  virtual Task<bool> readdress(PaymentId id, std::string return_url, Timestamp now) = 0;
  // pending -> unknown: who gets true may ask the provider to capture.
  virtual Task<bool> claim(PaymentId id, ReturnData data, Timestamp now, Timestamp check_at) = 0;
  // The same when `key` is the payment's own, with the row; empty when there is none.
  virtual Task<std::optional<Taken>> take(PaymentId id, std::string key, ReturnData data,
                                          Timestamp now, Timestamp check_at) = 0;
  // unknown -> pending: the capture did not happen.
  virtual Task<bool> reopen(PaymentId id, Timestamp now, Timestamp check_at) = 0;
  // What the provider told of a payment that stays as it is; publishes payments.deposit_awaited
  // when that is an account to pay into.
  virtual Task<void> describe(PaymentId id, PaymentDetail detail) = 0;
  // To be looked at by notice_look(). False when the provider has no such payment, or one that
  // never began.
  virtual Task<bool> notice(PaymentId id, std::string provider, Timestamp now) = 0;
  // Any state that next_state() lets go there; the payment as it then is. Empty when somebody else
  // was faster.
  virtual Task<std::optional<Payment>> settle(Settlement settlement, Timestamp now) = 0;
  // ready, pending -> cancelled.
  virtual Task<bool> cancel(PaymentId id, Timestamp now, std::optional<Timestamp> check_at) = 0;

  // Adds to what is being refunded, never beyond what was captured.
  virtual Task<RefundRequested> request_refund(Refund refund, Timestamp check_at) = 0;
  virtual Task<std::optional<StoredRefund>> find_refund(RefundId id) = 0;
  // requested -> done, failed; failed -> done when two asked and the money went back after all.
  // `code`: what the provider said.
  virtual Task<bool> finish_refund(RefundId id, RefundState state, Timestamp now,
                                   std::string code = {}) = 0;
  virtual Task<std::vector<Refund>> refunds(PaymentId id) = 0;
  // Refunds that failed for want of it are requested again.
  virtual Task<bool> give_account(PaymentId id, RefundAccount account, Timestamp now) = 0;
  // Whether this requested refund is the one of its payment that the provider may be asked for, now
  // that it was: it stays so until it is finished.
  virtual Task<bool> take_turn(RefundId id) = 0;
  // What was refundable, before it is asked for: once per turn. False when another node was faster.
  virtual Task<bool> note_refundable(RefundId id, std::int64_t refundable) = 0;

  // What people decide about refunds that wait for them (waits_for_people()); publishes
  // payments.refund_decided in the same transaction.
  virtual Task<std::vector<RefundTask>> refund_tasks(std::optional<RefundId> after, int limit,
                                                     Timestamp now) = 0;
  virtual Task<std::int64_t> count_refund_tasks(Timestamp now) = 0;
  // failed -> requested.
  virtual Task<Result<void, RefundTaskRefusal>> retry_refund(RefundId id, RefundDecision decision,
                                                             Timestamp check_at) = 0;
  // -> done, or failed and settled.
  virtual Task<Result<void, RefundTaskRefusal>> settle_refund(RefundId id, RefundState outcome,
                                                              RefundDecision decision) = 0;

  // Publishes payments.reversal_decided.
  virtual Task<Result<void, RefundTaskRefusal>> decide_reversal(RefundId id, bool purchase_ends,
                                                                RefundDecision decision) = 0;
  virtual Task<void> reversal_unbought(RefundId id, Timestamp now) = 0;

  // Finds out what went back, or came again, without us (drift()), and books it: a refund that is
  // `reversed`, with payments.reversed; or one that is `restored`, with payments.settled, and with
  // a refund of ours when the purchase has ended. Under the payment's lock, so that the same told
  // twice is once.
  virtual Task<Drift> compare(Comparison comparison) = 0;
  // The provider knows a payment that people said was captured.
  virtual Task<void> witness(PaymentId id, std::string receipt,
                             std::optional<PaymentDetail> detail) = 0;

  // Of a payment that waits for people: as settle(), and publishes payments.decided.
  virtual Task<Result<void, PaymentTaskRefusal>> decide(PaymentDecision decision) = 0;
  virtual Task<std::int64_t> count_payment_tasks(Timestamp now) = 0;

  // What of `provider` is to be looked at by `now`, the most overdue first; and whose there is any.
  virtual Task<std::vector<Stored>> due(std::string provider, Timestamp now, int limit) = 0;
  virtual Task<std::vector<StoredRefund>> due_refunds(std::string provider, Timestamp now,
                                                      int limit) = 0;
  virtual Task<std::vector<std::string>> due_providers(Timestamp now) = 0;
  // Takes a due one for this node, by putting its next look off (empty: never again). False when
  // another node was faster.
  virtual Task<bool> put_off(Stored due, std::optional<Timestamp> check_at) = 0;
  virtual Task<bool> put_off_refund(StoredRefund due, Timestamp check_at) = 0;

  // Captured by `before` and not accounted for; settle() to paid puts them there.
  virtual Task<std::vector<Payment>> unaccounted(Timestamp before, std::optional<PaymentId> after,
                                                 int limit) = 0;
  virtual Task<void> accounted(std::vector<PaymentId> payments) = 0;

  // At most about `limit` payments that ended without money and are not looked at again; how many.
  virtual Task<int> forget_ended(Forgetting rule, int limit) = 0;

  virtual Task<Balance> balance() = 0;
};

// What people look at. Not needed for a payment to go its way.
class Records {
 public:
  virtual ~Records() = default;
  // Of one payment the first kCallsFirst and the last kCallsLast are kept.
  virtual Task<void> record(std::vector<ProviderCall> calls) = 0;
  virtual Task<std::vector<ProviderCall>> calls(PaymentId id) = 0;
  virtual Task<std::vector<Payment>> search(PaymentQuery query) = 0;
  // Publishes payments.looked_up.
  virtual Task<void> looked_up(LookedUp event) = 0;
  // What the ledger says moved; `payment` and `ours` are set.
  virtual Task<std::vector<DayLine>> moved(DayQuery query) = 0;
  virtual Task<std::vector<std::string>> providers_of(Timestamp from, Timestamp to) = 0;
  struct Known {
    PaymentId payment;
    std::string subject, provider;
    Sums ours;  // by now
  };
  virtual Task<std::vector<Known>> known(std::vector<PaymentId> payments) = 0;
};
inline constexpr int kCallsFirst = 8;
inline constexpr int kCallsLast = 56;

}  // namespace onsale::payments
