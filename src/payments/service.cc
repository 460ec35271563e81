#include "payments/service.h"

#include <algorithm>
#include <atomic>

#include "base/encoding.h"
#include "base/log.h"
#include "base/overload.h"
#include "payments/asking.h"
#include "payments/calls.h"
#include "payments/opening.h"
#include "payments/refunding.h"
#include "payments/settlement.h"

namespace onsale::payments {
namespace {

constexpr Millis kEndedKept = std::chrono::days(30);
constexpr Millis kEndedAtLeast = std::chrono::hours(2);  // no money can be on its way any more
constexpr int kEndedOfOwner = 50;
constexpr int kForgetBatch = 200;
static_assert(kEndedAtLeast > kPaymentLife + kAfterCheck);

class Service final : public Payments {
 public:
  explicit Service(Parts parts)
      : store_(parts.store),
        records_(parts.records),
        calls_(parts.records),
        asking_(std::move(parts.providers), parts.clock, calls_),
        clock_(parts.clock),
        random_(parts.random),
        refunding_(parts.store, asking_, parts.clock, parts.random),
        settling_(parts.records, asking_, parts.clock) {}

  Task<Result<Payment, CreateRefusal>> create(NewPayment request) override;
  Task<Result<Payment, BeginRefusal>> begin(Begin request) override;
  Task<Result<Payment, OpenRefusal>> open(NewPayment request, Begin begin) override;
  Task<Result<Payment, SettleRefusal>> settle(PaymentId id, ReturnData data) override;
  Task<Result<Payment, CancelRefusal>> cancel(PaymentId id) override;
  Task<Result<Refund, RefundRefusal>> refund(RefundRequest request) override {
    return refunding_.refund(std::move(request));
  }
  Task<Result<void, AccountRefusal>> give_account(PaymentId id, RefundAccount account) override;
  Task<std::optional<Payment>> find(PaymentId id) override;
  Task<std::optional<Payment>> find_live(std::string subject) override {
    return store_.find_live(std::move(subject));
  }
  Task<std::vector<Refund>> refunds(PaymentId id) override { return store_.refunds(id); }
  Task<RefundTaskPage> refund_tasks(int limit, std::optional<RefundId> after) override {
    return refunding_.tasks(limit, after);
  }
  Task<Result<Refund, RefundTaskRefusal>> retry_refund(RefundRetry request) override {
    return refunding_.retry(std::move(request));
  }
  Task<Result<Refund, RefundTaskRefusal>> settle_refund(RefundSettlement request) override {
    return refunding_.settle(std::move(request));
  }
  Task<Result<Refund, RefundTaskRefusal>> decide_reversal(ReversalDecision request) override {
    return refunding_.decide(std::move(request));
  }
  Task<void> reversal_unbought(RefundId id) override {
    return store_.reversal_unbought(id, clock_.now());
  }
  Task<Result<Payment, PaymentTaskRefusal>> settle_payment(PaymentSettlement request) override;
  std::vector<std::string> providers() const override { return asking_.names(); }
  std::int64_t refund_tasks_waiting() const override { return refund_tasks_; }
  std::int64_t payment_tasks_waiting() const override { return payment_tasks_; }
  Task<int> reconcile(std::string provider) override;
  Task<int> reconcile_rest() override;
  Task<int> reconcile() override;
  Task<std::vector<Payment>> unaccounted(Timestamp before, std::optional<PaymentId> after,
                                         int limit) override {
    return store_.unaccounted(before, after, limit);
  }
  Task<void> accounted(std::vector<PaymentId> payments) override {
    return store_.accounted(std::move(payments));
  }
  Task<void> forget() override;
  Task<Balance> balance() override { return store_.balance(); }
  Task<PaymentPage> search(PaymentQuery query) override;
  Task<std::optional<PaymentHistory>> history(PaymentId id) override;
  Task<ProviderDay> day(DayQuery query) override { return settling_.day(std::move(query)); }
  Task<std::vector<std::string>> providers_of(Timestamp from, Timestamp to) override;
  Task<std::optional<Payment>> look_up(PaymentId id, std::string who) override;
  Task<void> noticed(PaymentId id, std::string provider) override;
  Task<std::optional<PayPage>> pay_page(PaymentId id, std::string key) override;

 private:
  using Made = Result<Stored, CreateRefusal>;

  Stored fresh(const NewPayment& request);
  Task<Made> make(NewPayment request, Stored stored);
  Task<Result<Payment, BeginRefusal>> begin_stored(Stored stored, Begin request);
  Task<Result<Payment, BeginRefusal>> readdress(Payment payment, std::string return_url);
  Task<bool> capture(Stored stored);
  Task<std::optional<Payment>> capture_claimed(Stored stored);
  Task<std::optional<Payment>> apply(Stored stored, ProviderAnswer answer);
  Task<bool> resolve(Stored stored);
  Task<bool> last_look(Stored stored, ProviderAnswer answer);
  Task<Drift> compare(const Stored& stored, const ProviderAnswer& answer);
  Task<bool> reconcile_one(Stored due);

  Store& store_;
  Records* const records_;
  Calls calls_;
  const Asking asking_;
  Clock& clock_;
  Random& random_;
  Refunding refunding_;
  const Settling settling_;
  std::atomic<std::int64_t> refund_tasks_{0}, payment_tasks_{0};
};

// ---- making

Stored Service::fresh(const NewPayment& request) {
  const Timestamp now = clock_.now();
  return {.payment = {.id = request.id,
                      .subject = request.subject,
                      .owner = request.owner,
                      .provider = request.provider,
                      .amount = request.amount,
                      .order_name = cut(request.order_name, kOrderNameMax),
                      .created_at = now,
                      .updated_at = now},
          .key = random_hex(random_),
          .check_at = now + kPaymentLife};
}

Task<Result<Payment, CreateRefusal>> Service::create(NewPayment request) {
  if (request.amount.amount <= 0) co_return std::unexpected(CreateRefusal::amount_invalid);
  if (!asking_.knows(request.provider)) co_return std::unexpected(CreateRefusal::provider_unknown);
  Stored stored = fresh(request);
  auto made = co_await make(std::move(request), std::move(stored));
  if (!made) co_return std::unexpected(made.error());
  co_return std::move(made->payment);
}

// `stored`, or what is in its way and is the same.
Task<Service::Made> Service::make(NewPayment request, Stored stored) {
  // What is in the way may end between the statement and the look at it.
  for (int attempt = 0; attempt < 3; ++attempt) {
    const bool inserted = co_await store_.insert(stored);
    if (inserted) co_return stored;
    auto existing = co_await store_.find(request.id);
    if (existing) {
      if (same_request(existing->payment, request)) co_return std::move(*existing);
      co_return std::unexpected(CreateRefusal::id_reused);
    }
    const auto other = co_await store_.find_live(request.subject);
    if (!other) continue;
    // Whoever was given an account and asks for a page wants to pay another way.
    const bool awaited = other->detail && other->detail->deposit;
    const bool payable =
        !awaited && (other->state == PaymentState::ready || other->state == PaymentState::pending);
    if (!payable || !same_request(*other, request))
      co_return std::unexpected(CreateRefusal::subject_busy);
    auto theirs = co_await store_.find(other->id);
    if (theirs) co_return std::move(*theirs);
  }
  throw Overloaded("payments of one subject keep coming and going");
}

Task<Result<Payment, BeginRefusal>> Service::begin(Begin request) {
  auto stored = co_await store_.find(request.payment);
  if (!stored) co_return std::unexpected(BeginRefusal::payment_unknown);
  auto begun = co_await begin_stored(std::move(*stored), std::move(request));
  co_return begun;
}

Task<Result<Payment, BeginRefusal>> Service::begin_stored(Stored stored, Begin request) {
  if (stored.payment.state == PaymentState::pending) {
    auto again = co_await readdress(std::move(stored.payment), std::move(request.return_url));
    co_return again;
  }
  if (stored.payment.state != PaymentState::ready)
    co_return std::unexpected(BeginRefusal::not_payable);
  Order order = order_of(stored, request);
  const auto started = co_await asking_.begin(std::move(order), stored.payment.provider);
  if (!started) co_return std::unexpected(BeginRefusal::provider_unavailable);
  const Timestamp now = clock_.now();
  begin_with(stored, *started, request.return_url, now);
  Begun begun{.payment = stored.payment.id,
              .reference = stored.reference,
              .redirect_url = stored.payment.redirect_url,
              .return_url = stored.payment.return_url};
  const bool first = co_await store_.begin(std::move(begun), now, *stored.check_at);
  if (first) co_return std::move(stored.payment);
  auto after = co_await store_.find(stored.payment.id);
  if (!after || after->payment.state != PaymentState::pending)
    co_return std::unexpected(BeginRefusal::not_payable);
  // Two began at once: both have the page of the first, the buyer goes on where the last one said.
  auto pending = co_await readdress(std::move(after->payment), std::move(request.return_url));
  co_return pending;
}

Task<Result<Payment, OpenRefusal>> Service::open(NewPayment request, Begin begin) {
  if (request.amount.amount <= 0) co_return std::unexpected(CreateRefusal::amount_invalid);
  if (!asking_.knows(request.provider)) co_return std::unexpected(CreateRefusal::provider_unknown);
  Stored stored = fresh(request);
  if (!asking_.asked_to_begin(request.provider)) {
    Order order = order_of(stored, begin);
    const auto started = co_await asking_.begin(std::move(order), request.provider);
    if (!started) co_return std::unexpected(BeginRefusal::provider_unavailable);
    begin_with(stored, *started, begin.return_url, clock_.now());
  }
  auto made = co_await make(std::move(request), std::move(stored));
  if (!made) co_return std::unexpected(made.error());
  auto begun = co_await begin_stored(std::move(*made), std::move(begin));
  if (!begun) co_return std::unexpected(begun.error());
  co_return std::move(*begun);
}

Task<Result<Payment, BeginRefusal>> Service::readdress(Payment payment, std::string return_url) {
  if (payment.return_url == return_url) co_return payment;
  const bool changed = co_await store_.readdress(payment.id, return_url, clock_.now());
  if (!changed) co_return std::unexpected(BeginRefusal::not_payable);
  payment.return_url = std::move(return_url);
  co_return payment;
}

// ---- settling

Task<Result<Payment, SettleRefusal>> Service::settle(PaymentId id, ReturnData data) {
  const auto given = data.find("key");
  std::string key = given == data.end() ? std::string() : given->second;
  const Timestamp now = clock_.now();
  ReturnData keeping = kept(data);
  auto taken = co_await store_.take(id, key, keeping, now, now + kCaptureLease);
  if (!taken) co_return std::unexpected(SettleRefusal::payment_unknown);
  Stored& stored = taken->stored;
  if (!same_key(key, stored.key)) co_return std::unexpected(SettleRefusal::key_invalid);
  if (stored.payment.state == PaymentState::ready)
    co_return std::unexpected(SettleRefusal::not_begun);
  std::optional<Payment> moved;
  if (taken->mine) {
    stored.data = std::move(keeping);
    stored.checks = 0;
    moved = co_await capture_claimed(std::move(stored));
  } else if (stored.payment.state == PaymentState::unknown && stored.check_at &&
             *stored.check_at <= now) {
    // Whoever asked for the capture is gone: find out now, the buyer is waiting.
    co_await reconcile_one(stored);
  }
  if (moved) co_return std::move(*moved);
  auto after = co_await store_.find(id);
  if (!after) co_return std::unexpected(SettleRefusal::payment_unknown);
  co_return std::move(after->payment);
}

// pending -> unknown -> what the provider says. False when somebody else has the claim.
Task<bool> Service::capture(Stored stored) {
  if (stored.payment.state == PaymentState::pending) {
    const Timestamp now = clock_.now();
    const bool mine =
        co_await store_.claim(stored.payment.id, stored.data, now, now + kCaptureLease);
    if (!mine) co_return false;
    stored.checks = 0;  // as the row says: a repeat of this has another key
  }
  const auto moved = co_await capture_claimed(std::move(stored));
  co_return moved.has_value();
}

Task<std::optional<Payment>> Service::capture_claimed(Stored stored) {
  stored.payment.state = PaymentState::unknown;
  const Charge charge = charge_of(stored);
  const std::string name = stored.payment.provider;
  ProviderAnswer answer = co_await asking_.settle(charge, name);
  if (answer.verdict == Verdict::unknown || answer.verdict == Verdict::authorised)
    answer = co_await asking_.lookup(charge, name);
  co_return co_await apply(std::move(stored), std::move(answer));
}

// Writes down what the provider said; the payment as it then is, when that moved it.
Task<std::optional<Payment>> Service::apply(Stored stored, ProviderAnswer answer) {
  const Payment& payment = stored.payment;
  const auto next = next_state(payment.state, answer.verdict);
  const bool waits = answer.verdict == Verdict::waiting && answer.detail;
  if (waits && (!next || *next == PaymentState::pending) && payment.detail != answer.detail) {
    PaymentDetail detail = *answer.detail;
    co_await store_.describe(payment.id, std::move(detail));
  }
  if (!next) co_return std::nullopt;
  const Timestamp now = clock_.now();
  if (*next == PaymentState::pending) {
    const bool moved = co_await store_.reopen(
        payment.id, now, now + check_delay(PaymentState::pending, stored.checks));
    if (!moved) co_return std::nullopt;
    const auto after = co_await store_.find(payment.id);
    co_return after->payment;
  }
  Settlement settlement{.payment = payment.id, .state = *next};
  if (*next == PaymentState::paid) {
    settlement.captured = answer.captured;
    settlement.receipt = answer.receipt;
    settlement.detail = answer.detail;
    if (answer.captured != payment.amount.amount) {
      log::error("payments", "another amount than asked for was captured; it goes back",
                 {{"payment", payment.id.str()},
                  {"asked", payment.amount.amount},
                  {"captured", answer.captured}});
      settlement.state = PaymentState::failed;
      settlement.failure = "amount_mismatch";
      settlement.give_back = Refund{.id = RefundId::make(now, random_),
                                    .payment = payment.id,
                                    .amount = {answer.captured, payment.amount.currency},
                                    .reason = "amount_mismatch",
                                    .created_at = now};
    }
  } else {
    settlement.failure = cut(answer.reason, kReasonMax);
  }
  co_return co_await store_.settle(std::move(settlement), now);
}

Task<Result<Payment, CancelRefusal>> Service::cancel(PaymentId id) {
  const auto stored = co_await store_.find(id);
  if (!stored) co_return std::unexpected(CancelRefusal::payment_unknown);
  const Timestamp now = clock_.now();
  std::optional<Timestamp> look_again;
  if (stored->payment.state != PaymentState::ready) look_again = now + kAfterCheck;
  const bool cancelled = co_await store_.cancel(id, now, look_again);
  if (cancelled) co_await asking_.close(*stored);
  const auto after = co_await store_.find(id);
  if (!after) co_return std::unexpected(CancelRefusal::payment_unknown);
  switch (after->payment.state) {
    case PaymentState::failed:
    case PaymentState::cancelled:
    case PaymentState::refunded:
      co_return after->payment;
    case PaymentState::paid:
    case PaymentState::partially_refunded:
      co_return std::unexpected(CancelRefusal::paid);
    case PaymentState::ready:
    case PaymentState::pending:
    case PaymentState::unknown:
      break;
  }
  co_return std::unexpected(CancelRefusal::in_progress);
}

Task<std::optional<Payment>> Service::find(PaymentId id) {
  auto stored = co_await store_.find(id);
  if (!stored) co_return std::nullopt;
  co_return std::move(stored->payment);
}

// ---- reconciling

// Asks what happened and acts on it; true when the payment moved.
Task<bool> Service::resolve(Stored stored) {
  const Charge charge = charge_of(stored);
  ProviderAnswer answer = co_await asking_.lookup(charge, stored.payment.provider);
  const bool undecided = stored.payment.state == PaymentState::pending ||
                         stored.payment.state == PaymentState::unknown;
  const bool over = clock_.now() >= stored.payment.created_at + kPaymentLife;
  if (undecided && answer.verdict == Verdict::authorised) {
    if (!over) co_return co_await capture(std::move(stored));
    answer.verdict = Verdict::open;  // too late for it: nothing was captured, nothing will be
  }
  const bool unpaid = answer.verdict == Verdict::open;
  const auto applied = co_await apply(stored, answer);
  const bool moved = applied.has_value();
  if (unpaid && over && undecided) {
    const auto cancelled = co_await cancel(stored.payment.id);
    co_return cancelled.has_value();
  }
  if (undecided || moved || answer.verdict == Verdict::unknown) co_return moved;
  co_return co_await last_look(std::move(stored), std::move(answer));
}

// Of one that had ended before: whether its money is where we think. True when it was not.
Task<bool> Service::last_look(Stored stored, ProviderAnswer answer) {
  const Payment& payment = stored.payment;
  Drift found;
  if (payment.captured > 0) {
    found = co_await compare(stored, answer);
  } else {
    co_await asking_.close(stored);
  }
  // An account to pay into may still be paid into.
  const bool again = found.unclear || answer.verdict == Verdict::waiting;
  if (again && !stored.check_at) co_await store_.notice(payment.id, payment.provider, clock_.now());
  if (again) co_return found.lost > 0 || found.back > 0;
  const auto now = co_await store_.find(payment.id);
  if (now) co_await store_.put_off(*now, std::nullopt);
  co_return found.lost > 0 || found.back > 0;
}

Task<Drift> Service::compare(const Stored& stored, const ProviderAnswer& answer) {
  const Payment& payment = stored.payment;
  const bool by_people = payment.decided_at && stored.receipt.empty();
  const auto left =
      left_there(answer.verdict, answer.refundable.value_or(answer.captured), by_people);
  if (!left) co_return Drift{};
  if (by_people && answer.verdict == Verdict::captured)
    co_await store_.witness(payment.id, answer.receipt, answer.detail);
  const Timestamp now = clock_.now();
  const Comparison told{
      .payment = payment.id, .left = *left, .fresh = RefundId::make(now, random_), .now = now};
  const Drift found = co_await store_.compare(told);
  if (found.lost > 0 || found.back > 0)
    log::error("payments", "money went back, or came again, that nobody here asked for",
               {{"payment", payment.id.str()},
                {"provider", payment.provider},
                {"lost", found.lost},
                {"back", found.back}});
  co_return found;
}

Task<bool> Service::reconcile_one(Stored due) {
  const Timestamp now = clock_.now();
  if (due.payment.state == PaymentState::ready) {
    const auto cancelled = co_await cancel(due.payment.id);
    co_return cancelled.has_value();
  }
  // Not sooner than a capture takes, so that two nodes do not ask for one at the same time.
  const Millis delay = std::max(kCaptureLease, check_delay(due.payment.state, due.checks));
  const bool mine = co_await store_.put_off(due, now + delay);
  if (!mine) co_return false;
  ++due.checks;
  co_return co_await resolve(std::move(due));
}

Task<int> Service::reconcile(std::string provider) {
  int moved = 0;
  const Timestamp now = clock_.now();
  const std::vector<Stored> payments = co_await store_.due(provider, now, kReconcileBatch);
  for (const Stored& one : payments) {
    const bool did = co_await reconcile_one(one);
    moved += did ? 1 : 0;
  }
  const int back = co_await refunding_.reconcile(provider, now);
  co_return moved + back;
}

Task<int> Service::reconcile_rest() {
  int moved = 0;
  const Timestamp now = clock_.now();
  const std::vector<std::string> due = co_await store_.due_providers(now);
  for (const std::string& provider : due) {
    if (asking_.knows(provider)) continue;
    const int did = co_await reconcile(provider);
    moved += did;
  }
  refund_tasks_ = co_await store_.count_refund_tasks(now);
  payment_tasks_ = co_await store_.count_payment_tasks(now);
  co_await calls_.write();
  co_return moved;
}

Task<int> Service::reconcile() {
  int moved = 0;
  const std::vector<std::string> names = asking_.names();
  for (const std::string& provider : names) {
    const int did = co_await reconcile(provider);
    moved += did;
  }
  const int rest = co_await reconcile_rest();
  co_return moved + rest;
}

Task<void> Service::forget() {
  const Timestamp now = clock_.now();
  const Forgetting rule{.ended_by = now - kEndedKept,
                        .of_owner_ended_by = now - kEndedAtLeast,
                        .keep_of_owner = kEndedOfOwner};
  for (int gone = kForgetBatch; gone >= kForgetBatch;) {
    gone = co_await store_.forget_ended(rule, kForgetBatch);
  }
}

// ---- for people

Task<PaymentPage> Service::search(PaymentQuery query) {
  PaymentPage page;
  if (!records_) co_return page;
  const int limit = query.limit++;
  page.items = co_await records_->search(std::move(query));
  if (std::ssize(page.items) > limit) {
    page.items.pop_back();
    page.next = page.items.back().id;
  }
  co_return page;
}

Task<std::vector<std::string>> Service::providers_of(Timestamp from, Timestamp to) {
  std::vector<std::string> names = asking_.names();
  if (!records_) co_return names;
  const std::vector<std::string> moved = co_await records_->providers_of(from, to);
  names.insert(names.end(), moved.begin(), moved.end());
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  co_return names;
}

Task<std::optional<PaymentHistory>> Service::history(PaymentId id) {
  const auto stored = co_await store_.find(id);
  if (!stored) co_return std::nullopt;
  PaymentHistory out{.payment = stored->payment,
                     .reference = stored->reference,
                     .receipt = stored->receipt,
                     .check_at = stored->check_at};
  out.refunds = co_await store_.refunds(id);
  if (records_) {
    co_await calls_.write();
    out.calls = co_await records_->calls(id);
  }
  co_return out;
}

Task<std::optional<Payment>> Service::look_up(PaymentId id, std::string who) {
  const auto stored = co_await store_.find(id);
  if (!stored) co_return std::nullopt;
  const Timestamp now = clock_.now();
  const PaymentState before = stored->payment.state;
  const bool being_captured =
      before == PaymentState::unknown && now < stored->payment.updated_at + kCaptureLease;
  if (before != PaymentState::ready && !being_captured) {
    // As the reconciler does: whoever is at it too gets nothing.
    Stored mine = *stored;
    const bool free = mine.check_at ? co_await store_.put_off(mine, now + kCaptureLease) : true;
    ++mine.checks;
    if (free) co_await resolve(std::move(mine));
  }
  const auto after = co_await store_.find(id);
  if (!after) co_return std::nullopt;
  if (records_) {
    LookedUp event{.id = LookUpId::make(now, random_),
                   .payment = id,
                   .who = std::move(who),
                   .before = before,
                   .after = after->payment.state,
                   .at = now};
    co_await records_->looked_up(std::move(event));
  }
  co_return after->payment;
}

Task<Result<void, AccountRefusal>> Service::give_account(PaymentId id, RefundAccount account) {
  auto tidy = tidied(std::move(account));
  if (!tidy) co_return std::unexpected(AccountRefusal::account_invalid);
  const auto stored = co_await store_.find(id);
  if (!stored) co_return std::unexpected(AccountRefusal::payment_unknown);
  if (!needs_account(stored->payment)) co_return std::unexpected(AccountRefusal::not_needed);
  co_await store_.give_account(id, std::move(*tidy), clock_.now());
  co_return Result<void, AccountRefusal>{};
}

Task<Result<Payment, PaymentTaskRefusal>> Service::settle_payment(PaymentSettlement request) {
  const Timestamp now = clock_.now();
  PaymentDecision decision{.id = PaymentDecisionId::make(now, random_),
                           .payment = request.payment,
                           .who = request.who,
                           .captured = request.captured,
                           .reason = cut(request.reason, kReasonMax),
                           .at = now,
                           .check_at = now + kCheckMax};
  const auto decided = co_await store_.decide(std::move(decision));
  if (!decided) co_return std::unexpected(decided.error());
  const auto after = co_await store_.find(request.payment);
  if (!after) co_return std::unexpected(PaymentTaskRefusal::payment_unknown);
  co_return after->payment;
}

Task<void> Service::noticed(PaymentId id, std::string provider) {
  co_await store_.notice(id, std::move(provider), clock_.now());
}

Task<std::optional<PayPage>> Service::pay_page(PaymentId id, std::string key) {
  const auto stored = co_await store_.find(id);
  if (!stored || !same_key(key, stored->key)) co_return std::nullopt;
  co_return PayPage{.payment = id,
                    .amount = stored->payment.amount,
                    .order_name = stored->payment.order_name,
                    .state = stored->payment.state};
}

}  // namespace

std::unique_ptr<Payments> make_payments(Parts parts) {
  return std::make_unique<Service>(std::move(parts));
}

}  // namespace onsale::payments
