// The use cases of booking: rules, boards and ports put together. See booking.h for the promises.
#pragma once

#include <atomic>
#include <memory>
#include <shared_mutex>
#include <unordered_map>
#include <unordered_set>

#include "base/random.h"
#include "base/throttle.h"
#include "booking/board.h"
#include "booking/hold_watch.h"
#include "booking/ports.h"

namespace onsale::booking {

// What a Service works with; all of it outlives the Service.
struct Parts {
  const catalogue::Catalogue& catalogue;
  waitroom::Waitroom& rooms;
  payments::Payments& payments;
  Store& store;
  SeatFeed& feed;
  TicketSigner& signer;
  const Clock& clock;
  Random& random;
};

// Payments that the buyer's way back made a purchase of, until their event comes by: what is not
// here, the store knows. Thread: any.
class Concluded {
 public:
  void add(PaymentId payment) {
    std::lock_guard lock(mutex_);
    if (payments_.size() >= kMost) payments_.clear();
    payments_.insert(payment);
  }
  bool take(PaymentId payment) {
    std::lock_guard lock(mutex_);
    return payments_.erase(payment) > 0;
  }

 private:
  static constexpr std::size_t kMost = 20'000;
  std::mutex mutex_;
  std::unordered_set<PaymentId> payments_;
};

class Service final : public Booking {
 public:
  // Throws std::invalid_argument with one line when a setting is out of range.
  Service(Parts parts, Settings settings);

  Task<Result<Hold, Refused<HoldRefusal>>> hold(HoldRequest request) override;
  Task<std::optional<Hold>> find_hold(HoldId id, AccountId buyer) override;
  Task<bool> release(HoldId id, AccountId buyer) override;
  Task<Result<Reservation, ReserveRefusal>> reserve(ReserveRequest request) override;
  Task<std::optional<Reservation>> find(ReservationId id, AccountId buyer) override;
  Task<ReservationPage> list(ReservationQuery query) override;
  Task<Result<Paying, PayRefusal>> pay(PayRequest request) override;
  Task<Result<std::string, ReturnRefusal>> returned(PaymentId payment,
                                                    payments::ReturnData data) override;
  Task<Result<Cancellation, CancelRefusal>> cancellation(ReservationId id, AccountId buyer,
                                                         std::vector<std::string> seats) override;
  Task<Result<Reservation, CancelRefusal>> cancel(CancelRequest request) override;
  Task<Result<void, RefundAccountRefusal>> give_refund_account(
      ReservationId id, AccountId buyer, payments::RefundAccount account) override;
  Task<std::optional<std::vector<Ticket>>> tickets(ReservationId id, AccountId buyer) override;
  Task<std::optional<Ticket>> ticket(TicketId id, AccountId buyer) override;
  Task<std::map<std::string, SoldAs>> shows_of(std::vector<std::string> subjects) override {
    return parts_.store.shows_of(std::move(subjects));
  }
  std::optional<Availability> availability(PerformanceId performance) const override;
  std::uint64_t changes(PerformanceId performance) const override;
  std::int64_t seats_available(PerformanceId performance) const override;
  std::int64_t seats_sold(PerformanceId performance) const override;
  bool called_off(PerformanceId performance) const override;
  std::optional<ShowPolicy> policy(catalogue::ShowId show) const override;
  Task<Result<ShowPolicy, Refused<PolicyRefusal>>> set_policy(PolicyChange change) override;
  Task<std::optional<OfficeJob>> call_off(CallOff request) override;
  Task<std::optional<OfficeJob>> job(JobId id) override;
  Task<OfficeJobPage> jobs(int limit, std::optional<JobId> before) override;
  Task<void> work_off() override;
  Task<void> start() override;
  Task<void> sweep() override;
  Task<Reconciliation> reconcile() override;
  Task<void> forget() override;
  Reconciliation reconciliation() const override { return {adrift_, waiting_}; }
  void publish_changes() override;
  Task<void> on_payment_settled(payments::Settled event) override;
  Task<void> on_refunded(payments::Refunded event) override;
  Task<void> on_refund_failed(payments::RefundFailed event) override;
  Task<void> on_reservation_confirmed(std::optional<Slot> slot) override;
  Task<void> on_reservation_ended(ReservationId reservation) override;
  Task<void> on_refund_requested(RefundId refund) override;
  Task<void> on_deposit_awaited(payments::DepositAwaited event) override;
  Task<void> on_reversal_decided(payments::ReversalDecided event) override;

 private:
  using Sale = std::shared_ptr<const catalogue::PerformanceSale>;
  using Held = Result<Hold, Refused<HoldRefusal>>;
  // One request on its way to a claim.
  struct Wish {
    HoldRequest request;
    Sale sale;
    std::shared_ptr<Board> board;
    std::optional<Slot> slot;
    Timestamp now{};
  };

  Result<std::optional<Slot>, HoldRefusal> admitted(const catalogue::PerformanceSale& sale,
                                                    const HoldRequest& request,
                                                    Timestamp now) const;
  Task<Held> hold_named(Wish wish, std::vector<std::string> names);
  Task<Held> hold_best(Wish wish, BestSeats best);
  bool may_be_repeat(HoldId id) const;
  Task<Result<Hold, ClaimRefused>> claim(const Wish& wish, std::vector<SeatLine> lines);
  Task<Result<Claimed, ClaimRefused>> claim_watched(ClaimOrder order);
  Task<Result<Claimed, ClaimRefused>> claim_unused(ClaimOrder& order);
  Millis rest_of(const Hold& hold, Timestamp now) const;
  void count_hold(const Hold& hold, Timestamp now);

  Task<Result<payments::Payment, PayRefusal>> open_payment(Reservation reservation,
                                                           PayRequest request);
  Task<std::optional<PayRefusal>> clear_way(Reservation reservation);
  Result<Particulars, ReserveRefusal> particulars_of(PerformanceId performance) const;
  Task<bool> conclude(ReservationId reservation, std::optional<PaymentId> payment, Money captured);
  Task<void> give_back(ReservationId reservation, PaymentId payment, Money captured,
                       std::string why);
  Task<Result<void, CancelRefusal>> give_up(CancelOrder order);
  Task<void> learn_refunds();
  Task<void> keep_for_deposit(payments::Payment payment);
  Task<std::int64_t> taken_back(PaymentId payment);
  Task<void> send_refund(Refund refund);
  Task<void> try_refund(Refund refund);
  Task<std::int64_t> account_for_money();
  Task<bool> account_for(payments::Payment payment);
  Task<bool> on_the_books(ReservationId reservation, PaymentId payment);
  Task<std::int64_t> ask_again_for_refunds();
  Task<void> expire_due();
  Task<void> look_again();

  ShowPolicy policy_of(catalogue::ShowId show, catalogue::ShowKind kind) const;
  void remember(StoredPolicy policy);
  void describe(OfficeJob& job) const;
  void remember_called_off(PerformanceId performance);

  std::shared_ptr<Board> board(const catalogue::PerformanceSale& sale);
  std::shared_ptr<Board> find_board(PerformanceId performance) const;
  std::shared_ptr<const SeatFinder> finder(const std::shared_ptr<const catalogue::SeatPlan>& plan);
  void show(const SeatSet& seats, SeatState state, Timestamp until = {});
  void show_only(PerformanceId performance, const Store::Claims& now);
  Ticket with_token(Ticket ticket);

  const Parts parts_;
  const Settings settings_;
  HoldWatch watch_;
  std::atomic<std::int64_t> forgot_at_ms_ = 0;  // looked at what ended up to here
  std::atomic<std::uint64_t> looked_at_ = 0;    // Store::unanswered() then
  std::atomic<std::int64_t> adrift_ = 0;        // see Reconciliation
  std::atomic<std::int64_t> waiting_ = 0;       // likewise
  Throttle holds_;                              // of one seat by one account
  Concluded concluded_;
  mutable std::shared_mutex boards_mutex_;
  std::unordered_map<PerformanceId, std::shared_ptr<Board>> boards_;  // by boards_mutex_
  mutable std::shared_mutex office_mutex_;
  std::unordered_map<catalogue::ShowId, StoredPolicy> policies_;  // by office_mutex_; shows' own
  std::unordered_set<PerformanceId> called_off_;                  // by office_mutex_
  std::mutex finders_mutex_;
  std::unordered_map<std::string, std::shared_ptr<const SeatFinder>> finders_;  // by its mutex
};

}  // namespace onsale::booking
