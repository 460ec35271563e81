// What booking needs, in its own words. The catalogue, the waiting room and the payments are lower
// modules and called by their facades.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "booking/booking.h"

namespace onsale::booking {

// A number that rises with every committed change of a seat, in the order of the commits. Whoever
// mirrors seats in memory applies a change only over a smaller stamp.
using Stamp = std::uint64_t;

struct ClaimOrder {
  Hold hold;
  std::int64_t seats_max = 4;  // of one account at the performance
  Timestamp now{};
};
struct ClaimRefused {
  bool too_many = false;
  bool used = false;               // a reservation was made under this id: it is no hold again
  Millis cooling{0};               // how long this account has to leave one of the seats to others
  std::vector<std::size_t> taken;  // indices into hold.seats
};
struct Claimed {
  Hold hold;  // as stored: the first one when `repeated`
  Stamp stamp = 0;
  bool repeated = false;
};

// Seats that one change freed, held or sold, with its stamp.
struct SeatSet {
  PerformanceId performance;
  HoldId hold;
  std::vector<std::string> seats;
  Stamp stamp = 0;
};
struct Expired {
  std::vector<SeatSet> freed;
  std::vector<std::pair<HoldId, Timestamp>> later;  // extended meanwhile: ask again then
};
enum class ReleaseRefusal { unknown, reserved };

struct ReserveOrder {
  ReservationId id;
  HoldId hold;
  AccountId buyer;
  Timestamp now{};
};
// What a reservation keeps of its performance. It is asked for inside the transaction that knows
// the performance: from any thread, and it must not block.
struct Particulars {
  Occasion occasion;
  CancellationPolicy terms;
};
using AskParticulars = std::function<Result<Particulars, ReserveRefusal>(PerformanceId)>;

struct ExtendOrder {
  ReservationId reservation;
  AccountId buyer;
  Settings settings;                           // how long, see extended_until()
  std::optional<payments::Deposit> deposit{};  // that is waited for: deposit_until()
  Timestamp now{};
};
struct Extended {
  Reservation reservation;         // without its refunds
  std::optional<Timestamp> until;  // empty: there is nothing to pay, so nothing was lengthened
  SeatSet held;                    // the seats, with their stamp
};

// The least that tells how a reservation stands.
struct Standing {
  ReservationState state = ReservationState::pending;
  std::optional<PaymentId> payment;
};

struct ConfirmOrder {
  ReservationId reservation;
  std::optional<PaymentId> payment;  // empty: nothing to pay
  std::int64_t captured = 0;
  std::vector<TicketId> tickets;  // at least one per seat
  std::int64_t seats_max = 4;
  Timestamp now{};
};
enum class ConfirmState {
  confirmed,  // just now
  repeated,   // before, by the same payment
  unknown,    // no such reservation
  refused,    // seats gone, cancelled, paid otherwise, another amount: the money has to go back
};
struct Confirmed {
  ConfirmState state = ConfirmState::unknown;
  std::string why;  // when refused, for the refund's reason
  SeatSet sold;     // the seats, with their stamp
};

struct WriteOffOrder {
  ReservationId reservation;
  Refund refund;
  Timestamp now{};
};
// The refund as stored (the first one, when repeated) and what became free. No refund: the
// reservation turned out to be confirmed by this payment.
struct WrittenOff {
  std::optional<Refund> refund;
  SeatSet freed;
};

// What a provider took back of the money that a reservation was bought with.
struct Reversal {
  PaymentId payment;
  std::int64_t amount = 0;
};

struct CancelOrder {
  ReservationId reservation;
  AccountId buyer;
  std::vector<std::string> seats;
  RefundId refund;
  std::string reason;
  bool only_pending = false;  // whoever lets a hold go means no purchase that was just confirmed
  std::optional<std::int64_t> refund_expected{};  // see CancelRequest
  bool called_off = false;  // by the house, whoever bought it: everything goes back, at any time
  std::optional<Reversal> reversal{};  // likewise, less what went back already; only what was
                                       // bought with this payment
  Timestamp now{};
};
struct Cancelled {
  std::optional<Refund> refund;
  SeatSet freed;
  bool was_pending = false;
};

struct StoredPolicy {
  catalogue::ShowId show;
  CancellationPolicy steps;
  std::int64_t version = 0;  // one more with every change
};
struct PolicyOrder {
  OfficeActId id;
  PolicyChange change;
  CancellationPolicy before;  // when none is stored
  Timestamp now{};
};

struct CallOffOrder {
  OfficeActId act;
  JobId job;
  CallOff request;
  Timestamp now{};
};
struct CalledOff {
  PerformanceId performance;
  std::string reason;
  Timestamp at{};
};

struct LiveClaim {
  PerformanceId performance;
  std::string seat;
  HoldId hold;
  SeatState state = SeatState::held;
  Timestamp expires_at{};
};

// The tables. Every call is one transaction, all or nothing, durable when it returns.
class Store {
 public:
  virtual ~Store() = default;

  // Everything that is claimed, for the start. `holds` are all that a sweep must watch.
  struct Live {
    std::vector<LiveClaim> claims;
    std::vector<std::pair<HoldId, Timestamp>> holds;
  };
  virtual Task<Live> live() = 0;

  // How often a change of seats ended without an answer: it may have been made all the same, and
  // whoever mirrors seats looks at them again. Thread: any.
  virtual std::uint64_t unanswered() const = 0;
  // The claims of a performance, newer than every change with a smaller stamp.
  struct Claims {
    std::vector<LiveClaim> claims;
    Stamp stamp = 0;
  };
  virtual Task<Claims> claims(PerformanceId performance) = 0;

  // One conditional statement per seat: free, or held and expired. The seats of the account are
  // counted in the same transaction. A repeat is the hold that is there; an id that became a
  // reservation and lost its hold is used up.
  virtual Task<Result<Claimed, ClaimRefused>> claim(ClaimOrder order) = 0;
  virtual Task<std::optional<Hold>> hold(HoldId id) = 0;
  virtual Task<Result<SeatSet, ReleaseRefusal>> release(HoldId id, AccountId buyer) = 0;
  // Frees those of `ids` whose time is over, with their pending reservations.
  virtual Task<Expired> expire(std::vector<HoldId> ids, Timestamp now) = 0;

  // The hold becomes a reservation with its seats, what `ask` says, and a fresh number, unless it
  // has become one: then that one is returned.
  virtual Task<Result<Reservation, ReserveRefusal>> reserve(ReserveOrder order,
                                                            AskParticulars ask) = 0;
  virtual Task<std::optional<Reservation>> find(ReservationId id) = 0;
  virtual Task<std::optional<Standing>> standing(ReservationId id) = 0;
  virtual Task<std::optional<Reservation>> find_by_hold(HoldId id) = 0;
  virtual Task<ReservationPage> list(ReservationQuery query) = 0;
  virtual Task<std::map<std::string, SoldAs>> shows_of(std::vector<std::string> reservations) = 0;
  // not_payable: it is not pending, or its time is over.
  virtual Task<Result<Extended, PayRefusal>> extend(ExtendOrder order) = 0;

  virtual Task<Confirmed> confirm(ConfirmOrder order) = 0;
  virtual Task<WrittenOff> write_off(WriteOffOrder order) = 0;
  virtual Task<Result<Cancelled, CancelRefusal>> cancel(CancelOrder order) = 0;

  virtual Task<std::vector<StoredPolicy>> policies() = 0;
  // Publishes booking.policy_changed.
  virtual Task<StoredPolicy> set_policy(PolicyOrder order) = 0;

  // The first one's job, when it is called off already. Publishes booking.performance_called_off.
  virtual Task<JobId> call_off(CallOffOrder order) = 0;
  virtual Task<std::optional<OfficeJob>> job(JobId id) = 0;
  virtual Task<std::vector<OfficeJob>> jobs(int limit, std::optional<JobId> before) = 0;
  virtual Task<std::vector<PerformanceId>> called_off() = 0;
  virtual Task<std::vector<CalledOff>> called_off_now() = 0;  // not worked off yet
  // Reservations that are pending or confirmed.
  virtual Task<std::vector<ReservationId>> live_of(PerformanceId performance, int limit) = 0;
  virtual Task<void> worked_off(PerformanceId performance, Timestamp now) = 0;

  virtual Task<std::optional<Refund>> refund(RefundId id) = 0;
  // Reservations that ended without a purchase or a refund. Forgets at most `limit` that ended by
  // `before`; returns how many.
  virtual Task<int> forget_ended(Timestamp before, int limit) = 0;
  // Who had one end in (from, to].
  virtual Task<std::vector<AccountId>> accounts_with_ended(Timestamp from, Timestamp to) = 0;
  // The same of one account that ended by `before`, all but its newest `keep`.
  virtual Task<int> forget_ended_of(AccountId account, Timestamp before, int keep, int limit) = 0;
  // At most `limit` marks of accounts that claimed nothing since `before`; how many.
  virtual Task<int> forget_quotas(Timestamp before, int limit) = 0;
  // requested, failed -> `state`; what is done stays so.
  virtual Task<void> refund_ended(RefundId id, payments::RefundState state) = 0;
  virtual Task<std::vector<Refund>> failed_refunds() = 0;
  // Refunds that were asked for by `before` and are not known to have ended, in the order of their
  // ids from behind `after`.
  virtual Task<std::vector<Refund>> refunds_waiting(Timestamp before, std::optional<RefundId> after,
                                                    int limit) = 0;

  // Without tokens. Empty when `buyer` has no such reservation.
  virtual Task<std::optional<std::vector<Ticket>>> tickets(ReservationId id, AccountId buyer) = 0;
  virtual Task<std::optional<std::pair<Ticket, AccountId>>> ticket(TicketId id) = 0;
};

struct SeatChange {
  std::string_view seat;
  SeatState state;
};
// Everybody who watches a performance. Thread: any; must not block.
class SeatFeed {
 public:
  virtual ~SeatFeed() = default;
  // Everything that changed between the two versions, which are neighbours.
  virtual void changed(PerformanceId performance, std::uint64_t from_version, std::uint64_t version,
                       const std::vector<SeatChange>& changes) = 0;
};

// Makes the code at the door believable. Thread: any.
class TicketSigner {
 public:
  virtual ~TicketSigner() = default;
  virtual std::string sign(std::string_view payload) = 0;
};

}  // namespace onsale::booking
