// Maintained stand-ins for payments' ports. FakeStore passes the same contract suite as the tables
// do (store_test.cc). Thread: any.
#pragma once

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <stdexcept>

#include "payments/ports.h"

namespace onsale::payments {

class FakeStore final : public Store {
 public:
  Task<bool> insert(Stored stored) override {
    std::lock_guard lock(mutex_);
    const PaymentId id = stored.payment.id;
    if (payments_.contains(id) || live_locked(stored.payment.subject)) co_return false;
    payments_[id] = std::move(stored);
    co_return true;
  }
  Task<std::optional<Stored>> find(PaymentId id) override {
    std::lock_guard lock(mutex_);
    const auto found = payments_.find(id);
    if (found == payments_.end()) co_return std::nullopt;
    co_return found->second;
  }
  Task<std::optional<Payment>> find_live(std::string subject) override {
    std::lock_guard lock(mutex_);
    const Stored* live = live_locked(subject);
    if (!live) co_return std::nullopt;
    co_return live->payment;
  }
  Task<bool> begin(Begun begun, Timestamp now, Timestamp check_at) override {
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(begun.payment, {PaymentState::ready});
    if (!stored) co_return false;
    stored->reference = begun.reference;
    stored->payment.redirect_url = begun.redirect_url;
    stored->payment.return_url = begun.return_url;
    move_locked(*stored, PaymentState::pending, now, check_at);
    co_return true;
  }
  Task<bool> readdress(PaymentId id, std::string return_url, Timestamp now) override {
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(id, {PaymentState::pending});
    if (!stored) co_return false;
    stored->payment.return_url = std::move(return_url);
    stored->payment.updated_at = now;
    co_return true;
  }
  std::function<void()> before_claim;  // once: what somebody else does in between
  Task<bool> claim(PaymentId id, ReturnData data, Timestamp now, Timestamp check_at) override {
    if (const auto other = std::exchange(before_claim, nullptr)) other();
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(id, {PaymentState::pending});
    if (!stored) co_return false;
    stored->data = std::move(data);
    stored->checks = 0;
    move_locked(*stored, PaymentState::unknown, now, check_at);
    co_return true;
  }
  Task<std::optional<Taken>> take(PaymentId id, std::string key, ReturnData data, Timestamp now,
                                  Timestamp check_at) override {
    auto stored = co_await find(id);
    if (!stored) co_return std::nullopt;
    Taken taken{.stored = std::move(*stored)};
    if (taken.stored.payment.state == PaymentState::pending && same_key(key, taken.stored.key))
      taken.mine = co_await claim(id, std::move(data), now, check_at);
    co_return taken;
  }
  Task<bool> reopen(PaymentId id, Timestamp now, Timestamp check_at) override {
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(id, {PaymentState::unknown});
    if (!stored) co_return false;
    move_locked(*stored, PaymentState::pending, now, check_at);
    co_return true;
  }
  Task<void> describe(PaymentId id, PaymentDetail detail) override {
    std::lock_guard lock(mutex_);
    payments_.at(id).payment.detail = std::move(detail);
    co_return;
  }
  Task<bool> notice(PaymentId id, std::string provider, Timestamp now) override {
    std::lock_guard lock(mutex_);
    const auto found = payments_.find(id);
    if (found == payments_.end() || found->second.payment.provider != provider ||
        found->second.payment.state == PaymentState::ready)
      co_return false;
    Stored& stored = found->second;
    std::optional<Timestamp> last;
    if (const auto noticed = noticed_.find(id); noticed != noticed_.end()) last = noticed->second;
    const Timestamp look = notice_look(stored.payment, last, now);
    noticed_[id] = look;
    if (!stored.check_at || *stored.check_at > look) stored.check_at = look;
    co_return true;
  }
  Task<std::optional<Payment>> settle(Settlement s, Timestamp now) override {
    using enum PaymentState;
    std::lock_guard lock(mutex_);
    const bool money = s.state == paid || s.give_back;
    Stored* const stored = money
                               ? in_locked(s.payment, {ready, pending, unknown, failed, cancelled})
                               : in_locked(s.payment, {pending, unknown});
    if (!stored || (money && stored->payment.captured != 0)) co_return std::nullopt;
    stored->payment.captured = s.captured;
    stored->payment.failure = s.failure;
    stored->receipt = s.receipt;
    if (s.detail) stored->payment.detail = s.detail;
    if (s.state == paid) {
      stored->payment.paid_at = now;
      unaccounted_[s.payment] = now;
    }
    if (s.give_back) {
      stored->payment.refunding = s.give_back->amount.amount;
      refunds_[s.give_back->id] = {.refund = *s.give_back, .asked_at = now, .check_at = now};
    }
    late_[s.payment] = s.state == paid && !live(stored->payment.state);
    move_locked(*stored, s.state, now, s.check_at);
    settled.push_back(stored->payment);
    co_return stored->payment;
  }
  Task<bool> cancel(PaymentId id, Timestamp now, std::optional<Timestamp> check_at) override {
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(id, {PaymentState::ready, PaymentState::pending});
    if (!stored) co_return false;
    stored->checks = 0;
    move_locked(*stored, PaymentState::cancelled, now, check_at);
    settled.push_back(stored->payment);
    co_return true;
  }
  Task<RefundRequested> request_refund(Refund refund, Timestamp check_at) override {
    std::lock_guard lock(mutex_);
    if (refunds_.contains(refund.id)) co_return RefundRequested::exists;
    const auto found = payments_.find(refund.payment);
    if (found == payments_.end()) co_return RefundRequested::payment_unknown;
    Payment& payment = found->second.payment;
    if (payment.captured == 0) co_return RefundRequested::not_refundable;
    if (refund.amount.currency != payment.amount.currency ||
        payment.refunding + refund.amount.amount > payment.captured)
      co_return RefundRequested::exceeds_captured;
    payment.refunding += refund.amount.amount;
    refunds_[refund.id] = {.refund = refund, .asked_at = refund.created_at, .check_at = check_at};
    co_return RefundRequested::requested;
  }
  Task<std::optional<StoredRefund>> find_refund(RefundId id) override {
    std::lock_guard lock(mutex_);
    const auto found = refunds_.find(id);
    if (found == refunds_.end()) co_return std::nullopt;
    co_return found->second;
  }
  Task<bool> finish_refund(RefundId id, RefundState state, Timestamp now,
                           std::string code) override {
    std::lock_guard lock(mutex_);
    if (!finish_locked(id, state, now)) co_return false;
    if (state == RefundState::failed) refunds_[id].refund.failure = code;
    co_return true;
  }
  Task<std::vector<Refund>> refunds(PaymentId id) override {
    std::lock_guard lock(mutex_);
    std::vector<Refund> all;
    for (const auto& [refund_id, stored] : refunds_)
      if (stored.refund.payment == id) all.push_back(stored.refund);
    co_return all;
  }
  Task<bool> give_account(PaymentId id, RefundAccount account, Timestamp now) override {
    std::lock_guard lock(mutex_);
    const auto found = payments_.find(id);
    if (found == payments_.end()) co_return false;
    found->second.refund_account = std::move(account);
    found->second.payment.refund_account_given = true;
    for (auto& [refund_id, stored] : refunds_) {
      Refund& refund = stored.refund;
      const bool waits = refund.failure == kAccountMissing && !refund.settled_at;
      if (refund.payment != id || !waits || refund.state != RefundState::failed) continue;
      refund.state = RefundState::requested;
      refund.failure.clear();
      stored.check_at = now;
      found->second.payment.refunding += refund.amount.amount;
    }
    co_return true;
  }
  Task<bool> take_turn(RefundId id) override {
    std::lock_guard lock(mutex_);
    const auto found = refunds_.find(id);
    if (found == refunds_.end() || found->second.refund.state != RefundState::requested)
      co_return false;
    StoredRefund& mine = found->second;
    if (mine.refundable_seen) co_return true;
    for (const auto& [other, stored] : refunds_) {
      if (stored.refund.payment == mine.refund.payment && stored.refundable_seen &&
          stored.refund.state == RefundState::requested)
        co_return false;
    }
    mine.refundable_seen = kTurnBegan;
    co_return true;
  }
  Task<bool> note_refundable(RefundId id, std::int64_t refundable) override {
    std::lock_guard lock(mutex_);
    const auto found = refunds_.find(id);
    if (found == refunds_.end() || found->second.refundable_seen != kTurnBegan) co_return false;
    found->second.refundable_seen = refundable;
    co_return true;
  }
  Task<std::vector<RefundTask>> refund_tasks(std::optional<RefundId> after, int limit,
                                             Timestamp now) override {
    std::lock_guard lock(mutex_);
    std::vector<RefundTask> tasks;
    for (const auto& [id, stored] : refunds_) {
      const bool waits = waits_for_people(stored.refund, stored.asked_at, now);
      if (!waits || (after && id <= *after) || std::ssize(tasks) == limit) continue;
      const Payment& payment = payments_[stored.refund.payment].payment;
      tasks.push_back({stored.refund, payment.subject, payment.owner, payment.provider});
    }
    co_return tasks;
  }
  Task<std::int64_t> count_refund_tasks(Timestamp now) override {
    std::lock_guard lock(mutex_);
    co_return std::ranges::count_if(refunds_, [now](const auto& one) {
      return waits_for_people(one.second.refund, one.second.asked_at, now);
    });
  }
  Task<Result<void, RefundTaskRefusal>> retry_refund(RefundId id, RefundDecision decision,
                                                     Timestamp check_at) override {
    std::lock_guard lock(mutex_);
    const auto refusal = task_refusal_locked(id, RefundState::requested, decision.at);
    if (refusal) co_return std::unexpected(*refusal);
    StoredRefund& stored = refunds_[id];
    stored.refund.state = RefundState::requested;
    ++stored.refund.attempt;
    stored.refundable_seen.reset();
    stored.checks = 0;
    stored.asked_at = decision.at;
    stored.check_at = check_at;
    payments_[stored.refund.payment].payment.refunding += stored.refund.amount.amount;
    co_return Result<void, RefundTaskRefusal>{};
  }
  Task<Result<void, RefundTaskRefusal>> settle_refund(RefundId id, RefundState outcome,
                                                      RefundDecision decision) override {
    std::lock_guard lock(mutex_);
    const auto refusal = task_refusal_locked(id, outcome, decision.at);
    if (refusal) co_return std::unexpected(*refusal);
    finish_locked(id, outcome, decision.at);
    Refund& refund = refunds_[id].refund;
    refund.settled_at = decision.at;
    refund.settled_reason = decision.reason;
    co_return Result<void, RefundTaskRefusal>{};
  }
  Task<Result<void, RefundTaskRefusal>> decide_reversal(RefundId id, bool purchase_ends,
                                                        RefundDecision decision) override {
    std::lock_guard lock(mutex_);
    const auto found = refunds_.find(id);
    if (found == refunds_.end()) co_return std::unexpected(RefundTaskRefusal::refund_unknown);
    Refund& refund = found->second.refund;
    if (refund.state != RefundState::reversed || refund.settled_at)
      co_return std::unexpected(RefundTaskRefusal::not_reversed);
    refund.settled_at = decision.at;
    refund.purchase_ends = purchase_ends;
    co_return Result<void, RefundTaskRefusal>{};
  }
  Task<void> reversal_unbought(RefundId, Timestamp) override { co_return; }
  Task<Drift> compare(Comparison told) override {
    std::lock_guard lock(mutex_);
    const auto found = payments_.find(told.payment);
    if (found == payments_.end() || found->second.payment.captured == 0) co_return Drift{};
    Payment& payment = found->second.payment;
    std::vector<Refund> refunds;
    for (const auto& [id, stored] : refunds_)
      if (stored.refund.payment == told.payment) refunds.push_back(stored.refund);
    const Drift drifted = drift(payment.captured, refunds, told.left);
    if (drifted.lost > 0) {
      refunds_[told.fresh].refund = {.id = told.fresh,
                                     .payment = told.payment,
                                     .amount = {drifted.lost, payment.amount.currency},
                                     .reason = "given back at the provider",
                                     .state = RefundState::reversed,
                                     .created_at = told.now};
      payment.refunding += drifted.lost;
      went_back(payment, drifted.lost);
    }
    if (drifted.back > 0) restore_locked(payment, told);
    co_return drifted;
  }
  Task<void> witness(PaymentId id, std::string receipt,
                     std::optional<PaymentDetail> detail) override {
    std::lock_guard lock(mutex_);
    payments_.at(id).receipt = std::move(receipt);
    if (detail) payments_.at(id).payment.detail = std::move(detail);
    co_return;
  }
  Task<Result<void, PaymentTaskRefusal>> decide(PaymentDecision decision) override {
    Settlement settlement{.payment = decision.payment,
                          .state = PaymentState::cancelled,
                          .check_at = decision.check_at};
    {
      std::lock_guard lock(mutex_);
      const auto found = payments_.find(decision.payment);
      if (found == payments_.end()) co_return std::unexpected(PaymentTaskRefusal::payment_unknown);
      Payment& payment = found->second.payment;
      if (!waits_for_people(payment, decision.at))
        co_return std::unexpected(PaymentTaskRefusal::not_waiting);
      payment.decided_at = decision.at;
      payment.decided_reason = decision.reason;
      if (decision.captured) settlement.captured = payment.amount.amount;
      if (decision.captured) settlement.state = PaymentState::paid;
    }
    co_await settle(std::move(settlement), decision.at);
    co_return Result<void, PaymentTaskRefusal>{};
  }
  Task<std::int64_t> count_payment_tasks(Timestamp now) override {
    std::lock_guard lock(mutex_);
    co_return std::ranges::count_if(
        payments_, [now](const auto& one) { return waits_for_people(one.second.payment, now); });
  }
  Task<std::vector<Stored>> due(std::string provider, Timestamp now, int limit) override {
    std::lock_guard lock(mutex_);
    co_return due_of(payments_, provider, now, limit);
  }
  Task<std::vector<StoredRefund>> due_refunds(std::string provider, Timestamp now,
                                              int limit) override {
    std::lock_guard lock(mutex_);
    co_return due_of(refunds_, provider, now, limit);
  }
  Task<std::vector<std::string>> due_providers(Timestamp now) override {
    std::lock_guard lock(mutex_);
    std::set<std::string> all;
    for (const auto& [id, one] : payments_)
      if (one.check_at && *one.check_at <= now) all.insert(provider_of(one));
    for (const auto& [id, one] : refunds_)
      if (one.check_at && *one.check_at <= now) all.insert(provider_of(one));
    co_return std::vector<std::string>(all.begin(), all.end());
  }
  Task<bool> put_off(Stored due, std::optional<Timestamp> check_at) override {
    std::lock_guard lock(mutex_);
    Stored* const stored = in_locked(due.payment.id, {due.payment.state});
    if (!stored || !stored->check_at || stored->check_at != due.check_at) co_return false;
    stored->check_at = check_at;
    ++stored->checks;
    co_return true;
  }
  Task<bool> put_off_refund(StoredRefund due, Timestamp check_at) override {
    std::lock_guard lock(mutex_);
    const auto found = refunds_.find(due.refund.id);
    if (found == refunds_.end() || found->second.refund.state != RefundState::requested ||
        found->second.check_at != due.check_at)
      co_return false;
    found->second.check_at = check_at;
    ++found->second.checks;
    co_return true;
  }
  Task<std::vector<Payment>> unaccounted(Timestamp before, std::optional<PaymentId> after,
                                         int limit) override {
    std::lock_guard lock(mutex_);
    std::vector<Payment> found;
    for (const auto& [id, since] : unaccounted_) {
      if (since > before || (after && id <= *after) || std::ssize(found) >= limit) continue;
      found.push_back(payments_.at(id).payment);
    }
    co_return found;
  }
  Task<void> accounted(std::vector<PaymentId> payments) override {
    std::lock_guard lock(mutex_);
    for (const PaymentId payment : payments) unaccounted_.erase(payment);
    co_return;
  }
  Task<int> forget_ended(Forgetting rule, int limit) override {
    std::lock_guard lock(mutex_);
    std::map<AccountId, int> newer;
    std::vector<PaymentId> gone;
    for (auto one = payments_.rbegin(); one != payments_.rend(); ++one) {
      const auto& [id, stored] = *one;
      const Payment& p = stored.payment;
      const bool ended = p.state == PaymentState::failed || p.state == PaymentState::cancelled;
      if (!ended || p.captured != 0 || stored.check_at || std::ssize(gone) == limit) continue;
      const bool many =
          p.updated_at <= rule.of_owner_ended_by && ++newer[p.owner] > rule.keep_of_owner;
      if (many || p.updated_at <= rule.ended_by) gone.push_back(id);
    }
    for (const PaymentId id : gone) payments_.erase(id);
    co_return static_cast<int>(gone.size());
  }
  Task<Balance> balance() override {
    std::lock_guard lock(mutex_);
    Balance sum;
    for (const auto& [id, stored] : payments_) {
      sum.captured += stored.payment.captured;
      sum.refunded += stored.payment.refunded;
      sum.refunding += stored.payment.refunding;
    }
    co_return sum;
  }

  // What would have been published.
  std::vector<Payment> settled;
  std::vector<Refund> refunded;

 private:
  bool finish_locked(RefundId id, RefundState state, Timestamp now) {
    const auto found = refunds_.find(id);
    if (found == refunds_.end()) return false;
    Refund& refund = found->second.refund;
    const bool failed_before = refund.state == RefundState::failed;
    if (refund.state != RefundState::requested && !(failed_before && state == RefundState::done))
      return false;
    refund.state = state;
    found->second.check_at.reset();
    Payment& payment = payments_[refund.payment].payment;
    const std::int64_t amount = refund.amount.amount;
    payment.updated_at = now;
    if (failed_before) payment.refunding += amount;
    if (state == RefundState::failed) {
      payment.refunding -= amount;
      return true;
    }
    went_back(payment, amount);
    refunded.push_back(refund);
    return true;
  }
  void restore_locked(Payment& payment, const Comparison& told) {
    for (auto& [id, stored] : refunds_) {
      Refund& refund = stored.refund;
      if (refund.payment != payment.id || refund.state != RefundState::reversed) continue;
      refund.state = RefundState::restored;
      payment.refunded -= refund.amount.amount;
      payment.refunding -= refund.amount.amount;
      payment.state = payment.refunded == 0 ? PaymentState::paid : PaymentState::partially_refunded;
      unaccounted_[payment.id] = told.now;
      return;
    }
  }
  std::optional<RefundTaskRefusal> task_refusal_locked(RefundId id, RefundState next,
                                                       Timestamp now) {
    const auto found = refunds_.find(id);
    if (found == refunds_.end()) return RefundTaskRefusal::refund_unknown;
    const Refund& refund = found->second.refund;
    const bool sent_twice = next == RefundState::requested && refund.state == next;
    if (refund.state == RefundState::reversed || sent_twice ||
        !waits_for_people(refund, found->second.asked_at, now))
      return RefundTaskRefusal::not_failed;
    const Payment& payment = payments_[refund.payment].payment;
    const bool counts = refund.state == RefundState::failed && next != RefundState::failed;
    if (counts && payment.refunding + refund.amount.amount > payment.captured)
      return RefundTaskRefusal::exceeds_captured;
    return {};
  }
  static void went_back(Payment& payment, std::int64_t amount) {
    payment.refunded += amount;
    payment.state = payment.refunded >= payment.captured ? PaymentState::refunded
                                                         : PaymentState::partially_refunded;
  }
  const std::string& provider_of(const Stored& stored) { return stored.payment.provider; }
  const std::string& provider_of(const StoredRefund& stored) {
    return payments_[stored.refund.payment].payment.provider;
  }
  template <class Map>
  std::vector<typename Map::mapped_type> due_of(const Map& all, const std::string& provider,
                                                Timestamp now, int limit) {
    std::vector<typename Map::mapped_type> due;
    for (const auto& [id, stored] : all)
      if (stored.check_at && *stored.check_at <= now && provider_of(stored) == provider)
        due.push_back(stored);
    std::ranges::sort(due, {}, [](const auto& stored) { return *stored.check_at; });
    if (due.size() > static_cast<std::size_t>(limit)) due.resize(static_cast<std::size_t>(limit));
    return due;
  }
  Stored* live_locked(const std::string& subject) {
    for (auto& [id, stored] : payments_)
      if (stored.payment.subject == subject && live(stored.payment.state) && !late_[id])
        return &stored;
    return nullptr;
  }
  Stored* in_locked(PaymentId id, std::initializer_list<PaymentState> states) {
    const auto found = payments_.find(id);
    if (found == payments_.end()) return nullptr;
    if (std::ranges::find(states, found->second.payment.state) == states.end()) return nullptr;
    return &found->second;
  }
  static void move_locked(Stored& stored, PaymentState state, Timestamp now,
                          std::optional<Timestamp> check_at) {
    stored.payment.state = state;
    stored.payment.updated_at = now;
    stored.check_at = check_at;
  }

  std::mutex mutex_;
  std::map<PaymentId, Stored> payments_;
  std::map<PaymentId, bool> late_;  // paid after their subject was given up: not live
  std::map<RefundId, StoredRefund> refunds_;
  std::map<PaymentId, Timestamp> unaccounted_;  // since when
  std::map<PaymentId, Timestamp> noticed_;      // the look asked for last
};

class FakeRecords final : public Records {
 public:
  Task<void> record(std::vector<ProviderCall> calls) override {
    for (ProviderCall& call : calls) kept.push_back(std::move(call));
    co_return;
  }
  Task<std::vector<ProviderCall>> calls(PaymentId id) override {
    std::vector<ProviderCall> out;
    for (const ProviderCall& call : kept)
      if (call.payment == id) out.push_back(call);
    co_return out;
  }
  Task<std::vector<Payment>> search(PaymentQuery) override {
    std::vector<Payment> none;
    co_return none;
  }
  Task<void> looked_up(LookedUp event) override {
    looks.push_back(std::move(event));
    co_return;
  }
  Task<std::vector<DayLine>> moved(DayQuery query) override {
    asked_days.push_back(query);
    co_return lines;
  }
  Task<std::vector<std::string>> providers_of(Timestamp, Timestamp) override {
    std::vector<std::string> one{"fake"};
    co_return one;
  }
  Task<std::vector<Known>> known(std::vector<PaymentId> payments) override {
    std::vector<Known> out;
    for (const Known& one : payments_known)
      if (std::ranges::find(payments, one.payment) != payments.end()) out.push_back(one);
    co_return out;
  }

  std::vector<ProviderCall> kept;
  std::vector<LookedUp> looks;
  std::vector<DayLine> lines;
  std::vector<Known> payments_known;
  std::vector<DayQuery> asked_days;
};

// A provider that says what the test wants said. An empty script means "lost": it throws.
class FakeProvider final : public Provider {
 public:
  explicit FakeProvider(std::string name = "fake") : name_(std::move(name)) {}
  std::string_view name() const override { return name_; }
  bool knows_repeats() const override { return repeats_known; }
  bool asked_to_begin() const override { return has_to_be_asked; }
  Task<Result<Started, BeginRefused>> begin(Order order) override {
    orders.push_back(order);
    if (begin_fails) co_return std::unexpected(BeginFailure::unavailable);
    co_return Started{"ref-" + order.payment.str(), "https://pay.test/" + order.payment.str()};
  }
  Task<ProviderAnswer> settle(Charge charge) override {
    settles.push_back(std::move(charge));
    co_return next(settle_answers);
  }
  Task<ProviderAnswer> lookup(Charge charge) override {
    lookups.push_back(std::move(charge));
    if (silence) {
      auto never = silence->wait();
      co_return co_await std::move(never);
    }
    co_return next(lookup_answers);
  }
  Task<RefundAnswer> refund(GiveBack request) override {
    refunds.push_back(std::move(request));
    co_return next(refund_answers);
  }
  Task<void> close(Charge charge) override {
    closed.push_back(std::move(charge));
    co_return;
  }

  Task<StatementPage> statement(StatementQuery query) override {
    statements.push_back(std::move(query));
    co_return next(statement_pages);
  }

  std::optional<OneShot<ProviderAnswer>> silence;  // a look-up lasts until it is set
  bool begin_fails = false;
  bool has_to_be_asked = true;
  bool repeats_known = true;
  std::deque<ProviderAnswer> settle_answers, lookup_answers;
  std::deque<RefundAnswer> refund_answers;
  std::vector<Order> orders;
  std::vector<Charge> settles, lookups, closed;
  std::deque<StatementPage> statement_pages;
  std::vector<StatementQuery> statements;
  std::vector<GiveBack> refunds;

 private:
  const std::string name_;
  template <class T>
  static T next(std::deque<T>& script) {
    if (script.empty()) throw std::runtime_error("the answer was lost");
    T answer = std::move(script.front());
    script.pop_front();
    return answer;
  }
};

}  // namespace onsale::payments
