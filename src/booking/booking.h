// Seats being claimed and bought for one performance. Owns invariant I1 (a seat has at most one
// live claim) and, with payments, I2; owns the tables booking_*.
// Thread: call from any event loop; SQL runs on the database's threads. Functions that return
// Task wait until the change is durable; the others only touch memory and never block on I/O.
// A full queue throws Overloaded.
// Not promised: order between two buyers who ask for the same seat at once. One wins, one is told.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/result.h"
#include "base/task.h"
#include "base/time.h"
#include "booking/cancellation.h"
#include "catalogue/catalogue.h"
#include "identity/identity.h"
#include "payments/events.h"
#include "payments/payments.h"
#include "waitroom/waitroom.h"

namespace onsale::booking {

struct HoldKind {
  static constexpr std::string_view prefix = "hld";
};
struct ReservationKind {
  static constexpr std::string_view prefix = "res";
};
struct TicketKind {
  static constexpr std::string_view prefix = "tkt";
};
// What somebody of the back office did.
struct OfficeActKind {
  static constexpr std::string_view prefix = "oac";
};
using HoldId = Id<HoldKind>;
using ReservationId = Id<ReservationKind>;
struct JobKind {
  static constexpr std::string_view prefix = "job";
};
using TicketId = Id<TicketKind>;
using JobId = Id<JobKind>;
using OfficeActId = Id<OfficeActKind>;
using catalogue::PerformanceId;

// Every limit of a sale. Checked by make_booking().
// Below it a hold could run out before anybody has asked what became of a payment that is pending.
inline constexpr std::int64_t kPaymentSecondsMin = 120;

struct Settings {
  std::int64_t hold_seconds = 300;     // 60..1800
  std::int64_t seats_per_account = 4;  // per performance, held and bought together; 1..10
  std::int64_t payment_seconds = 600;  // a hold lives at least this long after paying began:
                                       // 120..3600, past the first look at the payment,
  // but never longer than this after it was made: payment_seconds, and hold_seconds +
  // kPaymentSecondsMin, or more, for whoever begins to pay in the last second; ..7200
  std::int64_t hold_seconds_total = 1200;
  // Seats are kept for a buyer who was given an account to pay into until that closes, but so long
  // after the hold was made, and until an hour before the start; 0: no longer than for any other
  std::int64_t deposit_hours = 24;   // 0..168
  std::int64_t holds_of_a_seat = 5;  // by one account, then one in half an hour; 0: any number
  bool orphan_rule = false;          // refuse named seats that needlessly strand a single one
  // Where a buyer may go on to after paying, besides this site: origins ("https://shop.test")
  // separated by commas, or * for anywhere.
  std::string return_origins;
};

// One seat with what it cost when it was claimed.
struct SeatLine {
  std::string seat;
  std::string label;
  std::string grade;
  std::int64_t price = 0;
  bool cancelled = false;
  bool operator==(const SeatLine&) const = default;
};

// The waiting-room slot that a purchase gives back.
struct Slot {
  std::string room;
  waitroom::PlaceId place;
  bool operator==(const Slot&) const = default;
};

struct Hold {
  HoldId id;
  PerformanceId performance;
  AccountId buyer;
  std::vector<SeatLine> seats;  // in the order they were asked for
  Money total;
  Timestamp created_at{};
  Timestamp expires_at{};
  std::optional<Slot> slot;
};

enum class HoldRefusal {
  performance_unknown,
  not_on_sale,
  pass_required,
  pass_invalid,
  choice_invalid,  // no seats, or one seat twice
  seat_unknown,
  grade_unknown,
  too_many_seats,  // of one account at this performance
  held_too_often,  // these seats by this account, which let them go again and again
  orphan_seat,
  seat_unavailable,
  sold_out,  // nothing left that fits
};
struct NamedSeats {
  std::vector<std::string> seats;
};
struct BestSeats {
  std::int64_t quantity = 1;
  std::optional<std::string> grade;
};
using SeatChoice = std::variant<NamedSeats, BestSeats>;

struct HoldRequest {
  HoldId id;  // made by the caller: a retry is the same hold
  PerformanceId performance;
  AccountId buyer;
  SeatChoice choice;
  std::string pass;  // as it was sent; empty for none
};

// expired: ran out before it was paid. Money that comes later brings it back to confirmed when its
// seats are still free, and is refunded when they are not.
enum class ReservationState { pending, confirmed, cancelled, expired };
std::string_view to_string(ReservationState state);
std::optional<ReservationState> parse_reservation_state(std::string_view text);

// What a reservation remembers of its performance, whatever the catalogue says later.
struct Occasion {
  PerformanceId performance;
  catalogue::ShowId show;
  std::string title;
  std::string hall;
  std::string venue;
  Timestamp starts_at{};
};

struct Refund {
  RefundId id;
  ReservationId reservation;
  PaymentId payment;
  Money amount;
  std::string reason;
  payments::RefundState state = payments::RefundState::requested;
  Timestamp created_at{};
};

struct Reservation {
  ReservationId id;
  std::string number;  // what people say on the telephone: 8 characters
  ReservationState state = ReservationState::pending;
  AccountId buyer;
  HoldId hold;
  Occasion occasion;
  std::vector<SeatLine> seats;
  std::int64_t list = 0;      // the seats' prices
  std::int64_t discount = 0;  // of a coupon
  std::int64_t payable = 0;   // list - discount
  std::string currency;
  Timestamp pay_by{};  // the hold's end
  Timestamp created_at{};
  std::optional<PaymentId> payment;  // the one that confirmed it
  std::optional<Slot> slot;
  bool called_off = false;                          // its performance is not going to be
  std::optional<Timestamp> called_off_at;           // since when
  std::vector<Refund> refunds;                      // asked for so far, the oldest first
  CancellationPolicy terms = full_refund_policy();  // as they were when it was made
  std::optional<Timestamp> bought_at;               // empty before that, and for old ones
};

// Nothing of the performance is sold any more, and everybody gets everything back.
struct CallOff {
  PerformanceId performance;
  std::string reason;  // for the refunds, at most 200 characters
  std::string who;     // for the audit log
};
// What waits for people: a refund that the provider refused.
struct JobProblem {
  ReservationId reservation;
  RefundId refund;
};
// Work that goes on after it was asked for, whatever happens to the process meanwhile.
struct OfficeJob {
  JobId id;
  PerformanceId performance;
  std::string reason;
  Timestamp at{};
  bool over = false;      // nothing is left to do but for people
  std::int64_t done = 0;  // reservations that are cancelled, of `total`
  std::int64_t total = 0;
  std::int64_t refunds_under_way = 0;
  std::int64_t refunds_done = 0;
  std::int64_t refunded = 0;         // by those, of `currency`
  std::string currency = "KRW";      // of the performance
  std::vector<JobProblem> problems;  // at most 1,000
  // What the catalogue says of the performance by now; empty when it is not there any more.
  std::optional<Occasion> occasion;
  std::optional<std::string> room;  // that leads there
};
struct OfficeJobPage {
  std::vector<OfficeJob> items;
  std::optional<JobId> next;
};
// So many reservations of each performance a second, so that providers are not flooded.
inline constexpr int kCallOffPace = 20;

enum class ReserveRefusal { hold_unknown, hold_expired, coupon_unknown };
struct ReserveRequest {
  HoldId hold;
  AccountId buyer;
  std::optional<std::string> coupon;
};

enum class PayRefusal {
  reservation_unknown,
  not_payable,           // no longer pending, or its time is over
  return_url_invalid,    // no path of ours, no allowed origin, or longer than 2000 characters
  provider_unavailable,  // not set up here
  provider_resting,      // set up, and not answering: later, or another one
  payment_in_progress,   // an attempt is being captured right now
};
struct PayRequest {
  ReservationId reservation;
  AccountId buyer;
  std::string provider;
  std::string return_url;      // the buyer's browser ends there
  std::string return_address;  // this server's own address for returned(), with {payment} in it
  std::string locale;
  bool mobile = false;          // the browser is a phone's; a hint
  std::string own_origin_host;  // the Host this request was sent to: as good as our own origin
};
struct Paying {
  std::optional<PaymentId> payment;  // empty when there was nothing to pay
  payments::PaymentState state = payments::PaymentState::pending;
  std::string redirect_url;
};

enum class ReturnRefusal { payment_unknown, key_invalid };

// refund_changed: another amount than the caller expects comes back by now; nothing was done.
enum class CancelRefusal {
  reservation_unknown,
  seat_unknown,
  not_cancellable,
  refund_changed,
  account_invalid,  // where a deposit is to go back
};
struct CancelRequest {
  ReservationId reservation;
  AccountId buyer;
  std::vector<std::string> seats;  // empty: all that are left
  std::string reason;
  std::optional<std::int64_t> refund_expected;  // refused when it is another one
  // Made by the caller, when money goes back: a retry is the same cancelling. Empty: a fresh one.
  std::optional<RefundId> refund{};
  // Where a deposit goes back; without one such a refund waits for give_refund_account().
  std::optional<payments::RefundAccount> refund_account{};
};

enum class RefundAccountRefusal { reservation_unknown, not_needed, account_invalid };

// What giving seats back brings, seat by seat: paid = fee + refund.
struct SeatRefund {
  std::string seat;
  std::int64_t paid = 0;  // its share of what was paid
  std::int64_t fee = 0;
  std::int64_t refund = 0;
  std::optional<CancellationStep> rule;  // the step that says so; empty while nothing is paid
};
struct Cancellation {
  std::int64_t refund = 0;
  std::int64_t fee = 0;
  std::int64_t reversed = 0;  // the provider took it back by itself: it is not refunded again
  std::string currency;
  Timestamp valid_until{};  // the amounts change then, and not before
  std::vector<SeatRefund> seats;
};

struct ShowPolicy {
  CancellationPolicy steps;
  bool is_default = true;  // of the show's kind
};
enum class PolicyRefusal { show_unknown, policy_invalid };
struct PolicyChange {
  catalogue::ShowId show;
  CancellationPolicy steps;
  std::string who;  // for the audit log
};

struct Ticket {
  TicketId id;
  ReservationId reservation;
  PerformanceId performance;
  std::string seat;
  std::string label;
  std::string grade;
  std::int64_t price = 0;
  std::string token;  // signed; what the QR code says
};

struct ReservationQuery {
  std::optional<AccountId> buyer;  // empty: everybody's, for the back office
  std::optional<ReservationState> state;
  std::optional<PerformanceId> performance;
  std::string number;  // exact; empty for any
  std::int32_t limit = 20;
  std::optional<ReservationId> before;  // the last one of the page before
};
struct ReservationPage {
  std::vector<Reservation> items;  // newest first
  std::optional<ReservationId> next;
};

// Under which name a show was sold.
struct SoldAs {
  catalogue::ShowId show;
  std::string title;
};

enum class SeatState : std::uint8_t { free, held, sold };
std::string_view to_string(SeatState state);

// Every seat of a performance at one moment, by the dense index of `plan`.
struct Availability {
  std::uint64_t version = 0;  // one more for every change that was published; rises over restarts
  std::int64_t available = 0;
  bool called_off = false;       // and `available` is 0
  std::vector<SeatState> seats;  // empty: all free
  std::shared_ptr<const catalogue::SeatPlan> plan;
};

// What a look at the books could not bring in order: it is tried again with the next one.
struct Reconciliation {
  std::int64_t adrift = 0;   // captured payments of no purchase, whose refund was not asked for
  std::int64_t waiting = 0;  // refunds asked for over a minute ago that are not known to be done
};

class Booking {
 public:
  virtual ~Booking() = default;

  // All seats or none. Repeating a request with the same id returns the same hold.
  // seat_unavailable lists every seat that stood in the way as `seats[i]`.
  virtual Task<Result<Hold, Refused<HoldRefusal>>> hold(HoldRequest request) = 0;
  virtual Task<std::optional<Hold>> find_hold(HoldId id, AccountId buyer) = 0;
  // Frees the seats at once, and cancels the reservation that is waiting for its payment. False
  // when the buyer has no such hold.
  virtual Task<bool> release(HoldId id, AccountId buyer) = 0;

  // One hold becomes one reservation, however often this is called.
  virtual Task<Result<Reservation, ReserveRefusal>> reserve(ReserveRequest request) = 0;
  virtual Task<std::optional<Reservation>> find(ReservationId id, AccountId buyer) = 0;
  virtual Task<ReservationPage> list(ReservationQuery query) = 0;
  // Opens a payment, keeping the seats long enough to pay.
  virtual Task<Result<Paying, PayRefusal>> pay(PayRequest request) = 0;
  // The buyer's browser is back: settles, confirms, and says where the browser goes on.
  virtual Task<Result<std::string, ReturnRefusal>> returned(PaymentId payment,
                                                            payments::ReturnData data) = 0;
  // What cancelling these seats brings now; empty: all that are left. Refusals as of cancel().
  virtual Task<Result<Cancellation, CancelRefusal>> cancellation(
      ReservationId id, AccountId buyer, std::vector<std::string> seats) = 0;
  // Frees the seats and asks for the money back, less the fee of the reservation's terms. The
  // answer's refunds may still be `requested`.
  virtual Task<Result<Reservation, CancelRefusal>> cancel(CancelRequest request) = 0;

  // Where what was deposited for the reservation goes back; what waits for it is asked for again.
  virtual Task<Result<void, RefundAccountRefusal>> give_refund_account(
      ReservationId id, AccountId buyer, payments::RefundAccount account) = 0;

  // The valid tickets; empty until confirmed. No value when the buyer has no such reservation.
  virtual Task<std::optional<std::vector<Ticket>>> tickets(ReservationId id, AccountId buyer) = 0;
  virtual Task<std::optional<Ticket>> ticket(TicketId id, AccountId buyer) = 0;

  // What payments call subjects, and which shows they are of: reservations that are known still.
  virtual Task<std::map<std::string, SoldAs>> shows_of(std::vector<std::string> subjects) = 0;

  // The seats from memory, at most a moment behind the store. Empty: no such performance.
  virtual std::optional<Availability> availability(PerformanceId performance) const = 0;
  // Another number means another availability(): cheap to ask.
  virtual std::uint64_t changes(PerformanceId performance) const = 0;
  virtual std::int64_t seats_available(PerformanceId performance) const = 0;
  virtual std::int64_t seats_sold(PerformanceId performance) const = 0;
  virtual bool called_off(PerformanceId performance) const = 0;  // it is not going to be

  // What reservations of the show are made under from now on; empty: no such show.
  virtual std::optional<ShowPolicy> policy(catalogue::ShowId show) const = 0;
  virtual Task<Result<ShowPolicy, Refused<PolicyRefusal>>> set_policy(PolicyChange change) = 0;

  // Durable when it finishes: from then on nothing is sold, and work_off() does the rest. The same
  // job however often it is asked for; empty: no such performance.
  virtual Task<std::optional<OfficeJob>> call_off(CallOff request) = 0;
  virtual Task<std::optional<OfficeJob>> job(JobId id) = 0;
  // The newest first; `limit` 1..100.
  virtual Task<OfficeJobPage> jobs(int limit, std::optional<JobId> before) = 0;

  // Brings the seats of every performance into memory. Before serving.
  virtual Task<void> start() = 0;
  // Frees what ran out. Every 500 ms or more often.
  virtual Task<void> sweep() = 0;
  // Invariant I2 whatever events did: captured money that belongs to no purchase yet confirms its
  // reservation or goes back, and refunds that were asked for are asked for again until they are
  // done. Every ten seconds or so.
  virtual Task<Reconciliation> reconcile() = 0;
  // Cancels some more reservations of performances that are called off. Every second.
  virtual Task<void> work_off() = 0;
  // Forgets reservations that ended without a purchase: after thirty days, and an account's older
  // ones as soon as no payment of theirs can still come; and who claimed nothing for two hours.
  // Every ten minutes or so.
  virtual Task<void> forget() = 0;
  // As the last reconcile() left it.
  virtual Reconciliation reconciliation() const = 0;
  // Tells the feed what changed since the last time. Every 200 ms.
  virtual void publish_changes() = 0;

  // What events drive; all idempotent. A crash between any two steps ends here.
  virtual Task<void> on_payment_settled(payments::Settled event) = 0;
  virtual Task<void> on_refunded(payments::Refunded event) = 0;
  virtual Task<void> on_refund_failed(payments::RefundFailed event) = 0;
  virtual Task<void> on_reservation_confirmed(std::optional<Slot> slot) = 0;
  virtual Task<void> on_reservation_ended(ReservationId reservation) = 0;
  virtual Task<void> on_refund_requested(RefundId refund) = 0;
  virtual Task<void> on_deposit_awaited(payments::DepositAwaited event) = 0;
  virtual Task<void> on_reversal_decided(payments::ReversalDecided event) = 0;
};

}  // namespace onsale::booking

namespace onsale {
using booking::HoldId;
using booking::ReservationId;
using booking::TicketId;
}  // namespace onsale
